/* pusher.h: sends what is due by web push, from a thread of its own: neither the desk nor the edge waits for
 * other people's servers. What is due and what became of it is the desk's to know (push.due, push.done). */
#ifndef EDGE_PUSHER_H
#define EDGE_PUSHER_H

#include "market/desk/desk.h"

struct pusher;
struct words;

struct pusher_config {
    const char *key_file; /* our key pair; made when it is not there */
    const char *contact;  /* "https://…" or "mailto:…": whom a push service may ask about us */
    const char *allowed;  /* one authority that may be a private address: tests. NULL: none */
    const char *ca;       /* PEM file of certificates to trust instead of the system's, NULL: the system's */
    const struct words *words;
};

/* `config` is copied; its texts but key_file must outlive the pusher. NULL and *why on failure. Main thread.
 */
struct pusher *pusher_new(const struct pusher_config *config, const char **why);
const struct push_setup *pusher_setup(const struct pusher *pusher);
/* The desk must stay open until pusher_stop has returned. */
void pusher_start(struct pusher *pusher, struct desk *desk);
void pusher_stop(struct pusher *pusher);
void pusher_free(struct pusher *pusher);
/* Something was committed: looks for what is due when it may concern a phone. Any thread, also before the
 * start; does not block. */
void pusher_events(struct pusher *pusher, const struct desk_event *events, size_t count);

#endif
