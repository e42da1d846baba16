/* Simulcast layers: whose packet is it, how large is its picture, and what is it for just now. */
#include "streamer/relay/layers.h"
#include "streamer/relay/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { RID_ID = 10, REPAIRED_ID = 11, SMALL = 320 * 180, LARGE = 640 * 360, FRAME_US = 40000 };

static int64_t now_us;

static struct layers fresh(void)
{
    struct layers l;
    struct sdp_track t = {.present = true, .rids = {"l", "hi"}, .rid_id = RID_ID, .repaired_id = REPAIRED_ID};
    layers_init(&l, &t);
    now_us = 5000000;
    return l;
}

/* A packet whose header extension says `name` under `id`; 0: it has none. */
static size_t packet(uint8_t out[32], uint8_t id, const char *name)
{
    size_t length = strlen(name);
    memset(out, 0, 32);
    out[0] = id ? 0x90 : 0x80;
    out[12] = 0xbe;
    out[13] = 0xde;
    out[15] = 2; /* words; the first byte of them is padding */
    out[17] = (uint8_t)(((unsigned)id << 4) | (unsigned)(length - 1));
    memcpy(out + 18, name, length);
    return 28;
}

static void a_packet_is_known_by_its_name_and_then_by_its_source(void **state)
{
    (void)state;
    struct layers l = fresh();
    uint8_t bytes[32];
    unsigned layer = 9;
    assert_false(layers_of(&l, bytes, packet(bytes, 0, "hi"), 70, &layer));
    assert_false(layers_of(&l, bytes, packet(bytes, RID_ID, "h"), 70, &layer));
    assert_false(layers_of(&l, bytes, packet(bytes, RID_ID + 2, "hi"), 70, &layer));
    assert_true(layers_of(&l, bytes, packet(bytes, RID_ID, "hi"), 70, &layer));
    assert_int_equal(layer, 1);
    assert_true(layers_of(&l, bytes, packet(bytes, REPAIRED_ID, "l"), 71, &layer));
    assert_int_equal(layer, 0);
    assert_true(layers_of(&l, bytes, packet(bytes, 0, "x"), 70, &layer));
    assert_int_equal(layer, 1);
    for (uint32_t ssrc = 100; ssrc < 100 + SRTP_STREAMS; ssrc++) /* a flood of sources ends somewhere */
        layers_of(&l, bytes, packet(bytes, RID_ID, "hi"), ssrc, &layer);
    assert_false(layers_of(&l, bytes, packet(bytes, RID_ID, "hi"), 99, &layer));
}

static void pictures_tell_their_size(void **state)
{
    (void)state;
    const uint8_t vp8[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};
    const uint8_t set[] = {0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbc}; /* 40 by 23 macroblocks */
    uint8_t together[3 + sizeof set] = {24, 0, sizeof set};
    memcpy(together + 3, set, sizeof set);
    assert_int_equal(picture_pixels(RTP_VP8, vp8, sizeof vp8), LARGE);
    assert_int_equal(picture_pixels(RTP_VP8, vp8, 9), 0);
    assert_int_equal(picture_pixels(RTP_H264, set, sizeof set), 640 * 368);
    assert_int_equal(picture_pixels(RTP_H264, together, sizeof together), 640 * 368);
    for (size_t size = 0; size < sizeof set - 1; size++)
        assert_int_equal(picture_pixels(RTP_H264, set, size), 0);
}

static unsigned key(struct layers *l, unsigned layer, unsigned pixels)
{
    return layers_take(l, layer, true, pixels, now_us);
}

/* Frames of the layers named by the bits, for so long; what the last one of each was for. */
static void frames(struct layers *l, unsigned which, int64_t ms, unsigned use[SDP_LAYERS])
{
    for (int64_t end_us = now_us + ms * 1000; now_us < end_us; now_us += FRAME_US)
        for (unsigned i = 0; i < SDP_LAYERS; i++)
            if (which >> i & 1)
                use[i] = layers_take(l, i, false, 0, now_us);
}

static void the_larger_is_the_picture_whatever_comes_first(void **state)
{
    (void)state;
    struct layers l = fresh();
    unsigned use[SDP_LAYERS];
    assert_int_equal(layers_take(&l, 0, false, 0, now_us), 0); /* nothing before a keyframe */
    assert_int_equal(layers_wanted(&l, now_us), 0);
    assert_int_equal(layers_wanted(&l, now_us), LAYER_NONE); /* not so soon again */
    assert_int_equal(key(&l, 0, SMALL), LAYER_PICTURE | LAYER_LOW);
    assert_int_equal(key(&l, 1, LARGE), LAYER_PICTURE);
    frames(&l, 3, 2000, use);
    assert_int_equal(use[0], LAYER_LOW);
    assert_int_equal(use[1], LAYER_PICTURE);
    assert_int_equal(layers_wanted(&l, now_us), LAYER_NONE);
}

static void a_phone_that_drops_its_large_layer_shows_the_small_one(void **state)
{
    (void)state;
    struct layers l = fresh();
    unsigned use[SDP_LAYERS];
    key(&l, 0, SMALL);
    key(&l, 1, LARGE);
    frames(&l, 3, 1000, use);
    frames(&l, 1, LAYER_SILENT_MS + 200, use);
    assert_int_equal(use[0], LAYER_LOW);
    assert_int_equal(layers_wanted(&l, now_us), 0);
    assert_int_equal(key(&l, 0, SMALL), LAYER_PICTURE | LAYER_LOW);
    frames(&l, 3, LAYER_ASK_MS + 100, use); /* back, but in the middle of its stream */
    assert_int_equal(use[1], 0);
    assert_int_equal(layers_wanted(&l, now_us), 1);
    assert_int_equal(key(&l, 1, LARGE), LAYER_PICTURE);
    assert_int_equal(key(&l, 0, SMALL), LAYER_LOW);
}

static void when_all_stands_still_no_layer_was_dropped(void **state)
{
    (void)state;
    struct layers l = fresh();
    unsigned use[SDP_LAYERS];
    key(&l, 0, SMALL);
    key(&l, 1, LARGE);
    frames(&l, 3, 1000, use);
    now_us += 5000000;
    assert_int_equal(layers_take(&l, 1, false, 0, now_us), LAYER_PICTURE);
    assert_int_equal(layers_wanted(&l, now_us), LAYER_NONE);
    assert_int_equal(layers_take(&l, 0, false, 0, now_us), LAYER_LOW);
}

static void a_low_layer_that_is_gone_or_large_is_none(void **state)
{
    (void)state;
    struct layers l = fresh();
    unsigned use[SDP_LAYERS];
    key(&l, 1, LARGE);
    assert_int_equal(l.low, LAYER_NONE);
    key(&l, 0, SMALL);
    assert_int_equal(l.low, 0);
    frames(&l, 2, LAYER_SILENT_MS + 200, use);
    layers_wanted(&l, now_us);
    assert_int_equal(l.low, LAYER_NONE);
    assert_int_equal(key(&l, 0, LARGE * 3 / 4), 0);
    assert_int_equal(l.low, LAYER_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_known_by_its_name_and_then_by_its_source),
        cmocka_unit_test(pictures_tell_their_size),
        cmocka_unit_test(the_larger_is_the_picture_whatever_comes_first),
        cmocka_unit_test(a_phone_that_drops_its_large_layer_shows_the_small_one),
        cmocka_unit_test(when_all_stands_still_no_layer_was_dropped),
        cmocka_unit_test(a_low_layer_that_is_gone_or_large_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
