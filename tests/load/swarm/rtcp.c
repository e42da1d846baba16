/* rtcp.c: see rtcp.h. */
#include "tests/load/swarm/rtcp.h"

#include <glib.h>
#include <string.h>

enum { SR = 200, RR = 201, SDES = 202, RTPFB = 205, PSFB = 206, NACK = 1, PLI = 1, FIR = 4 };

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static size_t head(uint8_t *out, unsigned int count, unsigned int type, size_t length, uint32_t ssrc)
{
    out[0] = (uint8_t)(0x80 | count);
    out[1] = (uint8_t)type;
    put16(out + 2, (uint32_t)(length / 4 - 1));
    put32(out + 4, ssrc);
    return length;
}

size_t rtcp_write_report(uint8_t *out, uint32_t ssrc, const struct rtcp_block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *b = out + 8 + 24 * i;
        memset(b, 0, 24);
        put32(b, blocks[i].ssrc);
        put32(b + 4, MIN(blocks[i].lost, 0x7FFFFFU));
        put32(b + 8, blocks[i].highest);
    }
    return head(out, (unsigned int)count, RR, 8 + 24 * count, ssrc);
}

size_t rtcp_write_sender(uint8_t *out, const struct rtcp_sender *s)
{
    static const uint8_t cname[] = {1, 5, 's', 'w', 'a', 'r', 'm', 0};
    put32(out + 8, (uint32_t)(s->ntp_us / 1000000));
    put32(out + 12, (uint32_t)(((uint64_t)(s->ntp_us % 1000000) << 32) / 1000000));
    put32(out + 16, s->rtp);
    put32(out + 20, s->packets);
    put32(out + 24, s->octets);
    const size_t n = head(out, 0, SR, 28, s->ssrc);
    memcpy(out + n + 8, cname, sizeof cname);
    return n + head(out + n, 1, SDES, 16, s->ssrc);
}

size_t rtcp_write_nack(uint8_t *out, uint32_t ssrc, uint32_t media, const uint16_t *seqs, size_t count)
{
    size_t n = 12;
    for (size_t i = 0; i < count; i++, n += 4) {
        put16(out + n, seqs[i]);
        put16(out + n + 2, 0);
    }
    head(out, NACK, RTPFB, n, ssrc);
    put32(out + 8, media);
    return n;
}

size_t rtcp_write_pli(uint8_t *out, uint32_t ssrc, uint32_t media)
{
    put32(out + 8, media);
    return head(out, PLI, PSFB, 12, ssrc);
}

/* The next packet of the compound; NULL at the end or where it is malformed. */
static const uint8_t *next(const uint8_t *packet, size_t length, size_t *at, size_t *size)
{
    if (*at + 4 > length || packet[*at] >> 6 != 2)
        return NULL;
    const uint8_t *p = packet + *at;
    *size = 4 * ((size_t)(p[2] << 8 | p[3]) + 1);
    if (*at + *size > length)
        return NULL;
    *at += *size;
    return p;
}

bool rtcp_next_sender(const uint8_t *packet, size_t length, size_t *at, struct rtcp_sender *s)
{
    size_t size = 0;
    for (const uint8_t *p; (p = next(packet, length, at, &size));) {
        if (p[1] != SR || size < 28)
            continue;
        s->ssrc = get32(p + 4);
        s->ntp_us = (int64_t)get32(p + 8) * 1000000 + (int64_t)(((uint64_t)get32(p + 12) * 1000000) >> 32);
        s->rtp = get32(p + 16);
        s->packets = get32(p + 20);
        s->octets = get32(p + 24);
        return true;
    }
    return false;
}

static void read_nack(const uint8_t *p, size_t size, struct rtcp_wish *wish)
{
    wish->media = get32(p + 8);
    for (size_t i = 12; i + 4 <= size; i += 4) {
        const uint16_t first = (uint16_t)(p[i] << 8 | p[i + 1]);
        const uint32_t mask = (uint32_t)(p[i + 2] << 8 | p[i + 3]) << 1 | 1;
        for (unsigned int bit = 0; bit <= 16; bit++)
            if (mask >> bit & 1 && wish->count < G_N_ELEMENTS(wish->seqs))
                wish->seqs[wish->count++] = (uint16_t)(first + bit);
    }
}

void rtcp_read_wish(const uint8_t *packet, size_t length, struct rtcp_wish *wish)
{
    size_t at = 0, size = 0;
    memset(wish, 0, sizeof *wish);
    for (const uint8_t *p; (p = next(packet, length, &at, &size));) {
        const int format = p[0] & 31;
        if (p[1] == PSFB && (format == PLI || format == FIR))
            wish->key = true;
        else if (p[1] == RTPFB && format == NACK && size >= 16)
            read_nack(p, size, wish);
    }
}
