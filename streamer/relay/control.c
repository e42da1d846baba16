/*> Where the market's wishes arrive: link.c cuts frames, question.c reads them, here they become rooms,
 * publishers (publisher.c) and viewers (viewer.c). Start reading at control_message. control.c: a handler per
 * question; each returns the answer's members or a failure code. */
#include "streamer/relay/control.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/link.h"
#include "streamer/relay/log.h"
#include "streamer/relay/publisher.h"
#include "streamer/relay/question.h"
#include "streamer/relay/rendition.h"

#include <limits.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

struct session { /* by its name in the table */
    bool watch;
    unsigned away;                     /* the worker it lives on; 0: this one */
    char room[LINK_ROOM_NAME_MAX + 1]; /* when away */
    struct viewer *viewer;
    struct publisher *publisher;
};

struct control {
    const struct control_config *config;
    struct room_env *env;
    struct link *link;
    GHashTable *rooms;    /* name → struct room; the keys are the rooms' own */
    GHashTable *sessions; /* name (owned) → struct session (owned) */
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
    bool gone = strcmp(state, "gone") == 0;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "t", "session", "session", session, "room", room->name,
                          "kind", watch ? "watch" : "publish", "state", state);
    if (gone) {
        json_object_set_new(o, "why", json_string(why));
        g_hash_table_remove(c->sessions, session);
    }
    control_say(c, o);
}

/* What the picture's renditions cost just now, in kb/s; 0: not made at the moment. */
static json_t *control_layers(struct room *r)
{
    int64_t now_us = clock_us();
    bool live = r->state == ROOM_LIVE;
    track_measure(&r->video, now_us);
    track_measure(&r->small.track, now_us);
    return json_pack("{s:i, s:i}", "source", live ? (int)r->video.kbps : 0, "low",
                     live && (r->small.layered || r->small.child) ? (int)small_kbps(r) : 0);
}

static void control_room_changed(void *arg, struct room *r)
{
    struct control *c = arg;
    struct audience a = room_audience(r);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:i, s:{s:i, s:i}, s:s, s:s, s:I}", "t", "room", "room", r->name, "state",
                  room_state_word(r), "viewers", (int)a.viewers, "uplink", "kbps", (int)r->kbps,
                  "lost_permille", (int)r->lost_permille, "video", sdp_codec_name(r->video.codec), "low",
                  small_word(r), "since", (json_int_t)r->state_wall_ms);
    json_t *on = json_object();
    for (int i = 0; i < RENDITIONS; i++)
        json_object_set_new(on, rendition_word((enum rendition)i), json_integer((json_int_t)a.on[i]));
    json_object_set_new(o, "renditions", on);
    json_object_set_new(o, "layers", control_layers(r));
    control_say(c, o);
}

void control_rendition_changed(void *arg, const char *session, struct room *r, const char *rendition)
{
    struct control *c = arg;
    control_say(c, json_pack("{s:s, s:s, s:s, s:s}", "t", "rendition", "session", session, "room", r->name,
                             "rendition", rendition));
}

static const struct room_events control_events = {.session_changed = control_session_changed,
                                                  .room_changed = control_room_changed,
                                                  .rendition_changed = control_rendition_changed};

void control_file(struct control *c, const char *room, const char *json)
{
    json_t *o = json_loads(json, 0, NULL);
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const char *file = json_string_value(json_object_get(o, "file"));
    json_int_t ms = json_integer_value(json_object_get(o, "ms"));
    bool known = kind && (strcmp(kind, "poster") == 0 || strcmp(kind, "recording") == 0);
    if (known && file && *file && *file != '.' && !strchr(file, '/') && strlen(file) <= 128) {
        g_autofree char *path = g_strdup_printf("%s/%s", room, file);
        control_say(c, json_pack("{s:s, s:s, s:s, s:s, s:I}", "t", "file", "room", room, "kind", kind, "file",
                                 path, "ms", ms));
    } else {
        c->env->counters->pipe_bad++;
    }
    json_decref(o);
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

/* Reads an offer and agrees on codecs. NULL: fine. */
static const char *control_agree(const struct question *q, bool watch, enum rtp_codec wanted,
                                 struct sdp_offer *offer, struct sdp_choice *choice, const char **why)
{
    enum sdp_result result = sdp_read(offer, q->sdp, strlen(q->sdp), why);
    if (result == SDP_OK)
        result = sdp_choose(choice, offer, watch, wanted, why);
    switch (result) {
    case SDP_BAD:
        return LINK_BAD_SDP;
    case SDP_UNSUPPORTED:
        return LINK_UNSUPPORTED_SDP;
    case SDP_OK:
        break;
    }
    return NULL;
}

static json_t *control_answer(struct control *c, const struct sdp_offer *offer,
                              const struct sdp_choice *choice, const struct room *r, const struct peer *p,
                              bool watch)
{
    struct sdp_answer a = {
        .offer = offer,
        .choice = choice,
        .watch = watch,
        .ufrag = peer_ufrag(p),
        .pwd = peer_pwd(p),
        .fingerprint = c->config->fingerprint,
        .hosts = c->config->hosts,
        .hosts_count = c->config->hosts_count,
        .tcp = c->config->tcp && watch,
        .stream = r->name,
        .audio_ssrc = r->audio.ssrc,
        .video_ssrc = r->video.ssrc,
        .rtx_ssrc = r->video.rtx_ssrc,
    };
    g_autofree char *sdp = sdp_write_answer(&a);
    return json_pack("{s:s, s:s}", "sdp", sdp, "etag", peer_ufrag(p));
}

static void control_add_session(struct control *c, const char *name, struct viewer *v, struct publisher *p)
{
    struct session *s = g_new0(struct session, 1);
    *s = (struct session){.watch = v != NULL, .viewer = v, .publisher = p};
    g_hash_table_replace(c->sessions, g_strdup(name), s);
}

static json_t *control_publish(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    g_autofree struct sdp_offer *offer = g_new(struct sdp_offer, 1);
    struct sdp_choice choice;
    struct room *r = control_find_room(c, q->room);
    const char *why = "", *code = LINK_FULL;
    if (!r)
        return control_fail(f, LINK_NO_ROOM, q->room);
    if (g_hash_table_contains(c->sessions, q->session))
        return control_fail(f, LINK_BAD_MESSAGE, "a session name used twice");
    const char *refused = control_agree(q, false, room_codec(r), offer, &choice, &why);
    if (refused)
        return control_fail(f, refused, why);
    struct publisher *p = publisher_new(r, q->session, offer, &choice, now_us, &code);
    if (!p)
        return control_fail(f, code, "too many peers");
    control_add_session(c, q->session, NULL, p);
    return control_answer(c, offer, &choice, r, p->peer, false);
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
    g_autofree struct sdp_offer *offer = g_new(struct sdp_offer, 1);
    struct sdp_choice choice;
    struct room *r = control_find_room(c, q->room);
    const char *why = "", *code = LINK_FULL;
    if (!r)
        return control_fail(f, LINK_NO_ROOM, q->room);
    if (g_hash_table_contains(c->sessions, q->session))
        return control_fail(f, LINK_BAD_MESSAGE, "a session name used twice");
    const char *refused = control_agree(q, true, room_codec(r), offer, &choice, &why);
    if (refused)
        return control_fail(f, refused, why);
    if (!r->was_live)
        return control_fail(f, LINK_NOT_LIVE, "nobody has published here yet");
    if (control_is_full(c)) {
        c->env->counters->viewers_refused++;
        return control_fail(f, LINK_FULL, "too many viewers, or no time for more");
    }
    struct viewer *v = viewer_new(r, q->session, offer, &choice, now_us, &code);
    if (!v)
        return control_fail(f, code, "too many viewers");
    control_add_session(c, q->session, v, NULL);
    json_t *answer = control_answer(c, offer, &choice, r, v->peer, true);
    if (choice.video.present)
        json_object_set_new(answer, "video", json_integer((json_int_t)choice.video.section));
    return answer;
}

static json_t *control_patch(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    struct session *s = g_hash_table_lookup(c->sessions, q->session);
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
    struct session *s = g_hash_table_lookup(c->sessions, q->session);
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
    struct session *s = g_hash_table_lookup(c->sessions, q->session);
    enum rendition ceiling;
    if (!s || !s->watch)
        return control_fail(f, LINK_NO_SESSION, q->session);
    if (!rendition_read(q->rendition, &ceiling))
        return control_fail(f, LINK_BAD_MESSAGE, "no such rendition");
    rendition_wish(s->viewer, ceiling, now_us);
    return json_object();
}

static void control_add_counter(void *arg, const char *name, uint64_t value)
{
    json_object_set_new(arg, name, json_integer((json_int_t)value));
}

static json_t *control_stages(const struct meter *m)
{
    json_t *o = json_object();
    for (unsigned i = 0; i < METER_COUNT; i++)
        json_object_set_new(o, meter_word((enum meter_stage)i), json_integer((json_int_t)m->stage_us[i]));
    return o;
}

static json_t *control_queue(const struct meter *m)
{
    json_t *bounds = json_array(), *counts = json_array();
    for (unsigned i = 0; i <= METER_QUEUE_BOUNDS; i++) {
        if (i < METER_QUEUE_BOUNDS)
            json_array_append_new(bounds, json_integer(meter_queue_bounds_us[i]));
        json_array_append_new(counts, json_integer((json_int_t)m->queue[i]));
    }
    return json_pack("{s:o, s:o, s:I}", "bounds_us", bounds, "counts", counts, "sum_us",
                     (json_int_t)m->queue_us);
}

static json_t *control_stats(struct control *c, const struct question *q, int64_t now_us, struct failure *f)
{
    json_t *counters = json_object();
    struct counters sum = *c->env->counters;
    (void)q, (void)now_us, (void)f;
    if (c->env->crew)
        crew_add_counters(c->env->crew, &sum);
    counters_each(&sum, control_add_counter, counters);
    return json_pack("{s:i, s:i, s:o, s:o, s:o}", "rooms", (int)g_hash_table_size(c->rooms), "viewers",
                     (int)control_viewers(c), "counters", counters, "stage_us", control_stages(&sum.meter),
                     "queue", control_queue(&sum.meter));
}

/* The market has named every room that should exist: others go, and it hears what we still hold. */
static void control_restored(struct control *c, int64_t now_us)
{
    GHashTableIter i;
    void *name, *value;
    g_autoptr(GPtrArray) strays = g_ptr_array_new();
    json_t *sessions = json_array();
    g_hash_table_iter_init(&i, c->rooms);
    while (g_hash_table_iter_next(&i, NULL, &value))
        if (!((struct room *)value)->keep)
            g_ptr_array_add(strays, value);
    for (guint n = 0; n < strays->len; n++)
        control_drop_room(c, g_ptr_array_index(strays, n), "room", now_us);
    g_hash_table_iter_init(&i, c->sessions);
    while (g_hash_table_iter_next(&i, &name, &value)) {
        const struct session *s = value;
        const char *room = s->away ? s->room : s->watch ? s->viewer->room->name : s->publisher->room->name;
        json_array_append_new(sessions, json_pack("{s:s, s:s, s:s}", "session", (char *)name, "room", room,
                                                  "kind", s->watch ? "watch" : "publish"));
    }
    control_say(c, json_pack("{s:s, s:o}", "t", "sessions", "sessions", sessions));
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
        return control_stats(c, q, now_us, f);
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
    if (!r || !r->was_live || g_hash_table_contains(c->sessions, q->session) ||
        control_viewers(c) >= c->env->viewers_max)
        return 0;
    unsigned first = c->env->busy_permille < c->env->busy_most ? control_load(c) : UINT_MAX;
    unsigned to = crew_choose(c->env->crew, first, c->env->busy_most);
    if (to) {
        struct session *s = g_new0(struct session, 1);
        *s = (struct session){.watch = true, .away = to};
        g_strlcpy(s->room, r->name, sizeof s->room);
        g_hash_table_insert(c->sessions, g_strdup(q->session), s);
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
        const struct session *s = g_hash_table_lookup(c->sessions, q->session);
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

/* A viewer there is gone, or never came to be. */
void control_away_said(void *owner, unsigned from, json_t *said)
{
    struct control *c = owner;
    const char *session = json_string_value(json_object_get(said, "session"));
    bool refused = control_is(said, "t", "answer") && json_is_false(json_object_get(said, "ok"));
    bool gone = control_is(said, "t", "session") && control_is(said, "state", "gone");
    if (session && (refused || gone) && g_hash_table_remove(c->sessions, session))
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
    if (!ok && c->env->mirror && q.type == QUESTION_WATCH)
        json_object_set_new(answer, "session",
                            json_string(q.session)); /* the first worker takes it for there */
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
    c->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
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
    g_hash_table_unref(c->sessions);
    g_free(c);
}
