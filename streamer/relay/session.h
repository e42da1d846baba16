/* session.h: the table of sessions by the market's names for them: a phone or a viewer here, or a viewer on
 * another worker, of which only what the market may ask after its restart is kept. One thread. */
#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include "streamer/relay/publisher.h"
#include "streamer/relay/viewer.h"

#include <jansson.h>

enum { SESSION_NO_LINE = -1, SESSION_ETAG = 40 };

struct session {
    bool watch;
    unsigned away;                     /* the worker it lives on; 0: this one */
    struct viewer *viewer;             /* here… */
    struct publisher *publisher;       /* …one of them */
    char room[LINK_ROOM_NAME_MAX + 1]; /* of one that is away, as the next three */
    char etag[SESSION_ETAG];           /* its ufrag; "" until it was answered */
    const char *rendition;             /* static; NULL until it is connected */
    int line;                          /* of a viewer: the picture's m-line, from 0, or SESSION_NO_LINE */
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);                             /* the names only */
struct session *sessions_get(struct sessions *s, const char *name); /* NULL: none */
/* The name must be a new one; at least one of `v` and `p` is NULL, both for one that is away. */
struct session *sessions_add(struct sessions *s, const char *name, struct viewer *v, struct publisher *p);
bool sessions_remove(struct sessions *s, const char *name); /* false: there was none */
/* What another worker says of one of its sessions: an answer, "rendition" or "session". */
void sessions_note(struct sessions *s, const json_t *said);
/* All of them, as link.h has it in "sessions". New reference. */
json_t *sessions_list(const struct sessions *s);

#endif
