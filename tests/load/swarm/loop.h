/* loop.h: the swarm's one thread: epoll and a tick. */
#ifndef SWARM_LOOP_H
#define SWARM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_TICK_US 2000

struct loop;

struct loop_source { /* embedded in its owner, which removes it before it goes */
    void (*ready)(void *owner, uint32_t events);
    void *owner;
    int fd;
};

struct loop *loop_new(void);
void loop_free(struct loop *l);
bool loop_add(struct loop *l, struct loop_source *source, uint32_t events);
void loop_change(struct loop *l, struct loop_source *source, uint32_t events);
void loop_remove(struct loop *l, struct loop_source *source);
/* Calls `tick` every LOOP_TICK_US until it answers false. While `*eager` sockets are read as soon as
 * something arrives; else once a tick, so that a thousand quiet viewers share one wake-up. */
void loop_run(struct loop *l, const bool *eager, bool (*tick)(void *ctx, int64_t now_us), void *ctx);

#endif
