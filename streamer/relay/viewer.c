/*> The hot path ends here:
 * ingest → room_rtp → track_take → track_release → viewer_push → viewer_seal → port.
 * viewer.c: for each packet a viewer has not got: a header, a seal, done. Nothing is allocated and nothing is
 * copied but by the cipher, from the shared packet into the port's batch. */
#include "streamer/relay/rendition.h"

#include <openssl/rand.h>
#include <string.h>

static void viewer_timer(void *arg, int64_t now_us);
static void viewer_ready(void *owner, int64_t now_us);
static void viewer_rtcp(void *owner, uint8_t *bytes, size_t size, int64_t now_us);
static void viewer_gone(void *owner, const char *why, int64_t now_us);

static const struct peer_owner viewer_ops = {.ready = viewer_ready, .rtcp = viewer_rtcp, .gone = viewer_gone};

static void lane_init(struct lane *l, const struct sdp_track *t)
{
    uint16_t random[2];
    RAND_bytes((unsigned char *)random, sizeof random);
    *l =
        (struct lane){.on = t->present, .waiting = true, .codec = t->codec, .pt = t->pt, .rtx_pt = t->rtx_pt};
    /* sequences start low, so that a lost first packet cannot be taken for one before a rollover (RFC
     * 3711 3.3.1) */
    l->base = UINT64_C(0) - (1u + (random[0] & 0x3fff));
    l->rtx_sequence = 1u + (random[1] & 0x3fff);
}

struct viewer *viewer_new(struct room *r, const char *session, const struct sdp_offer *offer,
                          const struct sdp_choice *choice, int64_t now_us, const char **code)
{
    struct viewer *v = g_new0(struct viewer, 1);
    v->peer = r->env->viewers < r->env->viewers_max
                  ? peer_new(r->env->peers, offer->fingerprint, &viewer_ops, v, now_us)
                  : NULL;
    if (!v->peer) {
        r->env->counters->viewers_refused++;
        *code = LINK_FULL;
        g_free(v);
        return NULL;
    }
    v->room = r;
    g_strlcpy(v->session, session, sizeof v->session);
    sdp_brief_from(&v->brief, offer);
    lane_init(&v->audio, &choice->audio);
    lane_init(&v->video, &choice->video);
    rendition_init(v, now_us);
    v->resend_left = VIEWER_RESEND_BYTES;
    v->timer.fire_cb = viewer_timer;
    v->timer.arg = v;
    g_ptr_array_add(r->viewers, v);
    r->env->viewers++;
    return v;
}

void viewer_free(struct viewer *v, const char *why, bool goodbye, int64_t now_us)
{
    struct room *r = v->room;
    if (goodbye)
        peer_say_goodbye(v->peer);
    wheel_stop(r->env->wheel, &v->timer);
    peer_free(v->peer);
    g_ptr_array_remove_fast(r->viewers, v);
    r->env->viewers--;
    r->on[v->now] -= v->ready;
    r->env->events->session_changed(r->env->events_arg, v->session, r, true, "gone", why);
    room_viewers_changed(r, now_us);
    g_free(v);
}

static void viewer_gone(void *owner, const char *why, int64_t now_us)
{
    viewer_free(owner, why, false, now_us);
}

static void viewer_rtcp(void *owner, uint8_t *bytes, size_t size, int64_t now_us)
{
    viewer_take_rtcp(owner, bytes, size, now_us);
}

/* On a grid: one wake-up and one sendmmsg for the reports of many. */
static void viewer_set_timer(struct viewer *v, int64_t due_us)
{
    const int64_t grid_us = VIEWER_REPORT_GRID_MS * INT64_C(1000);
    wheel_set(v->room->env->wheel, &v->timer, (due_us + grid_us - 1) / grid_us * grid_us);
}

static void viewer_ready(void *owner, int64_t now_us)
{
    struct viewer *v = owner;
    struct room_env *env = v->room->env;
    v->ready = true;
    v->room->on[v->now]++;
    env->counters->joins++;
    viewer_set_timer(v, now_us + VIEWER_REPORT_MS * INT64_C(1000) / 2);
    env->events->session_changed(env->events_arg, v->session, v->room, true, "connected", "");
    room_viewers_changed(v->room, now_us);
    estimate_init(&v->estimate, now_us);
    rendition_choose(v, now_us);
    viewer_push(v, now_us);
    env->counters->joins_cached +=
        v->video.on && !v->video.waiting; /* a picture at once, the phone not asked */
}

static void viewer_restart_lanes(struct viewer *v)
{
    v->audio.waiting = v->video.waiting = true;
    v->video.key_after = v->video.cursor;
}

/* Each second: is it still there, its report, its budget for resending. */
static void viewer_timer(void *arg, int64_t now_us)
{
    struct viewer *v = arg;
    struct counters *c = v->room->env->counters;
    int64_t silent_ms = (now_us - peer_heard_us(v->peer)) / 1000;
    if (silent_ms > VIEWER_SILENCE_MS) {
        c->viewers_silent++;
        viewer_free(v, "silence", true, now_us);
        return;
    }
    bool hushed = silent_ms > VIEWER_HUSH_MS;
    if (v->hushed && !hushed)
        viewer_restart_lanes(v);
    v->hushed = hushed;
    if (!hushed) {
        viewer_send_report(v, now_us);
        rendition_choose(v, now_us);
    }
    v->resend_left = MAX((uint32_t)VIEWER_RESEND_BYTES, v->second_bytes / 100 * VIEWER_RESEND_PERCENT);
    v->second_bytes = 0;
    viewer_set_timer(v, now_us + VIEWER_REPORT_MS * INT64_C(1000));
}

void viewer_publisher_changed(struct viewer *v)
{
    /* Cached frames of the old phone are over, and so is resending: without the edge they went out with,
     * an answer in band would seal another header under an index that is used up (RFC 3711 9.1, RFC
     * 7714 8.4). */
    v->video.edge_frame = 0;
    v->video.edge_timestamp = 0;
    v->video.rebased = v->video.cursor - v->video.base;
    viewer_restart_lanes(v);
}

void lane_jump(struct lane *l, uint64_t index)
{
    uint64_t sequence = l->cursor - l->base;
    l->base = index - sequence;
    l->cursor = index;
    l->rebased = sequence;
    l->waiting = false;
}

/* Finds a waiting lane its place: audio at the live edge, video at the cached keyframe. */
static bool viewer_start(struct viewer *v, struct lane *l, const struct track *t, int64_t now_us)
{
    if (t->codec == RTP_NO_CODEC || !t->rewrite.started)
        return false;
    if (t == &v->room->audio) {
        lane_jump(l, t->released);
        return true;
    }
    if (!gop_can_start(&t->gop, t->history) || t->gop.key_index < l->key_after) {
        rendition_want_keyframe(v, l->packets ? KEYFRAME_REPAIR : KEYFRAME_JOIN, now_us);
        return false;
    }
    lane_jump(l, t->gop.key_index);
    l->edge_frame = t->frame;
    l->edge_timestamp = t->timestamp;
    return true;
}

bool viewer_seal(struct viewer *v, struct lane *l, const struct track *t, const struct packet *p, bool rtx)
{
    uint8_t head[RTP_HEAD], copy[2 + RTP_PAYLOAD_MAX];
    struct counters *c = v->room->env->counters;
    uint64_t sequence = p->index - l->base;
    const uint8_t *payload = p->payload;
    size_t size = (size_t)p->size + p->padding;
    if (rtx) { /* RFC 4588: the original sequence, then the payload */
        copy[0] = (uint8_t)(sequence >> 8);
        copy[1] = (uint8_t)sequence;
        memcpy(copy + 2, p->payload, p->size);
        payload = copy;
        size = 2 + (size_t)p->size;
    }
    size_t tag = peer_profile(v->peer) == SRTP_GCM_128 ? 16 : 10;
    uint8_t *place = port_place(v->room->env->port, peer_path(v->peer), RTP_HEAD + size + tag);
    if (!place)
        return false;
    uint32_t timestamp = gop_squeeze(p, l->edge_frame, l->edge_timestamp) + l->shift;
    if (rtx)
        sequence = l->rtx_sequence++;
    else
        l->timestamp = timestamp;
    rtp_write_head(head, rtx ? l->rtx_pt : l->pt, p->marker, p->padding && !rtx, (uint16_t)sequence,
                   timestamp, rtx ? t->rtx_ssrc : t->ssrc);
    size_t sealed = srtp_seal(peer_out(v->peer), place, head, RTP_HEAD, payload, size, sequence);
    if (peer_path(v->peer)->remote.tcp)
        srtp_finish(); /* its queue moves */
    c->rtp_out++;
    c->rtp_bytes_out += sealed;
    return true;
}

/* Too old to be of use: the lane gives up its place. Cached frames for a joiner are old by nature. */
static bool lane_is_late(const struct lane *l, const struct track *t, const struct packet *p, int64_t now_us)
{
    bool cached = t->codec != RTP_OPUS && (int32_t)(l->edge_frame - p->frame) > 0;
    return !cached && now_us - p->at_us > VIEWER_LAG_MS * INT64_C(1000);
}

static void viewer_fell_behind(struct viewer *v, struct lane *l, int64_t now_us)
{
    v->room->env->counters->viewers_lagged++;
    l->waiting = true;
    l->key_after = l->cursor;
    if (l == &v->video)
        rendition_want_keyframe(v, KEYFRAME_REPAIR, now_us);
}

static void viewer_push_lane(struct viewer *v, struct lane *l, struct track *t, int64_t now_us)
{
    unsigned left = VIEWER_TURN_PACKETS;
    if (!l->on || (l->waiting && !viewer_start(v, l, t, now_us)))
        return;
    while (l->cursor < t->released) {
        const struct packet *p = history_get(t->history, l->cursor);
        if (!p && l->cursor >= history_oldest(t->history)) {
            l->cursor++; /* never came: the viewer sees the gap too */
            continue;
        }
        if (!p || lane_is_late(l, t, p, now_us)) {
            viewer_fell_behind(v, l, now_us);
            return;
        }
        if (left-- == 0 || port_is_paced(v->room->env->port, now_us) || !viewer_seal(v, l, t, p, false)) {
            room_want_turn(v->room, now_us);
            return;
        }
        l->cursor++;
        l->packets++;
        l->bytes += p->size;
        v->second_bytes += p->size;
    }
}

void viewer_push(struct viewer *v, int64_t now_us)
{
    if (!v->ready || v->hushed || v->room->paused)
        return;
    if (v->aim != v->now)
        rendition_turn(v, now_us);
    if (v->now != RENDITION_AUDIO)
        viewer_push_lane(v, &v->video, v->picture, now_us);
    viewer_push_lane(v, &v->audio, &v->room->audio, now_us);
}
