/* question.h: one message of the market, read and checked. Pure; any thread. */
#ifndef RELAY_QUESTION_H
#define RELAY_QUESTION_H

#include "streamer/link.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum question_type {
    QUESTION_UNKNOWN, /* counted and passed over */
    QUESTION_BAD,     /* known, but a field is missing or wrong */
    QUESTION_HELLO,
    QUESTION_ROOM,
    QUESTION_RESTORED,
    QUESTION_ROOM_CLOSE,
    QUESTION_PUBLISH,
    QUESTION_WATCH,
    QUESTION_PATCH,
    QUESTION_CLOSE,
    QUESTION_LAYER,
    QUESTION_STATS,
};

/* Strings are borrowed from the object; NULL where the type has none. */
struct question {
    enum question_type type;
    int64_t q; /* -1: none, no answer is due */
    const char *room, *session, *sdp, *frag, *why, *rendition;
    int64_t version, grace_ms, ahead_s; /* -1: not given */
    bool record, paused, restart;
};

void question_read(struct question *out, const json_t *object);

#endif
