/* rtcp.c: one bounded walk over a compound, and builders of the few messages the relay sends. */
#include "streamer/relay/rtcp.h"
#include "streamer/relay/bytes.h"

#include <string.h>

enum { NTP_UNIX = 2208988800u };

static void rtcp_blocks(const uint8_t *p, unsigned count, const struct rtcp_listener *l, void *arg)
{
    for (unsigned i = 0; i < count && l->block; i++, p += 24) {
        uint32_t lost = get24(p + 5);
        struct rtcp_block b = {
            .ssrc = get32(p),
            .fraction_lost = p[4],
            .lost = (int32_t)(lost << 8) >> 8, /* 24 bits with a sign */
            .highest = get32(p + 8),
            .jitter = get32(p + 12),
            .last_sr = get32(p + 16),
            .delay_last_sr = get32(p + 20),
        };
        l->block(arg, &b);
    }
}

static bool rtcp_reports(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    bool sr = p[1] == RTCP_SR;
    unsigned count = p[0] & 31;
    size_t head = sr ? 28 : 8;
    if (size < head + 24 * (size_t)count)
        return false;
    if (sr && l->sender) {
        struct rtcp_sender s = {.ssrc = get32(p + 4),
                                .ntp = get64(p + 8),
                                .timestamp = get32(p + 16),
                                .packets = get32(p + 20),
                                .bytes = get32(p + 24)};
        l->sender(arg, &s);
    }
    rtcp_blocks(p + head, count, l, arg);
    return true;
}

static bool rtcp_transport_feedback(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    if (size < 12)
        return false;
    uint32_t ssrc = get32(p + 8);
    switch (p[0] & 31) {
    case 1:
        for (size_t at = 12; at + 4 <= size && l->nack; at += 4) {
            uint16_t sequence = get16(p + at), mask = get16(p + at + 2);
            l->nack(arg, ssrc, sequence);
            for (unsigned bit = 0; bit < 16; bit++)
                if (mask >> bit & 1)
                    l->nack(arg, ssrc, (uint16_t)(sequence + bit + 1));
        }
        return true;
    case 15:
        if (size < 20)
            return false;
        if (l->transport) {
            struct rtcp_feedback f = {.base = get16(p + 12), .count = get16(p + 14), .number = p[19]};
            l->transport(arg, &f);
        }
        return true;
    }
    return true;
}

static bool rtcp_remb(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    if (size < 20 || memcmp(p + 12, "REMB", 4) != 0)
        return true; /* some other application's feedback */
    unsigned exponent = p[17] >> 2;
    uint64_t mantissa = get24(p + 17) & 0x3ffff;
    if (l->remb && exponent < 46)
        l->remb(arg, mantissa << exponent);
    return exponent < 46;
}

static bool rtcp_payload_feedback(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    if (size < 12)
        return false;
    switch (p[0] & 31) {
    case 1:
        if (l->keyframe)
            l->keyframe(arg, get32(p + 8));
        return true;
    case 4:
        for (size_t at = 12; at + 8 <= size && l->keyframe; at += 8)
            l->keyframe(arg, get32(p + at));
        return true;
    case 15:
        return rtcp_remb(p, size, l, arg);
    }
    return true;
}

static bool rtcp_bye(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    unsigned count = p[0] & 31;
    if (size < 4 + 4 * (size_t)count)
        return false;
    for (unsigned i = 0; i < count && l->bye; i++)
        l->bye(arg, get32(p + 4 + 4 * i));
    return true;
}

static bool rtcp_one(const uint8_t *p, size_t size, const struct rtcp_listener *l, void *arg)
{
    switch (p[1]) {
    case RTCP_SR:
    case RTCP_RR:
        return rtcp_reports(p, size, l, arg);
    case RTCP_BYE:
        return rtcp_bye(p, size, l, arg);
    case RTCP_TRANSPORT_FEEDBACK:
        return rtcp_transport_feedback(p, size, l, arg);
    case RTCP_PAYLOAD_FEEDBACK:
        return rtcp_payload_feedback(p, size, l, arg);
    }
    return true;
}

bool rtcp_read(const uint8_t *bytes, size_t size, const struct rtcp_listener *listener, void *arg)
{
    while (size > 0) {
        if (size < 8 || bytes[0] >> 6 != 2 || bytes[1] < 192 || bytes[1] > 223)
            return false;
        size_t length = 4 * ((size_t)get16(bytes + 2) + 1), used = length;
        if (length > size)
            return false;
        if (bytes[0] & 0x20) { /* padding, on the last packet only */
            uint8_t padding = bytes[length - 1];
            if (length != size || padding == 0 || padding % 4 != 0 || padding + 4u > length)
                return false;
            used -= padding;
        }
        if (used < 4 || !rtcp_one(bytes, used, listener, arg))
            return false;
        bytes += length;
        size -= length;
    }
    return true;
}

static void rtcp_head(uint8_t *out, unsigned count, unsigned type, size_t size)
{
    out[0] = (uint8_t)(0x80 | count);
    out[1] = (uint8_t)type;
    put16(out + 2, (unsigned)(size / 4 - 1));
}

size_t rtcp_write_sr(uint8_t *out, const struct rtcp_sender *s)
{
    rtcp_head(out, 0, RTCP_SR, 28);
    put32(out + 4, s->ssrc);
    put64(out + 8, s->ntp);
    put32(out + 16, s->timestamp);
    put32(out + 20, s->packets);
    put32(out + 24, s->bytes);
    return 28;
}

size_t rtcp_write_rr(uint8_t *out, uint32_t ssrc, const struct rtcp_block *blocks, unsigned count)
{
    size_t size = 8 + 24 * (size_t)count;
    rtcp_head(out, count, RTCP_RR, size);
    put32(out + 4, ssrc);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *p = out + 8 + 24 * i;
        put32(p, blocks[i].ssrc);
        put32(p + 4, (uint32_t)blocks[i].fraction_lost << 24 | ((uint32_t)blocks[i].lost & 0xffffff));
        put32(p + 8, blocks[i].highest);
        put32(p + 12, blocks[i].jitter);
        put32(p + 16, blocks[i].last_sr);
        put32(p + 20, blocks[i].delay_last_sr);
    }
    return size;
}

size_t rtcp_write_cname(uint8_t *out, uint32_t ssrc, const char *cname)
{
    size_t length = strnlen(cname, RTCP_CNAME);
    size_t size = (8 + 2 + length + 1 + 3) & ~(size_t)3; /* at least one zero ends the list */
    memset(out, 0, size);
    rtcp_head(out, 1, RTCP_SDES, size);
    put32(out + 4, ssrc);
    out[8] = 1;
    out[9] = (uint8_t)length;
    memcpy(out + 10, cname, length);
    return size;
}

size_t rtcp_write_pli(uint8_t *out, uint32_t from, uint32_t media)
{
    rtcp_head(out, 1, RTCP_PAYLOAD_FEEDBACK, 12);
    put32(out + 4, from);
    put32(out + 8, media);
    return 12;
}

size_t rtcp_write_nack(uint8_t *out, uint32_t from, uint32_t media, uint16_t sequence, uint16_t mask)
{
    rtcp_head(out, 1, RTCP_TRANSPORT_FEEDBACK, 16);
    put32(out + 4, from);
    put32(out + 8, media);
    put16(out + 12, sequence);
    put16(out + 14, mask);
    return 16;
}

size_t rtcp_write_bye(uint8_t *out, uint32_t ssrc)
{
    rtcp_head(out, 1, RTCP_BYE, 8);
    put32(out + 4, ssrc);
    return 8;
}

uint64_t rtcp_ntp(int64_t wall_us)
{
    int64_t seconds = wall_us / 1000000, rest = wall_us % 1000000;
    return (uint64_t)(seconds + NTP_UNIX) << 32 | (uint64_t)((rest << 32) / 1000000);
}

int64_t rtcp_ntp_us(uint64_t ntp)
{
    int64_t seconds = (int64_t)(ntp >> 32) - NTP_UNIX;
    return seconds * 1000000 + (int64_t)((ntp & 0xffffffff) * 1000000 >> 32);
}
