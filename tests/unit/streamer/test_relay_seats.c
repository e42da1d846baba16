/* Places and time, with one worker; with several: test_relay_crew.c. */
#include "streamer/relay/seats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void places_run_out(void **state)
{
    struct room_env env = {.viewers_max = 2, .busy_most = 900};
    (void)state;
    assert_int_equal(seats_taken(&env), 0);
    assert_false(seats_full(&env));
    env.viewers = 2;
    assert_int_equal(seats_taken(&env), 2);
    assert_true(seats_full(&env));
    assert_int_equal(seats_choose(&env, 0), 0);
}

static void a_busy_worker_takes_nobody_unless_it_is_sent_them(void **state)
{
    struct room_env env = {.viewers_max = 2, .busy_most = 900, .busy_permille = 899};
    (void)state;
    assert_false(seats_full(&env));
    env.busy_permille = 900;
    assert_true(seats_full(&env));
    env.mirror = true; /* the first worker has looked already */
    assert_false(seats_full(&env));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_run_out),
        cmocka_unit_test(a_busy_worker_takes_nobody_unless_it_is_sent_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
