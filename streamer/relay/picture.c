/* picture.c: reads the few fields it needs and stops at the first that cannot be. */
#include "streamer/relay/picture.h"
#include "streamer/relay/bytes.h"

enum { MOST_BLOCKS = 1024, BLOCK = 16 }; /* macroblocks along one side */

/* The bits of an H.264 unit, its emulation prevention bytes (00 00 03) passed over. */
struct bits {
    const uint8_t *p;
    size_t size, at; /* bytes */
    unsigned bit;    /* of the byte at `at`: how many are read */
    unsigned zeros;  /* zero bytes in a row before `at` */
    bool over;
};

static unsigned bits_one(struct bits *b)
{
    if (b->bit == 0 && b->at < b->size && b->zeros >= 2 && b->p[b->at] == 3) {
        b->at++;
        b->zeros = 0;
    }
    if (b->at >= b->size) {
        b->over = true;
        return 0;
    }
    unsigned value = b->p[b->at] >> (7 - b->bit) & 1U;
    if (++b->bit == 8) {
        b->zeros = b->p[b->at] == 0 ? b->zeros + 1 : 0;
        b->bit = 0;
        b->at++;
    }
    return value;
}

static unsigned bits_many(struct bits *b, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0)
        value = value << 1 | bits_one(b);
    return value;
}

/* Exp-Golomb, 9.1; what does not fit 16 bits is nothing we need. */
static unsigned bits_golomb(struct bits *b)
{
    unsigned zeros = 0;
    while (!b->over && bits_one(b) == 0)
        zeros++;
    if (zeros > 16)
        b->over = true;
    return b->over ? 0 : (1U << zeros) - 1 + bits_many(b, zeros);
}

/* Profiles that phones may send (66, 77) say nothing between the set's number and log2_max_frame_num; of
 * others the size is not known. */
static unsigned picture_h264_set(const uint8_t *unit, size_t size)
{
    struct bits b = {.p = unit, .size = size, .at = 4};
    if (size < 5 || (unit[1] != 66 && unit[1] != 77))
        return 0;
    bits_golomb(&b); /* seq_parameter_set_id */
    bits_golomb(&b); /* log2_max_frame_num_minus4 */
    unsigned order = bits_golomb(&b);
    if (order == 0)
        bits_golomb(&b);
    else if (order != 2)
        return 0;    /* 1: a cycle of offsets, which no phone uses */
    bits_golomb(&b); /* max_num_ref_frames */
    bits_one(&b);    /* gaps_in_frame_num_value_allowed_flag */
    unsigned wide = bits_golomb(&b) + 1, high = bits_golomb(&b) + 1, frames = bits_one(&b);
    if (b.over || wide > MOST_BLOCKS || high > MOST_BLOCKS)
        return 0;
    return wide * BLOCK * high * BLOCK * (2 - frames);
}

static unsigned picture_h264(const uint8_t *p, size_t size)
{
    if (size >= 1 && (p[0] & 0x1f) == 7)
        return picture_h264_set(p, size);
    if (size < 1 || (p[0] & 0x1f) != 24)
        return 0;
    for (size_t at = 1; at + 3 <= size;) { /* STAP-A: units with a 16-bit length each */
        size_t length = get16(p + at);
        if (at + 2 + length > size)
            return 0;
        if ((p[at + 2] & 0x1f) == 7)
            return picture_h264_set(p + at + 2, length);
        at += 2 + length;
    }
    return 0;
}

static unsigned picture_vp8(const uint8_t *p, size_t size)
{
    size_t at = rtp_vp8_descriptor(p, size);
    if (!at || at + 10 > size || p[at + 3] != 0x9d || p[at + 4] != 0x01 || p[at + 5] != 0x2a)
        return 0;
    unsigned wide = (unsigned)(p[at + 7] << 8 | p[at + 6]) & 0x3fff;
    unsigned high = (unsigned)(p[at + 9] << 8 | p[at + 8]) & 0x3fff;
    return wide * high;
}

unsigned picture_pixels(enum rtp_codec codec, const uint8_t *payload, size_t size)
{
    if (!rtp_starts_keyframe(codec, payload, size))
        return 0;
    return codec == RTP_VP8 ? picture_vp8(payload, size) : picture_h264(payload, size);
}
