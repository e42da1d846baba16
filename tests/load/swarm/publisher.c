/* publisher.c: frames on a 40 ms grid, audio on a 20 ms grid, both counted from the moment of connection. */
#include "tests/load/swarm/publisher.h"
#include "tests/load/swarm/h264.h"
#include "tests/load/swarm/rtcp.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FRAME_US = 40000,
    VOICE_US = 20000,
    REPORT_US = 1000000,
    GROUP = 60,     /* frames from key to key */
    KEY_RAW = 18,   /* raw macroblocks: 8 kB, nine packets */
    DELTA_RAW = 12, /* 4.6 kB, five packets */
    PAYLOAD = 950,  /* bytes at most */
    VOICE = 160,    /* 64 kb/s */
    HISTORY = 512,  /* packets kept for NACK: three seconds */
    PACKET = 1200,
};

struct sent {
    uint16_t seq, length;
    uint8_t bytes[PACKET];
};

struct flow {
    struct sent history[HISTORY]; /* sealed, by sequence number */
    uint32_t ssrc, timestamp0, packets, octets;
    uint16_t seq;
    uint8_t pt;
    int fd; /* plain RTP: connected to where it goes */
};

struct publisher {
    struct peer *peer;
    struct flow video, audio;
    struct publisher_counts counts;
    int64_t start_us, frame, voice, next_report_us;
    unsigned int since_key, keys;
    bool key_wanted;
    struct spite spite;
    uint8_t nal[H264_NAL_ROOM];
};

static void publisher_media(void *owner, uint8_t *packet, size_t length, bool rtcp, int64_t at_us);
static void publisher_changed(void *owner, enum peer_state state);
static const struct peer_hooks hooks = {publisher_media, publisher_changed};

static void flow_init(struct flow *f, uint8_t pt)
{
    f->ssrc = g_random_int();
    f->timestamp0 = g_random_int();
    f->seq = (uint16_t)g_random_int();
    f->pt = pt;
}

struct publisher *publisher_new(struct dtls_identity *id)
{
    struct publisher *p = g_new0(struct publisher, 1);
    p->peer = id ? peer_new(id, &hooks, p) : NULL;
    flow_init(&p->video, SDP_H264_PT);
    flow_init(&p->audio, SDP_AUDIO_PT);
    return p;
}

void publisher_set_spite(struct publisher *p, double share, uint64_t seed)
{
    p->spite = (struct spite){.rng = rng_make(seed), .share = share};
}

static int dial(const char *host, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
        connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
        g_error("cannot send RTP to %s:%u", host, port);
    return fd;
}

struct publisher *publisher_new_plain(const char *host, uint16_t video_port, uint16_t audio_port)
{
    struct publisher *p = publisher_new(NULL);
    p->video.fd = dial(host, video_port);
    p->audio.fd = dial(host, audio_port);
    return p;
}

void publisher_free(struct publisher *p)
{
    if (!p)
        return;
    if (!p->peer) {
        close(p->video.fd);
        close(p->audio.fd);
    }
    peer_free(p->peer);
    g_free(p);
}

struct peer *publisher_peer(struct publisher *p)
{
    return p->peer;
}

char *publisher_offer(const struct publisher *p)
{
    return peer_offer(p->peer, true, false, p->audio.ssrc, p->video.ssrc);
}

struct publisher_counts publisher_counts(const struct publisher *p)
{
    struct publisher_counts counts = p->counts;
    counts.bent = p->spite.bent;
    return counts;
}

static void publisher_changed(void *owner, enum peer_state state)
{
    struct publisher *p = owner;
    if (state == PEER_CONNECTED)
        p->key_wanted = true;
}

static void send_packet(struct publisher *p, struct flow *f, uint32_t timestamp, bool marker,
                        const uint8_t *prefix, size_t prefix_length, const uint8_t *data, size_t length)
{
    struct sent *s = &f->history[f->seq % HISTORY];
    uint8_t *b = s->bytes;
    const uint32_t words[3] = {
        g_htonl(UINT32_C(0x80000000) | (uint32_t)marker << 23 | (uint32_t)f->pt << 16 | f->seq),
        g_htonl(timestamp), g_htonl(f->ssrc)};
    memcpy(b, words, 12);
    memcpy(b + 12, prefix, prefix_length);
    memcpy(b + 12 + prefix_length, data, length);
    const size_t clear =
        spite_rtp(&p->spite, b, 12 + prefix_length + length, sizeof s->bytes - SRTP_OVERHEAD);
    s->seq = f->seq++;
    if (p->peer)
        s->length = (uint16_t)peer_send_rtp(p->peer, b, clear);
    else
        s->length =
            send(f->fd, b, clear, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)clear ? (uint16_t)clear : 0;
    p->counts.unsent += s->length == 0;
    f->packets++;
    f->octets += (uint32_t)(clear - 12);
    p->counts.packets++;
    p->counts.bytes += clear;
}

/* RFC 6184 FU-A, the fragments as equal as can be: that is what lets a sender put a frame into one GSO burst.
 */
static void send_nal(struct publisher *p, const uint8_t *nal, size_t length, uint32_t timestamp)
{
    const size_t body = length - 1, parts = (body + PAYLOAD - 1) / PAYLOAD, part = (body + parts - 1) / parts;
    for (size_t at = 0; at < body; at += part) {
        const size_t n = MIN(part, body - at);
        const bool last = at + n == body;
        const uint8_t fu[2] = {(uint8_t)((nal[0] & 0xE0) | 28),
                               (uint8_t)((nal[0] & 31) | (at == 0 ? 0x80 : 0) | (last ? 0x40 : 0))};
        send_packet(p, &p->video, timestamp, last, fu, sizeof fu, nal + 1 + at, n);
    }
}

static void send_parameter_sets(struct publisher *p, uint32_t timestamp)
{
    uint8_t stap[128] = {0x78}; /* STAP-A */
    size_t at = 1;
    for (int i = 0; i < 2; i++) {
        const size_t n = i == 0 ? h264_sps(stap + at + 2) : h264_pps(stap + at + 2);
        stap[at] = 0;
        stap[at + 1] = (uint8_t)n;
        at += 2 + n;
    }
    send_packet(p, &p->video, timestamp, false, stap, 1, stap + 1, at - 1);
}

static void send_frame(struct publisher *p, int64_t now_us)
{
    const uint32_t timestamp = p->video.timestamp0 + (uint32_t)(p->frame * 3600);
    size_t n;
    if (p->key_wanted || p->since_key >= GROUP) {
        send_parameter_sets(p, timestamp);
        n = h264_key(p->nal, p->keys++, KEY_RAW);
        p->since_key = 1;
        p->key_wanted = false;
        p->counts.keys++;
    } else {
        n = h264_delta(p->nal, p->since_key++, p->frame % 3 ? DELTA_RAW : DELTA_RAW - 1, now_us);
    }
    send_nal(p, p->nal, n, timestamp);
    p->counts.frames++;
    p->frame++;
}

static void send_voice(struct publisher *p, int64_t now_us)
{
    uint8_t packet[VOICE] = {0xF8}; /* TOC: CELT, 20 ms, mono, one frame */
    h264_stamp_write(packet + 1, now_us);
    for (size_t i = 1 + H264_STAMP; i < VOICE; i++)
        packet[i] = (uint8_t)(i * 37 + (size_t)p->voice);
    send_packet(p, &p->audio, p->audio.timestamp0 + (uint32_t)(p->voice * 960), false, packet, 1, packet + 1,
                VOICE - 1);
    p->voice++;
}

static void send_report(struct publisher *p, const struct flow *f, int64_t now_us, int64_t rate)
{
    uint8_t packet[128];
    const int64_t since = now_us - p->start_us;
    size_t n = rtcp_write_sender(
        packet, &(struct rtcp_sender){.ssrc = f->ssrc,
                                      .rtp = f->timestamp0 + (uint32_t)(since * rate / 1000000),
                                      .ntp_us = now_us + RTCP_NTP_EPOCH_US,
                                      .packets = f->packets,
                                      .octets = f->octets});
    n = spite_rtcp(&p->spite, packet, n, sizeof packet - SRTP_OVERHEAD);
    peer_send_rtcp(p->peer, packet, n);
}

void publisher_tick(struct publisher *p, int64_t now_us)
{
    if (p->peer)
        peer_tick(p->peer, now_us);
    if (p->peer && peer_state(p->peer) != PEER_CONNECTED)
        return;
    if (!p->start_us)
        p->start_us = p->next_report_us = now_us;
    while (p->start_us + p->frame * FRAME_US <= now_us)
        send_frame(p, now_us);
    while (p->start_us + p->voice * VOICE_US <= now_us)
        send_voice(p, now_us);
    if (p->peer && now_us >= p->next_report_us) {
        p->next_report_us += REPORT_US;
        send_report(p, &p->video, now_us, 90000);
        send_report(p, &p->audio, now_us, 48000);
    }
}

/* Chromium answers NACK for audio too, though nobody negotiates it. */
static void resend(struct publisher *p, const struct flow *f, const struct rtcp_wish *wish)
{
    for (size_t i = 0; i < wish->count; i++) {
        const struct sent *s = &f->history[wish->seqs[i] % HISTORY];
        if (s->length && s->seq == wish->seqs[i])
            p->counts.resent += peer_send_again(p->peer, s->bytes, s->length);
    }
}

static void publisher_media(void *owner, uint8_t *packet, size_t length, bool rtcp, int64_t at_us)
{
    struct publisher *p = owner;
    struct rtcp_wish wish;
    (void)at_us;
    if (!rtcp)
        return;
    rtcp_read_wish(packet, peer_open(p->peer, packet, length, true), &wish);
    if (wish.key) {
        p->key_wanted = true;
        p->counts.keys_asked++;
    }
    if (wish.count)
        resend(p, wish.media == p->video.ssrc ? &p->video : &p->audio, &wish);
}
