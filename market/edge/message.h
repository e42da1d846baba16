/* message.h: one serialised WebSocket message, shared by all clients it goes to; counted references, edge
 * thread only (made on the desk's thread, handed over through the outbox). */
#ifndef EDGE_MESSAGE_H
#define EDGE_MESSAGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include "market/desk/desk.h"

struct message {
    int refs;
    size_t length;
    unsigned char *text; /* LWS_PRE bytes are free in front of it */
    unsigned char room[];
};

/* TAKES body. */
struct message *message_new(json_t *body);
/* The answer to a call; `body` is JSON already. */
struct message *message_reply(const char *id, unsigned status, const char *body);
struct message *message_ref(struct message *message);
void message_unref(struct message *message); /* NULL is fine */

/* A committed journal row with its two serialised forms. */
struct row {
    int refs;
    int64_t id, person;
    char slug[33];
    char kind[32];
    struct message *open, *full; /* NULL: nothing for that audience; may be the same message */
    json_t *body;                /* rows the edge itself acts on (live.*, stall.changed), else NULL */
};
/* Any thread. `serialise` false: nobody watches, only what the edge itself needs is kept. */
struct row *row_new(const struct desk_event *event, bool serialise);
struct row *row_ref(struct row *row);
void row_unref(struct row *row);

#endif
