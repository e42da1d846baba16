/* child.h: one helper process (ingest or studio) on a seqpacket socket: started (by the nursery), fed,
 * watched, started again with back-off when it dies, killed when it hangs. What it says is checked; a bad
 * message ends the child, never the room. Owned by the worker's thread. */
#ifndef RELAY_CHILD_H
#define RELAY_CHILD_H

#include "streamer/pipe.h"
#include "streamer/relay/counters.h"
#include "streamer/relay/loop.h"
#include "streamer/relay/nursery.h"
#include "streamer/relay/wheel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct children; /* the family: what all of them share, and those that are ending by themselves */
struct child;

struct child_ops {
    void (*message)(void *owner, const struct pipe_head *head, const uint8_t *payload, int64_t now_us);
    void (*burst_end)(void *owner, int64_t now_us); /* after the messages of one turn; may be NULL */
    void (*given_up)(void *owner,
                     int64_t now_us); /* died too often in a row: the owner should child_end it */
};

/* `file_cb` gets every PIPE_FILE, also of children that are ending: room and a terminated JSON text. */
struct children *children_new(struct loop *loop, struct wheel *wheel, struct nursery *nursery,
                              struct counters *counters,
                              void (*file_cb)(void *arg, const char *room, const char *json), void *arg);
void children_free(struct children *all); /* kills what is left */
unsigned children_ending(const struct children *all);

/* `setup` is the JSON of PIPE_SETUP, sent at every start. */
struct child *child_new(struct children *all, enum nursery_program program, const char *room,
                        const char *setup, const struct child_ops *ops, void *owner, int64_t now_us);
void child_send(struct child *c, enum pipe_type type, enum pipe_kind kind, const uint8_t *bytes, size_t size,
                int64_t at_us); /* never waits: a full socket drops and counts */
/* The same for one simulcast layer (child_send: layer 0). */
void child_send_layer(struct child *c, enum pipe_type type, enum pipe_kind kind, unsigned layer,
                      const uint8_t *bytes, size_t size, int64_t at_us);
bool child_is_running(const struct child *c);
void child_end(struct child *c,
               int64_t now_us); /* PIPE_END; it frees itself once it has gone. NULL is fine */

/* Checks one message of a child: true when head and payload may be used. */
bool pipe_check(const uint8_t *message, size_t size, struct pipe_head *head);

#endif
