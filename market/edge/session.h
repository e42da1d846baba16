/* session.h: WHIP and WHEP sessions: who owns the session URL, and which room it belongs to. Edge thread. */
#ifndef EDGE_SESSION_H
#define EDGE_SESSION_H

#include "market/base/id.h"
#include "market/edge/inner.h"
#include "streamer/link.h"

struct session {
    char id[LINK_SESSION_NAME + 1];
    char room[LINK_ROOM_NAME_MAX + 1];
    bool publish;
    int64_t person;                /* owner, 0: none known */
    char owner[ID_HASH_CHARS + 1]; /* hash of the bearer token, "" for none */
    char etag[80];                 /* with quotes, "" until answered */
    bool connected, restored;
    char rendition[8];   /* what a viewer gets: source, low or audio; "" for a phone */
    unsigned video_line; /* of a viewer: which m-line of its offer is the picture's, from 1; 0: none, or not
                            known */
    int64_t since_ms;
};

struct sessions *sessions_new(struct edge *edge);
void sessions_free(struct sessions *sessions);
/* A new session with an id from the kernel's randomness; NULL when there are too many. */
struct session *sessions_make(struct sessions *sessions, const char *room, bool publish,
                              const struct who *who, const char *token);
struct session *sessions_get(struct sessions *sessions, const char *id, const char *room, bool publish);
void sessions_drop(struct sessions *sessions, struct session *session);
/* May they change or end it? Watch sessions without an owner belong to whoever knows their URL. */
bool session_owned(const struct session *session, const struct who *who, const char *token);
size_t sessions_count(const struct sessions *sessions);
/* Link messages "session" and "sessions"; the room is gone. */
void sessions_heard(struct sessions *sessions, const json_t *message);
/* Link message "rendition"; the session it is about, NULL when unknown. */
const struct session *sessions_rendition(struct sessions *sessions, const json_t *message);
/* How many viewers get this rendition. */
unsigned sessions_on(const struct sessions *sessions, const char *rendition);
void sessions_restore(struct sessions *sessions, const json_t *message);
/* "etag" and "video" of what the relay says of a session: in an answer, or in "sessions". */
void session_read(struct session *session, const json_t *from);
void sessions_drop_room(struct sessions *sessions, const char *room);
/* After a token was revoked: what is published with one that does not count any more is ended. */
void sessions_recheck(struct sessions *sessions);
void sessions_tick(struct sessions *sessions, int64_t now_ms);

#endif
