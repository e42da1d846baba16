/* http.h: libwebsockets' callback, where everything from the network comes in. */
#ifndef EDGE_HTTP_H
#define EDGE_HTTP_H

#include "market/edge/inner.h"

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length);
/* Takes a fresh, unencrypted start: the checks that need only an address. True: let it in. */
struct conn *http_conn(struct lws *wsi);

#endif
