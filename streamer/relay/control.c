/*> Where the market's wishes arrive: link.c cuts frames, question.c reads them, here they become rooms,
 * publishers (publisher.c) and viewers (viewer.c). Start reading at control_message. control.c: a handler per
 * question; each returns the answer's members or a failure code. rooms.c and session.c keep the names,
 * seats.c finds a place, accord.c answers offers, bulletin.c words what the market is told. */
#include "streamer/relay/control.h"
#include "streamer/relay/accord.h"
#include "streamer/relay/bulletin.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/link.h"
#include "streamer/relay/log.h"
#include "streamer/relay/publisher.h"
#include "streamer/relay/question.h"
#include "streamer/relay/rendition.h"
#include "streamer/relay/rooms.h"
#include "streamer/relay/seats.h"
#include "streamer/relay/session.h"

#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

struct control {
    const struct control_config *config;
    struct room_env *env;
    struct link *link;
    struct rooms *rooms;
    struct sessions *sessions;
    char id[17];
    int64_t started_wall_ms;
};

struct failure {
    const char *code, *detail;
};

static json_t *control_fail(struct failure *f, const char *code, const char *detail)
{
    *f = (struct failure){code, detail};
    return NULL;
}

static void control_say(struct control *c, json_t *said)
{
    if (c->link)
        link_say(c->link, said);
    else
        c->config->said_cb(c->config->said_arg, said);
}

void control_session_changed(void *arg, const char *session, struct room *room, bool watch, const char *state,
                             const char *why)
{
    struct control *c = arg;
    if (strcmp(state, "gone") == 0)
        sessions_remove(c->sessions, session);
    control_say(c, bulletin_session(session, room, watch, state, why));
}

static void control_room_changed(void *arg, struct room *r)
{
    control_say(arg, bulletin_room(r, clock_us()));
}

void control_rendition_changed(void *arg, const char *session, struct room *r, const char *rendition)
{
    control_say(arg, bulletin_rendition(session, r, rendition));
}

static const struct room_events control_events = {.session_changed = control_session_changed,
                                                  .room_changed = control_room_changed,
                                                  .rendition_changed = control_rendition_changed};

void control_file(struct control *c, const char *room, const char *json)
{
    json_t *said = bulletin_file(room, json);
    if (said)
        control_say(c, said);
    else
        c->env->counters->pipe_bad++;
}

void control_add_room(struct control *c, struct room *r)
{
    rooms_add(c->rooms, r);
}

static json_t *control_room(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct room *r = rooms_find(c->rooms, q->room);
    if (!r) {
        if (rooms_count(c->rooms) >= ROOMS_MAX)
            return control_fail(f, LINK_FULL, "too many rooms");
        r = room_new(c->env, q->room, now_us);
        control_add_room(c, r);
    }
    r->keep = true;
    int64_t grace_us = q->grace_ms >= 0 ? q->grace_ms * 1000 : ROOM_GRACE_MS * INT64_C(1000);
    room_set_ahead(r, q->ahead_s);
    room_set(r, q->record, q->paused, grace_us, now_us);
    return json_object();
}

void control_drop_room(struct control *c, struct room *r, const char *why, int64_t now_us)
{
    rooms_drop(c->rooms, r, why, now_us);
}

static json_t *control_room_close(struct control *c, const struct question *q, int64_t now_us,
                                  struct failure *f)
{
    struct room *r = rooms_find(c->rooms, q->room);
    if (!r)
        return control_fail(f, LINK_NO_ROOM, q->room);
    log_event(LOG_INFO, "room.close", "s:s, s:s", "room", r->name, "why", q->why ? q->why : "");
    control_drop_room(c, r, "room", now_us);
    return json_object();
}

/* The room to publish or watch in, with an offer we can answer; NULL with *f. */
static struct room *control_open(struct control *c, const struct question *q, bool watch, struct accord *a,
                                 struct failure *f)
{
    struct room *r = rooms_find(c->rooms, q->room);
    const char *why = "";
    *f = (struct failure){LINK_NO_ROOM, q->room};
    if (!r)
        return NULL;
    *f = (struct failure){LINK_BAD_MESSAGE, "a session name used twice"};
    if (sessions_get(c->sessions, q->session))
        return NULL;
    const char *refused = accord_reach(a, q->sdp, watch, room_codec(r), &why);
    *f = (struct failure){refused, why};
    return refused ? NULL : r;
}

static json_t *control_publish(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    g_autofree struct accord *a = g_new(struct accord, 1);
    const char *code = LINK_FULL;
    struct room *r = control_open(c, q, false, a, f);
    if (!r)
        return NULL;
    struct publisher *p = publisher_new(r, q->session, &a->offer, &a->choice, now_us, &code);
    if (!p)
        return control_fail(f, code, "too many peers");
    sessions_add(c->sessions, q->session, NULL, p);
    return accord_answer(a, c->config, r, p->peer);
}

static json_t *control_watch(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    g_autofree struct accord *a = g_new(struct accord, 1);
    const char *code = LINK_FULL;
    struct room *r = control_open(c, q, true, a, f);
    if (!r)
        return NULL;
    if (!r->was_live)
        return control_fail(f, LINK_NOT_LIVE, "nobody has published here yet");
    if (seats_full(c->env)) {
        c->env->counters->viewers_refused++;
        return control_fail(f, LINK_FULL, "too many viewers, or no time for more");
    }
    struct viewer *v = viewer_new(r, q->session, &a->offer, &a->choice, now_us, &code);
    if (!v)
        return control_fail(f, code, "too many viewers");
    struct session *s = sessions_add(c->sessions, q->session, v, NULL);
    s->line = a->choice.video.present ? (int)a->choice.video.section : SESSION_NO_LINE;
    return accord_answer(a, c->config, r, v->peer);
}

static json_t *control_patch(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct session *s = sessions_get(c->sessions, q->session);
    char ufrag[257], pwd[257];
    if (!s)
        return control_fail(f, LINK_NO_SESSION, q->session);
    if (!q->restart) /* trickled candidates: an ICE-lite agent sends no checks, it has no use for them */
        return json_object();
    if (!q->frag || !sdp_read_frag(q->frag, strlen(q->frag), ufrag, pwd))
        return control_fail(f, LINK_BAD_SDP, "no credentials in the fragment");
    struct peer *p = s->watch ? s->viewer->peer : s->publisher->peer;
    const struct sdp_brief *brief = s->watch ? &s->viewer->brief : &s->publisher->brief;
    peer_restart(p, now_us);
    g_autofree char *frag =
        sdp_write_frag(brief, peer_ufrag(p), peer_pwd(p), c->config->hosts, c->config->hosts_count);
    return json_pack("{s:s, s:s}", "frag", frag, "etag", peer_ufrag(p));
}

static json_t *control_close(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct session *s = sessions_get(c->sessions, q->session);
    if (!s)
        return control_fail(f, LINK_NO_SESSION, q->session);
    if (s->watch)
        viewer_free(s->viewer, "closed", true, now_us);
    else
        publisher_free(s->publisher, "closed", true, now_us);
    return json_object();
}

static json_t *control_layer(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct session *s = sessions_get(c->sessions, q->session);
    enum rendition ceiling;
    if (!s || !s->watch)
        return control_fail(f, LINK_NO_SESSION, q->session);
    if (!rendition_read(q->rendition, &ceiling))
        return control_fail(f, LINK_BAD_MESSAGE, "no such rendition");
    rendition_wish(s->viewer, ceiling, now_us);
    return json_object();
}

static json_t *control_stats(struct control *c)
{
    struct counters sum = *c->env->counters;
    if (c->env->crew)
        crew_add_counters(c->env->crew, &sum);
    return bulletin_stats(rooms_count(c->rooms), seats_taken(c->env), &sum);
}

/* The market has named every room that should exist: others go, and it hears what we still hold. */
static void control_restored(struct control *c, int64_t now_us)
{
    rooms_drop_unnamed(c->rooms, now_us);
    control_say(c, json_pack("{s:s, s:o}", "t", "sessions", "sessions", sessions_list(c->sessions)));
    rooms_each(c->rooms, control_room_changed, c);
}

static json_t *control_ask(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    switch (q->type) {
    case QUESTION_ROOM:
        return control_room(c, q, now_us, f);
    case QUESTION_ROOM_CLOSE:
        return control_room_close(c, q, now_us, f);
    case QUESTION_PUBLISH:
        return control_publish(c, q, now_us, f);
    case QUESTION_WATCH:
        return control_watch(c, q, now_us, f);
    case QUESTION_PATCH:
        return control_patch(c, q, now_us, f);
    case QUESTION_CLOSE:
        return control_close(c, q, now_us, f);
    case QUESTION_LAYER:
        return control_layer(c, q, now_us, f);
    case QUESTION_STATS:
        return control_stats(c);
    case QUESTION_BAD:
    case QUESTION_UNKNOWN:
    case QUESTION_HELLO:
    case QUESTION_RESTORED:
        break;
    }
    return control_fail(f, LINK_BAD_MESSAGE, "a field is missing or wrong");
}

/* The worker a new viewer goes to. 0: this one, also when the answer will be no. */
static unsigned control_place(struct control *c, const struct question *q)
{
    struct room *r = rooms_find(c->rooms, q->room);
    if (!r || !r->was_live || sessions_get(c->sessions, q->session))
        return 0;
    unsigned to = seats_choose(c->env, rooms_phones(c->rooms));
    if (to) {
        struct session *s = sessions_add(c->sessions, q->session, NULL, NULL);
        s->away = to;
        g_strlcpy(s->room, r->name, sizeof s->room);
        crew_add_load(c->env->crew, to, 1);
        crew_mirror(c->env->crew, to, r);
    }
    return to;
}

/* A question about a viewer of another worker is asked there; the answer comes by control_away_said. */
static bool control_ask_away(struct control *c, const struct question *q, json_t *object)
{
    unsigned to = 0;
    if (!c->env->crew)
        return false;
    if (q->type == QUESTION_WATCH) {
        to = control_place(c, q);
    } else if (q->session && q->type != QUESTION_BAD) {
        const struct session *s = sessions_get(c->sessions, q->session);
        to = s ? s->away : 0;
    }
    if (to)
        crew_ask(c->env->crew, to, json_deep_copy(object));
    return to != 0;
}

static bool control_is(const json_t *o, const char *key, const char *value)
{
    return g_strcmp0(json_string_value(json_object_get(o, key)), value) == 0;
}

/* A viewer there is gone, or never came to be; else what is told of it is kept for a market that comes back.
 */
void control_away_said(void *owner, unsigned from, json_t *said)
{
    struct control *c = owner;
    const char *session = json_string_value(json_object_get(said, "session"));
    bool refused = control_is(said, "t", "answer") && json_is_false(json_object_get(said, "ok"));
    bool gone = control_is(said, "t", "session") && control_is(said, "state", "gone");
    sessions_note(c->sessions, said);
    if (session && (refused || gone) && sessions_remove(c->sessions, session))
        crew_add_load(c->env->crew, from, -1);
    control_say(c, said);
}

void control_message(void *owner, json_t *object, int64_t now_us)
{
    struct control *c = owner;
    struct question q;
    struct failure f = {LINK_BAD_MESSAGE, ""};
    question_read(&q, object);
    if (q.type == QUESTION_HELLO)
        return; /* a market of another version hangs up by itself */
    if (q.type == QUESTION_RESTORED) {
        control_restored(c, now_us);
        return;
    }
    if (q.type == QUESTION_UNKNOWN || q.q < 0) {
        c->env->counters->link_unknown++;
        return;
    }
    if (control_ask_away(c, &q, object))
        return;
    json_t *answer = control_ask(c, &q, now_us, &f);
    bool ok = answer != NULL;
    if (!ok)
        answer = json_pack("{s:s, s:s}", "code", f.code, "detail", f.detail);
    if (c->env->mirror && q.session && (ok || q.type == QUESTION_WATCH))
        json_object_set_new(answer, "session", json_string(q.session)); /* the first worker keeps its name */
    json_object_set_new(answer, "t", json_string("answer"));
    json_object_set_new(answer, "q", json_integer(q.q));
    json_object_set_new(answer, "ok", json_boolean(ok));
    control_say(c, answer);
}

static void control_up(void *owner, int64_t now_us)
{
    struct control *c = owner;
    (void)now_us;
    rooms_unname(c->rooms);
    control_say(c, json_pack("{s:s, s:i, s:s, s:i, s:I, s:i}", "t", "hello", "v", LINK_VERSION, "relay",
                             c->id, "pid", (int)getpid(), "started", (json_int_t)c->started_wall_ms,
                             "udp_port", (int)c->config->udp_port));
}

/* Media goes on; nothing is to be done but to wait for the next up. */
static void control_down(void *owner, int64_t now_us)
{
    (void)owner, (void)now_us;
}

static const struct link_owner control_link = {
    .up = control_up, .message = control_message, .down = control_down};

struct control *control_new(const struct control_config *config, struct room_env *env, struct loop *loop,
                            struct nursery *nursery, int64_t now_us)
{
    struct control *c = g_new0(struct control, 1);
    uint64_t random = 0;
    RAND_bytes((unsigned char *)&random, sizeof random);
    g_snprintf(c->id, sizeof c->id, "%016" G_GINT64_MODIFIER "x", random);
    c->config = config;
    c->env = env;
    c->started_wall_ms = clock_wall_us() / 1000;
    c->rooms = rooms_new();
    c->sessions = sessions_new();
    env->events = &control_events;
    env->events_arg = c;
    if (nursery)
        c->link = link_new(loop, env->wheel, env->counters, nursery, &control_link, c, now_us);
    return c;
}

void control_close_rooms(struct control *c, int64_t now_us)
{
    rooms_drop_all(c->rooms, "closed", now_us);
}

void control_free(struct control *c)
{
    if (!c)
        return;
    link_free(c->link);
    rooms_free(c->rooms);
    sessions_free(c->sessions);
    g_free(c);
}
