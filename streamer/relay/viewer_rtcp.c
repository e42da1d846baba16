/* viewer_rtcp.c: what a viewer reports (losses, wishes for keyframes) and what it is told (sender reports).
 * Reports are made from the publisher's own: audio and video are shifted by one and the same clock
 * difference, so that a browser sets lips and voice together as if it heard the phone itself. */
#include "streamer/relay/clock.h"
#include "streamer/relay/rendition.h"
#include "streamer/relay/rtcp.h"

#include <string.h>

static bool viewer_resent_lately(struct viewer *v, const struct lane *l, uint64_t index)
{
    uint64_t mark = index << 1 | (l == &v->audio);
    unsigned at = (unsigned)(mark % RESEND_RECENT);
    if (v->resent[at].index == mark && v->now_us - v->resent[at].at_us < RESEND_GAP_MS * INT64_C(1000))
        return true;
    v->resent[at].index = mark;
    v->resent[at].at_us = v->now_us;
    return false;
}

static void viewer_resend(struct viewer *v, struct lane *l, const struct track *t, uint16_t sequence16)
{
    struct counters *c = v->room->env->counters;
    uint64_t newest = l->cursor - l->base; /* one past the last sent */
    uint64_t sequence = newest + (uint64_t)(int64_t)(int16_t)(sequence16 - (uint16_t)newest);
    const struct packet *p =
        sequence < newest && sequence >= l->rebased ? history_get(t->history, sequence + l->base) : NULL;
    if (!p) {
        c->resend_missing++;
        return;
    }
    if (viewer_resent_lately(v, l, p->index))
        return;
    if (v->resend_left < p->size || !viewer_seal(v, l, t, p, l->rtx_pt != 0)) {
        c->resend_budget++;
        return;
    }
    v->resend_left -= p->size;
    c->resent++;
}

static void viewer_on_nack(void *arg, uint32_t ssrc, uint16_t sequence)
{
    struct viewer *v = arg;
    v->room->env->counters->nacks++;
    if (v->nacks_left == 0 || !v->ready || v->room->paused)
        return;
    v->nacks_left--;
    if (ssrc == v->room->video.ssrc && v->video.on)
        viewer_resend(v, &v->video, v->picture, sequence);
    else if (ssrc == v->room->audio.ssrc && v->audio.on)
        viewer_resend(v, &v->audio, &v->room->audio, sequence);
}

static void viewer_on_keyframe(void *arg, uint32_t ssrc)
{
    struct viewer *v = arg;
    v->room->env->counters->plis_in++;
    if (ssrc == v->room->video.ssrc && v->now != RENDITION_AUDIO)
        rendition_want_keyframe(v, KEYFRAME_REPAIR, v->now_us);
}

static void viewer_on_remb(void *arg, uint64_t bits_per_second)
{
    struct viewer *v = arg;
    estimate_remb(&v->estimate, bits_per_second);
    v->reported = true;
}

/* Microseconds since the sender report the block answers, without the time it lay there; 0: it answers none,
 * or says what is not between nothing and a minute. RFC 3550, 6.4.1, in 1/65536 s. */
static uint32_t viewer_round_trip(const struct rtcp_block *b)
{
    uint32_t trip = (uint32_t)(rtcp_ntp(clock_report_us()) >> 16) - b->last_sr - b->delay_last_sr;
    if (!b->last_sr || trip >= 60u << 16)
        return 0;
    return (uint32_t)((uint64_t)trip * 1000000 >> 16) + 1;
}

static void viewer_on_block(void *arg, const struct rtcp_block *b)
{
    struct viewer *v = arg;
    bool video = b->ssrc == v->room->video.ssrc && v->now != RENDITION_AUDIO;
    if (!video && b->ssrc != v->room->audio.ssrc)
        return;
    struct lane *l = video ? &v->video : &v->audio;
    int32_t more = l->heard ? (int32_t)(b->highest - l->heard) : 0;
    l->heard = b->highest;
    estimate_report(&v->estimate, (uint32_t)MAX(more, 0), b->fraction_lost, viewer_round_trip(b));
    v->reported = true;
}

void viewer_take_rtcp(struct viewer *v, const uint8_t *bytes, size_t size, int64_t now_us)
{
    static const struct rtcp_listener listener = {.nack = viewer_on_nack,
                                                  .keyframe = viewer_on_keyframe,
                                                  .remb = viewer_on_remb,
                                                  .block = viewer_on_block};
    v->now_us = now_us;
    v->nacks_left = NACKS_PER_PACKET;
    v->reported = false;
    if (!rtcp_read(bytes, size, &listener, v))
        v->room->env->counters->rtcp_malformed++;
    if (v->reported)
        rendition_choose(v, now_us);
}

static size_t viewer_write_report(const struct viewer *v, const struct lane *l, const struct track *t,
                                  uint8_t *out, int64_t wall_us)
{
    if (!l->on || !l->packets || !t->report_known || !v->room->clock_known)
        return 0;
    struct rtcp_sender s = {.ssrc = t->ssrc,
                            .ntp = rtcp_ntp(wall_us),
                            .timestamp = track_timestamp_at(t, wall_us - v->room->clock_shift_us) + l->shift,
                            .packets = l->packets,
                            .bytes = l->bytes};
    size_t size = rtcp_write_sr(out, &s);
    return size + rtcp_write_cname(out + size, t->ssrc, v->room->name);
}

void viewer_send_report(struct viewer *v, int64_t now_us)
{
    uint8_t out[RTCP_BUILD_MAX];
    int64_t wall_us = clock_report_us();
    (void)now_us;
    if (!v->ready || v->room->state != ROOM_LIVE)
        return;
    size_t size = viewer_write_report(v, &v->video, &v->room->video, out, wall_us);
    size += viewer_write_report(v, &v->audio, &v->room->audio, out + size, wall_us);
    if (size)
        peer_send_rtcp(v->peer, out, size);
}
