/* outbox.h: how other threads hand results to the edge's loop. */
#ifndef EDGE_OUTBOX_H
#define EDGE_OUTBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* First member of whatever is posted. `run` is called on the edge thread and owns the item. */
struct post {
    struct post *next;
    void (*run)(struct post *post);
};

struct outbox {
    pthread_mutex_t lock;
    struct post *first, *last;
};

void outbox_init(struct outbox *box);
/* When no other thread can post any more. */
void outbox_done(struct outbox *box);
/* Any thread. True when the box was empty: the caller wakes the loop, once for many posts. */
bool outbox_put(struct outbox *box, struct post *post);
/* Edge thread: runs what is there, in order; what is posted meanwhile as well. Returns how many. */
size_t outbox_run(struct outbox *box);

#endif
