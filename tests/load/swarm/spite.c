/* spite.c: one of a dozen ways to be wrong, chosen by chance. */
#include "tests/load/swarm/spite.h"

#include <glib.h>
#include <string.h>

enum { RTP_HEAD = 12, RTCP_HEAD = 8 };

static size_t any(struct spite *s, size_t below)
{
    return below ? (size_t)(rng_next(&s->rng) % below) : 0;
}

static void flip(struct spite *s, uint8_t *bytes, size_t from, size_t to)
{
    for (size_t n = 1 + any(s, 8); n > 0 && from < to; n--)
        bytes[from + any(s, to - from)] ^= (uint8_t)(1u << any(s, 8));
}

static void noise(struct spite *s, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)rng_next(&s->rng);
}

/* Bytes put in after the fixed header, to lie about: CSRCs, or an extension of a wrong length. */
static size_t insert(struct spite *s, uint8_t *packet, size_t length, size_t room, size_t size)
{
    if (length + size > room)
        return length;
    memmove(packet + RTP_HEAD + size, packet + RTP_HEAD, length - RTP_HEAD);
    noise(s, packet + RTP_HEAD, size);
    return length + size;
}

static size_t extension(struct spite *s, uint8_t *packet, size_t length, size_t room)
{
    size_t words = any(s, 12), longer = insert(s, packet, length, room, 4 + 4 * words);
    if (longer == length)
        return length;
    packet[0] |= 0x10;
    packet[RTP_HEAD] = any(s, 2) ? 0xBE : 0x10; /* RFC 8285: one-byte or two-byte elements, full of lies */
    packet[RTP_HEAD + 1] = packet[RTP_HEAD] == 0xBE ? 0xDE : 0x00;
    packet[RTP_HEAD + 2] = 0;
    packet[RTP_HEAD + 3] = (uint8_t)words;
    return longer;
}

/* H.264 and Opus as payloads begin: aggregates and fragments of units that are not there. */
static void payload_head(struct spite *s, uint8_t *payload, size_t size)
{
    static const uint8_t kinds[] = {0x00, 0x18, 0x78, 0x19, 0x1a, 0x1b, 0x7c,
                                    0x1c, 0x1d, 0x1e, 0x65, 0x67, 0x68, 0xff};
    if (size > 0)
        payload[0] = kinds[any(s, sizeof kinds)];
    noise(s, payload + MIN(size, (size_t)1), MIN(size - MIN(size, (size_t)1), 1 + any(s, 6)));
}

size_t spite_rtp(struct spite *s, uint8_t *packet, size_t length, size_t room)
{
    if (length <= RTP_HEAD || !rng_chance(&s->rng, s->share))
        return length;
    s->bent++;
    switch (any(s, 12)) {
    case 0:
        flip(s, packet, RTP_HEAD, length);
        return length;
    case 1:
        noise(s, packet + RTP_HEAD, length - RTP_HEAD);
        return length;
    case 2: /* cut short, to nothing at all now and then */
        return RTP_HEAD + any(s, length - RTP_HEAD);
    case 3: { /* longer than it says */
        size_t more = any(s, room - length);
        noise(s, packet + length, more);
        return length + more;
    }
    case 4: /* padding that is more than there is, or none */
        packet[0] |= 0x20;
        packet[length - 1] = (uint8_t)rng_next(&s->rng);
        return length;
    case 5:
        return extension(s, packet, length, room);
    case 6: { /* contributing sources */
        size_t count = 1 + any(s, 15), longer = insert(s, packet, length, room, 4 * count);
        if (longer > length)
            packet[0] = (uint8_t)((packet[0] & 0xf0) | count);
        return longer;
    }
    case 7: /* another payload type, marker or none */
        packet[1] = (uint8_t)(packet[1] ^ (1u << any(s, 8)));
        return length;
    case 8: /* a number that was there before, or comes later */
        packet[3] ^= (uint8_t)(1 + any(s, 63));
        return length;
    case 9: /* a time that is not */
        noise(s, packet + 4, 4);
        return length;
    case 10:
        payload_head(s, packet + RTP_HEAD, length - RTP_HEAD);
        return length;
    default: /* all of it at once, but for version and source */
        flip(s, packet, 1, 8);
        flip(s, packet, RTP_HEAD, length);
        return length;
    }
}

size_t spite_rtcp(struct spite *s, uint8_t *packet, size_t length, size_t room)
{
    if (length <= RTCP_HEAD || !rng_chance(&s->rng, s->share))
        return length;
    s->bent++;
    switch (any(s, 4)) {
    case 0: /* counts and lengths */
        packet[0] = (uint8_t)(0x80 | (rng_next(&s->rng) & 0x3f));
        noise(s, packet + 2, 2);
        return length;
    case 1:
        packet[1] = (uint8_t)(200 + any(s, 8));
        return length;
    case 2:
        return RTCP_HEAD + any(s, length - RTCP_HEAD);
    default: {
        size_t more = any(s, room - length);
        flip(s, packet, RTCP_HEAD, length);
        noise(s, packet + length, more);
        return length + more;
    }
    }
}
