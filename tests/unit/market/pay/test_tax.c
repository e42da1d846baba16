#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/tax.h"

static struct money dong(int64_t n)
{
    struct money m = {0};
    assert_true(money_make(&m, n));
    return m;
}

static void each_kind_has_its_rates(void **state)
{
    (void)state;
    struct tax taxes[TAX_KINDS];
    const struct tax_line lines[] = {{TAX_GOODS, dong(100000)},
                                     {TAX_GOODS, dong(50050)},
                                     {TAX_TRANSPORT, dong(15000)},
                                     {TAX_UNKNOWN, dong(1000)}};
    assert_true(tax_of(&tax_rates_2025, lines, 4, taxes));
    assert_int_equal(money_dong(taxes[TAX_GOODS].amount), 150050);
    assert_int_equal(money_dong(taxes[TAX_GOODS].vat), 1501); /* 1500.5 */
    assert_int_equal(money_dong(taxes[TAX_GOODS].income), 750);
    assert_int_equal(money_dong(taxes[TAX_TRANSPORT].vat), 450);
    assert_int_equal(money_dong(taxes[TAX_TRANSPORT].income), 225);
    assert_int_equal(money_dong(taxes[TAX_SERVICES].vat), 0);
    assert_int_equal(money_dong(taxes[TAX_UNKNOWN].vat), 50);
    assert_int_equal(money_dong(taxes[TAX_UNKNOWN].income), 20);
}

static void a_negative_line_is_refused(void **state)
{
    (void)state;
    struct tax taxes[TAX_KINDS];
    const struct tax_line lines[] = {{TAX_GOODS, dong(-1)}};
    assert_false(tax_of(&tax_rates_2025, lines, 1, taxes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_rates),
        cmocka_unit_test(a_negative_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
