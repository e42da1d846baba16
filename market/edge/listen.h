/* listen.h: opens the market's port. */
#ifndef EDGE_LISTEN_H
#define EDGE_LISTEN_H

#include "market/edge/inner.h"

/* Listens with edge's certificate, which must be loaded; sets edge->context and edge->vhost. False and *why
 * (static) when it cannot. Main thread, before edge_run. */
bool listen_open(struct edge *edge, const char **why);

#endif
