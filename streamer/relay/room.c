/* room.c: joins the pieces: what the ingest gives becomes a track, what a track releases goes to viewers and
 * studio. States: idle → live ⇄ stalled (the phone is silent or away; viewers wait) → idle after the grace;
 * paused by the market. */
#include "streamer/relay/room.h"
#include "streamer/relay/rtcp.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/log.h"
#include "streamer/relay/publisher.h"
#include "streamer/relay/viewer.h"

#include <jansson.h>
#include <string.h>

enum { ROOM_TICK_MS = 200, STUDIO_VIDEO_PT = 96, STUDIO_AUDIO_PT = 111, STUDIO_POSTER_MS = 4000 };

static void room_tick(void *arg, int64_t now_us);
static void room_gather(void *arg, int64_t now_us);
static void room_turn(void *arg, int64_t now_us);

struct room *room_new(struct room_env *env, const char *name, int64_t now_us)
{
    struct room *r = g_new0(struct room, 1);
    r->env = env;
    g_strlcpy(r->name, name, sizeof r->name);
    r->grace_us = ROOM_GRACE_MS * INT64_C(1000);
    r->state_wall_ms = clock_wall_us() / 1000;
    track_init(&r->audio, 48000, HISTORY_AUDIO);
    track_init(&r->video, 90000, HISTORY_VIDEO);
    small_init(r);
    r->viewers = g_ptr_array_new();
    r->tick = (struct timer){.fire_cb = room_tick, .arg = r};
    r->gather = (struct timer){.fire_cb = room_gather, .arg = r};
    r->turn = (struct timer){.fire_cb = room_turn, .arg = r};
    if (!env->mirror)
        wheel_set(env->wheel, &r->tick, now_us + ROOM_TICK_MS * INT64_C(1000));
    return r;
}

const char *room_state_word(const struct room *r)
{
    static const char *const words[] = {"idle", "live", "stalled", "paused"};
    return words[r->state];
}

enum rtp_codec room_codec(const struct room *r)
{
    return r->video.codec;
}

unsigned room_viewers(const struct room *r)
{
    unsigned sum = r->viewers->len;
    for (unsigned i = 0; r->away && i < WORKERS_MAX; i++)
        sum += r->away_audience[i].viewers;
    return sum;
}

struct audience room_audience(const struct room *r)
{
    struct audience a = {.viewers = room_viewers(r)};
    for (unsigned n = 0; n < RENDITIONS; n++) {
        a.on[n] = r->on[n];
        for (unsigned i = 0; r->away && i < WORKERS_MAX; i++)
            a.on[n] += r->away_audience[i].on[n];
    }
    return a;
}

void room_tell(struct room *r, int64_t now_us)
{
    r->told_us = now_us;
    r->told_viewers = room_viewers(r);
    r->env->events->room_changed(r->env->events_arg, r);
}

void room_tell_away(const struct room *r)
{
    if (r->away)
        crew_room_news(r->env->crew, r);
}

static void room_set_state(struct room *r, enum room_state state, int64_t now_us)
{
    if (r->state == state)
        return;
    r->state = state;
    r->state_wall_ms = clock_wall_us() / 1000;
    log_event(LOG_INFO, "room.state", "s:s, s:s, s:i", "room", r->name, "state", room_state_word(r),
              "viewers", (int)room_viewers(r));
    room_tell(r, now_us);
    room_tell_away(r);
}

/* A phone that is there and sends nothing has the same time as one that is away. */
static enum room_state room_state_now(const struct room *r, int64_t now_us)
{
    const int64_t stalled_us = ROOM_STALLED_MS * INT64_C(1000);
    bool heard = r->media_us && now_us - r->media_us < stalled_us;
    if (!r->was_live)
        return ROOM_IDLE;
    if (r->paused)
        return ROOM_PAUSED;
    if (r->publisher && heard)
        return ROOM_LIVE;
    int64_t since_us = r->publisher ? MAX(r->media_us, r->awaited_us) + stalled_us : r->publisher_gone_us;
    return now_us - since_us < r->grace_us ? ROOM_STALLED : ROOM_IDLE;
}

static void room_end_studio(struct room *r, int64_t now_us)
{
    if (r->studio)
        child_end(r->studio, now_us);
    r->studio = NULL;
    g_clear_pointer(&r->studio_setup, g_free);
}

static void room_studio_message(void *owner, const struct pipe_head *head, const uint8_t *payload,
                                int64_t now_us)
{
    struct room *r = owner;
    (void)payload;
    if (head->type == PIPE_KEYFRAME)
        room_want_keyframe(r, KEYFRAME_JOIN, now_us);
}

/* Without studio there are no posters and no recording; the live path does not mind. It is tried again at the
 * next publisher. */
static void room_studio_given_up(void *owner, int64_t now_us)
{
    struct room *r = owner;
    log_event(LOG_ERROR, "studio.given_up", "s:s", "room", r->name);
    child_end(r->studio, now_us);
    r->studio = NULL; /* the setup stays: room_start_studio takes it for running */
}

static const struct child_ops studio_ops = {.message = room_studio_message, .given_up = room_studio_given_up};

static char *room_studio_text(const struct room *r)
{
    g_autofree char *dir = g_build_filename(r->env->media, r->name, NULL);
    json_t *o = json_pack("{s:s, s:s, s:b, s:i, s:I, s:{s:i}}", "room", r->name, "dir", dir, "record",
                          (int)r->record, "poster_ms", STUDIO_POSTER_MS, "ahead_s", (json_int_t)r->ahead_s,
                          "audio", "pt", STUDIO_AUDIO_PT);
    if (r->video.codec != RTP_NO_CODEC)
        json_object_set_new(o, "video",
                            json_pack("{s:s, s:i, s:s}", "codec", sdp_codec_name(r->video.codec), "pt",
                                      STUDIO_VIDEO_PT, "fmtp", r->video_fmtp));
    char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS), *copy = g_strdup(text);
    free(text);
    json_decref(o);
    return copy;
}

/* Started with the first media; a changed codec or wish to record means a new one. */
static void room_start_studio(struct room *r, int64_t now_us)
{
    if (!r->env->studio)
        return;
    g_autofree char *text = room_studio_text(r);
    if (r->studio_setup && strcmp(text, r->studio_setup) == 0)
        return;
    room_end_studio(r, now_us);
    r->studio_setup = g_steal_pointer(&text);
    r->studio = child_new(r->env->children, NURSERY_STUDIO, r->name, r->studio_setup, &studio_ops, r, now_us);
    room_want_keyframe(r, KEYFRAME_JOIN, now_us);
}

static void room_feed_studio(struct room *r, const struct track *t, const struct packet *p)
{
    uint8_t bytes[RTP_HEAD + RTP_PAYLOAD_MAX];
    bool audio = t == &r->audio;
    if (!r->studio || r->paused)
        return;
    rtp_write_head(bytes, audio ? STUDIO_AUDIO_PT : STUDIO_VIDEO_PT, p->marker, false, (uint16_t)p->index,
                   p->timestamp, t->ssrc);
    memcpy(bytes + RTP_HEAD, p->payload, p->size);
    child_send(r->studio, PIPE_RTP, audio ? PIPE_AUDIO : PIPE_VIDEO, bytes, RTP_HEAD + (size_t)p->size,
               p->at_us);
}

void room_restart_viewers(struct room *r)
{
    for (guint i = 0; i < r->viewers->len; i++)
        viewer_publisher_changed(g_ptr_array_index(r->viewers, i));
}

void room_end_strangers(struct room *r, int64_t now_us)
{
    for (guint i = r->viewers->len; i-- > 0;) { /* from the end: whoever fills a gap was looked at */
        struct viewer *v = g_ptr_array_index(r->viewers, i);
        if (v->video.on && v->video.codec != r->video.codec)
            viewer_free(v, "codec", true, now_us);
    }
}

/* A step of a second is no reason to begin another recording. */
void room_set_ahead(struct room *r, int64_t ahead_s)
{
    if (ahead_s >= 0 && ahead_s <= ROOM_AHEAD_MAX_S && ABS(ahead_s - r->ahead_s) > 1)
        r->ahead_s = ahead_s;
}

void room_set(struct room *r, bool record, bool paused, int64_t grace_us, int64_t now_us)
{
    bool resumed = r->paused && !paused;
    r->record = record;
    r->paused = paused;
    r->grace_us = grace_us;
    if (r->studio_setup)
        room_start_studio(r, now_us); /* only if something in it changed */
    if (resumed) {
        r->awaited_us = now_us;
        room_restart_viewers(r);
    }
    room_set_state(r, room_state_now(r, now_us), now_us);
    room_tell_away(r);
}

void room_free(struct room *r, const char *why, int64_t now_us)
{
    if (r->publisher)
        publisher_free(r->publisher, why, true, now_us);
    while (r->viewers->len > 0)
        viewer_free(g_ptr_array_index(r->viewers, r->viewers->len - 1), why, true, now_us);
    if (r->away)
        crew_room_closed(r->env->crew, r, why);
    room_end_studio(r, now_us);
    small_done(r, now_us);
    wheel_stop(r->env->wheel, &r->tick);
    wheel_stop(r->env->wheel, &r->gather);
    wheel_stop(r->env->wheel, &r->turn);
    track_done(&r->audio);
    track_done(&r->video);
    g_ptr_array_unref(r->viewers);
    g_free(r);
}

/* Its studio is for the codec of the phone before, or was given up with what that one sent. */
static void room_renew_studio(struct room *r, int64_t now_us)
{
    if (!r->studio_setup)
        return; /* it starts with the first media */
    if (!r->studio)
        g_clear_pointer(&r->studio_setup, g_free);
    room_start_studio(r, now_us);
}

void room_take_publisher(struct room *r, struct publisher *p, const struct sdp_choice *choice, int64_t now_us)
{
    r->publisher = p;
    r->awaited_us = now_us;
    if (r->state == ROOM_LIVE)
        r->media_us = now_us; /* the old phone's silence is not held against the new one */
    r->clock_known = false;
    track_switch(&r->audio);
    track_switch(&r->video);
    keyframe_reset(&r->keyframe);
    if (choice->video.present) {
        r->video.codec = choice->video.codec;
        g_strlcpy(r->video_fmtp, choice->video.fmtp, sizeof r->video_fmtp);
    }
    if (choice->audio.present)
        r->audio.codec = RTP_OPUS;
    small_take_publisher(r, *choice->video.rids[0] != '\0', now_us);
    room_renew_studio(r, now_us);
    room_end_strangers(r, now_us);
    room_restart_viewers(r);
    if (r->away)
        crew_room_publisher(r->env->crew, r);
    room_tell_away(r);
}

void room_drop_publisher(struct room *r, const struct publisher *p, int64_t now_us)
{
    if (r->publisher != p)
        return; /* another has taken over */
    r->publisher = NULL;
    r->publisher_gone_us = now_us;
    r->kbps = r->lost_permille = 0;
    room_set_state(r, room_state_now(r, now_us), now_us);
}

void room_heard(struct room *r, int64_t now_us)
{
    r->media_us = now_us;
}

static void room_first_media(struct room *r, int64_t now_us)
{
    r->was_live = true;
    room_start_studio(r, now_us);
    room_set_state(r, room_state_now(r, now_us), now_us);
}

void room_rtp(struct room *r, enum pipe_kind kind, const uint8_t *bytes, size_t size, int64_t at_us,
              int64_t now_us)
{
    struct track *t = kind == PIPE_AUDIO ? &r->audio : &r->video;
    bool keyframe, was_whole = r->video.gop.whole;
    if (t->codec == RTP_NO_CODEC)
        return;
    struct packet *p = track_take(t, r->env->pool, bytes, size, at_us, &keyframe);
    if (!p) {
        r->env->counters->rtp_malformed++;
        return;
    }
    if (keyframe)
        keyframe_came(&r->keyframe);
    if (was_whole && !r->video.gop.whole) /* the ingest has given up on a packet: nobody can go on without */
        room_want_keyframe(r, KEYFRAME_REPAIR, now_us);
    if (r->state != ROOM_LIVE && !r->paused)
        room_first_media(r, now_us);
    room_feed_studio(r, t, p);
    if (kind == PIPE_VIDEO)
        small_source(r, p);
}

/* Until when what is ready should wait for the other track, so that both leave each viewer as one burst
 * instead of two: a message to the kernel costs as much as two packets in it. 0: not at all. */
static int64_t room_hold_us(const struct room *r, bool frame, bool sound, int64_t now_us)
{
    int64_t end_us = r->audio.waiting_us + HOLD_SOUND_US;
    if (frame == sound)
        return 0;
    if (frame)
        return rhythm_wait_us(&r->audio.rhythm, r->video.waiting_us, HOLD_FRAME_US, now_us);
    if (r->video.waiting_us) /* a frame is half there */
        return end_us > now_us ? end_us : 0;
    return rhythm_wait_us(&r->video.rhythm, r->audio.waiting_us, HOLD_SOUND_US, now_us);
}

static void room_release(struct room *r, struct track *t, int64_t now_us)
{
    uint64_t from = t->released;
    if (track_release(t, now_us) && r->away)
        crew_room_packets(r->env->crew, r, t, from);
}

void room_rtp_end(struct room *r, int64_t now_us)
{
    bool frame = track_is_ready(&r->video, now_us), sound = track_is_ready(&r->audio, now_us);
    int64_t wake_us = room_hold_us(r, frame, sound, now_us);
    if ((frame || sound) && !wake_us) {
        int64_t from_us = frame && sound ? MIN(r->video.waiting_us, r->audio.waiting_us)
                          : frame        ? r->video.waiting_us
                                         : r->audio.waiting_us;
        room_release(r, &r->video, now_us);
        room_release(r, &r->audio, now_us);
        if (r->away)
            crew_room_push(r->env->crew, r);
        room_show(r, from_us, now_us);
    }
    if (!wake_us && r->video.waiting_us)
        wake_us = r->video.waiting_us + GATHER_US;
    if (wake_us)
        wheel_set(r->env->wheel, &r->gather, wake_us);
}

static void room_gather(void *arg, int64_t now_us)
{
    room_rtp_end(arg, now_us);
}

static void room_turn(void *arg, int64_t now_us)
{
    room_push(arg, now_us);
}

void room_want_turn(struct room *r, int64_t now_us)
{
    if (!timer_is_set(&r->turn))
        wheel_set(r->env->wheel, &r->turn, now_us + VIEWER_TURN_MS * INT64_C(1000));
}

static guint room_step(guint at, guint steps, guint count)
{
    at += steps;
    return at < count ? at : at - count < count ? at - count : 0;
}

/* Each viewer in turn gets all that is new: its packets of one frame leave as one burst. Between two frames
 * other things have pushed the viewers out of the processor's cache: the next ones are fetched while one is
 * served (measured: 5-8 % of the whole cost of a packet, at 200 and at 1,000 viewers). */
void room_push(struct room *r, int64_t now_us)
{
    if (r->paused)
        return;
    struct viewer *const *v = (struct viewer *const *)r->viewers->pdata;
    struct port *port = r->env->port;
    guint count = r->viewers->len, at = r->push_from < count ? r->push_from : 0;
    enum meter_stage before = meter_enter(&r->env->counters->meter, METER_SEAL);
    r->push_from = 0;
    for (guint n = 0; n < count; n++, at = room_step(at, 1, count)) {
        viewer_prefetch(v[room_step(at, 4, count)]);
        peer_prefetch(v[room_step(at, 2, count)]->peer);
        peer_prefetch_keys(v[room_step(at, 1, count)]->peer);
        viewer_push(v[at], now_us);
        if (!r->push_from && (port_is_blocked(port) || port_is_paced(port, now_us)))
            r->push_from = at + 1; /* whoever had to stop waits a round for the others */
    }
    meter_enter(&r->env->counters->meter, before);
}

void room_show(struct room *r, int64_t from_us, int64_t now_us)
{
    if (r->paused)
        return;
    room_push(r, now_us);
    meter_queue(&r->env->counters->meter, from_us);
}

/* What belongs together in the recording: both tracks' moments by the phone's clock. */
static void room_feed_reports(const struct room *r)
{
    uint8_t out[RTCP_BUILD_MAX];
    size_t size = 0;
    if (!r->studio || r->paused || !r->video.report_known || !r->audio.report_known)
        return;
    for (const struct track *t = &r->video; t; t = t == &r->video ? &r->audio : NULL) {
        struct rtcp_sender s = {
            .ssrc = t->ssrc, .ntp = rtcp_ntp(t->report_us), .timestamp = t->report_timestamp};
        size += rtcp_write_sr(out + size, &s);
    }
    child_send(r->studio, PIPE_RTCP, PIPE_NONE, out, size, clock_us());
}

/* One clock difference for both tracks, taken from the first report, keeps them together; the phone's own
 * reports carry on from there. */
void room_report(struct room *r, uint32_t ssrc, uint64_t ntp, uint32_t timestamp)
{
    bool known =
        track_report(&r->video, ssrc, ntp, timestamp) || track_report(&r->audio, ssrc, ntp, timestamp);
    if (known && !r->clock_known) {
        int64_t theirs_us = r->video.report_known ? r->video.report_us : r->audio.report_us;
        r->clock_known = true;
        r->clock_shift_us = clock_report_us() - theirs_us;
    }
    if (known) {
        room_tell_away(r);
        room_feed_reports(r);
    }
}

static void room_ask_phone(struct room *r, int64_t now_us)
{
    r->env->counters->keyframes_asked++;
    publisher_want_keyframe(r->publisher, false, now_us);
}

void room_want_keyframe(struct room *r, enum keyframe_reason reason, int64_t now_us)
{
    if (r->env->mirror && now_us - r->wished_us[reason] > KEYFRAME_MIRROR_MS * INT64_C(1000)) {
        r->wished_us[reason] = now_us;
        r->env->events->keyframe_wanted(r->env->events_arg, r, reason);
    }
    if (!r->publisher)
        return;
    if (keyframe_want(&r->keyframe, reason, now_us))
        room_ask_phone(r, now_us);
    else
        r->env->counters->keyframes_merged++;
}

void room_set_away(struct room *r, unsigned worker, const struct audience *audience, int64_t now_us)
{
    r->away_audience[worker] = *audience;
    room_viewers_changed(r, now_us);
}

void room_viewers_changed(struct room *r, int64_t now_us)
{
    if (r->env->mirror || now_us - r->told_us > LINK_ROOM_MS * INT64_C(1000))
        room_tell(r, now_us);
}

/* Browsers send keyframes only when asked: without this the cached group would grow for ever and help no
 * joiner. */
static void room_refresh_gop(struct room *r, int64_t now_us)
{
    const struct gop *g = &r->video.gop;
    bool old = g->whole && now_us - g->key_at_us > GOP_REFRESH_MS * INT64_C(1000);
    bool lost = !g->whole && r->video.rewrite.started && !r->video.rewrite.fresh;
    if (room_viewers(r) > 0 && (old || lost))
        room_want_keyframe(r, KEYFRAME_JOIN, now_us);
}

static void room_tick(void *arg, int64_t now_us)
{
    struct room *r = arg;
    wheel_set(r->env->wheel, &r->tick, now_us + ROOM_TICK_MS * INT64_C(1000));
    room_set_state(r, room_state_now(r, now_us), now_us);
    small_tick(r, now_us);
    if (r->publisher && r->state == ROOM_LIVE)
        room_refresh_gop(r, now_us);
    if (r->publisher && keyframe_due(&r->keyframe, now_us))
        room_ask_phone(r, now_us);
    if (r->state == ROOM_IDLE && r->studio_setup)
        room_end_studio(r, now_us);
    bool news = r->told_viewers != room_viewers(r) || r->publisher;
    if (news && now_us - r->told_us > LINK_ROOM_MS * INT64_C(1000))
        room_tell(r, now_us);
}
