/* orders.h: commands on stdin, one a line, each answered by a line on stdout. */
#ifndef LOAD_LINK_ORDERS_H
#define LOAD_LINK_ORDERS_H

#include <jansson.h>
#include <stdbool.h>

/* Reads what has come and gives `obey` each line; its answer becomes "ok" or "what?". False: stdin is closed.
 */
bool orders_read(bool (*obey)(const char *line));
/* One line of JSON on stdout. TAKES `j`. */
void orders_print(json_t *j);

#endif
