/* admin.h: DIR/admin.sock: how `market verify`, `market backup` … reach the running market. One JSON line in,
 * one out.
 *   {"command":"admin.…","params":{…}}   →   {"status":200,"body":{…}}
 * Only our own user may connect; commands other than admin.* are refused. Edge thread. */
#ifndef EDGE_ADMIN_H
#define EDGE_ADMIN_H

#include "market/edge/inner.h"

struct admin *admin_new(struct edge *edge, const char *path, const char **why);
void admin_free(struct admin *admin);

#endif
