/* outpost.c: notes in become rooms, packets and questions; what viewers want and control says becomes notes.
 */
#include "streamer/relay/outpost.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/rendition.h"

#include <string.h>
#include <sys/epoll.h>

struct outpost {
    struct loop *loop;
    struct room_env *env;
    struct mail *in, *out;
    struct watch watch;
    struct control_config config;
    struct control *control;
    GHashTable *rooms; /* the first worker's number of it → room */
    void (*stop_cb)(void *arg);
    void *arg;
};

static void outpost_write(struct outpost *o, enum note_kind kind, const struct room *r, unsigned number,
                          void *what)
{
    struct note n = {
        .kind = (uint16_t)kind, .number = (uint16_t)number, .room = r ? r->number : 0, .what = what};
    mail_put(o->out, &n, true);
}

static void outpost_said(void *arg, json_t *said)
{
    outpost_write(arg, NOTE_SAID, NULL, 0, said);
}

static void outpost_session_changed(void *arg, const char *session, struct room *r, bool watch,
                                    const char *state, const char *why)
{
    struct outpost *o = arg;
    control_session_changed(o->control, session, r, watch, state, why);
}

static void outpost_room_changed(void *arg, struct room *r)
{
    struct audience here = room_audience(r);
    outpost_write(arg, NOTE_VIEWERS, r, 0, g_memdup2(&here, sizeof here));
}

static void outpost_keyframe_wanted(void *arg, struct room *r, enum keyframe_reason reason)
{
    outpost_write(arg, NOTE_KEYFRAME, r, reason, NULL);
}

static void outpost_rendition_changed(void *arg, const char *session, struct room *r, const char *rendition)
{
    struct outpost *o = arg;
    control_rendition_changed(o->control, session, r, rendition);
    outpost_room_changed(o, r);
}

static void outpost_low_wanted(void *arg, struct room *r, bool keyframe)
{
    outpost_write(arg, NOTE_LOW, r, keyframe, NULL);
}

static const struct room_events outpost_events = {.session_changed = outpost_session_changed,
                                                  .room_changed = outpost_room_changed,
                                                  .keyframe_wanted = outpost_keyframe_wanted,
                                                  .rendition_changed = outpost_rendition_changed,
                                                  .low_wanted = outpost_low_wanted};

static struct track *outpost_track(struct room *r, unsigned number)
{
    return number == ROOM_AUDIO ? &r->audio : number == ROOM_LOW ? &r->small.track : &r->video;
}

static void outpost_take_news(struct room *r, const struct room_news *news, int64_t now_us)
{
    bool resumed = r->paused && !news->paused;
    r->state = news->state;
    r->paused = news->paused;
    r->was_live = news->was_live;
    r->clock_known = news->clock_known;
    r->clock_shift_us = news->clock_shift_us;
    r->small.mirrored = news->low;
    r->small.layered = news->layered;
    for (unsigned i = 0; i < ROOM_TRACKS; i++) {
        struct track *t = outpost_track(r, i);
        t->codec = news->tracks[i].codec;
        t->report_known = news->tracks[i].report_known;
        t->report_us = news->tracks[i].report_us;
        t->report_timestamp = news->tracks[i].report_timestamp;
    }
    room_end_strangers(r, now_us);
    if (resumed)
        room_restart_viewers(r);
}

static void outpost_open(struct outpost *o, struct note *n, int64_t now_us)
{
    struct room *r = room_new(o->env, n->what, now_us);
    r->number = n->room;
    g_hash_table_insert(o->rooms, GUINT_TO_POINTER(n->room), r);
    control_add_room(o->control, r);
}

static void outpost_room_note(struct outpost *o, struct room *r, struct note *n, int64_t now_us)
{
    switch ((enum note_kind)n->kind) {
    case NOTE_CLOSE:
        g_hash_table_remove(o->rooms, GUINT_TO_POINTER(n->room));
        control_drop_room(o->control, r, n->what, now_us);
        break;
    case NOTE_NEWS:
        outpost_take_news(r, n->what, now_us);
        break;
    case NOTE_PUBLISHER:
        track_switch(&r->audio);
        track_switch(&r->video);
        track_switch(&r->small.track);
        room_restart_viewers(r);
        break;
    case NOTE_SOURCE:
        rendition_source_changed(r, now_us);
        break;
    case NOTE_PACKET:
        if (!r->adopted_us)
            r->adopted_us = ((const struct packet *)n->what)->at_us;
        track_adopt(outpost_track(r, n->number), g_steal_pointer(&n->what));
        break;
    case NOTE_PUSH:
        room_show(r, r->adopted_us ? r->adopted_us : now_us, now_us);
        r->adopted_us = 0;
        break;
    case NOTE_QUESTION:
    case NOTE_OPEN:
    case NOTE_STOP:
    case NOTE_SAID:
    case NOTE_VIEWERS:
    case NOTE_KEYFRAME:
    case NOTE_LOW:
    case NOTE_COUNTERS:
    case NOTE_ENDED:
        break;
    }
}

static void outpost_note(struct outpost *o, struct note *n, int64_t now_us)
{
    struct room *r = g_hash_table_lookup(o->rooms, GUINT_TO_POINTER(n->room));
    if (n->kind == NOTE_QUESTION)
        control_message(o->control, n->what, now_us);
    else if (n->kind == NOTE_OPEN)
        outpost_open(o, n, now_us);
    else if (n->kind == NOTE_STOP)
        o->stop_cb(o->arg);
    else if (r)
        outpost_room_note(o, r, n, now_us);
    note_drop(n);
}

static void outpost_readable(void *arg, uint32_t events)
{
    struct outpost *o = arg;
    struct note n;
    int64_t now_us = clock_us();
    enum meter_stage before = meter_enter(&o->env->counters->meter, METER_PIPE);
    (void)events;
    mail_heard(o->in);
    while (mail_take(o->in, &n))
        outpost_note(o, &n, now_us);
    meter_enter(&o->env->counters->meter, before);
}

struct outpost *outpost_new(struct loop *loop, struct room_env *env, const struct control_config *config,
                            struct mail *in, struct mail *out, void (*stop_cb)(void *arg), void *arg)
{
    struct outpost *o = g_new0(struct outpost, 1);
    o->loop = loop;
    o->env = env;
    o->in = in;
    o->out = out;
    o->stop_cb = stop_cb;
    o->arg = arg;
    o->rooms = g_hash_table_new(NULL, NULL);
    o->config = *config;
    o->config.said_cb = outpost_said;
    o->config.said_arg = o;
    o->control = control_new(&o->config, env, loop, NULL, clock_us());
    env->mirror = true;
    env->events = &outpost_events;
    env->events_arg = o;
    o->watch = (struct watch){.fd = mail_fd(in), .events = EPOLLIN, .ready_cb = outpost_readable, .arg = o};
    loop_add(loop, &o->watch);
    return o;
}

void outpost_free(struct outpost *o)
{
    if (!o)
        return;
    control_close_rooms(o->control, clock_us());
    loop_remove(o->loop, &o->watch);
    control_free(o->control);
    g_hash_table_unref(o->rooms);
    g_free(o);
}

void outpost_report(struct outpost *o, unsigned busy_permille)
{
    outpost_write(o, NOTE_COUNTERS, NULL, busy_permille,
                  g_memdup2(o->env->counters, sizeof *o->env->counters));
}

void outpost_flush(struct outpost *o)
{
    mail_flush(o->out);
}

void outpost_say_ended(struct outpost *o)
{
    outpost_report(o, 0);
    outpost_write(o, NOTE_ENDED, NULL, 0, NULL);
    for (int i = 0; i < DRAIN_MS && !mail_flush(o->out); i++)
        g_usleep(1000);
}
