/* publisher.c: phone → ingest → room, and the ingest's feedback back to the phone. */
#include "streamer/relay/publisher.h"
#include "streamer/relay/log.h"
#include "streamer/relay/picture.h"
#include "streamer/relay/rendition.h"
#include "streamer/relay/rtcp.h"
#include "streamer/relay/viewer.h"

#include <jansson.h>
#include <string.h>

enum { PUBLISHER_LOOK_MS = 1000, INGEST_LATENCY_MS = 100 };

static void publisher_ready(void *owner, int64_t now_us)
{
    struct publisher *p = owner;
    struct room_env *env = p->room->env;
    p->ready = true;
    env->events->session_changed(env->events_arg, p->session, p->room, false, "connected", "");
    room_want_keyframe(p->room, KEYFRAME_REPAIR, now_us);
}

static void publisher_rtp(void *owner, uint8_t *bytes, size_t size, int64_t now_us)
{
    struct publisher *p = owner;
    struct rtp_head h;
    unsigned layer = 0;
    bool good = rtp_read(&h, bytes, size);
    if (good && p->layers.on && h.payload_type != p->audio_pt)
        good = layers_of(&p->layers, bytes, size, h.ssrc, &layer);
    if (!good) {
        p->room->env->counters->rtp_malformed++;
        return;
    }
    p->second_bytes += size;
    room_heard(p->room, now_us);
    child_send_layer(p->ingest, PIPE_RTP, PIPE_NONE, layer, bytes, size, now_us);
}

static void publisher_on_sender(void *arg, const struct rtcp_sender *s)
{
    struct publisher *p = arg;
    room_report(p->room, s->ssrc, s->ntp, s->timestamp);
}

static void publisher_rtcp(void *owner, uint8_t *bytes, size_t size, int64_t now_us)
{
    static const struct rtcp_listener listener = {.sender = publisher_on_sender};
    struct publisher *p = owner;
    if (!rtcp_read(bytes, size, &listener, p)) {
        p->room->env->counters->rtcp_malformed++;
        return;
    }
    child_send(p->ingest, PIPE_RTCP, PIPE_NONE, bytes, size, now_us);
}

static void publisher_gone(void *owner, const char *why, int64_t now_us)
{
    publisher_free(owner, why, false, now_us);
}

static const struct peer_owner publisher_ops = {
    .ready = publisher_ready, .rtp = publisher_rtp, .rtcp = publisher_rtcp, .gone = publisher_gone};

/* A sum of packets that can be: the child reads what strangers send, and what is counted with must not flow
 * over. */
static bool publisher_counts(json_int_t sum)
{
    return sum >= 0 && sum <= UINT32_MAX;
}

/* {"lost":n,"recovered":n,"received":n,"jitter_ms":n}: sums since the child's start. What was lost on the way
 * tells of the line, also when it came again; a second has some seventy packets, so four of them are looked
 * at. */
static void publisher_stats(struct publisher *p, const uint8_t *text, size_t size)
{
    json_t *o = json_loadb((const char *)text, size, 0, NULL);
    json_int_t lost = 0, recovered = 0, received = 0;
    if (json_unpack(o, "{s:I, s:I, s:I}", "lost", &lost, "recovered", &recovered, "received", &received) ==
            0 &&
        publisher_counts(lost) && publisher_counts(recovered) && publisher_counts(received)) {
        int64_t new_lost = MAX(lost - p->lost, 0), new_received = MAX(received - p->received, 0);
        int64_t on_the_way = new_lost + MAX(recovered - p->recovered, 0), all = new_lost + new_received;
        unsigned now = all > 0 ? (unsigned)MIN(on_the_way * 1000 / all, 1000) : 0;
        p->room->lost_permille = (3 * p->room->lost_permille + now) / 4;
        p->lost = lost;
        p->recovered = recovered;
        p->received = received;
    } else {
        p->room->env->counters->pipe_bad++;
    }
    json_decref(o);
}

static void publisher_ask(struct publisher *p, int layer, int64_t now_us)
{
    child_send_layer(p->ingest, PIPE_KEYFRAME, PIPE_NONE, (unsigned)layer, NULL, 0, now_us);
}

/* One layer's packet: the room's picture, its low rendition, both or nothing. */
static void publisher_layer(struct publisher *p, unsigned layer, const uint8_t *bytes, size_t size,
                            int64_t now_us)
{
    struct rtp_head h;
    struct room *r = p->room;
    if (layer >= SDP_LAYERS || !rtp_read(&h, bytes, size)) {
        r->env->counters->rtp_malformed++;
        return;
    }
    const uint8_t *payload = bytes + h.size;
    bool keyframe = rtp_starts_keyframe(r->video.codec, payload, h.payload_size);
    unsigned pixels = keyframe ? picture_pixels(r->video.codec, payload, h.payload_size) : 0;
    int before = p->layers.picture;
    unsigned use = layers_take(&p->layers, layer, keyframe, pixels, now_us);
    int wanted = layers_wanted(&p->layers, now_us);
    small_set_layered(r, p->layers.low != LAYER_NONE, now_us);
    if (before != p->layers.picture) {
        r->env->counters->layer_switches += before != LAYER_NONE;
        log_event(LOG_INFO, "publisher.layer", "s:s, s:s, s:i", "room", r->name, "rid",
                  p->layers.rids[p->layers.picture], "pixels", (int)p->layers.each[p->layers.picture].pixels);
        rendition_source_changed(r, now_us);
    }
    if (use & LAYER_PICTURE)
        room_rtp(r, PIPE_VIDEO, bytes, size, now_us, now_us);
    if (use & LAYER_LOW)
        small_rtp(r, bytes, size, now_us);
    if (wanted != LAYER_NONE) {
        r->env->counters->keyframes_asked++;
        publisher_ask(p, wanted, now_us);
    }
}

static void publisher_message(void *owner, const struct pipe_head *head, const uint8_t *payload,
                              int64_t now_us)
{
    struct publisher *p = owner;
    switch ((enum pipe_type)head->type) {
    case PIPE_RTP:
        if (head->kind == PIPE_VIDEO && p->layers.on)
            publisher_layer(p, head->layer, payload, head->length, now_us);
        else
            room_rtp(p->room, head->kind, payload, head->length, now_us, now_us);
        break;
    case PIPE_RTCP:
        if (p->ready)
            peer_send_rtcp(p->peer, payload, head->length);
        break;
    case PIPE_STATS:
        publisher_stats(p, payload, head->length);
        break;
    case PIPE_KEYFRAME:
        room_want_keyframe(p->room, KEYFRAME_REPAIR, now_us);
        break;
    case PIPE_SETUP:
    case PIPE_READY:
    case PIPE_PING:
    case PIPE_PONG:
    case PIPE_FILE:
    case PIPE_END:
        break; /* child.c's, or refused there */
    }
}

static void publisher_burst_end(void *owner, int64_t now_us)
{
    struct publisher *p = owner;
    room_rtp_end(p->room, now_us);
    if (p->room->small.layered)
        small_rtp_end(p->room, now_us);
}

static void publisher_given_up(void *owner, int64_t now_us)
{
    publisher_free(owner, "failed", true, now_us);
}

static const struct child_ops ingest_ops = {
    .message = publisher_message, .burst_end = publisher_burst_end, .given_up = publisher_given_up};

static char *publisher_setup(const struct room *r, const struct sdp_choice *c)
{
    unsigned twcc = c->video.present && c->video.twcc_id ? c->video.twcc_id : c->audio.twcc_id;
    json_t *o =
        json_pack("{s:s, s:i, s:i}", "room", r->name, "twcc_id", (int)twcc, "latency_ms", INGEST_LATENCY_MS);
    if (c->video.present)
        json_object_set_new(o, "video",
                            json_pack("{s:s, s:i, s:i, s:s}", "codec", sdp_codec_name(c->video.codec), "pt",
                                      (int)c->video.pt, "rtx_pt", (int)c->video.rtx_pt, "fmtp",
                                      c->video.fmtp));
    if (c->audio.present)
        json_object_set_new(o, "audio", json_pack("{s:i}", "pt", (int)c->audio.pt));
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}

/* Each second: how fast the uplink is, and whether the phone is still there. */
static void publisher_timer(void *arg, int64_t now_us)
{
    struct publisher *p = arg;
    int64_t passed_ms = MAX((now_us - p->second_us) / 1000, 1);
    if (now_us - peer_heard_us(p->peer) > PUBLISHER_SILENCE_MS * INT64_C(1000)) {
        p->room->env->counters->publishers_silent++;
        publisher_free(p, "silence", true, now_us);
        return;
    }
    p->room->kbps = (unsigned)(p->second_bytes * 8 / (uint64_t)passed_ms);
    p->second_bytes = 0;
    p->second_us = now_us;
    wheel_set(p->room->env->wheel, &p->timer, now_us + PUBLISHER_LOOK_MS * INT64_C(1000));
}

struct publisher *publisher_new(struct room *r, const char *session, const struct sdp_offer *offer,
                                const struct sdp_choice *choice, int64_t now_us, const char **code)
{
    struct publisher *p = g_new0(struct publisher, 1);
    p->peer = peer_new(r->env->peers, offer->fingerprint, &publisher_ops, p, now_us);
    if (!p->peer) {
        *code = LINK_FULL;
        g_free(p);
        return NULL;
    }
    p->room = r;
    g_strlcpy(p->session, session, sizeof p->session);
    sdp_brief_from(&p->brief, offer);
    p->audio_pt = choice->audio.pt;
    layers_init(&p->layers, &choice->video);
    struct publisher *old = r->publisher;
    char *setup = publisher_setup(r, choice);
    p->ingest = child_new(r->env->children, NURSERY_INGEST, r->name, setup, &ingest_ops, p, now_us);
    free(setup);
    p->second_us = now_us;
    p->timer.fire_cb = publisher_timer;
    p->timer.arg = p;
    wheel_set(r->env->wheel, &p->timer, now_us + PUBLISHER_LOOK_MS * INT64_C(1000));
    r->env->counters->publishes++;
    room_take_publisher(r, p, choice, now_us);
    if (old) { /* only now: the room never stands without a publisher, so nobody is told that it stalled */
        r->env->counters->takeovers++;
        publisher_free(old, "taken-over", true, now_us);
    }
    return p;
}

void publisher_free(struct publisher *p, const char *why, bool goodbye, int64_t now_us)
{
    struct room_env *env = p->room->env;
    if (goodbye)
        peer_say_goodbye(p->peer);
    wheel_stop(env->wheel, &p->timer);
    child_end(p->ingest, now_us);
    peer_free(p->peer);
    room_drop_publisher(p->room, p, now_us);
    log_event(LOG_INFO, "publisher.gone", "s:s, s:s", "room", p->room->name, "why", why);
    env->events->session_changed(env->events_arg, p->session, p->room, false, "gone", why);
    g_free(p);
}

void publisher_want_keyframe(struct publisher *p, bool low, int64_t now_us)
{
    int layer = !p->layers.on ? 0 : low ? p->layers.low : p->layers.picture;
    for (int i = 0; i < (p->layers.on ? SDP_LAYERS : 1); i++)
        if (layer == i || (layer == LAYER_NONE && !low)) /* no picture yet: whichever comes first */
            publisher_ask(p, i, now_us);
}
