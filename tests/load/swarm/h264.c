/* h264.c: bit by bit after ITU-T H.264 clauses 7.3.2 (parameter sets), 7.3.3 (slice header), 7.3.4-5
 * (macroblocks). */
#include "tests/load/swarm/h264.h"

#include <glib.h>
#include <string.h>

enum {
    MB_WIDE = 40,
    MB_HIGH = 23,
    MBS = MB_WIDE * MB_HIGH,
    CROP_BOTTOM = 4, /* 368 → 360 lines, in units of two */
    FRAME_NUM_BITS = 8,
    SLICE_P = 5,
    SLICE_I = 7,
    I16_DC_NO_RESIDUAL = 3,
    I_PCM = 25,
    I_PCM_IN_P = 30,
};

static const uint8_t mark[6] = {0xC5, 'N', 'U', 'O', 'N', 'G'};

struct bits {
    uint8_t *out; /* the NAL unit, with emulation prevention */
    size_t length;
    unsigned int zeros; /* zero bytes in a row */
    uint8_t byte;
    int used; /* bits in `byte` */
};

static void put_byte(struct bits *b, uint8_t byte)
{
    if (b->zeros >= 2 && byte <= 3) {
        b->out[b->length++] = 3;
        b->zeros = 0;
    }
    b->zeros = byte == 0 ? b->zeros + 1 : 0;
    b->out[b->length++] = byte;
}

static void put(struct bits *b, int count, uint32_t value)
{
    while (count-- > 0) {
        b->byte = (uint8_t)((uint32_t)b->byte << 1 | (value >> count & 1));
        if (++b->used == 8) {
            put_byte(b, b->byte);
            b->used = 0;
        }
    }
}

static void put_ue(struct bits *b, uint32_t value)
{
    const int size = 32 - __builtin_clz(value + 1);
    put(b, size - 1, 0);
    put(b, size, value + 1);
}

static void align(struct bits *b)
{
    while (b->used)
        put(b, 1, 0);
}

static size_t finish(struct bits *b)
{
    put(b, 1, 1);
    align(b);
    return b->length;
}

static struct bits start(uint8_t *out, uint8_t header)
{
    out[0] = header;
    return (struct bits){.out = out, .length = 1};
}

size_t h264_sps(uint8_t *out)
{
    struct bits b = start(out, 0x67);
    put(&b, 24, 0x42E01E); /* constrained baseline, level 3.0 */
    put_ue(&b, 0);
    put_ue(&b, FRAME_NUM_BITS - 4);
    put_ue(&b, 2); /* output order is decoding order */
    put_ue(&b, 1); /* reference frames */
    put(&b, 1, 0);
    put_ue(&b, MB_WIDE - 1);
    put_ue(&b, MB_HIGH - 1);
    put(&b, 2, 3); /* frames only, direct 8x8 */
    put(&b, 1, 1); /* cropped */
    put_ue(&b, 0);
    put_ue(&b, 0);
    put_ue(&b, 0);
    put_ue(&b, CROP_BOTTOM);
    put(&b, 1, 0); /* no VUI */
    return finish(&b);
}

size_t h264_pps(uint8_t *out)
{
    struct bits b = start(out, 0x68);
    put_ue(&b, 0);
    put_ue(&b, 0);
    put(&b, 2, 0); /* CAVLC */
    for (int i = 0; i < 3; i++)
        put_ue(&b, 0); /* slice groups, reference counts */
    put(&b, 3, 0);     /* no weighting */
    for (int i = 0; i < 3; i++)
        put_ue(&b, 0); /* quantisers */
    put(&b, 3, 4);     /* deblocking control is in the slice header */
    return finish(&b);
}

static void raw_macroblock(struct bits *b, uint32_t type, uint32_t seed, int64_t stamp_us)
{
    int filled = 0;
    put_ue(b, type);
    align(b);
    if (stamp_us >= 0) {
        uint8_t stamp[H264_STAMP];
        h264_stamp_write(stamp, stamp_us);
        for (; filled < H264_STAMP; filled++)
            put_byte(b, stamp[filled]);
    }
    for (; filled < 384; filled++) {
        seed = seed * 1664525 + 1013904223;
        put_byte(b, (uint8_t)(16 + (seed >> 24) % 220));
    }
}

size_t h264_key(uint8_t *out, unsigned int idr, unsigned int raw)
{
    struct bits b = start(out, 0x65);
    put_ue(&b, 0);
    put_ue(&b, SLICE_I);
    put_ue(&b, 0);
    put(&b, FRAME_NUM_BITS, 0);
    put_ue(&b, idr % 2);
    put(&b, 2, 0);
    put_ue(&b, 0); /* quantiser as in the PPS */
    put_ue(&b, 1); /* no deblocking */
    for (unsigned int i = 0; i < MBS - raw; i++) {
        put_ue(&b, I16_DC_NO_RESIDUAL);
        put(&b, 3, 7); /* chroma DC, same quantiser, no coefficients */
    }
    for (unsigned int i = 0; i < raw; i++)
        raw_macroblock(&b, I_PCM, idr * 7919 + i, -1);
    return finish(&b);
}

size_t h264_delta(uint8_t *out, unsigned int number, unsigned int raw, int64_t stamp_us)
{
    struct bits b = start(out, 0x41);
    const unsigned int first = number * 13 % (MBS - raw);
    put_ue(&b, 0);
    put_ue(&b, SLICE_P);
    put_ue(&b, 0);
    put(&b, FRAME_NUM_BITS, number & ((1 << FRAME_NUM_BITS) - 1));
    put(&b, 3, 0); /* default references, sliding window */
    put_ue(&b, 0);
    put_ue(&b, 1);
    for (unsigned int i = 0; i < raw; i++) {
        put_ue(&b, i == 0 ? first : 0); /* skipped macroblocks before this one */
        raw_macroblock(&b, I_PCM_IN_P, number * 31 + i, i == 0 ? stamp_us : -1);
    }
    if (first + raw < MBS)
        put_ue(&b, MBS - first - raw);
    return finish(&b);
}

void h264_stamp_write(uint8_t out[H264_STAMP], int64_t us)
{
    memcpy(out, mark, sizeof mark);
    for (int i = 0; i < 9; i++)
        out[6 + i] = (uint8_t)(0x80 | ((uint64_t)us >> (7 * i) & 0x7F));
}

int64_t h264_stamp_find(const uint8_t *bytes, size_t length)
{
    const uint8_t *at = length < H264_STAMP ? NULL : memmem(bytes, length, mark, sizeof mark);
    if (!at || at + H264_STAMP > bytes + length)
        return -1;
    uint64_t us = 0;
    for (int i = 8; i >= 0; i--)
        us = us << 7 | (at[6 + i] & 0x7F);
    return (int64_t)us;
}
