/* wire.h: a child's end of the seqpacket socket to the relay (streamer/pipe.h is the list of messages).
 * One thread reads; any thread may send: a seqpacket message is whole or not there at all. */
#ifndef PIPELINE_WIRE_H
#define PIPELINE_WIRE_H

#include "streamer/pipe.h"

#include <stdbool.h>
#include <stddef.h>

struct wire {
    int fd;
    unsigned dropped; /* packets the relay was too slow to take; counted atomically */
    unsigned bad;     /* messages that were no messages; counted by the reader */
};

enum wire_got {
    WIRE_MESSAGE, /* `head` and `bytes` hold a message whose length fits its type */
    WIRE_QUIET,   /* nothing came within the time limit */
    WIRE_BAD,     /* something came that pipe.h does not allow; it was thrown away */
    WIRE_END,     /* the relay is gone */
};

/* Checks that `fd` is a SOCK_SEQPACKET socket and takes it; the descriptor stays the caller's. */
bool wire_init(struct wire *w, int fd);

/* How long wire_read waits before it says WIRE_QUIET. */
void wire_patience(struct wire *w, unsigned wait_ms);

/* Reads one message. `bytes` has room for PIPE_TEXT_MAX bytes and gets no terminating zero. */
enum wire_got wire_read(struct wire *w, struct pipe_head *head, uint8_t *bytes);

/* Sends one message and never waits when it is a packet: false when the relay could not take it (then it is
 * counted in `dropped`) or is gone. READY and FILE wait up to a second for room, since nobody would send them
 * again. */
bool wire_send(struct wire *w, enum pipe_type type, enum pipe_kind kind, unsigned layer, const void *bytes,
               size_t length);

/* The same with a JSON text made from a jansson pack format. */
bool wire_send_json(struct wire *w, enum pipe_type type, const char *format, ...);

#endif
