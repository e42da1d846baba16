/* A viewer's life, where it hangs on what becomes of its room. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/rtcp.h"
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum {
    PATIENCE_US = 20000000,
    BIG = 1100,
    BIG_PACKETS = 600,
    NACK_SPAN = 17,
    STEP_S = 50,
    BATCH = 32,
    TINY = 16
};
#define WRAP_PATIENCE_US (INT64_C(200) * 1000000)

/* The program is linked with a wall's clock that can be set. */
static _Atomic time_t set_ahead_s;

int __real_clock_gettime(clockid_t which, struct timespec *now);
int __wrap_clock_gettime(clockid_t which, struct timespec *now);

int __wrap_clock_gettime(clockid_t which, struct timespec *now)
{
    int result = __real_clock_gettime(which, now);
    if (which == CLOCK_REALTIME)
        now->tv_sec += atomic_load(&set_ahead_s);
    return result;
}

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

static int little_pace(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST, .pace = 2000});
    return 0;
}

static int one_transcode(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST, .transcodes_max = 1});
    return 0;
}

static int one_transcode_three_workers(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST, .transcodes_max = 1, .workers = 3});
    return 0;
}

static int teardown(void **state)
{
    atomic_store(&set_ahead_s, 0);
    stage_close(*state);
    return 0;
}

/* Sound that is sent again and again reaches it. */
static bool hears(struct stage *s, struct remote *v)
{
    uint8_t bytes[1600];
    struct rtp_head h;
    for (int64_t end = clock_us() + PATIENCE_US; clock_us() < end;) {
        stage_send_audio(s);
        size_t n = remote_receive_rtp(v, bytes, sizeof bytes, 200);
        if (n && rtp_read(&h, bytes, n) && h.ssrc == v->audio_ssrc)
            return true;
    }
    return false;
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
    assert_true(hears(s, &next));
    json_t *a = booth_ask(&s->booth, json_pack("{s:s}", "t", "stats"));
    assert_int_equal(json_integer_value(json_object_get(a, "viewers")), 1);
    json_decref(a);
    remote_done(&old);
    remote_done(&next);
    remote_done(&viewer);
}

/* It has its place in the source when it wishes for less, but nothing was sent yet: it begins in the low
 * track, whose numbers are others. (Which track's are higher is chance: the test runs several times.) */
static void a_wish_before_the_first_packet_begins_where_it_is_wished(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600];
    bool came = false;
    stage_go_live(s);
    stage_watch(s, &v); /* the handshake has used up what may leave: the media wait */
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s}", "t", "layer", "session", s->session, "rendition", "low"));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    for (int64_t end = clock_us() + PATIENCE_US; !came && clock_us() < end;) {
        struct rtp_head h;
        stage_send_video(s, true);
        size_t n = remote_receive_rtp(&v, bytes, sizeof bytes, 200);
        came = n && rtp_read(&h, bytes, n) && h.ssrc == v.video_ssrc;
    }
    assert_true(came);
    remote_done(&v);
}

/* Whoever asks for everything again gets so many bytes a second, and no more. */
static void what_is_resent_has_a_budget(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600], payload[BIG] = {0x10, 0x01}, nacks[64 / NACK_SPAN * 16];
    stage_go_live(s);
    stage_watch(s, &v);
    struct rtp_head first = stage_next_of(&v, v.video_ssrc, bytes), last = first;
    for (int i = 0; i < BIG_PACKETS; i++) {
        s->video_ts += 3600;
        remote_send_rtp(&s->phone, 96, PHONE_VIDEO, s->video_index++, s->video_ts, true, payload,
                        sizeof payload);
        if (i % 20 == 19) /* not faster than the sockets' rooms */
            last = stage_next_of(&v, v.video_ssrc, bytes);
        while (i % 20 == 19 && (int16_t)(first.sequence + i + 1 - last.sequence) > 0)
            last = stage_next_of(&v, v.video_ssrc, bytes);
    }
    for (int from = 1; from + 3 * NACK_SPAN <= BIG_PACKETS; from += 3 * NACK_SPAN) {
        size_t size = 0;
        for (int i = 0; i < 3; i++)
            size += rtcp_write_nack(nacks + size, 1, v.video_ssrc,
                                    (uint16_t)(first.sequence + from + i * NACK_SPAN), 0xffff);
        remote_send_rtcp(&v, nacks, size);
    }
    assert_true(booth_wait_counter(&s->booth, "resend_budget", 100));
    assert_true(booth_counter(&s->booth, "resent") > VIEWER_RESEND_BYTES / BIG / 2);
    assert_int_equal(booth_counter(&s->booth, "resend_missing"), 0);
    remote_done(&v);
}

static void resent_is(struct remote *v, uint16_t sequence)
{
    uint8_t bytes[1600], nack[16];
    remote_send_rtcp(v, nack, rtcp_write_nack(nack, 1, v->video_ssrc, sequence, 0));
    struct rtp_head again = stage_next_of(v, v->rtx_ssrc, bytes);
    assert_int_equal(get16(bytes + again.size), sequence);
}

/* A viewer's sequences begin anew after ten minutes or so, and the seal's rollover counter goes up: what
 * comes after and what is asked for again from before is told apart. */
static void what_was_lost_where_sequences_begin_anew_is_resent(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600];
    struct rtp_head h;
    stage_go_live(s);
    stage_watch(s, &v);
    uint16_t first = stage_next_of(&v, v.video_ssrc, bytes).sequence, last = first;
    for (int64_t end = clock_us() + WRAP_PATIENCE_US; clock_us() < end && !(last < first && last > BATCH);) {
        for (int i = 0; i < BATCH; i++) {
            s->video_ts += 90;
            remote_send_rtp(&s->phone, 96, PHONE_VIDEO, s->video_index++, s->video_ts, true,
                            i ? stage_vp8_delta : stage_vp8_key, TINY);
        }
        size_t n = 1;
        for (int got = 0; n && got < BATCH; got++) {
            n = remote_receive_rtp(&v, bytes, sizeof bytes, 1000);
            if (n && rtp_read(&h, bytes, n) && h.ssrc == v.video_ssrc)
                last = h.sequence;
        }
    }
    assert_in_range(last, BATCH + 1, first - 1);
    resent_is(&v, 65535);
    resent_is(&v, 0);
    resent_is(&v, last);
    remote_done(&v);
}

static void wish(struct stage *s, const char *session, const char *rendition)
{
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s}", "t", "layer", "session", session, "rendition", rendition));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
}

/* Two rooms' phones go on filming, a keyframe at times, until so many viewers have changed, the last one to
 * this; the viewers are heard meanwhile. */
static void both_film_until(struct stage *s, struct stage *other, struct remote viewers[2],
                            json_int_t switches, const char *rendition)
{
    uint8_t bytes[1600];
    int64_t end = clock_us() + PATIENCE_US * 3;
    for (int i = 0; clock_us() < end && booth_counter(&s->booth, "rendition_switches") < switches; i++) {
        stage_send_video(s, i % 5 == 4);
        stage_send_video(other, i % 5 == 4);
        for (int n = 0; n < 2; n++)
            remote_receive_rtp(&viewers[n], bytes, sizeof bytes, 20);
    }
    assert_true(booth_wait_event(&s->booth, "rendition", "rendition", rendition));
}

/* With one transcode for the machine the second room's viewer hears, and sees when the first one's needs it
 * no more. */
static void who_comes_late_for_a_transcode_hears_until_one_is_free(void **state)
{
    struct stage *s = *state, other = {.video_index = 65000};
    struct remote viewers[2];
    char sessions[2][LINK_SESSION_NAME + 1];
    uint8_t bytes[1600];
    stage_go_live(s);
    stage_watch(s, &viewers[0]);
    memcpy(sessions[0], s->session, sizeof sessions[0]);
    stage_open_room(s, "sao");
    remote_init(&other.phone);
    remote_init(&viewers[1]);
    json_decref(stage_open_session(s, "publish", "sao", &other.phone));
    assert_true(remote_connect(&other.phone));
    stage_send_video(&other, true);
    assert_true(booth_wait_event(&s->booth, "room", "room", "sao"));
    json_decref(stage_open_session(s, "watch", "sao", &viewers[1]));
    assert_true(remote_connect(&viewers[1]));
    memcpy(sessions[1], s->session, sizeof sessions[1]);
    for (int n = 0; n < 2; n++)
        stage_next_of(&viewers[n], viewers[n].video_ssrc, bytes);
    wish(s, sessions[0], "low");
    both_film_until(s, &other, viewers, 1, "low");
    wish(s, sessions[1], "low");
    both_film_until(s, &other, viewers, 2, "audio");
    assert_int_equal(booth_counter(&s->booth, "transcodes"), 1);
    assert_true(booth_wait_counter(&s->booth, "low_missed", 1));
    wish(s, sessions[0], "auto");
    both_film_until(s, &other, viewers, 3, "source");
    both_film_until(s, &other, viewers, 4, "low");
    assert_int_equal(booth_counter(&s->booth, "transcodes"), 2);
    for (int n = 0; n < 2; n++)
        remote_done(&viewers[n]);
    remote_done(&other.phone);
}

/* The next sender report of the picture: its time of day, in whole seconds. */
static void note_sender(void *arg, const struct rtcp_sender *sender)
{
    *(uint64_t *)arg = sender->ntp >> 32;
}

static uint64_t next_report_s(struct stage *s, struct remote *v)
{
    const struct rtcp_listener listener = {.sender = note_sender};
    uint64_t told_s = 0;
    uint8_t bytes[1600];
    for (int64_t end = clock_us() + PATIENCE_US; !told_s && clock_us() < end;) {
        stage_send_video(s, false);
        size_t n = remote_receive_rtcp(v, bytes, sizeof bytes, 200);
        if (n)
            assert_true(rtcp_read(bytes, n, &listener, &told_s));
    }
    return told_s;
}

/* The round trip is measured by what reports say, and a queue is seen in it: a clock that is set forward must
 * not look like a full line of every viewer's. */
static void reports_go_on_when_the_clock_is_set(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t sr[RTCP_BUILD_MAX];
    struct rtcp_sender phone = {.ssrc = PHONE_VIDEO, .ntp = rtcp_ntp(clock_wall_us())};
    stage_go_live(s);
    stage_watch(s, &v);
    phone.timestamp = s->video_ts;
    remote_send_rtcp(&s->phone, sr, rtcp_write_sr(sr, &phone));
    uint64_t before_s = next_report_s(s, &v);
    int64_t since_us = clock_us();
    assert_true(before_s > 0);
    atomic_store(&set_ahead_s, STEP_S);
    uint64_t after_s = next_report_s(s, &v), passed_s = (uint64_t)(clock_us() - since_us) / 1000000;
    assert_in_range(after_s - before_s, 0, passed_s + STEP_S / 2);
    remote_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_with_another_codec_ends_those_who_cannot_draw_it, one_worker,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_phone_with_another_codec_ends_those_who_cannot_draw_it,
                                        three_workers, teardown),
        cmocka_unit_test_setup_teardown(a_wish_before_the_first_packet_begins_where_it_is_wished, little_pace,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_wish_before_the_first_packet_begins_where_it_is_wished, little_pace,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_wish_before_the_first_packet_begins_where_it_is_wished, little_pace,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_resent_has_a_budget, one_worker, teardown),
        cmocka_unit_test_setup_teardown(what_was_lost_where_sequences_begin_anew_is_resent, one_worker,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_comes_late_for_a_transcode_hears_until_one_is_free, one_transcode,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_comes_late_for_a_transcode_hears_until_one_is_free,
                                        one_transcode_three_workers, teardown),
        cmocka_unit_test_setup_teardown(reports_go_on_when_the_clock_is_set, one_worker, teardown),
    };
    return cmocka_run_group_tests_name("viewer", tests, NULL, NULL);
}
