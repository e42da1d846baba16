#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/split.h"

static struct money dong(int64_t n)
{
    struct money m = {0};
    assert_true(money_make(&m, n));
    return m;
}

static void parts_add_up_whatever_the_weights(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(117);
    for (int round = 0; round < 5000; round++) {
        size_t count = (size_t)g_rand_int_range(rand, 1, SPLIT_MAX + 1);
        int64_t weights[SPLIT_MAX], whole = g_rand_int_range(rand, 0, 1000000), sum = 0, weight_sum = 0;
        struct money parts[SPLIT_MAX];
        if (round % 3 == 0)
            whole *= INT64_C(1000000000);
        for (size_t i = 0; i < count; i++)
            weight_sum += weights[i] = g_rand_int_range(rand, i ? 0 : 1, 100000);
        assert_true(split_by_weight(dong(whole), weights, count, parts));
        for (size_t i = 0; i < count; i++) {
            int64_t part = money_dong(parts[i]);
            long double exact = (long double)whole * weights[i] / weight_sum;
            assert_true(part >= 0 && (long double)part > exact - 1 && (long double)part < exact + 1);
            sum += part;
        }
        assert_int_equal(sum, whole);
    }
    g_rand_free(rand);
}

static void the_rest_goes_to_the_largest_remainders_in_order(void **state)
{
    (void)state;
    const int64_t thirds[] = {1, 1, 1}, uneven[] = {1, 2, 0};
    struct money parts[3];
    assert_true(split_by_weight(dong(100), thirds, 3, parts));
    assert_int_equal(money_dong(parts[0]), 34);
    assert_int_equal(money_dong(parts[1]), 33);
    assert_true(split_by_weight(dong(100), uneven, 3, parts));
    assert_int_equal(money_dong(parts[0]), 33);
    assert_int_equal(money_dong(parts[1]), 67);
    assert_int_equal(money_dong(parts[2]), 0);
}

static void senseless_splits_are_refused(void **state)
{
    (void)state;
    const int64_t none[] = {0, 0}, negative[] = {2, -1}, one[] = {1};
    struct money parts[2];
    assert_false(split_by_weight(dong(1), none, 2, parts));
    assert_false(split_by_weight(dong(1), negative, 2, parts));
    assert_false(split_by_weight(dong(-1), one, 1, parts));
    assert_false(split_by_weight(dong(1), one, 0, parts));
    assert_false(split_rate(dong(1), -1, parts));
    assert_false(split_rate(dong(1), SPLIT_WHOLE + 1, parts));
}

static void rates_round_half_up(void **state)
{
    (void)state;
    struct money part;
    assert_true(split_rate(dong(50), 100, &part)); /* 0.5 */
    assert_int_equal(money_dong(part), 1);
    assert_true(split_rate(dong(49), 100, &part));
    assert_int_equal(money_dong(part), 0);
    assert_true(split_rate(dong(MONEY_MAX), SPLIT_WHOLE, &part));
    assert_int_equal(money_dong(part), MONEY_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up_whatever_the_weights),
        cmocka_unit_test(the_rest_goes_to_the_largest_remainders_in_order),
        cmocka_unit_test(senseless_splits_are_refused),
        cmocka_unit_test(rates_round_half_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
