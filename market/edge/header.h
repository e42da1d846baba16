/* header.h: the values of a request's headers, copied while libwebsockets still holds its tables (before the
 * body). NULL: not sent, or empty. The strings are yours to g_free. Edge thread. */
#ifndef EDGE_HEADER_H
#define EDGE_HEADER_H

#include <libwebsockets.h>
#include <stdbool.h>

/* A header libwebsockets knows. One that was sent more than once comes joined by commas. */
char *header_copy(struct lws *wsi, enum lws_token_indexes token);
/* Any other, by its name in lower case with the colon. */
char *header_copy_custom(struct lws *wsi, const char *name);
/* Are the values of the headers it knows free of control characters (but tabs)? A zero would cut one short:
 * "localhost" before it, anything after it. */
bool header_clean(struct lws *wsi);
/* Bytes of the request's line and of the headers it knows. */
int header_bytes(struct lws *wsi);

#endif
