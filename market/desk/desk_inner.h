/* desk_inner.h: the desk's parts, for desk.c, batch.c and what runs before a command. */
#ifndef DESK_DESK_INNER_H
#define DESK_DESK_INNER_H

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include "market/desk/call.h"
#include "market/desk/queue.h"
#include "market/desk/tally.h"
#include "market/desk/throttle.h"
#include "market/desk/who.h"

struct desk {
    struct desk_config config;
    char *origin, *database;
    struct store *store;     /* desk thread only, after opening */
    struct journal *journal; /* desk thread only */
    struct who_cache *who;
    struct throttle *throttle;
    struct seal *seal;
    struct queue *commands, *queries, *hashes, *files;
    GThread *writer, *ticker;
    pthread_mutex_t tick_lock; /* guards closing */
    pthread_cond_t tick;
    bool closing;
    GPtrArray *readers, *hashers; /* GThread; the one for files is among the hashers */
    struct tally tally;
    bool wrote;          /* the running batch has something to keep; desk thread */
    _Atomic bool failed; /* the disk refused: commands are over */
};

/* Runs a batch in one transaction and answers it. Desk thread. Frees the calls. */
void batch_run(struct desk *desk, struct call *list);
/* Gives the answer out and frees the call. */
void call_finish(struct call *call);
/* Runs a command that is in no table on the desk thread, in its turn and as the outer call's asker, and waits
 * for its commit; call->inner is `inner` there. A refusal's words go to the outer call. The command may be
 * undone and run again. From a desk thread that prepares calls only. */
enum result desk_inner_run(struct desk *desk, const struct command *command, struct call *outer, void *inner);
/* Runs a query within one read transaction of `reader`. */
void query_run(struct store *reader, struct call *call);

#endif
