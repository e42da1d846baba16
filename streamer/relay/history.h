/* history.h: the last packets of one track, by index. It is the queue of every viewer (each has only a
 * cursor), the memory that answers NACKs and the cache joiners start from. One thread. */
#ifndef RELAY_HISTORY_H
#define RELAY_HISTORY_H

#include "streamer/relay/packet.h"

struct history;
struct history *history_new(unsigned capacity); /* a power of two */
void history_free(struct history *h);           /* NULL is fine; drops the references */

void history_put(struct history *h,
                 struct packet *p); /* takes the reference; an index older than the ring drops it */
struct packet *history_get(const struct history *h,
                           uint64_t index);       /* borrowed; NULL: never came or too old */
uint64_t history_next(const struct history *h);   /* one past the newest index; 0 when nothing came yet */
uint64_t history_oldest(const struct history *h); /* the oldest index that may still be there */
void history_clear(struct history *h);

#endif
