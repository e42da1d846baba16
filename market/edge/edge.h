/* edge.h: the market's door: HTTPS, WebSocket, WHIP/WHEP and the link to the relay, all on one thread. */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include <stdbool.h>
#include <stddef.h>
#include "market/desk/desk.h"
#include "market/edge/bucket.h"

struct edge_config {
    const char *data; /* data directory: cert.pem, key.pem, relay.sock, admin.sock, media/ */
    const char *web;  /* built pages */
    int port;         /* TCP */
    int udp_port;     /* given to the relay, like those below */
    int relay_workers, relay_viewers, relay_transcodes, relay_busy, relay_pace;
    int64_t grace_ms; /* how long a live session waits for a phone that went away before it is ended */
    const char *const
        *hosts; /* NULL-terminated: names and addresses of this machine for certificate and candidates */
    const char *cert, *key;  /* PEM files, NULL: self-made ones in the data directory */
    const char *relay;       /* program to start and watch, NULL: relays dial in by themselves */
    const char *const *turn; /* NULL-terminated: STUN and TURN servers named to WHIP and WHEP clients */
    const char *turn_secret; /* what their credentials are made with, NULL when all are STUN */
    const char *metrics;     /* "127.0.0.1:PORT" or "[::1]:PORT", NULL: no figures are given out */
    const char *contact;     /* "https://…" or "mailto:…" for push services; NULL: no web push */
    const char *push_allow;  /* an authority that may be a private address: tests; NULL: none */
    const char *push_ca;     /* PEM file to trust for push services, NULL: the system's */
    struct address_limits limits;
};

struct edge;

/* Reads the certificate, the pages and the words, opens the sockets. NULL and *why (static) on failure.
 * `config` and what it points to must outlive the edge. Main thread; blocks SIGTERM, SIGINT, SIGHUP for all
 * later threads. */
struct edge *edge_new(const struct edge_config *config, const char **why);
/* Serves until SIGTERM/SIGINT (drained: 0), a second signal, edge_failed (1), or EDGE_AGAIN: the program
 * should be started anew, for it has a restored database or a disk that is well again. `desk` must stay open
 * until it returns. */
enum { EDGE_AGAIN = 75 };
int edge_run(struct edge *edge, struct desk *desk);
void edge_free(struct edge *edge);
/* For struct desk_config; NULL when web push is off. */
const struct push_setup *edge_push(const struct edge *edge);

/* For struct desk_config: committed rows and the disk's failure. Any thread, also before edge_run. */
void edge_events(void *edge, const struct desk_event *events, size_t count);
void edge_failed(void *edge, const char *why);
void edge_healed(void *edge);
void edge_ended(void *edge, int64_t session, int64_t person); /* a session is over: its sockets are closed */

#endif
