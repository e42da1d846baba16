/* What a room says of itself while its phone is there, silent or gone. */
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { GRACE_MS = 500, PATIENCE_US = 20000000 };

static int setup(void **state)
{
    *state = stage_open(&(struct worker_options){0});
    return 0;
}

static int teardown(void **state)
{
    stage_close(*state);
    return 0;
}

static void set_room(struct stage *s, bool paused)
{
    json_t *a = booth_ask(&s->booth, json_pack("{s:s, s:s, s:b, s:b, s:i}", "t", "room", "room", "chim",
                                               "record", 0, "paused", (int)paused, "grace_ms", GRACE_MS));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
}

static bool was_told(const struct stage *s, const char *state)
{
    size_t at;
    json_t *e;
    json_array_foreach(s->booth.events, at, e)
    {
        if (g_strcmp0(json_string_value(json_object_get(e, "t")), "room") == 0 &&
            g_strcmp0(json_string_value(json_object_get(e, "state")), state) == 0)
            return true;
    }
    return false;
}

/* The phone does nothing but check its path until the room is told of as `state`. */
static void checks_until(struct stage *s, const char *state)
{
    for (int64_t end = clock_us() + PATIENCE_US; clock_us() < end; g_usleep(100000)) {
        remote_send_stun(&s->phone, s->phone.ufrag, s->phone.pwd, true);
        booth_counter(&s->booth, "rtp_out"); /* reads what has come */
        if (was_told(s, state))
            return;
    }
    fail_msg("the room never became %s", state);
}

/* A camera that stopped, a page in the background: nobody sees anything, whatever the phone's network says.
 */
static void a_phone_that_sends_nothing_is_over_after_the_grace_time_too(void **state)
{
    struct stage *s = *state;
    set_room(s, false);
    stage_go_live(s);
    checks_until(s, "stalled");
    checks_until(s, "idle");
    json_array_clear(s->booth.events);
    stage_send_video(s, true); /* it is still there, and goes on */
    assert_true(booth_wait_event(&s->booth, "room", "state", "live"));
    set_room(s, true);
    for (int i = 0; i < (ROOM_STALLED_MS + 2 * GRACE_MS) / 100; i++, g_usleep(100000))
        remote_send_stun(&s->phone, s->phone.ufrag, s->phone.pwd, true);
    json_array_clear(s->booth.events);
    set_room(s, false); /* silent in the pause, as it was told to be: it has its time anew */
    assert_true(booth_wait_event(&s->booth, "room", "state", "stalled"));
    assert_false(was_told(s, "idle"));
}

/* An ingest reads what strangers send, and may be theirs: its sums are numbers to be doubted. */
static void an_ingest_that_counts_nonsense_is_not_believed(void **state)
{
    struct stage *s = *state;
    stage_open_room(s, "boast");
    json_t *a = stage_open_session(s, "publish", "boast", &s->phone);
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    assert_true(booth_wait_counter(&s->booth, "pipe_bad", 1));
    assert_int_equal(booth_counter(&s->booth, "child_deaths"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_that_sends_nothing_is_over_after_the_grace_time_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_ingest_that_counts_nonsense_is_not_believed, setup, teardown),
    };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
