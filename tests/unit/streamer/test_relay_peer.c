/* Which of a peer's addresses its packets go to. */
#include "streamer/relay/rtcp.h"
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

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

/* A viewer on `v` and a socket more of the same one, its other network: proved, and not chosen. */
static void other_network(struct remote *v, struct remote *other)
{
    *other = *v;
    other->fd = -1;
    remote_new_socket(other);
}

static bool is_answered(const struct remote *r)
{
    uint8_t bytes[1600];
    for (size_t n; (n = remote_receive(r, bytes, sizeof bytes, 5000)) > 0;)
        if (n >= 20 && bytes[0] == 0x01 && bytes[1] == 0x01)
            return true;
    return false;
}

/* A browser with two networks checks both all the time, and names the one it wants (RFC 8445, 7.3.1.5). As
 * long as that one speaks, be it by reports alone, nothing goes by the other, which may cost money. */
static void a_check_of_another_network_takes_no_media_away(void **state)
{
    struct stage *s = *state;
    struct remote v, other;
    uint8_t bytes[1600], rr[8];
    stage_go_live(s);
    stage_watch(s, &v);
    stage_next_of(&v, v.video_ssrc, bytes);
    other_network(&v, &other);
    for (int i = 0; i < 5; i++) {
        g_usleep(500000);
        remote_send_rtcp(&v, rr, rtcp_write_rr(rr, 1, NULL, 0));
        remote_send_stun(&other, v.ufrag, v.pwd, false);
        assert_true(is_answered(&other));
    }
    assert_int_equal(booth_counter(&s->booth, "roams"), 0);
    stage_send_video(s, false);
    stage_next_of(&v, v.video_ssrc, bytes);
    remote_send_stun(&other, v.ufrag, v.pwd, true); /* now it is wanted */
    assert_true(booth_wait_counter(&s->booth, "roams", 1));
    close(v.fd);
    v.fd = other.fd;
    stage_send_video(s, false);
    stage_next_of(&v, v.video_ssrc, bytes);
    remote_done(&v);
}

/* There are clients that name nothing: one that fell silent where it was goes on where it speaks. */
static void after_silence_any_network_that_speaks_will_do(void **state)
{
    struct stage *s = *state;
    struct remote v, other;
    uint8_t bytes[1600];
    stage_go_live(s);
    stage_watch(s, &v);
    stage_next_of(&v, v.video_ssrc, bytes);
    other_network(&v, &other);
    for (int i = 0; i < 200 && booth_counter(&s->booth, "roams") == 0; i++, g_usleep(100000))
        remote_send_stun(&other, v.ufrag, v.pwd, false);
    assert_int_equal(booth_counter(&s->booth, "roams"), 1);
    close(v.fd);
    v.fd = other.fd;
    stage_send_video(s, false);
    stage_next_of(&v, v.video_ssrc, bytes);
    remote_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_check_of_another_network_takes_no_media_away, setup, teardown),
        cmocka_unit_test_setup_teardown(after_silence_any_network_that_speaks_will_do, setup, teardown),
    };
    return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
