/* small.c: starts, feeds and ends the transcode; takes what it or the phone's layer gives. */
#include "streamer/relay/small.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/log.h"
#include "streamer/relay/publisher.h"
#include "streamer/relay/viewer.h"

#include <jansson.h>
#include <string.h>

enum { SMALL_PT = 96 };

void small_init(struct room *r)
{
    struct small *s = &r->small;
    track_init(&s->track, 90000, SMALL_HISTORY);
    s->track.ssrc = r->video.ssrc;
    s->track.rtx_ssrc = r->video.rtx_ssrc;
    s->track.rewrite.time = REWRITE_ECHO;
    s->track.rewrite.lead = &r->video.rewrite;
}

void small_drop(struct room *r, int64_t now_us)
{
    if (!r->small.child)
        return;
    child_end(r->small.child, now_us);
    r->small.child = NULL;
    r->env->transcodes--;
}

void small_done(struct room *r, int64_t now_us)
{
    small_drop(r, now_us);
    track_done(&r->small.track);
}

void small_take_publisher(struct room *r, bool offered, int64_t now_us)
{
    struct small *s = &r->small;
    if (offered || s->track.codec != r->video.codec)
        small_drop(r, now_us);
    s->layered = false;
    s->awaited_us = offered ? now_us + LAYER_AWAITED_MS * INT64_C(1000) : 0;
    s->track.codec = r->video.codec;
    s->track.rewrite.time = REWRITE_ECHO;
    track_switch(&s->track);
}

/* The stream goes on where it was: only its source is another one. */
void small_set_layered(struct room *r, bool layered, int64_t now_us)
{
    struct small *s = &r->small;
    if (s->layered == layered)
        return;
    small_drop(r, now_us);
    s->layered = layered;
    s->awaited_us = 0;
    s->track.rewrite.time = layered ? REWRITE_LED : REWRITE_ECHO;
    track_switch(&s->track);
    room_tell(r, now_us);
    room_tell_away(r);
}

bool small_available(const struct room *r)
{
    if (r->env->mirror)
        return r->small.mirrored;
    if (r->video.codec == RTP_NO_CODEC || r->small.layered || r->small.child)
        return r->video.codec != RTP_NO_CODEC;
    return r->env->studio && !r->small.broken_us && r->env->transcodes < r->env->transcodes_max;
}

const char *small_word(const struct room *r)
{
    return r->small.layered ? "layer" : small_available(r) ? "transcode" : "";
}

unsigned small_kbps(const struct room *r)
{
    return r->small.layered && r->small.track.kbps ? r->small.track.kbps : SMALL_KBPS;
}

static void small_message(void *owner, const struct pipe_head *head, const uint8_t *payload, int64_t now_us)
{
    struct room *r = owner;
    if (head->type == PIPE_RTP && head->kind == PIPE_VIDEO)
        small_rtp(r, payload, head->length, now_us);
    else if (head->type == PIPE_KEYFRAME)
        room_want_keyframe(r, KEYFRAME_JOIN, now_us);
}

static void small_burst_end(void *owner, int64_t now_us)
{
    small_rtp_end(owner, now_us);
}

/* Whoever watched it gets something else: rendition_choose finds it unavailable. */
static void small_given_up(void *owner, int64_t now_us)
{
    struct room *r = owner;
    log_event(LOG_ERROR, "small.given_up", "s:s", "room", r->name);
    small_drop(r, now_us);
    r->small.broken_us = now_us + SMALL_BROKEN_MS * INT64_C(1000);
}

static const struct child_ops small_ops = {
    .message = small_message, .burst_end = small_burst_end, .given_up = small_given_up};

static void small_start(struct room *r, int64_t now_us)
{
    struct small *s = &r->small;
    json_t *o =
        json_pack("{s:s, s:i, s:{s:s, s:i, s:s}}", "room", r->name, "low_kbps", (int)SMALL_KBPS, "video",
                  "codec", sdp_codec_name(r->video.codec), "pt", SMALL_PT, "fmtp", r->video_fmtp);
    char *setup = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    s->child = child_new(r->env->children, NURSERY_STUDIO, r->name, setup, &small_ops, r, now_us);
    free(setup);
    r->env->transcodes++;
    r->env->counters->transcodes++;
    log_event(LOG_INFO, "small.started", "s:s", "room", r->name);
    /* From the cached keyframe on: the phone need not be asked for another. */
    const struct gop *g = &r->video.gop;
    for (uint64_t i = g->key_index; gop_can_start(g, r->video.history) && i < g->next_index; i++) {
        const struct packet *p = history_get(r->video.history, i);
        if (p)
            small_source(r, p);
    }
}

void small_want(struct room *r, int64_t now_us)
{
    struct small *s = &r->small;
    if (r->env->mirror && now_us - s->needed_us >= SWITCH_ASK_MS * INT64_C(1000)) {
        s->needed_us = now_us;
        r->env->events->low_wanted(r->env->events_arg, r, false);
    }
    if (r->env->mirror)
        return;
    s->needed_us = now_us;
    if (!s->layered && !s->child && now_us >= s->awaited_us && small_available(r) && !r->paused &&
        r->video.rewrite.started)
        small_start(r, now_us);
}

void small_want_keyframe(struct room *r, int64_t now_us)
{
    struct small *s = &r->small;
    if (now_us - s->asked_us < KEYFRAME_REPAIR_MS * INT64_C(1000))
        return;
    s->asked_us = now_us;
    if (r->env->mirror)
        r->env->events->low_wanted(r->env->events_arg, r, true);
    else if (s->layered && r->publisher)
        publisher_want_keyframe(r->publisher, true, now_us);
    else if (s->child)
        child_send(s->child, PIPE_KEYFRAME, PIPE_VIDEO, NULL, 0, now_us);
}

void small_want_away(struct room *r, bool keyframe, int64_t now_us)
{
    small_want(r, now_us);
    if (keyframe)
        small_want_keyframe(r, now_us);
}

void small_source(struct room *r, const struct packet *p)
{
    uint8_t bytes[RTP_HEAD + RTP_PAYLOAD_MAX];
    if (!r->small.child || r->paused)
        return;
    rtp_write_head(bytes, SMALL_PT, p->marker, false, (uint16_t)p->index, p->timestamp, r->video.ssrc);
    memcpy(bytes + RTP_HEAD, p->payload, p->size);
    child_send(r->small.child, PIPE_RTP, PIPE_VIDEO, bytes, RTP_HEAD + (size_t)p->size, p->at_us);
}

void small_rtp(struct room *r, const uint8_t *bytes, size_t size, int64_t at_us)
{
    bool keyframe;
    if (r->small.track.codec != RTP_NO_CODEC &&
        !track_take(&r->small.track, r->env->pool, bytes, size, at_us, &keyframe))
        r->env->counters->rtp_malformed++;
}

void small_rtp_end(struct room *r, int64_t now_us)
{
    struct small *s = &r->small;
    uint64_t from = s->track.released;
    if (!track_release(&s->track, now_us) || r->paused)
        return;
    if (r->away) {
        crew_room_packets(r->env->crew, r, &s->track, from);
        crew_room_push(r->env->crew, r);
    }
    for (guint i = 0; i < r->viewers->len; i++) {
        struct viewer *v = g_ptr_array_index(r->viewers, i);
        if (v->picture == &s->track || v->aim == RENDITION_LOW)
            viewer_push(v, now_us);
    }
}

void small_tell_away(struct room *r)
{
    if (r->small.told == small_available(r))
        return;
    r->small.told = !r->small.told;
    room_tell_away(r);
}

void small_tick(struct room *r, int64_t now_us)
{
    struct small *s = &r->small;
    if (s->broken_us && now_us >= s->broken_us)
        s->broken_us = 0;
    bool over = r->state == ROOM_IDLE || now_us - s->needed_us > SMALL_IDLE_MS * INT64_C(1000);
    if (s->child && over) {
        log_event(LOG_INFO, "small.ended", "s:s", "room", r->name);
        small_drop(r, now_us);
    }
    small_tell_away(r);
}
