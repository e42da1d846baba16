/* What the market is told: the words, and what a studio may not put into them. */
#include "streamer/relay/bulletin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void is(json_t *said, const char *json)
{
    json_t *wanted = json_loads(json, 0, NULL);
    assert_non_null(wanted);
    assert_true(json_equal(said, wanted));
    json_decref(said);
    json_decref(wanted);
}

static void a_file_is_named_below_its_room(void **state)
{
    (void)state;
    is(bulletin_file("chim", "{\"kind\":\"poster\",\"file\":\"poster-1.jpg\",\"ms\":7}"),
       "{\"t\":\"file\",\"room\":\"chim\",\"kind\":\"poster\",\"file\":\"chim/poster-1.jpg\",\"ms\":7}");
    is(bulletin_file("chim", "{\"kind\":\"recording\",\"file\":\"1.mp4\"}"),
       "{\"t\":\"file\",\"room\":\"chim\",\"kind\":\"recording\",\"file\":\"chim/1.mp4\",\"ms\":0}");
}

static void what_is_no_file_of_the_room_is_not_told(void **state)
{
    (void)state;
    g_autofree char *name = g_strnfill(129, 'x'),
                    *longer = g_strdup_printf("{\"kind\":\"poster\",\"file\":\"%s\"}", name);
    const char *const said[] = {
        "",
        "[]",
        "{}",
        "{\"kind\":\"poster\"}",
        "{\"kind\":\"poster\",\"file\":\"\"}",
        "{\"kind\":\"poster\",\"file\":\"../market.db\"}",
        "{\"kind\":\"poster\",\"file\":\".hidden\"}",
        "{\"kind\":\"poster\",\"file\":\"a/b.jpg\"}",
        "{\"kind\":\"program\",\"file\":\"a.jpg\"}",
        "{\"kind\":\"poster\",\"file\":7}",
        longer,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
        assert_null(bulletin_file("chim", said[i]));
}

static void only_who_is_gone_has_a_reason(void **state)
{
    struct room r = {.name = "chim"};
    (void)state;
    is(bulletin_session("s", &r, true, "connected", ""),
       "{\"t\":\"session\",\"session\":\"s\",\"room\":\"chim\",\"kind\":\"watch\",\"state\":\"connected\"}");
    is(bulletin_session("s", &r, false, "gone", "silence"),
       "{\"t\":\"session\",\"session\":\"s\",\"room\":\"chim\",\"kind\":\"publish\",\"state\":\"gone\","
       "\"why\":"
       "\"silence\"}");
    is(bulletin_rendition("s", &r, "low"),
       "{\"t\":\"rendition\",\"session\":\"s\",\"room\":\"chim\",\"rendition\":\"low\"}");
}

static void stats_have_every_counter_and_one_more_count_than_bounds(void **state)
{
    struct counters sum = {.joins = 3};
    (void)state;
    json_t *said = bulletin_stats(2, 5, &sum), *queue = json_object_get(said, "queue");
    assert_int_equal(json_integer_value(json_object_get(said, "rooms")), 2);
    assert_int_equal(json_integer_value(json_object_get(said, "viewers")), 5);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(said, "counters"), "joins")), 3);
    assert_int_equal(json_object_size(json_object_get(said, "stage_us")), METER_COUNT);
    assert_int_equal(json_array_size(json_object_get(queue, "counts")),
                     json_array_size(json_object_get(queue, "bounds_us")) + 1);
    json_decref(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_named_below_its_room),
        cmocka_unit_test(what_is_no_file_of_the_room_is_not_told),
        cmocka_unit_test(only_who_is_gone_has_a_reason),
        cmocka_unit_test(stats_have_every_counter_and_one_more_count_than_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
