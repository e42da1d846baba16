/* session.h: one WebRTC connection of the phone, from offer to end: camera, encoders and a webrtcbin of its
 * own. Used by the main thread; GStreamer's threads report into it. */
#ifndef PHONE_SESSION_H
#define PHONE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct session_shape {
    bool vp8;            /* else H.264 constrained baseline */
    bool file;           /* film what picture_player plays, else the drawn field */
    const char *pattern; /* of videotestsrc */
};

enum session_state { SESSION_STARTING, SESSION_OFFERED, SESSION_CONNECTED, SESSION_LOST };

struct session;

struct session *session_new(const struct session_shape *shape);
void session_free(struct session *s); /* NULL is fine */

/* The SDP offer with candidates, the session's; NULL when none was made in time. */
const char *session_offer(struct session *s, int wait_ms);

/* False when the answer makes no sense. */
bool session_answer(struct session *s, const char *sdp);

/* How it stands now, and waits up to `wait_ms` for a change from `known`. Also SESSION_LOST when no RTCP came
 * for some seconds: webrtcbin 1.22 itself notices nothing when a server falls silent. */
enum session_state session_state(struct session *s, enum session_state known, int wait_ms);

#endif
