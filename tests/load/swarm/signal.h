/* signal.h: how the swarm gets its answers: over WHIP and WHEP like anybody, or straight over the relay's
 * control link with the swarm in the market's place, so that the relay can be measured alone. On the loop's
 * thread. */
#ifndef SWARM_SIGNAL_H
#define SWARM_SIGNAL_H

#include "tests/load/swarm/loop.h"

#include <sys/types.h>

/* `answer` is NULL when it was refused; then `why` says so: an HTTP status or a code of streamer/link.h. */
typedef void signal_answer_cb(void *owner, const char *answer, const char *why);

struct signal;

struct signal_kind {
    /* Starts a session; the callback comes later, once. `*session` gets what end() needs, or NULL at once on
     * failure. */
    void (*ask)(struct signal *s, bool publish, const char *offer, signal_answer_cb *answered, void *owner);
    void (*tick)(struct signal *s, int64_t now_us);
    bool (*ready)(const struct signal *s);  /* questions may be asked */
    pid_t (*relay)(const struct signal *s); /* 0: not known */
    void (*free)(struct signal *s);
};

struct signal { /* first member of each implementation */
    const struct signal_kind *kind;
};

/* Listens on a Unix socket, takes one relay, opens `room`. NULL with a message on stderr when it cannot. */
struct signal *signal_link_new(struct loop *loop, const char *path, const char *room);

struct signal_http_options {
    const char *whep, *whip, *token, *ca; /* URLs; token and ca may be NULL */
    bool insecure;
};
struct signal *signal_http_new(struct loop *loop, const struct signal_http_options *options);

/* `url`: http://HOST:PORT/janus; see signal_janus.c for how Janus must be set up. */
struct signal *signal_janus_new(struct loop *loop, const char *url, int mountpoint);

#endif
