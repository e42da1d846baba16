/* main.c: the market's doors at the command line, one row each. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "market/admin_cli.h"
#include "market/edge/route.h"
#include "market/restore_cli.h"
#include "market/serve.h"
#include "market/trade/pay_cli.h"

/* The route table as JSON: what the tests hold web/openapi.yaml against. */
static int routes_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    json_t *routes = route_json();
    char *text = json_dumps(routes, JSON_INDENT(1));
    puts(text);
    free(text);
    json_decref(routes);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} doors[] = {
    {"serve", serve_main, "serve pages, API, WebSocket, WHIP/WHEP; starts the relay"},
    {"routes", routes_main, "print the route table as JSON"},
    {"admin", admin_cli_invite,
     "print a one-time link that lets an admin in: admin --phone N --name NAME [--data DIR]"},
    {"factor", admin_cli_factor,
     "take a lost second factor off an account: factor reset --phone N [--data DIR]"},
    {"verify", admin_cli_verify,
     "recompute stock and the hash chain of a running market: verify [--data DIR]"},
    {"backup", admin_cli_backup, "copy the database of a running market: backup FILE [--data DIR]"},
    {"restore", restore_cli,
     "put a backup in the place of a market's database: restore FILE [--data DIR] [--check] [--force]"},
    {"qr", pay_cli_qr, "make and read VietQR payloads"},
    {"memo", pay_cli_memo, "find order codes in transfer memos"},
};
enum { DOORS = sizeof doors / sizeof doors[0] };

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < DOORS; i++) {
        if (!strcmp(doors[i].name, argv[1]))
            return doors[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "usage: market DOOR …\n");
    for (size_t i = 0; i < DOORS; i++)
        fprintf(stderr, "  %-8s %s\n", doors[i].name, doors[i].help);
    return 64;
}
