#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/vntime.h"

enum { MAY_2 = 1714582800 }; /* 2024-05-02 00:00 in Vietnam, seconds */

static void banks_dates_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"2024-05-02", MAY_2},
        {"02/05/2024", MAY_2},
        {"2/5/2024", MAY_2},
        {"02-05-2024", MAY_2},
        {"02.05.2024", MAY_2},
        {" 2024-05-02 13:04:05 ", MAY_2 + 13 * 3600 + 4 * 60 + 5},
        {"02/05/2024\n13:04", MAY_2 + 13 * 3600 + 4 * 60},
        {"2024-05-02T13:04:05.123", MAY_2 + 13 * 3600 + 4 * 60 + 5},
        {"2024-05-01T17:00:00Z", MAY_2},
        {"2024-05-02T00:00:00+07:00", MAY_2},
        {"2024-05-01T12:00:00-05:00", MAY_2},
        {"45414", MAY_2},
        {"45414.5", MAY_2 + 43200},
        {"29/02/2024", MAY_2 - 63 * 86400},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t ms = 0;
        assert_true(vntime_read(cases[i].text, &ms));
        assert_int_equal(ms, cases[i].seconds * 1000);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "abc",
        "2024",
        "31/04/2024",
        "29/02/2023",
        "00/01/2024",
        "01/13/2024",
        "2024-05/02",
        "2024-05-02 25:00",
        "2024-05-02 10:61",
        "2024-05-02x",
        "1999-01-01",
        "2101-01-01",
        "99999999",
        "1e300",
        "nan",
        "inf",
        "2024-05-02 10",
        "2024-05-02 10:00:0",
        "2024-05-02 10:00 +99:00",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t ms = 77;
        assert_false(vntime_read(cases[i], &ms));
        assert_int_equal(ms, 77);
    }
}

static void a_day_is_vietnams(void **state)
{
    (void)state;
    char day[11];
    vntime_day((MAY_2 - 1) * INT64_C(1000), day);
    assert_string_equal(day, "2024-05-01");
    vntime_day(MAY_2 * INT64_C(1000), day);
    assert_string_equal(day, "2024-05-02");
}

static void a_minute_is_vietnams(void **state)
{
    (void)state;
    char minute[17];
    vntime_minute((MAY_2 - 1) * INT64_C(1000), minute);
    assert_string_equal(minute, "01/05/2024 23:59");
    vntime_minute(MAY_2 * INT64_C(1000) + 999, minute);
    assert_string_equal(minute, "02/05/2024 00:00");
    vntime_minute(0, minute);
    assert_string_equal(minute, "01/01/1970 07:00");
    vntime_minute(-1, minute);
    assert_string_equal(minute, "");
    vntime_minute(INT64_MAX, minute);
    assert_string_equal(minute, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(banks_dates_are_read),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(a_day_is_vietnams),
        cmocka_unit_test(a_minute_is_vietnams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
