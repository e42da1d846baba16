/* question.c: a table says which fields a message must have; the readers say what a field may be. */
#include "streamer/relay/question.h"

#include <glib.h>
#include <string.h>

enum { NEEDS_Q = 1, NEEDS_ROOM = 2, NEEDS_SESSION = 4, NEEDS_SDP = 8, NEEDS_VERSION = 16 };

static const struct {
    const char *name;
    enum question_type type;
    unsigned needs;
} question_types[] = {
    {"hello", QUESTION_HELLO, NEEDS_VERSION},
    {"room", QUESTION_ROOM, NEEDS_Q | NEEDS_ROOM},
    {"restored", QUESTION_RESTORED, 0},
    {"room_close", QUESTION_ROOM_CLOSE, NEEDS_Q | NEEDS_ROOM},
    {"publish", QUESTION_PUBLISH, NEEDS_Q | NEEDS_ROOM | NEEDS_SESSION | NEEDS_SDP},
    {"watch", QUESTION_WATCH, NEEDS_Q | NEEDS_ROOM | NEEDS_SESSION | NEEDS_SDP},
    {"patch", QUESTION_PATCH, NEEDS_Q | NEEDS_SESSION},
    {"close", QUESTION_CLOSE, NEEDS_Q | NEEDS_SESSION},
    {"layer", QUESTION_LAYER, NEEDS_Q | NEEDS_SESSION},
    {"stats", QUESTION_STATS, NEEDS_Q},
};

static const char *question_text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static int64_t question_number(const json_t *o, const char *key)
{
    const json_t *n = json_object_get(o, key);
    return json_is_integer(n) && json_integer_value(n) >= 0 ? json_integer_value(n) : -1;
}

static bool question_room_ok(const char *name)
{
    size_t size = name ? strlen(name) : 0;
    return size >= 1 && size <= LINK_ROOM_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool question_session_ok(const char *name)
{
    return name && strlen(name) == LINK_SESSION_NAME && strspn(name, "0123456789abcdef") == LINK_SESSION_NAME;
}

static bool question_complete(const struct question *q, unsigned needs)
{
    return !((needs & NEEDS_Q && q->q < 0) || (needs & NEEDS_ROOM && !question_room_ok(q->room)) ||
             (needs & NEEDS_SESSION && !question_session_ok(q->session)) || (needs & NEEDS_SDP && !q->sdp) ||
             (needs & NEEDS_VERSION && q->version < 0));
}

void question_read(struct question *out, const json_t *o)
{
    const char *name = question_text(o, "t");
    *out = (struct question){
        .q = question_number(o, "q"),
        .room = question_text(o, "room"),
        .session = question_text(o, "session"),
        .sdp = question_text(o, "sdp"),
        .frag = question_text(o, "frag"),
        .why = question_text(o, "why"),
        .rendition = question_text(o, "rendition"),
        .version = question_number(o, "v"),
        .grace_ms = question_number(o, "grace_ms"),
        .ahead_s = question_number(o, "ahead_s"),
        .record = json_is_true(json_object_get(o, "record")),
        .paused = json_is_true(json_object_get(o, "paused")),
        .restart = json_is_true(json_object_get(o, "restart")),
    };
    for (size_t i = 0; name && i < G_N_ELEMENTS(question_types); i++)
        if (strcmp(name, question_types[i].name) == 0)
            out->type =
                question_complete(out, question_types[i].needs) ? question_types[i].type : QUESTION_BAD;
}
