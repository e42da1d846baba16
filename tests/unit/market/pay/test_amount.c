#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/amount.h"

static void each_style_reads_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum amount_style style;
        int64_t dong; /* -1: not in this style */
    } cases[] = {
        {"1,234,567", AMOUNT_COMMA, 1234567},
        {"1,234.00", AMOUNT_COMMA, 1234},
        {"1,234.50", AMOUNT_COMMA, -1},
        {"1.234", AMOUNT_COMMA, -1},
        {"1.234", AMOUNT_DOT, 1234},
        {"1.234,00", AMOUNT_DOT, 1234},
        {"100.000", AMOUNT_DOT, 100000},
        {"100.000", AMOUNT_COMMA, -1},
        {"1 234", AMOUNT_BLANK, 1234},
        {"1\xc2\xa0"
         "234\xc2\xa0"
         "567",
         AMOUNT_BLANK, 1234567},
        {"1 234", AMOUNT_COMMA, -1},
        {"1234", AMOUNT_COMMA, 1234},
        {"1234", AMOUNT_DOT, 1234},
        {"1234", AMOUNT_BLANK, 1234},
        {"1,23", AMOUNT_COMMA, -1},
        {"1234,567", AMOUNT_COMMA, -1},
        {"12,34,567", AMOUNT_COMMA, -1},
        {"500,000 VND", AMOUNT_COMMA, 500000},
        {"500.000đ", AMOUNT_DOT, 500000},
        {"1.0E7", AMOUNT_DOT, 10000000},
        {"1e-3", AMOUNT_COMMA, -1},
        {"0", AMOUNT_COMMA, 0},
        {"", AMOUNT_COMMA, -1},
        {"abc", AMOUNT_COMMA, -1},
        {"0x10", AMOUNT_COMMA, -1},
        {"9999999999999999999", AMOUNT_COMMA, -1},
        {"1,000,000,000,000,001", AMOUNT_COMMA, -1},
        {"2000.00", AMOUNT_COMMA, 2000},
        {"1,234.", AMOUNT_COMMA, -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct money money;
        enum amount_sign sign;
        bool read = amount_read(cases[i].text, cases[i].style, &money, &sign);
        assert_int_equal(read ? money_dong(money) : -1, cases[i].dong);
    }
}

static void signs_are_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t dong;
        enum amount_sign sign;
    } cases[] = {
        {"-1,000", -1000, AMOUNT_MINUS},
        {"+ 1,000", 1000, AMOUNT_PLUS},
        {"1,000-", -1000, AMOUNT_MINUS},
        {"(1,000)", -1000, AMOUNT_MINUS},
        {"\xe2\x88\x92"
         "1,000",
         -1000, AMOUNT_MINUS},
        {"1,000", 1000, AMOUNT_UNSIGNED},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct money money;
        enum amount_sign sign;
        assert_true(amount_read(cases[i].text, AMOUNT_COMMA, &money, &sign));
        assert_int_equal(money_dong(money), cases[i].dong);
        assert_int_equal(sign, cases[i].sign);
    }
}

static void one_file_has_one_style(void **state)
{
    (void)state;
    enum amount_style style;
    static const char *const comma[] = {"50000", "1,000", "12,000.00", "n/a"},
                             *const dot[] = {"1.000", "500"}, *const mixed[] = {"1,000", "1.000"},
                             *const plain[] = {"1", "22"};
    assert_true(amount_decide(comma, 4, &style));
    assert_int_equal(style, AMOUNT_COMMA);
    assert_true(amount_decide(dot, 2, &style));
    assert_int_equal(style, AMOUNT_DOT);
    assert_false(amount_decide(mixed, 2, &style));
    assert_true(amount_decide(plain, 2, &style));
    assert_true(amount_is_empty("  - "));
    assert_false(amount_is_empty("0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_style_reads_its_own),
        cmocka_unit_test(signs_are_kept),
        cmocka_unit_test(one_file_has_one_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
