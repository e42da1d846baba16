/* admin_cli.c: `market verify`, `market admin`, `market factor` and `market backup`: one JSON line to the
 * running market, one back. They never open the database themselves: a second writer or checkpointer is what
 * SQLite must be spared. */
#include "market/admin_cli.h"

#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "market/base/config.h"
#include "market/edge/unix.h"

static const struct config_option options[] = {
    {"data", "data", false, false, "data directory of the running market"}};

bool admin_serves(const char *data)
{
    g_autofree char *path = g_build_filename(data, "admin.sock", NULL);
    int fd = unix_connect(path);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

json_t *admin_ask(const char *data, json_t *line)
{
    g_autofree char *path = g_build_filename(data, "admin.sock", NULL);
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    int fd = unix_connect(path);
    if (fd < 0) {
        fprintf(stderr, "no market serves %s\n", data);
        free(text);
        return NULL;
    }
    bool sent = send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) &&
                send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
    free(text);
    g_autoptr(GString) in = g_string_new(NULL);
    char bytes[4096];
    ssize_t got;
    while (sent && (got = read(fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(in, bytes, got);
    close(fd);
    json_t *answer = json_loads(in->str, 0, NULL);
    if (!answer)
        fprintf(stderr, "the market did not answer\n");
    return answer;
}

/* Prints the body. 0 for a good status. */
static int print(json_t *answer)
{
    if (!answer)
        return 1;
    json_int_t status = json_integer_value(json_object_get(answer, "status"));
    json_t *body = json_object_get(answer, "body");
    char *text = json_dumps(body ? body : answer, JSON_INDENT(2) | JSON_ENCODE_ANY);
    puts(text ? text : "");
    free(text);
    const json_t *verdict = json_object_get(body, "ok");
    bool good = status < 400 && !json_is_false(verdict);
    json_decref(answer);
    return good ? 0 : 1;
}

int admin_cli_verify(int argc, char **argv)
{
    g_autofree char *message = NULL;
    struct config *config = config_read(options, 1, argc, argv, &message);
    if (!config) {
        fprintf(stderr, "%s\n", message);
        return 64;
    }
    int code = print(admin_ask(config_text(config, "data"), json_pack("{s:s}", "command", "admin.verify")));
    config_free(config);
    return code;
}

int admin_cli_backup(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: market backup FILE [--data DIR]\n");
        return 64;
    }
    g_autofree char *folder = g_get_current_dir();
    g_autofree char *file =
        g_path_is_absolute(argv[1]) ? g_strdup(argv[1]) : g_build_filename(folder, argv[1], NULL);
    g_autofree char *message = NULL;
    struct config *config = config_read(options, 1, argc - 1, argv + 1, &message);
    if (!config) {
        fprintf(stderr, "%s\n", message);
        return 64;
    }
    json_t *line = json_pack("{s:s,s:{s:s}}", "command", "admin.backup", "params", "file", file);
    int code = print(admin_ask(config_text(config, "data"), line));
    config_free(config);
    return code;
}

static const struct config_option invite_options[] = {
    {"data", "data", false, false, "data directory of the running market"},
    {"phone", NULL, false, false, "the admin's phone number"},
    {"name", NULL, false, false, "and name"},
};
enum { INVITE_OPTIONS = sizeof invite_options / sizeof invite_options[0] };

int admin_cli_invite(int argc, char **argv)
{
    g_autofree char *message = NULL;
    struct config *config = config_read(invite_options, INVITE_OPTIONS, argc, argv, &message);
    const char *phone = config ? config_text(config, "phone") : NULL;
    const char *name = config ? config_text(config, "name") : NULL;
    if (!phone || !name) {
        fprintf(stderr, "%s\nusage: market admin --phone N --name NAME [--data DIR]\n",
                message ? message : "");
        config_free(config);
        return 64;
    }
    json_t *line =
        json_pack("{s:s,s:{s:s,s:s}}", "command", "admin.invite", "params", "phone", phone, "name", name);
    json_t *answer = line ? admin_ask(config_text(config, "data"), line) : NULL;
    const char *link = json_string_value(json_object_get(json_object_get(answer, "body"), "link"));
    config_free(config);
    if (!link) {
        const char *code = json_string_value(json_object_get(answer, "code"));
        if (code)
            fprintf(stderr, "refused: %s\n", code);
        json_decref(answer);
        return 1;
    }
    puts(link);
    fprintf(stderr,
            "Opened once within 15 minutes, it logs in; then set a password (page \"Money\", settings).\n");
    json_decref(answer);
    return 0;
}

static const struct config_option factor_options[] = {
    {"data", "data", false, false, "data directory of the running market"},
    {"phone", NULL, false, false, "the phone number of whose second factor is lost"},
};
enum { FACTOR_OPTIONS = sizeof factor_options / sizeof factor_options[0] };

int admin_cli_factor(int argc, char **argv)
{
    g_autofree char *message = NULL;
    bool reset = argc > 1 && !strcmp(argv[1], "reset");
    struct config *config =
        reset ? config_read(factor_options, FACTOR_OPTIONS, argc - 1, argv + 1, &message) : NULL;
    const char *phone = config ? config_text(config, "phone") : NULL;
    if (!phone) {
        fprintf(stderr, "%s\nusage: market factor reset --phone N [--data DIR]\n", message ? message : "");
        config_free(config);
        return 64;
    }
    json_t *line = json_pack("{s:s,s:{s:s}}", "command", "admin.factor_reset", "params", "phone", phone);
    json_t *answer = line ? admin_ask(config_text(config, "data"), line) : NULL;
    bool done = json_integer_value(json_object_get(answer, "status")) == 200;
    const char *code = json_string_value(json_object_get(answer, "code"));
    if (done)
        fprintf(stderr, "The second factor is off and all sessions are over: the password alone logs in.\n");
    else if (code)
        fprintf(stderr, "refused: %s\n", code);
    json_decref(answer);
    config_free(config);
    return done ? 0 : 1;
}
