#include "unit.h"
#include "market/edge/limits.h"
#include "market/edge/relay.h"

TEST(pauses_grow_and_end_in_a_long_one)
{
    UNUSED_STATE;
    assert_int_equal(relay_backoff_ms(0), 0);
    assert_int_equal(relay_backoff_ms(1), RELAY_BACKOFF_MIN_MS);
    for (unsigned deaths = 1; deaths < RELAY_DEATHS_MAX - 1; deaths++) {
        assert_true(relay_backoff_ms(deaths + 1) >= relay_backoff_ms(deaths));
        assert_true(relay_backoff_ms(deaths) <= RELAY_BACKOFF_MAX_MS);
    }
    assert_int_equal(relay_backoff_ms(RELAY_DEATHS_MAX), RELAY_PAUSE_MS);
    assert_int_equal(relay_backoff_ms(1000000), RELAY_PAUSE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pauses_grow_and_end_in_a_long_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
