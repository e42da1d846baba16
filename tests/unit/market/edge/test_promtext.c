/* Prometheus' text form, and what of the relay's answer gets into it. */
#include "tests/unit/market/edge/unit.h"

#include "market/edge/promtext.h"

TEST(names_are_checked)
{
    UNUSED_STATE;
    assert_true(promtext_is_name("dtls_unproved"));
    assert_false(promtext_is_name(""));
    assert_false(promtext_is_name("9lives"));
    assert_false(promtext_is_name("Upper"));
    assert_false(promtext_is_name("a\"} 1\n"));
    assert_false(promtext_is_name("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

TEST(a_histogram_adds_up_and_speaks_in_seconds)
{
    UNUSED_STATE;
    static const uint32_t bounds[] = {500, 1000000};
    static const uint64_t counts[] = {3, 2, 1};
    g_autoptr(GString) out = g_string_new(NULL);
    promtext_seconds(out, "x_seconds", "Help.", bounds, counts, 2, 2500001);
    assert_string_equal(out->str,
                        "# HELP x_seconds Help.\n# TYPE x_seconds histogram\n"
                        "x_seconds_bucket{le=\"0.000500\"} 3\nx_seconds_bucket{le=\"1.000000\"} 5\n"
                        "x_seconds_bucket{le=\"+Inf\"} 6\nx_seconds_sum 2.500001\nx_seconds_count 6\n");
}

TEST(what_the_relay_counts_is_told_once_under_its_name)
{
    UNUSED_STATE;
    g_autoptr(GString) out = g_string_new(NULL);
    json_t *stats = json_pack("{s:i, s:i, s:{s:i, s:i, s:s, s:i, s:i}}", "rooms", 2, "viewers", 7, "counters",
                              "srtp_refused", 41, "rtp_unproved", 5, "text", "no number", "odd name\n", 6,
                              "negative", -3);
    promtext_relay(out, stats);
    assert_non_null(strstr(out->str, "\nrelay_up 1\n"));
    assert_non_null(strstr(out->str, "\nrelay_rooms 2\n"));
    assert_non_null(strstr(out->str, "\nrelay_viewers 7\n"));
    assert_non_null(strstr(out->str, "\nrelay_srtp_auth_fail_total 41\n"));
    assert_non_null(strstr(out->str, "\nrelay_events_total{event=\"rtp_unproved\"} 5\n"));
    assert_non_null(strstr(out->str, "{event=\"negative\"} 0\n"));
    assert_null(strstr(out->str, "event=\"srtp_refused\""));
    assert_null(strstr(out->str, "odd"));
    assert_null(strstr(out->str, "text"));
    json_decref(stats);
}

TEST(stages_and_queues_of_the_relay_are_told_in_seconds)
{
    UNUSED_STATE;
    g_autoptr(GString) out = g_string_new(NULL);
    json_t *stats = json_pack("{s:{}, s:{s:I, s:i, s:i}, s:{s:[i,i], s:[i,i,i], s:i}}", "counters",
                              "stage_us", "send", (json_int_t)12000034, "idle", -1, "no name", 1, "queue",
                              "bounds_us", 1000, 20000, "counts", 3, 2, 1, "sum_us", 61000);
    promtext_relay(out, stats);
    assert_non_null(strstr(out->str, "relay_stage_seconds_total{stage=\"send\"} 12.000034\n"));
    assert_non_null(strstr(out->str, "relay_stage_seconds_total{stage=\"idle\"} 0.000000\n"));
    assert_null(strstr(out->str, "no name"));
    assert_non_null(strstr(out->str, "relay_queue_seconds_bucket{le=\"0.020000\"} 5\n"));
    assert_non_null(strstr(out->str, "relay_queue_seconds_sum 0.061000\nrelay_queue_seconds_count 6\n"));
    json_array_append_new(json_object_get(json_object_get(stats, "queue"), "bounds_us"), json_integer(1));
    g_string_truncate(out, 0);
    promtext_relay(out, stats); /* counts that do not fit their bounds: none are told */
    assert_null(strstr(out->str, "relay_queue_seconds"));
    json_decref(stats);
}

TEST(no_relay_is_a_figure_too)
{
    UNUSED_STATE;
    g_autoptr(GString) out = g_string_new(NULL);
    promtext_relay(out, NULL);
    assert_string_equal(out->str,
                        "# HELP relay_up 1 when the relay answers.\n# TYPE relay_up gauge\nrelay_up 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(a_histogram_adds_up_and_speaks_in_seconds),
        cmocka_unit_test(what_the_relay_counts_is_told_once_under_its_name),
        cmocka_unit_test(stages_and_queues_of_the_relay_are_told_in_seconds),
        cmocka_unit_test(no_relay_is_a_figure_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
