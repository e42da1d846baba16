/* test_children.c: the pure modules of ingest and studio. */
#include "streamer/ingest/patience.h"
#include "streamer/ingest/ptmap.h"
#include "streamer/ingest/sources.h"
#include "streamer/pipeline/rtp.h"
#include "streamer/pipeline/setup.h"
#include "streamer/studio/moof.h"
#include "streamer/studio/polite.h"
#include "streamer/studio/posters.h"
#include "streamer/studio/lips.h"
#include "streamer/studio/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static bool read_setup(const char *text, struct setup *s)
{
    const char *why = NULL;
    bool read = setup_read(s, (const uint8_t *)text, strlen(text), &why);
    assert_true(read || why);
    return read;
}

static void a_whole_setup_is_read(void **state)
{
    (void)state;
    struct setup s;
    assert_true(read_setup(
        "{\"room\":\"khe-nhinh\",\"video\":{\"codec\":\"H264\",\"pt\":102,\"rtx_pt\":103,\"fmtp\":"
        "\"packetization-mode=1;sprop-parameter-sets=Z0LA,aM48;profile-level-id=42e01f\"},"
        "\"audio\":{\"pt\":111},\"twcc_id\":3,\"latency_ms\":60,\"dir\":\"/m/khe\",\"record\":true,"
        "\"poster_ms\":1,\"ahead_s\":3600}",
        &s));
    assert_string_equal(s.room, "khe-nhinh");
    assert_int_equal(s.codec, SETUP_H264);
    assert_int_equal(s.video_pt, 102);
    assert_int_equal(s.rtx_pt, 103);
    assert_string_equal(s.sprop, "Z0LA,aM48");
    assert_int_equal(s.audio_pt, 111);
    assert_int_equal(s.twcc_id, 3);
    assert_int_equal(s.latency_ms, 60);
    assert_string_equal(s.dir, "/m/khe");
    assert_true(s.record);
    assert_int_equal(s.poster_ms, SETUP_POSTER_MIN_MS);
    assert_int_equal(s.ahead_s, 3600);
}

static void what_is_absent_has_a_default(void **state)
{
    (void)state;
    struct setup s;
    assert_true(read_setup("{\"room\":\"x\",\"audio\":{\"pt\":111}}", &s));
    assert_int_equal(s.codec, SETUP_NO_VIDEO);
    assert_int_equal(s.latency_ms, SETUP_LATENCY_MS);
    assert_int_equal(s.poster_ms, SETUP_POSTER_MS);
    assert_int_equal(s.ahead_s, 0);
    assert_int_equal(s.twcc_id, 0);
    assert_false(s.record);
    assert_false(read_setup("{\"room\":\"x\",\"audio\":{\"pt\":128}}", &s));
    assert_false(read_setup("{\"room\":\"x\",\"audio\":{\"pt\":\"111\"}}", &s));
    assert_false(read_setup("{\"room\":\"x\",\"audio\":{\"pt\":111},\"latency_ms\":-1}", &s));
    assert_false(read_setup("{\"room\":\"0123456789012345678901234567890123\",\"audio\":{\"pt\":111}}", &s));
}

static void an_rtp_header_is_read(void **state)
{
    (void)state;
    const uint8_t packet[] = {0x90, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0xde, 0xad, 0xbe, 0xef};
    struct rtp_glance g;
    assert_true(rtp_look(&g, packet, sizeof packet));
    assert_int_equal(g.pt, 96);
    assert_int_equal(g.seq, 0x1234);
    assert_int_equal(g.timestamp, 0x01020304);
    assert_int_equal(g.ssrc, 0xdeadbeef);
    assert_false(rtp_look(&g, packet, sizeof packet - 1));
    assert_false(rtp_look(&g, (const uint8_t *)"\x40xxxxxxxxxxx", 12));
}

static void a_phone_has_so_many_sources_and_no_more(void **state)
{
    (void)state;
    struct sources s = {0};
    for (uint32_t i = 0; i < SOURCES_MAX; i++)
        assert_true(sources_admit(&s, 1000 + i, i % 3, i % 2));
    assert_false(sources_admit(&s, 5, 0, false));
    assert_true(sources_admit(&s, 1001, 2, false));
    assert_int_equal(sources_layer(&s, 1001), 1); /* the first word stands */
    assert_int_equal(sources_layer(&s, 5), 0);
    assert_true(sources_is_audio(&s, 1001));
    assert_false(sources_is_audio(&s, 1002));
    assert_false(sources_is_audio(&s, 5));
}

static void the_wait_for_a_lost_packet_follows_the_round_trip(void **state)
{
    (void)state;
    const unsigned least = 100;
    assert_int_equal(patience_next(least, least, 0, false), 100); /* nothing is known */
    assert_int_equal(patience_next(least, least, 5, false), 100); /* the least is enough */
    assert_int_equal(patience_next(least, least, 150, false), 380);
    assert_int_equal(patience_next(least, least, 4000000000u, false), PATIENCE_MAX_MS);
    /* the wait was too short, whatever the round trip is said to be */
    assert_int_equal(patience_next(200, least, 0, true), 300);
    assert_int_equal(patience_next(200, least, 10, true), 300);
    assert_int_equal(patience_next(450, least, 10, true), PATIENCE_MAX_MS);
    /* down slowly, and all the way */
    unsigned ms = 500, steps = 0;
    for (; ms > least; steps++) {
        unsigned next = patience_next(ms, least, 10, false);
        assert_true(next < ms && ms - next <= 25);
        ms = next;
    }
    assert_int_equal(ms, least);
    assert_true(steps > 30);
}

static void caps_carry_what_feedback_needs(void **state)
{
    (void)state;
    struct setup s;
    assert_true(read_setup(
        "{\"room\":\"x\",\"video\":{\"codec\":\"VP8\",\"pt\":96,\"rtx_pt\":97},\"twcc_id\":5}", &s));
    g_autoptr(GstCaps) video = ptmap_caps(&s, 96);
    g_autoptr(GstCaps) rtx = ptmap_caps(&s, 97);
    g_autofree char *video_text = gst_caps_to_string(video);
    g_autofree char *rtx_text = gst_caps_to_string(rtx);
    assert_non_null(strstr(video_text, "extmap-5="));
    assert_non_null(strstr(video_text, "rtcp-fb-nack-pli=(boolean)true"));
    assert_non_null(strstr(rtx_text, "apt=(string)96"));
    assert_null(ptmap_caps(&s, 111));
    assert_null(ptmap_caps(&s, 0));
}

static void time_goes_by_the_rtp_clock(void **state)
{
    (void)state;
    struct timeline t = {.rate = 90000};
    uint32_t ts = UINT32_MAX - 1000; /* wraps at once */
    int64_t at = 5000000;
    assert_int_equal(timeline_us(&t, ts, at), at);
    for (int i = 1; i <= 100; i++) {
        int64_t us = timeline_us(&t, ts + (uint32_t)i * 3600, at + i * 40000 + (i % 2) * 20000);
        assert_true(llabs(us - (at + i * 40000)) < 12000); /* jitter of 20 ms is smoothed */
    }
    int64_t jumped = timeline_us(&t, ts + 90000 * 3600U, at + 10000000);
    assert_int_equal(jumped, at + 10000000);        /* a phone that came back */
    assert_true(timeline_us(&t, ts, at) >= jumped); /* never backwards */
}

/* Forty seconds of sound that comes a fifth of a second after the picture of the same moment, with reports or
 * without; how far apart the two are put at the end, in microseconds. */
static int64_t put_apart(int64_t told_apart_us, bool reports)
{
    struct timeline video = {.rate = 90000}, audio = {.rate = 48000};
    const struct lips lips = {.video_ssrc = 1, .audio_ssrc = 2};
    const int64_t at = 5000000, late_us = 200000;
    int64_t v = 0, a = 0;
    for (int i = 0; i < 2000; i++) { /* 20 ms each; the moment is at + i * 20 ms */
        int64_t moment = at + i * 20000;
        if (i % 2 == 0)
            v = timeline_us(&video, (uint32_t)i * 1800, moment) - moment;
        a = timeline_us(&audio, (uint32_t)i * 960, moment + late_us) - moment;
        if (reports && i % 50 == 10) {
            uint8_t rtcp[2 * 28] = {0};
            uint64_t told[2] = {(uint64_t)moment, (uint64_t)(moment + told_apart_us)};
            for (uint32_t k = 0; k < 2; k++) {
                uint8_t *b = rtcp + k * 28;
                uint32_t words[] = {0x80c80006u, k + 1, (uint32_t)(told[k] / 1000000),
                                    (uint32_t)((told[k] % 1000000 << 32) / 1000000),
                                    (uint32_t)i * (k ? 960u : 1800u)};
                for (unsigned w = 0; w < 5; w++)
                    for (unsigned n = 0; n < 4; n++)
                        b[w * 4 + n] = (uint8_t)(words[w] >> (24 - 8 * n));
            }
            bool counts = lips_report(&lips, rtcp, sizeof rtcp, &video, &audio, moment);
            assert_int_equal(counts, llabs(late_us - told_apart_us) <= LIPS_MOST_US);
            struct timeline before = audio;
            assert_false(lips_report(&lips, rtcp, 28, &video, &audio, moment));             /* one of them */
            assert_false(lips_report(&lips, rtcp, 55, &video, &audio, moment));             /* cut off */
            assert_false(lips_report(&(struct lips){0}, rtcp, 56, &video, &audio, moment)); /* of others */
            assert_memory_equal(&before, &audio, sizeof audio);
        }
    }
    return a - v;
}

static void sound_is_put_where_the_phone_says_it_belongs(void **state)
{
    (void)state;
    assert_true(llabs(put_apart(0, false) - 200000) < 3000);   /* by arrival: a fifth of a second late */
    assert_true(llabs(put_apart(0, true)) < 3000);             /* it came late, and belongs to the picture */
    assert_true(llabs(put_apart(50000, true) - 50000) < 3000); /* it really was later */
    assert_true(llabs(put_apart(-900000, true) - 200000) < 3000); /* nonsense: by arrival */
}

static void keyframes_are_asked_for_politely(void **state)
{
    (void)state;
    struct polite p = {0};
    assert_false(polite_ask(&p, true, 1000, 4000, 10000));
    assert_false(polite_ask(&p, true, 1000, 4000, 10999));
    assert_true(polite_ask(&p, true, 1000, 4000, 11000));
    assert_false(polite_ask(&p, true, 1000, 4000, 12000));
    assert_true(polite_ask(&p, true, 1000, 4000, 15000));
    assert_false(polite_ask(&p, false, 1000, 4000, 15500));
    assert_false(polite_ask(&p, true, 1000, 4000, 30000)); /* patience starts anew */
}

static void a_poster_keeps_the_shape(void **state)
{
    (void)state;
    const int shapes[][4] = {
        {640, 360, 320, 180}, {1080, 1920, 180, 320}, {640, 480, 320, 240}, {1920, 16, 320, 2}};
    for (unsigned i = 0; i < G_N_ELEMENTS(shapes); i++) {
        int width, height;
        poster_fit(shapes[i][0], shapes[i][1], &width, &height);
        assert_int_equal(width, shapes[i][2]);
        assert_int_equal(height, shapes[i][3]);
    }
}

static void a_run_without_sizes_becomes_free_space(void **state)
{
    (void)state;
    const uint8_t fragment[] = {0, 0, 0, 0x48, 'm', 'o', 'o', 'f', 0, 0, 0, 0x40, 't', 'r', 'a', 'f',
                                /* tfhd without a default size */
                                0, 0, 0, 0x10, 't', 'f', 'h', 'd', 0, 0, 0, 0x21, 0, 0, 0, 2,
                                /* a good run: duration and size */
                                0, 0, 0, 0x14, 't', 'r', 'u', 'n', 0, 0, 3, 1, 0, 0, 0, 1, 0, 0, 0, 9,
                                /* a bad one */
                                0, 0, 0, 0x14, 't', 'r', 'u', 'n', 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9};
    uint8_t bytes[sizeof fragment];
    memcpy(bytes, fragment, sizeof bytes);
    assert_int_equal(moof_mend(bytes, sizeof bytes), 1);
    assert_memory_equal(bytes + 36, "trun", 4);
    assert_memory_equal(bytes + 56, "free", 4);
    memcpy(bytes, fragment, sizeof bytes);
    bytes[27] |= 0x10; /* with a default size both are good */
    assert_int_equal(moof_mend(bytes, sizeof bytes), 0);
    for (size_t n = 0; n < sizeof fragment; n++) {
        memcpy(bytes, fragment, sizeof bytes);
        assert_int_equal(moof_mend(bytes, n), 0); /* cut short */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_setup_is_read),
        cmocka_unit_test(what_is_absent_has_a_default),
        cmocka_unit_test(an_rtp_header_is_read),
        cmocka_unit_test(the_wait_for_a_lost_packet_follows_the_round_trip),
        cmocka_unit_test(a_phone_has_so_many_sources_and_no_more),
        cmocka_unit_test(caps_carry_what_feedback_needs),
        cmocka_unit_test(time_goes_by_the_rtp_clock),
        cmocka_unit_test(sound_is_put_where_the_phone_says_it_belongs),
        cmocka_unit_test(keyframes_are_asked_for_politely),
        cmocka_unit_test(a_poster_keeps_the_shape),
        cmocka_unit_test(a_run_without_sizes_becomes_free_space),
    };
    gst_init(NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
