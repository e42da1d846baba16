/* metrics.h: /metrics in Prometheus' text form, on a listening socket of its own that only this machine can
 * reach (`--metrics 127.0.0.1:9464`). Market's own figures and, asked over the link for each scrape, the
 * relay's. Nothing in it names a person, a stall or an address. Edge thread. */
#ifndef EDGE_METRICS_H
#define EDGE_METRICS_H

#include "market/edge/inner.h"

struct metrics;

/* Listens on `address`, "127.0.0.1:PORT" or "[::1]:PORT"; others are refused. NULL and *why on failure. */
struct metrics *metrics_new(struct edge *edge, const char *address, const char **why);
void metrics_free(struct metrics *metrics);                 /* NULL is fine */
void metrics_tick(struct metrics *metrics, int64_t now_ms); /* closes who asks nothing; NULL is fine */

#endif
