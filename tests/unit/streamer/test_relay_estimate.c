/* The steps of a viewer's rendition, second by second on a made-up clock. */
#include "streamer/relay/estimate.h"
#include "streamer/relay/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum {
    PACKETS = 150,
    TRIP_US = 60000,
    LONG_TRIP_US = TRIP_US + ESTIMATE_QUEUE_MS * 600,
    NO_LOSS = 0,
    AIR_LOSS = 13,
    SOME_LOSS = 26,
    HALF_LOST = 128
};

static const struct estimate_need need = {.kbps = {40, 210, 1000}, .has_low = true};
static const struct estimate_need no_low = {.kbps = {40, 210, 1000}, .has_low = false};

struct link {
    struct estimate e;
    int64_t now_us;
};

static struct link fresh(void)
{
    struct link l = {.now_us = 1000000};
    estimate_init(&l.e, l.now_us);
    return l;
}

/* So many seconds of one report each. */
static enum rendition pass(struct link *l, const struct estimate_need *n, enum rendition ceiling, int seconds,
                           uint8_t lost, uint32_t rtt_us, uint64_t remb)
{
    enum rendition r = l->e.level;
    for (int i = 0; i < seconds; i++) {
        l->now_us += 1000000;
        if (remb)
            estimate_remb(&l->e, remb);
        estimate_report(&l->e, PACKETS, lost, rtt_us);
        r = estimate_step(&l->e, n, ceiling, l->now_us);
    }
    return r;
}

static void a_good_link_keeps_the_source(void **state)
{
    struct link l = fresh();
    (void)state;
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 60, NO_LOSS, TRIP_US, 1500000), RENDITION_SOURCE);
    /* random loss that repair can cover, and a quick trip: no reason to step down */
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 20, SOME_LOSS, TRIP_US, 1500000), RENDITION_SOURCE);
    /* one odd report is not two */
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 1, 60, TRIP_US, 1500000), RENDITION_SOURCE);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 1500000), RENDITION_SOURCE);
}

static void a_narrow_link_goes_down_step_by_step_and_up_again(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 0);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 1, HALF_LOST, TRIP_US, 0), RENDITION_LOW);
    /* reports about before are not held against the low one */
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 2, HALF_LOST, TRIP_US, 0), RENDITION_LOW);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 2, HALF_LOST, TRIP_US, 0), RENDITION_AUDIO);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 12, NO_LOSS, TRIP_US, 0), RENDITION_LOW);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 12, NO_LOSS, TRIP_US, 0), RENDITION_SOURCE);
}

static void remb_and_queues_count_as_well_as_losses(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 1500000);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 2, NO_LOSS, LONG_TRIP_US, 600000), RENDITION_LOW);
    /* low ever since, and growing: that is how browsers begin anew, no complaint */
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 4, NO_LOSS, TRIP_US, 50000), RENDITION_LOW);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 10, NO_LOSS, TRIP_US, 60000), RENDITION_SOURCE);
    l = fresh();
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 1500000);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 2, SOME_LOSS, TRIP_US, 600000), RENDITION_LOW);
    l = fresh();
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 0);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 2, NO_LOSS, TRIP_US + 2 * ESTIMATE_QUEUE_MS * 1000, 0),
                     RENDITION_LOW);
}

/* What a browser says on a line with room and 30 ms of jitter, as seen through tests/networks: its REMB falls
 * below what it receives, a fifth of a second after a fifth of a second, and never comes back; packets of a
 * report are few, and some trips are long. */
static void jitter_costs_no_picture(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 1500000);
    for (int i = 0; i < 300; i++) {
        l.now_us += 200000;
        estimate_remb(&l.e, i < 24 ? 1100000 - 30000 * (uint64_t)i : 367000);
        estimate_report(&l.e, 30, i % 7 ? NO_LOSS : 17, TRIP_US + 120000 + (i % 5 ? 0 : 400000));
        assert_int_equal(estimate_step(&l.e, &need, RENDITION_SOURCE, l.now_us), RENDITION_SOURCE);
    }
}

/* One of three lost is a third, and says nothing: a report is worth what it is about. */
static void small_reports_are_gathered(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &need, RENDITION_LOW, 5, NO_LOSS, TRIP_US, 0);
    for (int i = 0; i < 100; i++) {
        l.now_us += 200000;
        estimate_report(&l.e, 3, i % 10 ? NO_LOSS : HALF_LOST, TRIP_US);
        estimate_report(&l.e, 10, NO_LOSS, TRIP_US);
        assert_int_equal(estimate_step(&l.e, &need, RENDITION_LOW, l.now_us), RENDITION_LOW);
    }
    /* but a line that loses half of few packets, too, is a bad one */
    for (int i = 0; i < 20; i++) {
        l.now_us += 200000;
        estimate_report(&l.e, 3, HALF_LOST, TRIP_US);
        estimate_step(&l.e, &need, RENDITION_LOW, l.now_us);
    }
    assert_int_equal(l.e.level, RENDITION_AUDIO);
}

/* Who gets sound alone reports every five seconds; one such report that is all well is the five seconds. */
static void rare_reports_do_not_keep_the_picture_away(void **state)
{
    struct link l = fresh();
    int waited = 0;
    (void)state;
    while (l.e.level != RENDITION_AUDIO)
        pass(&l, &need, RENDITION_SOURCE, 1, HALF_LOST, TRIP_US, 0);
    for (; l.e.level == RENDITION_AUDIO && waited < 60; waited++) {
        l.now_us += 1000000;
        if (waited % 5 == 3) /* the first one is about the bad time, too */
            estimate_report(&l.e, 250, waited == 3 ? SOME_LOSS : NO_LOSS, TRIP_US);
        estimate_step(&l.e, &need, RENDITION_SOURCE, l.now_us);
    }
    assert_in_range(waited, 5, 9);
}

/* A viewer may write into a report what it likes. */
static void absurd_reports_do_no_harm(void **state)
{
    struct link l = fresh();
    (void)state;
    for (int i = 0; i < 100000; i++)
        estimate_report(&l.e, UINT32_MAX, i % 2 ? 255 : 0, UINT32_MAX);
    l.now_us += 10000000;
    assert_int_equal(estimate_step(&l.e, &need, RENDITION_SOURCE, l.now_us), RENDITION_LOW);
    assert_true(l.e.lost >= 127 && l.e.lost <= 128);
}

/* 5 % get lost whatever is sent: the picture stays, through trips that vary, and comes back after worse
 * times. */
static void what_the_air_loses_costs_no_picture(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &need, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 0);
    assert_int_equal(
        pass(&l, &need, RENDITION_SOURCE, 30, AIR_LOSS + 5, TRIP_US + ESTIMATE_QUEUE_MS * 400, 0),
        RENDITION_SOURCE);
    pass(&l, &need, RENDITION_SOURCE, 5, HALF_LOST, TRIP_US, 0);
    assert_int_equal(l.e.level, RENDITION_AUDIO);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 30, AIR_LOSS, TRIP_US, 0), RENDITION_SOURCE);
}

static void a_trial_that_fails_waits_longer_next_time(void **state)
{
    struct link l = fresh();
    int waited[3];
    (void)state;
    for (int round = 0; round < 3; round++) {
        while (l.e.level == RENDITION_SOURCE)
            pass(&l, &need, RENDITION_SOURCE, 1, HALF_LOST, TRIP_US, 0);
        waited[round] = 0;
        for (; l.e.level == RENDITION_LOW; waited[round]++)
            pass(&l, &need, RENDITION_SOURCE, 1, NO_LOSS, TRIP_US, 0);
    }
    assert_true(waited[1] >= waited[0] + 4);
    assert_true(waited[2] >= waited[1] + 8);
    /* one that holds is forgiven */
    pass(&l, &need, RENDITION_SOURCE, 20, NO_LOSS, TRIP_US, 0);
    assert_int_equal(l.e.patience_us, ESTIMATE_PATIENCE_MS * INT64_C(1000));
}

static void a_wish_is_never_exceeded(void **state)
{
    struct link l = fresh();
    (void)state;
    assert_int_equal(pass(&l, &need, RENDITION_LOW, 60, NO_LOSS, TRIP_US, 5000000), RENDITION_LOW);
    assert_int_equal(pass(&l, &need, RENDITION_AUDIO, 5, NO_LOSS, TRIP_US, 5000000), RENDITION_AUDIO);
    assert_int_equal(pass(&l, &need, RENDITION_SOURCE, 1, NO_LOSS, TRIP_US, 5000000), RENDITION_SOURCE);
    /* REMB below the source is no fault of the low one */
    assert_int_equal(pass(&l, &need, RENDITION_LOW, 20, NO_LOSS, TRIP_US, 400000), RENDITION_LOW);
}

static void without_a_low_rendition_there_are_two_steps(void **state)
{
    struct link l = fresh();
    (void)state;
    pass(&l, &no_low, RENDITION_SOURCE, 5, NO_LOSS, TRIP_US, 0);
    assert_int_equal(pass(&l, &no_low, RENDITION_SOURCE, 1, HALF_LOST, TRIP_US, 0), RENDITION_AUDIO);
    assert_int_equal(pass(&l, &no_low, RENDITION_SOURCE, 12, NO_LOSS, TRIP_US, 0), RENDITION_SOURCE);
    l = fresh();
    l.e.level = RENDITION_LOW; /* its transcode was given up */
    assert_int_equal(estimate_step(&l.e, &no_low, RENDITION_SOURCE, l.now_us), RENDITION_AUDIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_link_keeps_the_source),
        cmocka_unit_test(a_narrow_link_goes_down_step_by_step_and_up_again),
        cmocka_unit_test(remb_and_queues_count_as_well_as_losses),
        cmocka_unit_test(jitter_costs_no_picture),
        cmocka_unit_test(small_reports_are_gathered),
        cmocka_unit_test(rare_reports_do_not_keep_the_picture_away),
        cmocka_unit_test(absurd_reports_do_no_harm),
        cmocka_unit_test(what_the_air_loses_costs_no_picture),
        cmocka_unit_test(a_trial_that_fails_waits_longer_next_time),
        cmocka_unit_test(a_wish_is_never_exceeded),
        cmocka_unit_test(without_a_low_rendition_there_are_two_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
