#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/paystate.h"

static struct money dong(int64_t n)
{
    struct money m = {0};
    assert_true(money_make(&m, n));
    return m;
}

static void the_state_follows_the_sums(void **state)
{
    (void)state;
    static const struct {
        int64_t total, received, returned, cash;
        bool cancelled, settled;
        const char *state;
        int64_t due, surplus;
    } cases[] = {
        {100, 0, 0, 0, false, false, "expected", 100, 0},
        {100, 40, 0, 0, false, false, "part", 60, 0},
        {100, 100, 0, 0, false, false, "paid", 0, 0},
        {100, 100, 0, 0, false, true, "settled", 0, 0},
        {100, 100, 0, 100, false, false, "cash", 0, 0},
        {100, 130, 0, 0, false, false, "over", 0, 30},
        {100, 130, 30, 0, false, false, "paid", 0, 0},
        {0, 0, 0, 0, false, false, "none", 0, 0},
        {100, 0, 0, 0, true, false, "none", 0, 0},
        {100, 60, 0, 0, true, false, "over", 0, 60},
        {100, 60, 60, 0, true, false, "returned", 0, 0},
        {100, 60, 60, 0, false, false, "expected", 100, 0},
        {MONEY_MAX, MONEY_MAX, 0, 0, false, false, "paid", 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct pay_view view = {.cancelled = cases[i].cancelled,
                                .settled = cases[i].settled,
                                .total = dong(cases[i].total),
                                .received = dong(cases[i].received),
                                .returned = dong(cases[i].returned),
                                .cash = dong(cases[i].cash)};
        assert_string_equal(pay_state_name(pay_state(&view)), cases[i].state);
        assert_int_equal(money_dong(pay_due(&view)), cases[i].due);
        assert_int_equal(money_dong(pay_surplus(&view)), cases[i].surplus);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_state_follows_the_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
