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

static int setup_with_studio(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST});
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

/* The ingest gives up on a packet only when nobody can have it any more: what follows cannot be drawn, and no
 * viewer has to notice first. */
static void what_stays_missing_is_made_good_by_a_keyframe(void **state)
{
    struct stage *s = *state;
    stage_go_live(s);
    stage_send_video(s, true);
    json_int_t asked = booth_counter(&s->booth, "keyframes_asked");
    s->video_index++; /* lost */
    stage_send_video(s, false);
    assert_true(booth_wait_counter(&s->booth, "keyframes_asked", asked + 1));
}

static void publish_in(struct stage *s, const char *room)
{
    json_t *a = stage_open_session(s, "publish", room, &s->phone);
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    assert_true(remote_connect(&s->phone));
}

/* Its pictures and recordings are made for one codec; nobody has to be silent first for that to be seen. */
static void a_phone_with_another_codec_gets_another_studio(void **state)
{
    struct stage *s = *state;
    struct remote old;
    stage_go_live(s);
    assert_true(booth_wait_counter(&s->booth, "child_starts", 2)); /* ingest and studio */
    old = s->phone;
    remote_init(&s->phone);
    publish_in(s, "chim"); /* the same codec: the studio goes on */
    stage_send_video(s, true);
    assert_true(booth_wait_counter(&s->booth, "child_starts", 3));
    remote_done(&old);
    old = s->phone;
    remote_init(&s->phone);
    s->phone.h264 = true;
    publish_in(s, "chim");
    stage_send_video(s, true);
    assert_true(booth_wait_counter(&s->booth, "child_starts", 5));
    remote_done(&old);
}

/* What one phone sent killed the studio until it was given up; the next one may be better. */
static void a_studio_that_was_given_up_is_tried_again_with_the_next_phone(void **state)
{
    struct stage *s = *state;
    struct remote old;
    stage_open_room(s, "blind");
    publish_in(s, "blind");
    stage_send_video(s, true);
    for (int64_t end = clock_us() + 3 * PATIENCE_US;
         clock_us() < end && booth_counter(&s->booth, "child_given_up") == 0; g_usleep(50000))
        stage_send_video(s, false); /* its picture goes on all the time */
    assert_int_equal(booth_counter(&s->booth, "child_given_up"), 1);
    json_int_t starts = booth_counter(&s->booth, "child_starts");
    old = s->phone;
    remote_init(&s->phone);
    publish_in(s, "blind");
    stage_send_video(s, true);
    assert_true(booth_wait_counter(&s->booth, "child_starts", starts + 2));
    remote_done(&old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_that_sends_nothing_is_over_after_the_grace_time_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_stays_missing_is_made_good_by_a_keyframe, setup, teardown),
        cmocka_unit_test_setup_teardown(an_ingest_that_counts_nonsense_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_phone_with_another_codec_gets_another_studio, setup_with_studio,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_studio_that_was_given_up_is_tried_again_with_the_next_phone,
                                        setup_with_studio, teardown),
    };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
