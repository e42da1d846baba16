/* A viewer's life, where it hangs on what becomes of its room. */
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static int one_worker(void **state)
{
    *state = stage_open(&(struct worker_options){0});
    return 0;
}

static int three_workers(void **state)
{
    *state = stage_open(&(struct worker_options){.workers = 3});
    return 0;
}

static int teardown(void **state)
{
    stage_close(*state);
    return 0;
}

/* Whoever was promised VP8 can draw no H.264, and would sit before a still picture: it is told to come again.
 */
static void a_phone_with_another_codec_ends_those_who_cannot_draw_it(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer, next, old;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    old = s->phone;
    remote_init(&s->phone);
    s->phone.h264 = true;
    stage_join(s, "publish", &s->phone);
    assert_true(booth_wait_event(&s->booth, "session", "why", "codec"));
    remote_init(&next);
    next.h264 = true;
    stage_join(s, "watch", &next);
    stage_send_audio(s);
    stage_next_of(&next, next.audio_ssrc, bytes);
    json_t *a = booth_ask(&s->booth, json_pack("{s:s}", "t", "stats"));
    assert_int_equal(json_integer_value(json_object_get(a, "viewers")), 1);
    json_decref(a);
    remote_done(&old);
    remote_done(&next);
    remote_done(&viewer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_with_another_codec_ends_those_who_cannot_draw_it, one_worker,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_phone_with_another_codec_ends_those_who_cannot_draw_it,
                                        three_workers, teardown),
    };
    return cmocka_run_group_tests_name("viewer", tests, NULL, NULL);
}
