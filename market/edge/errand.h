/* errand.h: slow work with files, done beside the edge's loop so that a slow disk keeps nobody else waiting.
 * One thread does one errand after the other, in the order in which they were put. */
#ifndef EDGE_ERRAND_H
#define EDGE_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include "market/edge/outbox.h"

/* First member of whatever is to be done. */
struct errand {
    struct post post; /* brings it home */
    struct errand *next;
    /* On the thread beside: touches nothing that the loop may touch meanwhile. */
    void (*work)(struct errand *errand);
    /* Edge thread; owns the errand. `worked` false: the program ended before its turn came. */
    void (*home)(struct errand *errand, bool worked);
};

struct errands;

/* How an errand that is done comes to the loop. Any thread. */
typedef void (*errand_post)(void *user, struct post *post);

/* Starts the thread. At most `limit` errands wait for it, the one being done apart. */
struct errands *errands_new(size_t limit, errand_post post, void *user);
/* Edge thread. False: full; the errand stays the caller's. `inner`: it ends what was let in before, and is
 * never turned away. */
bool errands_put(struct errands *errands, struct errand *errand, bool inner);
/* Edge thread: waits for the errand being done (its post is still to be run), sends the others home undone,
 * ends the thread. Its errands must not put others. NULL is fine. */
void errands_free(struct errands *errands);

#endif
