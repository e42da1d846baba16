/* watch.h: other file descriptors on the same loop: signals, the relay's socket, the admin's socket. */
#ifndef EDGE_WATCH_H
#define EDGE_WATCH_H

#include "market/edge/inner.h"

struct watch;
/* Called with the descriptor readable (`writable` false) or, when asked for, writable. False: close it. */
typedef bool (*watch_fn)(void *user, int fd, bool writable);
/* Called once when the descriptor is closed, by whichever side; the watch is gone after it. */
typedef void (*watch_gone_fn)(void *user);

/* TAKES fd (closed also on failure). NULL when the loop takes no more. */
struct watch *watch_new(struct edge *edge, int fd, watch_fn fn, watch_gone_fn gone, void *user);
/* Asks for one call with `writable`. */
void watch_writable(struct watch *watch);
/* Closes soon, through `gone`; no further watch_fn calls. NULL is fine. */
void watch_close(struct watch *watch);

int watch_callback(struct lws *wsi, enum lws_callback_reasons reason);

#endif
