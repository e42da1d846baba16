/* hub.h: who watches which stall, and the way of rows and room states to them. Edge thread. */
#ifndef EDGE_HUB_H
#define EDGE_HUB_H

#include "market/edge/inner.h"
#include "market/edge/message.h"

enum client_state { CLIENT_LOOSE, CLIENT_JOINING /* rows are held back */, CLIENT_JOINED };

/* One WebSocket. */
struct client {
    struct edge *edge;
    struct conn *conn; /* NULL once the connection is gone; calls under way may still hold the client */
    int refs;
    struct who who;
    bool by_token, was_known;
    char secret[96];
    enum client_state state;
    char stall[33]; /* slug or "*" */
    unsigned join;  /* counts joins, so that an answer to an older one is dropped */
    int64_t mark;   /* rows up to here were sent or are older than its state */
    bool mine;      /* its farmer or a cadre: full rows */
    GQueue queue;   /* of struct message */
    size_t queue_bytes;
    GQueue held;               /* of struct row, while joining */
    GByteArray *incoming;      /* fragments of one message */
    int64_t incoming_since_ms; /* when its first byte came, 0: none is under way */
    struct bucket messages;
    unsigned calls;  /* unanswered */
    const char *bye; /* code; no further messages are taken */
    unsigned short close_code;
};

struct hub *hub_new(struct edge *edge);
void hub_free(struct hub *hub);

struct client *client_new(struct conn *conn);
struct client *client_ref(struct client *client);
void client_unref(struct client *client);
/* Queues a message. TAKES message. A client too far behind gets "slow" instead. */
void client_send(struct client *client, struct message *message);
/* Says bye and closes once the queue is written. */
void client_bye(struct client *client, const char *code, unsigned short close_code, int retry_ms);

/* The client watches `stall` ("*": all) from now on; rows are held back until hub_joined. */
void hub_join(struct hub *hub, struct client *client, const char *stall);
/* What came before has been queued up to `mark`: send what was held back and let rows through. */
void hub_joined(struct client *client, int64_t mark);
void hub_leave(struct hub *hub, struct client *client);

/* Sends a committed row to those whom it concerns. */
void hub_row(struct hub *hub, struct row *row);
/* Sends an ephemeral message to a stall's watchers. TAKES message. */
void hub_tell(struct hub *hub, const char *slug, struct message *message);
/* Says bye to all watchers of a stall (NULL: to everybody). */
void hub_bye(struct hub *hub, const char *slug, const char *code, unsigned short close_code, int retry_ms);
int64_t hub_last(const struct hub *hub); /* id of the newest row seen */
void hub_each(struct hub *hub, void (*fn)(struct client *client));
unsigned hub_count(const struct hub *hub);
void hub_forget(struct hub *hub,
                struct client *client); /* its connection is gone; drops the hub's reference */

#endif
