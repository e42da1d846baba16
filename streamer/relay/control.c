/*> Where the market's wishes arrive: link.c cuts frames, question.c reads them, here they become rooms,
 * publishers (publisher.c) and viewers (viewer.c). Start reading at control_message. control.c: a handler per
 * question; each returns the answer's members or a failure code. Names are kept by session.c, offers answered
 * by accord.c, what the market is told is worded by bulletin.c. */
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
#include "streamer/relay/session.h"

#include <limits.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

struct control {
    const struct control_config *config;
    struct room_env *env;
    struct link *link;
    GHashTable *rooms; /* name → struct room; the keys are the rooms' own */
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

static struct room *control_find_room(struct control *c, const char *name)
{
    return g_hash_table_lookup(c->rooms, name);
}

void control_add_room(struct control *c, struct room *r)
{
    g_hash_table_insert(c->rooms, r->name, r);
}

static json_t *control_room(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct room *r = control_find_room(c, q->room);
    if (!r) {
        if (g_hash_table_size(c->rooms) >= ROOMS_MAX)
            return control_fail(f, LINK_FULL, "too many rooms");
        r = room_new(c->env, q->room, now_us);
        control_add_room(c, r);
    }
    r->keep = true;
    int64_t grace_us = q->grace_ms >= 0 ? q->grace_ms * 1000 : ROOM_GRACE_MS * INT64_C(1000);
    room_set(r, q->record, q->paused, grace_us, now_us);
    return json_object();
}

void control_drop_room(struct control *c, struct room *r, const char *why, int64_t now_us)
{
    g_hash_table_remove(c->rooms, r->name);
    room_free(r, why, now_us);
}

static json_t *control_room_close(struct control *c, const struct question *q, int64_t now_us,
                                  struct failure *f)
{
    struct room *r = control_find_room(c, q->room);
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
    struct room *r = control_find_room(c, q->room);
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

static unsigned control_viewers(const struct control *c)
{
    return c->env->viewers + (c->env->crew ? crew_viewers(c->env->crew) : 0);
}

/* What the first worker does besides the viewers of others: a phone costs more than a viewer. */
static unsigned control_load(const struct control *c)
{
    GHashTableIter i;
    void *value;
    unsigned load = c->env->viewers;
    g_hash_table_iter_init(&i, c->rooms);
    while (g_hash_table_iter_next(&i, NULL, &value))
        if (((struct room *)value)->publisher)
            load += PUBLISHER_LOAD;
    return load;
}

/* By the number that was set, or by what this worker can do: those inside must not suffer from one more. An
 * outpost takes whom it is sent. */
static bool control_is_full(const struct control *c)
{
    const struct room_env *env = c->env;
    return !env->mirror && (control_viewers(c) >= env->viewers_max || env->busy_permille >= env->busy_most);
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
    if (control_is_full(c)) {
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
    return bulletin_stats(g_hash_table_size(c->rooms), control_viewers(c), &sum);
}

/* The market has named every room that should exist: others go, and it hears what we still hold. */
static void control_restored(struct control *c, int64_t now_us)
{
    GHashTableIter i;
    void *value;
    g_autoptr(GPtrArray) strays = g_ptr_array_new();
    g_hash_table_iter_init(&i, c->rooms);
    while (g_hash_table_iter_next(&i, NULL, &value))
        if (!((struct room *)value)->keep)
            g_ptr_array_add(strays, value);
    for (guint n = 0; n < strays->len; n++)
        control_drop_room(c, g_ptr_array_index(strays, n), "room", now_us);
    control_say(c, json_pack("{s:s, s:o}", "t", "sessions", "sessions", sessions_list(c->sessions)));
    g_hash_table_iter_init(&i, c->rooms);
    while (g_hash_table_iter_next(&i, NULL, &value))
        control_room_changed(c, value);
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
    struct room *r = control_find_room(c, q->room);
    if (!r || !r->was_live || sessions_get(c->sessions, q->session) ||
        control_viewers(c) >= c->env->viewers_max)
        return 0;
    unsigned first = c->env->busy_permille < c->env->busy_most ? control_load(c) : UINT_MAX;
    unsigned to = crew_choose(c->env->crew, first, c->env->busy_most);
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
    GHashTableIter i;
    void *value;
    (void)now_us;
    g_hash_table_iter_init(&i, c->rooms);
    while (g_hash_table_iter_next(&i, NULL, &value))
        ((struct room *)value)->keep = false;
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
    c->rooms = g_hash_table_new(g_str_hash, g_str_equal);
    c->sessions = sessions_new();
    env->events = &control_events;
    env->events_arg = c;
    if (nursery)
        c->link = link_new(loop, env->wheel, env->counters, nursery, &control_link, c, now_us);
    return c;
}

void control_close_rooms(struct control *c, int64_t now_us)
{
    GHashTableIter i;
    void *value;
    for (;;) {
        g_hash_table_iter_init(&i, c->rooms);
        if (!g_hash_table_iter_next(&i, NULL, &value))
            return;
        control_drop_room(c, value, "closed", now_us);
    }
}

void control_free(struct control *c)
{
    if (!c)
        return;
    link_free(c->link);
    g_hash_table_unref(c->rooms);
    sessions_free(c->sessions);
    g_free(c);
}
