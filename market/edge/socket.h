/* socket.h: the WebSocket /live: joining a stall, calling commands. Edge thread. */
#ifndef EDGE_SOCKET_H
#define EDGE_SOCKET_H

#include "market/edge/inner.h"

/* Handshake: 0 to let it become a WebSocket, 1 to refuse (libwebsockets answers and closes). */
int socket_accept(struct conn *conn);
int socket_callback(struct conn *conn, enum lws_callback_reasons reason, const void *in, size_t length);
/* The connection is being destroyed. */
void socket_gone(struct conn *conn);
/* Every second: closes sockets whose message is announced too long or does not come to its end. */
void socket_tick(struct edge *edge);
/* Looks up all sockets' sessions again: who was logged out is told and closed. */
void socket_recheck(struct edge *edge);

#endif
