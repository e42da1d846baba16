#include "unit.h"
#include "market/edge/range.h"

static void part(const char *header, int64_t size, int64_t want_first, int64_t want_last)
{
    int64_t first = -1, last = -1;
    assert_int_equal(range_parse(header, size, &first, &last), RANGE_PART);
    assert_int_equal(first, want_first);
    assert_int_equal(last, want_last);
}

static void is(enum range want, const char *header, int64_t size)
{
    int64_t first, last;
    assert_int_equal(range_parse(header, size, &first, &last), want);
}

TEST(a_part_is_cut_to_the_file)
{
    UNUSED_STATE;
    part("bytes=0-99", 1000, 0, 99);
    part("bytes=990-", 1000, 990, 999);
    part("bytes=-10", 1000, 990, 999);
    part("bytes=-5000", 1000, 0, 999);
    part("bytes=10-99999999999999999999999", 1000, 10, 999);
    part("Bytes=0-0", 1, 0, 0);
}

TEST(past_the_end_cannot_be_satisfied)
{
    UNUSED_STATE;
    is(RANGE_BAD, "bytes=1000-", 1000);
    is(RANGE_BAD, "bytes=1000-2000", 1000);
    is(RANGE_BAD, "bytes=99999999999999999999-", 1000);
    is(RANGE_BAD, "bytes=-0", 1000);
    is(RANGE_BAD, "bytes=0-", 0);
    is(RANGE_BAD, "bytes=-5", 0);
}

TEST(what_is_no_single_range_is_the_whole_file)
{
    UNUSED_STATE;
    is(RANGE_WHOLE, NULL, 1000);
    is(RANGE_WHOLE, "", 1000);
    is(RANGE_WHOLE, "lines=1-2", 1000);
    is(RANGE_WHOLE, "bytes=9-1", 1000);
    is(RANGE_WHOLE, "bytes=a-b", 1000);
    is(RANGE_WHOLE, "bytes=-", 1000);
    is(RANGE_WHOLE, "bytes=1", 1000);
    is(RANGE_WHOLE, "bytes=0-1,3-4", 1000);
    is(RANGE_WHOLE, "bytes=0-1x", 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_cut_to_the_file),
        cmocka_unit_test(past_the_end_cannot_be_satisfied),
        cmocka_unit_test(what_is_no_single_range_is_the_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
