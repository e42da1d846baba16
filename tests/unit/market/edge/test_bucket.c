#include "unit.h"
#include <stdio.h>
#include "market/edge/bucket.h"

static struct address_limits limits(size_t addresses)
{
    return (struct address_limits){.addresses = addresses,
                                   .connections = 2,
                                   .requests_per_s = 10,
                                   .requests_burst = 20,
                                   .media_per_s = 1,
                                   .media_burst = 2,
                                   .hooks_per_s = 20,
                                   .hooks_burst = 50};
}

TEST(a_burst_passes_then_the_rate_holds)
{
    UNUSED_STATE;
    const struct address_limits l = limits(10);
    struct addresses *table = addresses_new(&l);
    int wait_s, passed = 0;
    for (int i = 0; i < 100; i++)
        passed += addresses_request(table, "203.0.113.7", COST_REQUEST, 1000, &wait_s);
    assert_int_equal(passed, 20);
    assert_int_equal(wait_s, 1);
    passed = 0;
    for (int i = 0; i < 100; i++)
        passed += addresses_request(table, "203.0.113.7", COST_REQUEST, 2000, &wait_s);
    assert_int_equal(passed, 10);
    assert_true(addresses_request(table, "203.0.113.8", COST_REQUEST, 2000,
                                  &wait_s)); /* a neighbour is not held up */
    assert_true(addresses_request(table, "203.0.113.7", COST_MEDIA, 2000, &wait_s)); /* another budget */
    addresses_free(table);
}

TEST(time_that_stands_or_leaps_gives_no_more_than_a_burst)
{
    UNUSED_STATE;
    struct bucket b;
    bucket_fill(&b, 5, 0);
    for (int i = 0; i < 5; i++)
        assert_true(bucket_take(&b, 60, 5, 0));
    assert_false(bucket_take(&b, 60, 5, 0));
    assert_false(bucket_take(&b, 60, 5, -5000)); /* never back */
    assert_int_equal(bucket_wait_s(&b, 60), 2);
    int passed = 0;
    for (int i = 0; i < 100; i++)
        passed += bucket_take(&b, 60, 5, INT64_MAX / 4);
    assert_int_equal(passed, 5);
}

TEST(connections_of_one_address_are_counted)
{
    UNUSED_STATE;
    const struct address_limits l = limits(10);
    struct addresses *table = addresses_new(&l);
    assert_true(addresses_enter(table, "203.0.113.7", 0));
    assert_true(addresses_enter(table, "::ffff:203.0.113.7", 0));
    assert_false(addresses_enter(table, "203.0.113.7", 0));
    addresses_leave(table, "203.0.113.7");
    assert_true(addresses_enter(table, "203.0.113.7", 0));
    addresses_free(table);
}

TEST(the_table_is_bounded_and_forgets_the_longest_unseen)
{
    UNUSED_STATE;
    const struct address_limits l = limits(100);
    struct addresses *table = addresses_new(&l);
    int wait_s;
    char address[46];
    assert_true(addresses_enter(table, "198.51.100.1", 0)); /* connected: stays */
    for (int i = 0; i < 20; i++)
        addresses_request(table, "198.51.100.1", COST_REQUEST, 0, &wait_s);
    for (int i = 0; i < 5000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.1", i / 250, i % 250);
        assert_true(addresses_request(table, address, COST_REQUEST, 0, &wait_s));
        assert_true(addresses_count(table) <= 100);
    }
    assert_false(
        addresses_request(table, "198.51.100.1", COST_REQUEST, 0, &wait_s)); /* a flood does not refill it */
    addresses_leave(table, "198.51.100.1");
    addresses_free(table);
}

TEST(a_table_full_of_connected_addresses_takes_no_other)
{
    UNUSED_STATE;
    const struct address_limits l = limits(2);
    struct addresses *table = addresses_new(&l);
    int wait_s;
    assert_true(addresses_enter(table, "198.51.100.1", 0));
    assert_true(addresses_enter(table, "198.51.100.2", 0));
    assert_false(addresses_enter(table, "198.51.100.3", 0));
    assert_false(addresses_request(table, "198.51.100.3", COST_REQUEST, 0, &wait_s));
    addresses_free(table);
}

TEST(a_v6_network_is_one_address)
{
    UNUSED_STATE;
    char a[46], b[46];
    address_key("2001:db8:1:2:aaaa::1", a);
    address_key("2001:db8:1:2:bbbb::2", b);
    assert_string_equal(a, b);
    address_key("2001:db8:1:3::1", b);
    assert_string_not_equal(a, b);
    address_key("::1", a);
    assert_string_equal(a, "::1");
    address_key("::FFFF:127.0.0.1", a);
    assert_string_equal(a, "127.0.0.1");
}

TEST(a_messenger_has_a_rate_of_its_own)
{
    UNUSED_STATE;
    const struct address_limits l = limits(10);
    struct addresses *table = addresses_new(&l);
    int wait_s, passed[COSTS] = {0};
    for (int i = 0; i < 100; i++)
        for (enum address_cost cost = COST_REQUEST; cost < COSTS; cost++)
            passed[cost] += addresses_request(table, "203.0.113.7", cost, 0, &wait_s);
    assert_int_equal(passed[COST_REQUEST], 20);
    assert_int_equal(passed[COST_MEDIA], 2);
    assert_int_equal(passed[COST_HOOK], 50);
    assert_true(addresses_request(table, "203.0.113.7", COST_HOOK, 50, &wait_s)); /* 20 a second come back */
    assert_false(addresses_request(table, "203.0.113.7", COST_HOOK, 50, &wait_s));
    addresses_free(table);
}

TEST(loopback_is_free_unless_told_otherwise)
{
    UNUSED_STATE;
    struct address_limits l = limits(10);
    int wait_s, passed = 0;
    for (int strict = 0; strict < 2; strict++) {
        l.loopback_too = strict;
        struct addresses *table = addresses_new(&l);
        assert_int_equal(addresses_exempt(table, "::ffff:127.0.0.1"), !strict);
        assert_false(addresses_exempt(table, "203.0.113.7"));
        passed = 0;
        for (int i = 0; i < 100; i++)
            passed +=
                addresses_request(table, i % 2 ? "127.0.0.1" : "::ffff:127.0.0.1", COST_REQUEST, 0, &wait_s);
        assert_int_equal(passed, strict ? 20 : 100);
        addresses_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_then_the_rate_holds),
        cmocka_unit_test(time_that_stands_or_leaps_gives_no_more_than_a_burst),
        cmocka_unit_test(connections_of_one_address_are_counted),
        cmocka_unit_test(the_table_is_bounded_and_forgets_the_longest_unseen),
        cmocka_unit_test(a_table_full_of_connected_addresses_takes_no_other),
        cmocka_unit_test(a_v6_network_is_one_address),
        cmocka_unit_test(a_messenger_has_a_rate_of_its_own),
        cmocka_unit_test(loopback_is_free_unless_told_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
