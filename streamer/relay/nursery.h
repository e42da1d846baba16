/* nursery.h: the one process that may still start programs and dial the market once the relay has shut itself
 * in (walls.h). It is forked before the relay opens anything, knows three paths and nothing of rooms, packets
 * or keys, and hears three fixed messages: start, kill, dial. Sockets for helpers are handed over ahead of
 * time, so that a start waits for nobody: what is sent to a helper queues in its socket while it loads.
 *
 * When the relay is gone, the nursery waits for the helpers to end by themselves (a recording is finished),
 * then kills what is left. When the nursery is gone, the relay has to end: it can start nothing any more. */
#ifndef RELAY_NURSERY_H
#define RELAY_NURSERY_H

#include "streamer/relay/loop.h"

#include <stdbool.h>
#include <stdint.h>

enum nursery_program { NURSERY_INGEST, NURSERY_STUDIO };

struct nursery_plan { /* paths; borrowed until nursery_new returns */
    const char *ingest, *studio, *market;
};

struct nursery;

/* Forks; call it before there are threads. NULL with errno. The process inherits the standard streams only.
 */
struct nursery *nursery_new(const struct nursery_plan *plan);
/* From here on everything else is for the thread of `loop`. `lost_cb` is called once, if the process dies. */
void nursery_join(struct nursery *n, struct loop *loop, void (*lost_cb)(void *arg), void *arg);
/* Waits until the process is gone: helpers that were not killed get a few seconds to end. NULL is fine. */
void nursery_free(struct nursery *n);

/* Starts a program with the other end of a SOCK_SEQPACKET pair as descriptor PIPE_FD. Returns our end (the
 * caller's to close) and the helper's number; -1: no socket is spare just now, try again in some ms. A
 * program that cannot be started closes its end at once. */
int nursery_start(struct nursery *n, enum nursery_program program, uint32_t *number);
void nursery_kill(struct nursery *n, uint32_t number); /* SIGKILL; one that is gone already is fine */

/* Connects to the market's socket; the answer comes to `dialled_cb`: a descriptor of the callee's, or -1. */
void nursery_on_dialled(struct nursery *n, void (*dialled_cb)(void *arg, int fd, int64_t now_us), void *arg);
void nursery_dial(struct nursery *n);

const char *nursery_program_name(enum nursery_program program);

#endif
