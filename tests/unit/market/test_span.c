/* Times counted into classes. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <pthread.h>
#include "market/base/span.h"

enum { THREADS = 4, EACH = 10000 };

static void a_time_is_counted_up_to_its_bound(void **state)
{
    (void)state;
    struct span span = {0};
    struct span_figures f;
    for (size_t i = 0; i < SPAN_BOUNDS; i++) {
        assert_true(i == 0 || span_bounds_us[i] > span_bounds_us[i - 1]);
        span_add(&span, span_bounds_us[i], 1);
    }
    span_add(&span, span_bounds_us[SPAN_BOUNDS - 1] + 1, 3);
    span_read(&span, &f);
    uint64_t sum = 0;
    for (size_t i = 0; i < SPAN_BOUNDS; i++) {
        assert_int_equal(f.counts[i], 1);
        sum += span_bounds_us[i];
    }
    assert_int_equal(f.counts[SPAN_BOUNDS], 3);
    assert_int_equal(f.sum_us, sum + 3 * ((uint64_t)span_bounds_us[SPAN_BOUNDS - 1] + 1));
}

static void a_clock_that_stands_is_no_time(void **state)
{
    (void)state;
    struct span span = {0};
    struct span_figures f;
    span_add(&span, 0, 1);
    span_add(&span, -5, 2);
    span_read(&span, &f);
    assert_int_equal(f.counts[0], 3);
    assert_int_equal(f.sum_us, 0);
}

static void *add_many(void *span)
{
    for (int i = 0; i < EACH; i++)
        span_add(span, i, 1);
    return NULL;
}

static void many_threads_lose_nothing(void **state)
{
    (void)state;
    struct span span = {0};
    struct span_figures f;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &span), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    span_read(&span, &f);
    uint64_t count = 0;
    for (size_t i = 0; i <= SPAN_BOUNDS; i++)
        count += f.counts[i];
    assert_int_equal(count, THREADS * EACH);
    assert_int_equal(f.sum_us, (uint64_t)THREADS * EACH * (EACH - 1) / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_counted_up_to_its_bound),
        cmocka_unit_test(a_clock_that_stands_is_no_time),
        cmocka_unit_test(many_threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
