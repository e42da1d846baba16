/* viewer.c: the receive path is header reading only unless the viewer decrypts: two thousand of these share a
 * core with whatever else the bench runs. */
#include "tests/load/swarm/viewer.h"
#include "tests/load/base/clock.h"
#include "tests/load/swarm/h264.h"
#include "tests/load/swarm/rtcp.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_US = 1000000, NACKS_A_PACKET = 64, STORM_PACKETS = 4 };

static void viewer_media(void *owner, uint8_t *packet, size_t length, bool rtcp, int64_t at_us);

static void viewer_changed(void *owner, enum peer_state state)
{
    struct viewer *v = owner;
    if (state == PEER_CONNECTED)
        v->connected_us = clock_us();
}

static const struct peer_hooks hooks = {viewer_media, viewer_changed};

struct viewer *viewer_new(struct dtls_identity *id, const struct viewer_options *options, uint64_t seed)
{
    struct viewer *v = g_new0(struct viewer, 1);
    v->peer = peer_new(id, &hooks, v);
    v->options = options;
    v->rng = rng_make(seed);
    v->ssrc = (uint32_t)rng_next(&v->rng);
    v->nacks = options->nack ? nacks_new() : NULL;
    sample_init(&v->delay_ms);
    return v;
}

void viewer_free(struct viewer *v)
{
    if (!v)
        return;
    peer_free(v->peer);
    nacks_free(v->nacks);
    sample_done(&v->delay_ms);
    g_free(v);
}

static bool opens_key(const uint8_t *payload, size_t length, bool h264)
{
    if (length < 3)
        return false;
    if (!h264) /* RFC 7741: start of partition 0 of a frame whose P bit is 0 */
        return (payload[0] & 0x17) == 0x10 &&
               !(payload[payload[0] & 0x80 ? (payload[1] & 0x80 ? 4 : 2) : 1] & 1);
    const int type = payload[0] & 31;
    const int inner = type == 24 ? payload[3] & 31 : type == 28 && payload[1] & 0x80 ? payload[1] & 31 : type;
    return inner == 7 || inner == 5; /* SPS or IDR, alone, in STAP-A, or at the head of FU-A */
}

/* Where the reports say this packet was captured, against where its stamp says it was. */
static void note_skew(struct viewer_stream *s, uint32_t timestamp, int64_t stamp_us, int rate)
{
    if (!s->report_us)
        return;
    const int64_t since = (int32_t)(timestamp - s->report_rtp) * INT64_C(1000000) / rate;
    s->skew_us = s->report_us + since - stamp_us;
    s->skew_known = true;
}

static void inspect(struct viewer *v, enum viewer_kind kind, const uint8_t *packet, size_t length,
                    enum seqs_news news, int64_t at_us)
{
    struct viewer_stream *s = &v->streams[kind];
    const size_t head = srtp_header_length(packet, length);
    const uint32_t timestamp = GUINT32_FROM_BE(*(const uint32_t *)(const void *)(packet + 4));
    const bool marker = packet[1] & 0x80;
    const int64_t stamp = h264_stamp_find(packet + head, MIN(length - head, (size_t)64));
    if (kind == VIEWER_VIDEO && s->opened == 0)
        v->began_with_key = opens_key(packet + head, length - head, peer_remote(v->peer)->h264);
    const uint16_t seq = (uint16_t)(packet[2] << 8 | packet[3]);
    if (s->opened > 0 && (uint16_t)(seq - s->last_seq) == 1) {
        const int32_t step = (int32_t)(timestamp - s->last_timestamp);
        if (step < 0 || (kind == VIEWER_VIDEO && (step != 0) != s->last_marker))
            s->time_breaks++; /* backwards, or a frame that does not end where its marker says */
    }
    s->opened++;
    s->last_seq = seq;
    s->last_timestamp = timestamp;
    s->last_marker = marker;
    if (stamp < 0)
        return;
    note_skew(s, timestamp, stamp, kind == VIEWER_VIDEO ? 90000 : 48000);
    if (news == SEQS_NEXT &&
        at_us - v->first_media_us > 1000000) /* the joiner's cached pictures are old on purpose */
        sample_add(&v->delay_ms, (double)(at_us - stamp) / 1000);
}

static void account(struct viewer *v, enum viewer_kind kind, uint16_t seq, size_t bytes, enum seqs_news *news,
                    int64_t at_us)
{
    struct viewer_stream *s = &v->streams[kind];
    const uint32_t before = s->seqs.highest;
    uint32_t extended = 0;
    *news = seqs_add(&s->seqs, seq, &extended);
    s->bytes += bytes;
    if (kind != VIEWER_VIDEO || !v->nacks)
        return;
    if (*news == SEQS_JUMPED)
        for (uint32_t n = before + 1; n != extended; n++)
            nacks_missing(v->nacks, n, at_us);
    else if (*news == SEQS_LATE)
        nacks_arrived(v->nacks, extended);
}

/* RFC 4588: the first two bytes of the payload are the number of the packet that is sent again. */
static void repaired(struct viewer *v, uint8_t *packet, size_t length, int64_t at_us)
{
    if (!v->options->decrypt)
        return;
    const size_t clear = peer_open(v->peer, packet, length, false);
    const size_t head = clear ? srtp_header_length(packet, clear) : 0;
    if (!head || clear < head + 2)
        return;
    enum seqs_news news;
    v->repairs_in_rtx++;
    account(v, VIEWER_VIDEO, (uint16_t)(packet[head] << 8 | packet[head + 1]), length, &news, at_us);
}

static void viewer_reports(struct viewer *v, uint8_t *packet, size_t length)
{
    v->rtcp++;
    if (!v->options->decrypt)
        return;
    const size_t clear = peer_open(v->peer, packet, length, true);
    struct rtcp_sender sender;
    for (size_t at = 0; rtcp_next_sender(packet, clear, &at, &sender);)
        for (int kind = 0; kind < VIEWER_KINDS; kind++)
            if (v->streams[kind].ssrc == sender.ssrc) {
                v->streams[kind].report_rtp = sender.rtp;
                v->streams[kind].report_us = sender.ntp_us;
            }
}

static void viewer_media(void *owner, uint8_t *packet, size_t length, bool rtcp, int64_t at_us)
{
    struct viewer *v = owner;
    if (rtcp) {
        viewer_reports(v, packet, length);
        return;
    }
    if (length < 12 || rng_chance(&v->rng, v->options->loss)) {
        v->dropped++;
        return;
    }
    const struct sdp_answer *remote = peer_remote(v->peer);
    const uint8_t pt = packet[1] & 0x7F;
    if (!v->first_media_us)
        v->first_media_us = at_us;
    if (pt == remote->rtx_pt && pt != 0) {
        repaired(v, packet, length, at_us);
        return;
    }
    if (pt != SDP_AUDIO_PT && pt != remote->video_pt) {
        v->strangers++;
        return;
    }
    const enum viewer_kind kind = pt == SDP_AUDIO_PT ? VIEWER_AUDIO : VIEWER_VIDEO;
    struct viewer_stream *s = &v->streams[kind];
    if (kind == VIEWER_VIDEO && !v->first_video_us)
        v->first_video_us = at_us;
    const uint32_t ssrc = GUINT32_FROM_BE(*(const uint32_t *)(const void *)(packet + 8));
    if (s->ssrc != ssrc) {
        v->strangers += s->ssrc != 0; /* the relay promises one SSRC for the life of the connection */
        s->ssrc = ssrc;
    }
    enum seqs_news news;
    account(v, kind, (uint16_t)(packet[2] << 8 | packet[3]), length, &news, at_us);
    if (!v->options->decrypt)
        return;
    const size_t clear = peer_open(v->peer, packet, length, false);
    if (clear)
        inspect(v, kind, packet, clear, news, at_us);
    else
        s->not_authentic++;
}

static void send_reports(struct viewer *v)
{
    uint8_t packet[256 + SRTP_OVERHEAD];
    struct rtcp_block blocks[VIEWER_KINDS];
    size_t count = 0;
    for (int kind = 0; kind < VIEWER_KINDS; kind++) {
        const struct viewer_stream *s = &v->streams[kind];
        if (s->seqs.started)
            blocks[count++] = (struct rtcp_block){
                .ssrc = s->ssrc, .highest = s->seqs.highest, .lost = (uint32_t)seqs_lost(&s->seqs)};
    }
    if (count)
        peer_send_rtcp(v->peer, packet, rtcp_write_report(packet, v->ssrc, blocks, count));
}

/* What a broken or spiteful buyer sends: authentic, and far too much. */
static void storm(struct viewer *v)
{
    uint8_t packet[512 + SRTP_OVERHEAD];
    uint16_t seqs[NACKS_A_PACKET];
    const struct viewer_stream *video = &v->streams[VIEWER_VIDEO];
    for (int i = 0; i < STORM_PACKETS && video->seqs.started; i++) {
        for (size_t n = 0; n < NACKS_A_PACKET; n++)
            seqs[n] = (uint16_t)(video->seqs.highest - n * 17); /* 17: an entry of its own for each */
        peer_send_rtcp(v->peer, packet, rtcp_write_nack(packet, v->ssrc, video->ssrc, seqs, NACKS_A_PACKET));
        peer_send_rtcp(v->peer, packet, rtcp_write_pli(packet, v->ssrc, video->ssrc));
    }
}

void viewer_tick(struct viewer *v, int64_t now_us)
{
    uint8_t packet[512 + SRTP_OVERHEAD];
    uint16_t missing[NACKS_A_PACKET];
    peer_tick(v->peer, now_us);
    if (peer_state(v->peer) != PEER_CONNECTED)
        return;
    if (v->options->storm)
        storm(v);
    const struct viewer_stream *video = &v->streams[VIEWER_VIDEO];
    if (!v->next_report_us)
        v->next_report_us = now_us + (int64_t)(rng_next(&v->rng) % REPORT_US); /* not all in the same tick */
    if (v->nacks) {
        const size_t n = nacks_due(v->nacks, now_us, missing, NACKS_A_PACKET);
        if (n)
            peer_send_rtcp(v->peer, packet, rtcp_write_nack(packet, v->ssrc, video->ssrc, missing, n));
    }
    if (v->options->pli && v->first_video_us && !v->pli_sent) {
        v->pli_sent = true;
        peer_send_rtcp(v->peer, packet, rtcp_write_pli(packet, v->ssrc, video->ssrc));
    }
    if (v->options->reports && now_us >= v->next_report_us) {
        v->next_report_us += REPORT_US;
        send_reports(v);
    }
}

void viewer_restart(struct viewer *v)
{
    for (int kind = 0; kind < VIEWER_KINDS; kind++) {
        seqs_restart(&v->streams[kind].seqs);
        v->streams[kind].bytes = 0;
    }
    v->dropped = v->repairs_in_rtx = v->rtcp = 0;
    if (v->nacks)
        nacks_restart(v->nacks);
}

uint64_t viewer_packets(const struct viewer *v)
{
    uint64_t n = 0;
    for (int kind = 0; kind < VIEWER_KINDS; kind++)
        n += v->streams[kind].seqs.received + v->streams[kind].seqs.duplicates;
    return n;
}
