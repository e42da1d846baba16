/* What happens to a packet between ingest and viewers: numbers, history, groups of pictures, keyframe
 * requests. */
#include "streamer/relay/keyframe.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/track.h"
#include "streamer/relay/wheel.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void numbers_go_on_over_a_takeover(void **state)
{
    (void)state;
    struct rewrite r;
    uint64_t index;
    uint32_t ts;
    rewrite_init(&r, 90000, 70000, 5000);
    assert_true(rewrite_packet(&r, 1, 65534, 100, 1000000, &index, &ts));
    assert_int_equal(index, 70000);
    assert_int_equal(ts, 5000);
    assert_true(
        rewrite_packet(&r, 1, 1, 3100, 1033333, &index, &ts)); /* two lost over the source's rollover */
    assert_int_equal(index, 70003);
    assert_int_equal(ts, 8000);
    assert_true(rewrite_packet(&r, 1, 0, 3100, 1033333, &index, &ts)); /* late, but not too late */
    assert_int_equal(index, 70002);
    rewrite_switch(&r);
    assert_true(rewrite_packet(&r, 2, 500, 4000000000u, 2033333, &index, &ts)); /* one second later */
    assert_int_equal(index, 70004);
    assert_int_equal(ts, 98000);
    assert_false(rewrite_packet(&r, 2, 499, 4000000000u, 2033333, &index, &ts));
    assert_int_equal(rewrite_timestamp(&r, 4000000090u), 98090);
}

/* A market day and the next: a picture's timestamps begin anew every 13 hours, its sequences every 15
 * minutes. */
static void numbers_go_on_for_days(void **state)
{
    (void)state;
    enum { FPS = 25, HOURS = 50, TICKS = 90000 / FPS };
    struct rewrite r;
    uint64_t index;
    uint32_t ts;
    rewrite_init(&r, 90000, 70000, 4000000000u);
    for (uint32_t i = 0; i < HOURS * 3600 * FPS; i++) {
        int64_t at_us = 1000000 + i * INT64_C(1000000) / FPS;
        assert_true(
            rewrite_packet(&r, 1, (uint16_t)(65000 + i), 3000000000u + i * TICKS, at_us, &index, &ts));
        assert_int_equal(index, 70000 + (uint64_t)i);
        assert_int_equal(ts, 4000000000u + i * TICKS);
    }
    assert_int_equal(rewrite_timestamp(&r, 3000000000u), 4000000000u);
}

static void a_jump_of_the_source_is_a_new_beginning(void **state)
{
    (void)state;
    struct rewrite r;
    uint64_t index;
    uint32_t ts;
    rewrite_init(&r, 48000, 70000, 0);
    assert_true(rewrite_packet(&r, 1, 10, 0, 1000, &index, &ts));
    assert_true(rewrite_packet(&r, 1, 20000, 77, 21000, &index, &ts));
    assert_int_equal(index, 70001);
    assert_int_equal(ts, 960);
}

/* Padding by which a phone probes its line takes numbers of the stream; for viewers there is no gap. */
static void numbers_close_over_empty_packets(void **state)
{
    (void)state;
    struct rewrite r;
    uint64_t index;
    uint32_t ts;
    rewrite_init(&r, 90000, 70000, 0);
    rewrite_skip(&r, 1, 9); /* before there is a stream: of no account */
    assert_true(rewrite_packet(&r, 1, 65534, 0, 1000, &index, &ts));
    rewrite_skip(&r, 1, 65535);
    rewrite_skip(&r, 1, 0);
    rewrite_skip(&r, 1, 65535); /* late, or again */
    rewrite_skip(&r, 2, 1);     /* somebody else's */
    assert_true(rewrite_packet(&r, 1, 1, 3000, 34000, &index, &ts));
    assert_int_equal(index, 70001);
    rewrite_skip(&r, 1, 3); /* and 2 is missing */
    assert_true(rewrite_packet(&r, 1, 4, 6000, 67000, &index, &ts));
    assert_int_equal(index, 70003);
    assert_int_equal(ts, 6000);
}

/* A phone's timestamps may be anything; ours go on. */
static void a_clock_that_leaps_leaves_our_time_alone(void **state)
{
    (void)state;
    static const uint32_t odd[] = {0x7fffffff, 0x80000001, 0xfffc0000, 0x00040000, 0x12345678};
    struct rewrite r;
    uint64_t index;
    uint32_t ts, last = 5000, source = 900000;
    int64_t at_us = 1000000;
    uint16_t sequence = 500;
    rewrite_init(&r, 90000, 70000, last);
    assert_true(rewrite_packet(&r, 1, sequence++, source, at_us, &index, &ts));
    source += 3600;
    at_us += 40000;
    for (unsigned i = 0; i < G_N_ELEMENTS(odd); i++) {
        for (int n = 0; n < 4; n++, sequence++, at_us += 40000, source += 3600) {
            bool wrong = n == 1;
            assert_true(
                rewrite_packet(&r, 1, sequence, wrong ? source + odd[i] : source, at_us, &index, &ts));
            assert_int_equal(index, 70000 + sequence - 500);
            assert_in_range(ts - last, 1, 4 * 3600);
            last = ts;
        }
        assert_false(rewrite_packet(&r, 1, (uint16_t)(sequence - 2), source + odd[i], at_us, &index, &ts));
    }
    rewrite_switch(&r);
    assert_true(rewrite_packet(&r, 2, 1, 77, at_us, &index, &ts));
    assert_in_range(ts - last, 1, 4 * 3600);
}

/* Ten seconds of radio silence, then everything at once: nothing is wrong with these timestamps. */
static void what_waited_on_the_way_keeps_its_time(void **state)
{
    (void)state;
    struct rewrite r;
    uint64_t index;
    uint32_t ts;
    rewrite_init(&r, 90000, 70000, 5000);
    assert_true(rewrite_packet(&r, 1, 10, 0, 0, &index, &ts));
    for (uint32_t n = 1; n <= 250; n++) {
        assert_true(rewrite_packet(&r, 1, (uint16_t)(10 + n), n * 3600, 10000000, &index, &ts));
        assert_int_equal(ts, 5000 + n * 3600);
    }
    assert_true(rewrite_packet(&r, 1, 300, 250 * 3600 + 20 * 90000, 30000000, &index, &ts)); /* 20 s later */
    assert_int_equal(ts, 5000 + 250 * 3600 + 20 * 90000);
}

static struct packet *make(struct packet_pool *pool, uint64_t index)
{
    struct packet *p = packet_new(pool);
    p->index = index;
    return p;
}

static void history_keeps_the_last_packets(void **state)
{
    (void)state;
    struct packet_pool *pool = packet_pool_new(false);
    struct history *h = history_new(8);
    history_put(h, make(pool, 100));
    history_put(h, make(pool, 103));
    assert_null(history_get(h, 101));
    history_put(h, make(pool, 101)); /* a straggler fills its gap */
    assert_non_null(history_get(h, 101));
    assert_int_equal(history_next(h), 104);
    for (uint64_t i = 104; i < 120; i++)
        history_put(h, make(pool, i));
    assert_null(history_get(h, 111));
    assert_non_null(history_get(h, 112));
    assert_int_equal(history_oldest(h), 112);
    history_put(h, make(pool, 50)); /* older than the ring: dropped, not kept */
    assert_null(history_get(h, 50));
    history_put(h, make(pool, 5000));
    assert_null(history_get(h, 119));
    assert_int_equal(history_oldest(h), 5000);
    history_free(h);
    packet_pool_free(pool);
}

enum { KEY = 0x65, DELTA = 0x41 };

struct desk { /* a track and what feeds it */
    struct track t;
    struct packet_pool *pool;
    uint16_t sequence;
    bool keyframe;
};

static int setup(void **state)
{
    struct desk *d = g_new0(struct desk, 1);
    track_init(&d->t, 90000, 64);
    d->t.codec = RTP_H264;
    d->pool = packet_pool_new(false);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    track_done(&d->t);
    packet_pool_free(d->pool);
    g_free(d);
    return 0;
}

static struct packet *feed(struct desk *d, uint8_t unit, size_t size, bool marker, uint32_t timestamp,
                           int64_t at_us)
{
    uint8_t bytes[1500] = {0};
    rtp_write_head(bytes, 96, marker, false, ++d->sequence, timestamp, 77);
    bytes[RTP_HEAD] = unit;
    return track_take(&d->t, d->pool, bytes, RTP_HEAD + size, at_us, &d->keyframe);
}

static void a_frame_is_shown_when_it_is_whole(void **state)
{
    struct desk *d = *state;
    uint64_t before;
    feed(d, KEY, 1000, false, 0, 1000);
    assert_true(d->keyframe);
    before = d->t.released;
    assert_false(track_release(&d->t, 1100));
    feed(d, DELTA, 1001, false, 0, 1200);
    assert_false(track_release(&d->t, 1300));
    feed(d, DELTA, 500, true, 0, 1400);
    assert_true(track_release(&d->t, 1500));
    assert_int_equal(d->t.released, before + 3);
    assert_int_equal(history_get(d->t.history, before)->padding, 1); /* as long as its neighbour */
    assert_int_equal(history_get(d->t.history, before + 1)->padding, 0);
    assert_int_equal(history_get(d->t.history, before + 2)->padding, 0); /* the last may be shorter */
}

static void half_a_frame_does_not_wait_for_ever(void **state)
{
    struct desk *d = *state;
    feed(d, KEY, 100, false, 0, 1000);
    assert_false(track_release(&d->t, 1000 + GATHER_US - 1));
    assert_true(track_release(&d->t, 1000 + GATHER_US));
    assert_false(track_release(&d->t, 1000 + 2 * GATHER_US));
}

static void a_joiner_starts_at_the_keyframe(void **state)
{
    struct desk *d = *state;
    assert_false(gop_can_start(&d->t.gop, d->t.history));
    feed(d, DELTA, 100, true, 0, 1);
    assert_false(gop_can_start(&d->t.gop, d->t.history));
    struct packet *key = feed(d, KEY, 100, true, 3600, 2);
    feed(d, DELTA, 100, true, 7200, 3);
    struct packet *last = feed(d, DELTA, 100, true, 10800, 4);
    assert_true(gop_can_start(&d->t.gop, d->t.history));
    assert_int_equal(d->t.gop.key_index, key->index);
    assert_int_equal(gop_squeeze(key, d->t.frame, d->t.timestamp), last->timestamp - 2 * GOP_SQUEEZE_TICKS);
    assert_int_equal(gop_squeeze(last, d->t.frame, d->t.timestamp), last->timestamp);
    d->sequence++; /* one is lost: those who start now would see rubbish */
    feed(d, DELTA, 100, true, 14400, 5);
    assert_false(gop_can_start(&d->t.gop, d->t.history));
    feed(d, KEY, 100, true, 18000, 6);
    assert_true(gop_can_start(&d->t.gop, d->t.history));
}

static void a_second_packet_of_a_keyframe_is_no_second_keyframe(void **state)
{
    struct desk *d = *state;
    feed(d, 0x67, 20, false, 0, 1);
    assert_true(d->keyframe);
    feed(d, KEY, 900, true, 0, 2);
    assert_false(d->keyframe);
    assert_int_equal(d->t.gop.key_index, d->t.gop.frame_index);
}

static void a_group_pushed_out_of_the_history_starts_nobody(void **state)
{
    struct desk *d = *state;
    feed(d, KEY, 100, true, 0, 1);
    for (uint32_t i = 1; i < 64; i++)
        feed(d, DELTA, 100, true, i * 3600, i);
    assert_true(gop_can_start(&d->t.gop, d->t.history));
    feed(d, DELTA, 100, true, 64 * 3600, 64);
    assert_false(gop_can_start(&d->t.gop, d->t.history));
}

static void reports_follow_the_rewritten_timestamps(void **state)
{
    struct desk *d = *state;
    struct packet *p = feed(d, KEY, 100, true, 1000, 1);
    assert_false(track_report(&d->t, 78, 0, 0));
    assert_true(track_report(&d->t, 77, UINT64_C(3900000000) << 32, 1000));
    assert_int_equal(track_timestamp_at(&d->t, d->t.report_us + 1000000), p->timestamp + 90000);
    assert_int_equal(track_timestamp_at(&d->t, d->t.report_us - 1000000), p->timestamp - 90000);
}

static void many_wishes_are_one_request(void **state)
{
    (void)state;
    struct keyframe k = {0};
    const int64_t s = 1000000;
    assert_true(keyframe_want(&k, KEYFRAME_JOIN, 10 * s));
    for (int i = 0; i < 100; i++)
        assert_false(keyframe_want(&k, KEYFRAME_JOIN, 11 * s));
    assert_false(keyframe_due(&k, 12 * s - 1));
    assert_true(keyframe_due(&k, 12 * s)); /* it never came: ask again */
    keyframe_came(&k);
    assert_false(keyframe_due(&k, 20 * s));
    assert_true(keyframe_want(&k, KEYFRAME_REPAIR, 20 * s));
    assert_false(keyframe_want(&k, KEYFRAME_REPAIR, 20 * s + 499999));
    assert_true(keyframe_due(&k, 20 * s + 500000));
}

struct bell {
    struct wheel *wheel;
    struct timer timer;
    int64_t rang_us;
    unsigned times;
};

static void ring(void *arg, int64_t now_us)
{
    struct bell *b = arg;
    b->rang_us = now_us;
    if (++b->times == 1)
        wheel_set(b->wheel, &b->timer, now_us + 10000);
}

static void timers_fire_in_time_also_after_a_lap(void **state)
{
    (void)state;
    int64_t now = 123456789;
    struct wheel *w = wheel_new(now);
    struct bell near = {.wheel = w, .timer = {.fire_cb = ring}},
                far = {.wheel = w, .timer = {.fire_cb = ring}, .times = 5};
    near.timer.arg = &near;
    far.timer.arg = &far;
    wheel_set(w, &near.timer, now + 30000);
    wheel_set(w, &far.timer, now + 9000000);
    for (int64_t t = now, end = now + 9100000; t < end;) {
        int64_t wait = wheel_wait_us(w, t, 1000000);
        assert_true(wait >= 0 && wait <= 1000000);
        t += MAX(wait, 1);
        wheel_run(w, t);
        assert_true(far.times == 5 || t >= now + 9000000);
    }
    assert_int_equal(near.times, 2);
    assert_int_equal(far.times, 6);
    assert_true(far.rang_us - (now + 9000000) <= 2 * WHEEL_TICK_US);
    wheel_set(w, &near.timer, now);
    wheel_stop(w, &near.timer);
    wheel_run(w, now + 30000000); /* a sleep of many laps */
    assert_int_equal(near.times, 2);
    wheel_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_on_over_a_takeover),
        cmocka_unit_test(numbers_go_on_for_days),
        cmocka_unit_test(a_jump_of_the_source_is_a_new_beginning),
        cmocka_unit_test(numbers_close_over_empty_packets),
        cmocka_unit_test(a_clock_that_leaps_leaves_our_time_alone),
        cmocka_unit_test(what_waited_on_the_way_keeps_its_time),
        cmocka_unit_test(history_keeps_the_last_packets),
        cmocka_unit_test_setup_teardown(a_frame_is_shown_when_it_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(half_a_frame_does_not_wait_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(a_joiner_starts_at_the_keyframe, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_packet_of_a_keyframe_is_no_second_keyframe, setup, teardown),
        cmocka_unit_test_setup_teardown(a_group_pushed_out_of_the_history_starts_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_follow_the_rewritten_timestamps, setup, teardown),
        cmocka_unit_test(many_wishes_are_one_request),
        cmocka_unit_test(timers_fire_in_time_also_after_a_lap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
