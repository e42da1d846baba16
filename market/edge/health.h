/* health.h: /healthz and /readyz. Edge thread. */
#ifndef EDGE_HEALTH_H
#define EDGE_HEALTH_H

#include "market/edge/inner.h"

struct health *health_new(struct edge *edge);
void health_free(struct health *health);
/* The disk refused: not ready any more, whatever else holds. */
void health_failed(struct health *health, const char *why);
void health_tick(struct health *health, int64_t now_ms);

#endif
