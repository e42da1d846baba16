/* track.c: parse, renumber, keep, release. */
#include "streamer/relay/track.h"
#include "streamer/relay/rtcp.h"

#include <glib.h>
#include <openssl/rand.h>
#include <string.h>

void track_init(struct track *t, uint32_t clock, unsigned history)
{
    uint32_t random[4];
    RAND_bytes((unsigned char *)random, sizeof random);
    *t = (struct track){.clock = clock, .ssrc = random[0] | 1, .rtx_ssrc = random[1] | 1};
    if (t->ssrc == t->rtx_ssrc)
        t->rtx_ssrc += 2;
    t->history = history_new(history);
    rewrite_init(&t->rewrite, clock, (UINT64_C(1) << 16) + (random[2] & 0x7fff), random[3]);
}

void track_done(struct track *t)
{
    g_clear_pointer(&t->history, history_free);
}

void track_switch(struct track *t)
{
    rewrite_switch(&t->rewrite);
    gop_reset(&t->gop);
    t->report_known = false;
}

/* The payload as viewers get it. A VP8 descriptor is cut down to its first byte: picture numbers of two
 * phones, or of two renditions, would not continue each other, and where there are none a browser goes by
 * sequence numbers, which do. */
static void track_copy(const struct track *t, struct packet *p, const uint8_t *payload, size_t size)
{
    size_t skip = t->codec == RTP_VP8 ? rtp_vp8_descriptor(payload, size) : 0;
    if (skip > 1) {
        p->payload[0] = payload[0] & 0x7f;
        memcpy(p->payload + 1, payload + skip, size - skip);
        p->size = (uint16_t)(1 + size - skip);
        return;
    }
    memcpy(p->payload, payload, size);
    p->size = (uint16_t)size;
}

static struct packet *track_make(struct track *t, struct packet_pool *pool, const struct rtp_head *h,
                                 const uint8_t *bytes, uint64_t index, uint32_t timestamp, int64_t at_us)
{
    struct packet *p = packet_new(pool);
    p->padding = 0;
    p->marker = h->marker;
    p->timestamp = timestamp;
    p->index = index;
    p->at_us = at_us;
    track_copy(t, p, bytes + h->size, h->payload_size);
    t->bytes += p->size;
    if (timestamp != t->timestamp && (int32_t)(timestamp - t->timestamp) > 0) {
        t->frame++;
        t->timestamp = timestamp;
        t->key_frame = false;
    }
    p->frame = t->frame;
    if (timestamp == t->timestamp && rtp_starts_keyframe(t->codec, p->payload, p->size))
        t->key_frame = true;
    p->keyframe = t->key_frame && timestamp == t->timestamp;
    return p;
}

struct packet *track_take(struct track *t, struct packet_pool *pool, const uint8_t *bytes, size_t size,
                          int64_t at_us, bool *keyframe)
{
    struct rtp_head h;
    uint64_t index;
    uint32_t timestamp;
    *keyframe = false;
    if (!rtp_read(&h, bytes, size) || h.payload_size > RTP_PAYLOAD_MAX)
        return NULL;
    if (h.payload_size == 0) {
        rewrite_skip(&t->rewrite, h.ssrc, h.sequence);
        return NULL;
    }
    if (!rtp_is_agreed(t->codec, bytes + h.size, h.payload_size))
        return NULL;
    bool first = !t->rewrite.started;
    if (!rewrite_packet(&t->rewrite, h.ssrc, h.sequence, h.timestamp, at_us, &index, &timestamp))
        return NULL;
    if (first) {
        t->released = index;
        t->timestamp = timestamp - 1;
    }
    if (index < t->released || history_get(t->history, index))
        return NULL; /* too late: viewers have passed it */
    struct packet *p = track_make(t, pool, &h, bytes, index, timestamp, at_us);
    *keyframe = t->codec != RTP_OPUS && gop_see(&t->gop, p);
    history_put(t->history, p);
    if (!t->waiting_us)
        t->waiting_us = at_us;
    if (h.marker || t->codec == RTP_OPUS)
        rhythm_beat(&t->rhythm, at_us);
    return p;
}

void track_adopt(struct track *t, struct packet *p)
{
    if (p->index < t->released) {
        packet_unref(p);
        return;
    }
    t->rewrite.started = true;
    t->rewrite.fresh = false;
    t->frame = p->frame;
    t->timestamp = p->timestamp;
    t->released = p->index + 1;
    t->bytes += p->size;
    if (t->codec != RTP_OPUS)
        gop_see(&t->gop, p);
    history_put(t->history, p);
}

/* One past the last packet that ends a frame, or everything. */
static uint64_t track_releasable(const struct track *t, int64_t now_us)
{
    uint64_t next = history_next(t->history);
    if (t->codec == RTP_OPUS || now_us - t->waiting_us >= GATHER_US)
        return next;
    for (uint64_t i = next; i-- > t->released;) {
        const struct packet *p = history_get(t->history, i);
        if (p && p->marker)
            return i + 1;
    }
    return t->released;
}

/* The kernel cuts a burst into equal pieces, only the last may be shorter; encoders split a frame into almost
 * equal ones. A few bytes of padding make them equal, the last one too, so that sound may follow in the same
 * burst. The packet is ours alone until it is released. */
static void track_pad(struct track *t, uint64_t from, uint64_t until)
{
    for (uint64_t i = from; i < until;) {
        struct packet *first = history_get(t->history, i);
        uint16_t most = first ? first->size : 0;
        uint64_t end = i + 1;
        for (struct packet *p;
             end < until && (p = history_get(t->history, end)) && first && p->frame == first->frame; end++)
            most = MAX(most, p->size);
        for (uint64_t j = i; first && j < end; j++) {
            struct packet *p = history_get(t->history, j);
            unsigned gap = (unsigned)(most - p->size);
            if (gap == 0 || gap > PORT_PAD_MAX)
                continue;
            memset(p->payload + p->size, 0, gap);
            p->payload[p->size + gap - 1] = (uint8_t)gap;
            p->padding = (uint8_t)gap;
        }
        i = end;
    }
}

bool track_is_ready(const struct track *t, int64_t now_us)
{
    return t->waiting_us && track_releasable(t, now_us) > t->released;
}

bool track_release(struct track *t, int64_t now_us)
{
    if (!t->waiting_us)
        return false;
    uint64_t until = track_releasable(t, now_us), next = history_next(t->history);
    if (until == t->released)
        return false;
    if (t->codec != RTP_OPUS)
        track_pad(t, MAX(t->released, history_oldest(t->history)), until);
    t->released = until;
    const struct packet *oldest = until < next ? history_get(t->history, until) : NULL;
    t->waiting_us = until == next ? 0 : oldest ? oldest->at_us : now_us;
    return true;
}

void track_measure(struct track *t, int64_t now_us)
{
    int64_t passed_us = now_us - t->measured_us;
    if (passed_us < INT64_C(1000000))
        return;
    unsigned kbps = (unsigned)(t->bytes * 8000 / (uint64_t)passed_us);
    t->kbps = t->measured_us && t->kbps ? (t->kbps + kbps) / 2 : kbps;
    t->bytes = 0;
    t->measured_us = now_us;
}

bool track_report(struct track *t, uint32_t ssrc, uint64_t ntp, uint32_t timestamp)
{
    if (!t->rewrite.started || t->rewrite.fresh || t->rewrite.ssrc != ssrc)
        return false;
    t->report_known = true;
    t->report_us = rtcp_ntp_us(ntp);
    t->report_timestamp = rewrite_timestamp(&t->rewrite, timestamp);
    return true;
}

uint32_t track_timestamp_at(const struct track *t, int64_t us)
{
    int64_t ticks = (us - t->report_us) * (int64_t)t->clock / 1000000;
    return t->report_timestamp + (uint32_t)ticks;
}
