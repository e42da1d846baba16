/* Viewers that cannot follow, a socket that takes no more, and keyframes that are too long for one moment.
 * The program is linked with a sendmmsg that can refuse, as a full network card's does. */
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "tests/unit/streamer/bridge.h"
#include "tests/unit/streamer/stage.h"

#include <errno.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

enum { BIG = 1100, LONG_KEY = 72, PACED_KEY = 60, PACED_VIEWERS = 4, PATIENCE_US = 20000000 };

static atomic_bool card_is_full;

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    if (atomic_load(&card_is_full)) {
        errno = EAGAIN;
        return -1;
    }
    return __real_sendmmsg(fd, messages, count, flags);
}

static int setup(void **state)
{
    *state = stage_open(&(struct worker_options){0});
    return 0;
}

static int setup_paced(void **state)
{
    *state = stage_open(&(struct worker_options){.pace = 1000000});
    return 0;
}

static int teardown(void **state)
{
    atomic_store(&card_is_full, false);
    stage_close(*state);
    return 0;
}

/* A frame of `packets` big ones. */
static void send_frame(struct stage *s, bool key, unsigned packets)
{
    uint8_t payload[BIG] = {key ? 0x10 : 0x00, key ? 0x00 : 0x01};
    s->video_ts += 3600;
    for (unsigned i = 0; i < packets; i++) {
        payload[0] = i == 0 ? 0x10 : 0x00;
        payload[1] = key ? 0x00 : 0x01;
        remote_send_rtp(&s->phone, 96, PHONE_VIDEO, s->video_index++, s->video_ts, i + 1 == packets, payload,
                        sizeof payload);
    }
}

static bool is_key(const struct rtp_head *h, const uint8_t *bytes)
{
    return bytes[h->size] == 0x10 && bytes[h->size + 1] == 0x00;
}

/* By TCP and not reading: its queue fills up, then it is passed over until it reads again; the one beside it
 * gets every packet of every frame. */
static void a_viewer_that_does_not_read_delays_nobody(void **state)
{
    struct stage *s = *state;
    struct remote slow, quick;
    struct bridge bridge;
    uint8_t bytes[1600];
    stage_go_live(s);
    remote_init(&slow);
    remote_init(&quick);
    json_decref(stage_open_session(s, "watch", "chim", &slow));
    bridge_open(&bridge, slow.port);
    slow.port = bridge.port;
    remote_new_socket(&slow);
    assert_true(remote_connect(&slow));
    struct rtp_head seen = stage_next_of(&slow, slow.video_ssrc, bytes);
    stage_join(s, "watch", &quick);
    struct rtp_head last = stage_next_of(&quick, quick.video_ssrc, bytes);
    bridge_read(&bridge, false);
    unsigned frames = 0;
    for (int64_t end = clock_us() + PATIENCE_US;
         clock_us() < end && (frames % 8 || booth_counter(&s->booth, "viewers_lagged") == 0); frames++) {
        send_frame(s, false, 4);
        for (int i = 0; i < 4; i++) {
            struct rtp_head next = stage_next_of(&quick, quick.video_ssrc, bytes);
            assert_int_equal(next.sequence, (uint16_t)(last.sequence + 1));
            last = next;
        }
        g_usleep(20000);
    }
    assert_true(booth_counter(&s->booth, "viewers_lagged") >= 1);
    bridge_read(&bridge, true);
    bool key = false;
    for (int64_t end = clock_us() + PATIENCE_US; !key && clock_us() < end;) {
        send_frame(s, true, 1);
        for (int i = 0; i < 64 && !key && remote_receive_rtp(&slow, bytes, sizeof bytes, 50); i++) {
            struct rtp_head next;
            assert_true(rtp_read(&next, bytes, sizeof bytes));
            if (next.ssrc != slow.video_ssrc)
                continue;
            assert_true((int16_t)(next.sequence - seen.sequence) >
                        0); /* the way from the bridge may lose some */
            seen = next;
            key = is_key(&next, bytes);
        }
    }
    assert_true(key);
    bridge_close(&bridge);
    remote_done(&slow);
    remote_done(&quick);
}

static void what_a_full_card_refuses_is_sent_when_it_can(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600];
    stage_go_live(s);
    stage_watch(s, &v);
    struct rtp_head last = stage_next_of(&v, v.video_ssrc, bytes);
    json_int_t sealed = booth_counter(&s->booth, "rtp_out");
    atomic_store(&card_is_full, true);
    for (int i = 0; i < 5; i++)
        send_frame(s, false, 4);
    assert_true(booth_wait_counter(&s->booth, "rtp_out", sealed + 20));
    assert_true(booth_wait_counter(&s->booth, "send_blocked", 1));
    atomic_store(&card_is_full, false);
    for (int i = 0; i < 20; i++) {
        struct rtp_head next = stage_next_of(&v, v.video_ssrc, bytes);
        assert_int_equal(next.sequence, (uint16_t)(last.sequence + 1));
        last = next;
    }
    assert_int_equal(booth_counter(&s->booth, "send_failed"), 0);
    remote_done(&v);
}

/* The batch of the port is full, the history grows old: on to the next keyframe, the phone is asked for it.
 */
static void after_a_long_jam_viewers_go_on_at_a_keyframe(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600];
    stage_go_live(s);
    stage_watch(s, &v);
    stage_next_of(&v, v.video_ssrc, bytes);
    json_int_t asked = booth_counter(&s->booth, "keyframes_asked");
    atomic_store(&card_is_full, true);
    for (int64_t end = clock_us() + PATIENCE_US;
         clock_us() < end && booth_counter(&s->booth, "viewers_lagged") == 0; g_usleep(50000))
        send_frame(s, false, 60);
    assert_true(booth_counter(&s->booth, "viewers_lagged") >= 1);
    atomic_store(&card_is_full, false);
    bool key = false;
    for (int64_t end = clock_us() + PATIENCE_US; !key && clock_us() < end;) {
        struct rtp_head h;
        send_frame(s, true, 1);
        while (!key && remote_receive_rtp(&v, bytes, sizeof bytes, 50) && rtp_read(&h, bytes, sizeof bytes))
            key = h.ssrc == v.video_ssrc && is_key(&h, bytes);
    }
    assert_true(key);
    assert_true(booth_counter(&s->booth, "keyframes_asked") > asked);
    remote_done(&v);
}

/* Receives a frame to its end; the microseconds since `from_us`. */
static int64_t whole_frame(struct remote *v, int64_t from_us)
{
    uint8_t bytes[1600];
    struct rtp_head h;
    do
        h = stage_next_of(v, v->video_ssrc, bytes);
    while (!h.marker);
    return clock_us() - from_us;
}

static void a_long_keyframe_reaches_a_viewer_in_portions(void **state)
{
    struct stage *s = *state;
    struct remote v;
    const int64_t turns = LONG_KEY / VIEWER_TURN_PACKETS;
    stage_go_live(s);
    stage_watch(s, &v);
    whole_frame(&v, 0); /* of the cache */
    int64_t from_us = clock_us();
    send_frame(s, true, LONG_KEY);
    assert_true(whole_frame(&v, from_us) >= (turns - 1) * VIEWER_TURN_MS * 1000);
    remote_done(&v);
}

/* A megabyte a second for all: 264 kB of keyframes take a quarter of a second, and none is lost. */
static void keyframes_for_many_keep_the_pace(void **state)
{
    struct stage *s = *state;
    struct remote v[PACED_VIEWERS];
    stage_go_live(s);
    for (int i = 0; i < PACED_VIEWERS; i++) {
        remote_init(&v[i]);
        stage_join(s, "watch", &v[i]);
        whole_frame(&v[i], 0);
    }
    int64_t from_us = clock_us(), last_us = 0;
    send_frame(s, true, PACED_KEY);
    for (int i = 0; i < PACED_VIEWERS; i++) {
        int64_t us = whole_frame(&v[i], from_us);
        last_us = MAX(last_us, us);
    }
    assert_true(last_us >= (PACED_VIEWERS * PACED_KEY * BIG - 4 * 10000) * INT64_C(1));
    assert_int_equal(booth_counter(&s->booth, "viewers_lagged"), 0);
    for (int i = 0; i < PACED_VIEWERS; i++)
        remote_done(&v[i]);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_viewer_that_does_not_read_delays_nobody),
        STAGED(what_a_full_card_refuses_is_sent_when_it_can),
        STAGED(after_a_long_jam_viewers_go_on_at_a_keyframe),
        STAGED(a_long_keyframe_reaches_a_viewer_in_portions),
        cmocka_unit_test_setup_teardown(keyframes_for_many_keep_the_pace, setup_paced, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
