/* hook_heads.h: the headers a bank's notice is signed with, taken while libwebsockets still has them. Edge
 * thread. */
#ifndef EDGE_HOOK_HEADS_H
#define EDGE_HOOK_HEADS_H

#include <libwebsockets.h>

struct edge;
struct hook_heads;

struct hook_heads *hook_heads_new(struct lws *wsi);
void hook_heads_free(struct hook_heads *heads); /* NULL is fine */

/* Once at start: what was kept before the last end, and not matched yet. */
void hook_catch_up(struct edge *edge);

#endif
