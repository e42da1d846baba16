/* The beat of a stream: what is worth waiting for, and for how long. */
#include "streamer/relay/limits.h"
#include "streamer/relay/rhythm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { FRAME_US = 40000, FIRST_US = 1000000, BEATS = 50 };

/* Frames up to LAST_US, a little early and late in turn. */
static const int64_t LAST_US = FIRST_US + (BEATS - 1) * FRAME_US;

static struct rhythm frames(void)
{
    struct rhythm r = {0};
    for (int i = 0; i < BEATS; i++)
        rhythm_beat(&r, FIRST_US + i * FRAME_US + (i == BEATS - 1 ? 0 : i % 2 * 1000));
    return r;
}

static void nothing_known_nothing_waited_for(void **state)
{
    struct rhythm r = {0};
    (void)state;
    assert_int_equal(rhythm_wait_us(&r, FIRST_US, HOLD_SOUND_US, FIRST_US), 0);
    rhythm_beat(&r, FIRST_US);
    assert_int_equal(rhythm_wait_us(&r, FIRST_US, HOLD_SOUND_US, FIRST_US), 0);
}

static void sound_waits_for_a_frame_that_is_due(void **state)
{
    const struct rhythm r = frames();
    const int64_t due_us = LAST_US + FRAME_US;
    (void)state;
    assert_int_equal(rhythm_wait_us(&r, due_us - 30000, HOLD_SOUND_US, due_us - 30000), 0); /* too far away */
    int64_t until_us = rhythm_wait_us(&r, due_us - 5000, HOLD_SOUND_US, due_us - 5000);
    assert_in_range(until_us, due_us, due_us - 5000 + HOLD_SOUND_US); /* never longer than its most */
    assert_int_equal(rhythm_wait_us(&r, due_us - 5000, HOLD_SOUND_US, due_us + 10000),
                     0); /* it did not come */
}

static void a_late_beat_is_waited_for_within_the_slack(void **state)
{
    const struct rhythm r = frames();
    const int64_t due_us = LAST_US + FRAME_US;
    (void)state;
    assert_in_range(rhythm_wait_us(&r, due_us, 8000, due_us + 500), due_us + 501, due_us + 3000);
    assert_int_equal(rhythm_wait_us(&r, due_us, 8000, due_us + 5000), 0);
}

static void packets_of_one_moment_are_one_beat(void **state)
{
    struct rhythm r = frames();
    const int64_t step_us = r.step_us;
    (void)state;
    for (int i = 1; i < 20; i++)
        rhythm_beat(&r, LAST_US + i * 100);
    rhythm_beat(&r, LAST_US - 3000); /* a straggler */
    assert_int_equal(r.step_us, step_us);
    assert_int_equal(r.last_us, LAST_US);
}

static void after_a_pause_it_is_learnt_anew(void **state)
{
    struct rhythm r = frames();
    const int64_t again_us = LAST_US + 10 * RHYTHM_LONGEST_US;
    (void)state;
    rhythm_beat(&r, again_us);
    assert_int_equal(rhythm_wait_us(&r, again_us + 1, HOLD_SOUND_US, again_us + 1), 0);
    rhythm_beat(&r, again_us + 20000);
    assert_int_equal(r.step_us, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known_nothing_waited_for),
        cmocka_unit_test(sound_waits_for_a_frame_that_is_due),
        cmocka_unit_test(a_late_beat_is_waited_for_within_the_slack),
        cmocka_unit_test(packets_of_one_moment_are_one_beat),
        cmocka_unit_test(after_a_pause_it_is_learnt_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
