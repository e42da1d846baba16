/* link.h: the market's end of the relay link (streamer/link.h): one relay at a time, questions with
 * deadlines. Edge thread. */
#ifndef EDGE_LINK_H
#define EDGE_LINK_H

#include "market/edge/inner.h"

/* Listens on `path` (mode 0600, same user only). NULL and *why on failure. */
struct link *link_new(struct edge *edge, const char *path, const char **why);
void link_free(struct link *link);

/* The answer to a question: R_OK and the relay's object, or what went wrong (R_NO_RELAY, R_TIMEOUT, or the
 * relay's code as a result) and NULL. `answer` is borrowed. */
typedef void (*link_answer_fn)(void *user, enum result result, const json_t *answer);
/* TAKES message, which needs only "t" and its fields. `fn` (may be NULL) is called exactly once, also on the
 * caller's stack when there is no relay. */
void link_ask(struct link *link, json_t *message, link_answer_fn fn, void *user);
/* TAKES message; no answer comes. */
void link_say(struct link *link, json_t *message);
/* All rooms are said: sessions may be opened. */
bool link_ready(const struct link *link);
/* rooms.c calls this when it has said all rooms. */
void link_restored(struct link *link);
/* Deadlines. */
void link_tick(struct link *link, int64_t now_ms);

#endif
