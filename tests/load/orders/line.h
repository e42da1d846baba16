/* line.h: one TLS connection to the market that carries requests: HTTP/1.1 kept alive with one request at a
 * time, or a WebSocket with several calls under way. Never blocks. One thread. */
#ifndef ORDERS_LINE_H
#define ORDERS_LINE_H

#include <glib.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct line;

struct line_target {
    char *host; /* of the URL, for SNI, Host and Origin */
    int port;
    struct sockaddr_in *address;
    SSL_CTX *tls;
    bool websocket;
    const char
        *token; /* bearer token; NULL: none, and the market makes every line a session at its first order */
};

struct line_hooks {
    void (*ready)(void *owner); /* connected, or reconnected, and nothing under way */
    /* `id`: as given to line_call(), 0 on HTTP. `status`: HTTP status or the reply's; 0 when the connection
     * broke. */
    void (*answered)(void *owner, uint64_t id, int status, const char *body, size_t length);
};

struct line *line_new(const struct line_target *target, int epoll, const struct line_hooks *hooks,
                      void *owner);
void line_free(struct line *l);
void line_event(struct line *l, uint32_t events);
bool line_is_ready(const struct line *l);
/* HTTP: POST of a JSON body. The line keeps the first cookie it is given unless `fresh`. */
void line_post(struct line *l, const char *path, const char *body, bool fresh);
/* WebSocket: {"t":"call","id":ID,"name":NAME,"params":BODY}. */
void line_call(struct line *l, uint64_t id, const char *name, const char *body);

bool line_target_read(struct line_target *target, const char *url); /* https://HOST[:PORT] */

#endif
