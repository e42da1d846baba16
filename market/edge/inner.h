/* inner.h: what the files of edge/ share, and nobody else includes. All of it belongs to the edge thread,
 * except the outbox. */
#ifndef EDGE_INNER_H
#define EDGE_INNER_H

#include <glib.h>
#include <jansson.h>
#include <libwebsockets.h>
#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/base/span.h"
#include "market/desk/desk.h"
#include "market/edge/bucket.h"
#include "market/edge/edge.h"
#include "market/edge/outbox.h"
#include "market/edge/route.h"

struct cert;
struct hub;
struct link;
struct relay;
struct rooms;
struct sessions;
struct whep_events;
struct words;
struct pages;
struct pusher;
struct errands;
struct admin;
struct metrics;
struct health;
struct client;
struct exchange;

/* The part of an answer's head that depends on nothing but the host: see answer.c. */
struct edge_head {
    char host[256];
    GString *text;
};

struct edge {
    const struct edge_config *config;
    struct desk *desk; /* set by edge_run */
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct outbox outbox;
    struct addresses *addresses;
    unsigned connections;
    unsigned exchanges;   /* requests not yet answered */
    GHashTable *lots;     /* of them, those that change a lot's picture: the lot's id */
    unsigned raw_bodies;  /* of them, with a file as body: RAW_AT_ONCE */
    int web_fd, media_fd; /* directories; files are opened below them only */
    char *cert_file, *key_file;
    struct cert *cert; /* what is served now */
    struct words *words;
    struct pages *pages;
    struct pusher *pusher;   /* NULL: web push is off */
    struct errands *errands; /* while the loop turns: work with files beside it */
    struct hub *hub;
    struct link *link;
    struct relay *relay; /* NULL when none is started here */
    struct rooms *rooms;
    struct sessions *sessions;
    struct whep_events *whep_events;
    struct admin *admin;
    struct metrics *metrics;         /* NULL: not asked for */
    uint64_t limited, limited_media; /* requests refused by the limits per address */
    struct span told;                /* how long the desk's answers waited for this thread */
    struct health *health;
    lws_sorted_usec_list_t tick;
    gint watching;             /* sockets that joined or join a stall; read by the desk thread too (atomic) */
    struct edge_head heads[2]; /* of doors for our pages, of doors open to all */
    bool draining, stop, ready, over; /* over: the loop has ended, the desk is asked no more */
    int64_t begun_ms, drain_begun_ms, drain_until_ms, ready_by_ms, second_ms, recheck_ms;
    int exit_code;
    GHashTable *conns; /* set of struct conn, for the drain */
};

/* What hangs on a libwebsockets connection: first member of conn and of watch. */
enum thing { THING_CONN = 1, THING_WATCH };

/* One TCP connection of a client. */
struct conn {
    enum thing thing;
    struct edge *edge;
    struct lws *wsi;
    char address[46];
    struct exchange *exchange; /* the request being read or answered */
    struct client *client;     /* after the upgrade to WebSocket */
};

/* Is this Host one of ours: in --host or named by the certificate? */
bool edge_is_host(const struct edge *edge, const char *host);
/* Any thread: runs post->run on the edge thread soon. */
void edge_post(struct edge *edge, struct post *post);
/* Drains and ends with EDGE_AGAIN. */
void edge_again(struct edge *edge);
/* Takes no more connections, ends what is under way within its time, then leaves with this code; a second
 * time: at once. */
void edge_drain(struct edge *edge, int exit_code);
/* Fills a role that only this program has. */
void edge_system_who(struct who *who);

#endif
