/* admin_cli.h: the doors that talk to a running market through DATA/admin.sock. */
#ifndef MARKET_ADMIN_CLI_H
#define MARKET_ADMIN_CLI_H

#include <jansson.h>
#include <stdbool.h>

bool admin_serves(const char *data); /* does a market run on this data directory? */
/* Sends the line and reads the answer {status,code,body?}, yours; NULL and a message on stderr on failure.
 * TAKES line. */
json_t *admin_ask(const char *data, json_t *line);

/* `market verify --data DIR`: the report as JSON; exit 0 when everything adds up, 1 when not. */
int admin_cli_verify(int argc, char **argv);
/* `market admin --phone N --name NAME --data DIR`: makes an admin of a running market, or lets one in again
 * whose password is lost: prints the one-time link. */
int admin_cli_invite(int argc, char **argv);
/* `market factor reset --phone N --data DIR`: takes the second factor off whoever lost app and recovery
 * codes. */
int admin_cli_factor(int argc, char **argv);
/* `market backup FILE --data DIR`: a consistent copy while the market runs. */
int admin_cli_backup(int argc, char **argv);

#endif
