/* relay.h: the relay as our child: started, watched, started again. Edge thread. */
#ifndef EDGE_RELAY_H
#define EDGE_RELAY_H

#include "market/edge/inner.h"

struct relay *relay_new(struct edge *edge, const char *program);
/* Ends the child and waits for it; after `patience_ms` it is killed. NULL is fine. */
void relay_free(struct relay *relay, int64_t patience_ms);
/* Collects a dead child, starts one when it is due. */
void relay_tick(struct relay *relay, int64_t now_ms);

/* How long to wait after so many deaths in a row. */
int64_t relay_backoff_ms(unsigned deaths);

#endif
