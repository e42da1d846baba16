/* Several workers: viewers on other threads and ports get what those of the first one get; and a relay that
 * has no place or no time left says so. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/rtcp.h"
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { VIEWERS = 4, PATIENCE_US = 20000000, QUIET_MS = 300 };

static int three_workers(void **state)
{
    *state = stage_open(&(struct worker_options){.workers = 3});
    return 0;
}

static int three_places(void **state)
{
    *state = stage_open(&(struct worker_options){.workers = 3, .viewers_max = 3});
    return 0;
}

static int little_time(void **state)
{
    *state = stage_open(&(struct worker_options){.busy_most = 250});
    return 0;
}

static int teardown(void **state)
{
    stage_close(*state);
    return 0;
}

static void join_all(struct stage *s, struct remote *viewers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        remote_init(&viewers[i]);
        stage_join(s, "watch", &viewers[i]);
    }
}

static void leave_all(struct remote *viewers, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        remote_done(&viewers[i]);
}

static void viewers_are_spread_and_all_see_the_same(void **state)
{
    struct stage *s = *state;
    struct remote v[VIEWERS];
    uint8_t bytes[1600];
    stage_go_live(s);
    join_all(s, v, VIEWERS);
    for (int i = 0; i < VIEWERS; i++) {
        assert_int_not_equal(v[i].port, s->phone.port); /* the phone is work enough for the first one */
        assert_int_equal(v[i].port == v[0].port, i % 2 == 0);
        struct rtp_head key = stage_next_of(&v[i], v[i].video_ssrc, bytes); /* from the cache, unasked */
        assert_memory_equal(bytes + key.size, stage_vp8_key, STAGE_KEY);
    }
    stage_send_video(s, false);
    for (int i = 0; i < VIEWERS; i++) {
        struct rtp_head next = stage_next_of(&v[i], v[i].video_ssrc, bytes);
        assert_memory_equal(bytes + next.size, stage_vp8_delta, STAGE_DELTA);
    }
    stage_send_audio(s);
    for (int i = 0; i < VIEWERS; i++) {
        struct rtp_head next = stage_next_of(&v[i], v[i].audio_ssrc, bytes);
        assert_memory_equal(bytes + next.size, stage_opus, STAGE_OPUS);
    }
    assert_true(booth_wait_counter(&s->booth, "joins_cached", VIEWERS));
    json_t *a = booth_ask(&s->booth, json_pack("{s:s}", "t", "stats"));
    assert_int_equal(json_integer_value(json_object_get(a, "viewers")), VIEWERS);
    json_t *stages = json_object_get(a, "stage_us"),
           *counts = json_object_get(json_object_get(a, "queue"), "counts");
    json_int_t bursts = 0;
    size_t i;
    json_t *n;
    json_array_foreach(counts, i, n) bursts += json_integer_value(n);
    assert_true(bursts >= 1);
    assert_true(json_integer_value(json_object_get(stages, "idle")) > 0);
    assert_true(json_integer_value(json_object_get(stages, "seal")) > 0);
    json_decref(a);
    leave_all(v, VIEWERS);
}

static void what_a_viewer_elsewhere_asks_is_heard(void **state)
{
    struct stage *s = *state;
    struct remote v;
    uint8_t bytes[1600], rtcp[16];
    stage_go_live(s);
    join_all(s, &v, 1);
    struct rtp_head lost = stage_next_of(&v, v.video_ssrc, bytes);
    remote_send_rtcp(&v, rtcp, rtcp_write_nack(rtcp, 1, v.video_ssrc, lost.sequence, 0));
    struct rtp_head again = stage_next_of(&v, v.rtx_ssrc, bytes);
    assert_int_equal(get16(bytes + again.size), lost.sequence);
    json_int_t asked = booth_counter(&s->booth, "keyframes_asked");
    for (int64_t end = clock_us() + PATIENCE_US;
         clock_us() < end && booth_counter(&s->booth, "keyframes_asked") == asked; g_usleep(100000))
        remote_send_rtcp(&v, rtcp, rtcp_write_pli(rtcp, 1, v.video_ssrc));
    assert_true(booth_counter(&s->booth, "keyframes_asked") > asked);
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s, s:b}", "t", "patch", "session", s->session, "frag",
                             "a=ice-ufrag:newu\r\na=ice-pwd:newpasswordnewpassword\r\n", "restart", 1));
    char ufrag[40];
    uint16_t port = v.port;
    g_strlcpy(ufrag, v.ufrag, sizeof ufrag);
    remote_take_answer(&v, json_string_value(json_object_get(a, "frag")));
    json_decref(a);
    assert_string_not_equal(v.ufrag, ufrag);
    assert_int_equal(v.port, port); /* it stays where it is */
    assert_true(remote_prove(&v));
    a = booth_ask(&s->booth, json_pack("{s:s, s:s}", "t", "close", "session", s->session));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    assert_true(booth_wait_event(&s->booth, "session", "why", "closed"));
    a = booth_ask(&s->booth, json_pack("{s:s, s:s}", "t", "close", "session", s->session));
    assert_string_equal(json_string_value(json_object_get(a, "code")), LINK_NO_SESSION);
    json_decref(a);
    remote_done(&v);
}

struct film { /* one layer of the phone's */
    char rid;
    uint32_t ssrc;
    uint64_t index;
};

static void film_next(struct stage *s, struct film *f)
{
    s->video_ts += 3600;
    remote_send_layer(&s->phone, f->rid, f->ssrc, f->index++, s->video_ts, stage_vp8_key, STAGE_KEY);
}

/* REMB (draft-alvestrand-rmcat-remb): what the viewer says its line carries. */
static void say_remb(struct remote *v, uint32_t bits)
{
    uint8_t rtcp[24] = {0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1};
    unsigned exponent = 0;
    for (; bits >= 1u << 18; bits >>= 1)
        exponent++;
    rtcp[17] = (uint8_t)(exponent << 2 | bits >> 16);
    put16(rtcp + 18, bits & 0xffff);
    put32(rtcp + 20, v->video_ssrc);
    remote_send_rtcp(v, rtcp, sizeof rtcp);
}

/* A receiver report: of twenty more packets of the picture a tenth did not come. That alone costs nobody
 * anything, but a REMB that falls is believed beside it. */
static void say_lost(struct remote *v, uint32_t *highest)
{
    uint8_t rtcp[64];
    struct rtcp_block b = {.ssrc = v->video_ssrc, .fraction_lost = 25, .highest = *highest += 20};
    remote_send_rtcp(v, rtcp, rtcp_write_rr(rtcp, 1, &b, 1));
}

/* What a viewer elsewhere said of its line while it got the large layer is no complaint about the small one
 * that took its place: a REMB is low then because little is sent. One that falls from there on is a
 * complaint. */
static void a_layer_that_takes_over_begins_anew_for_viewers_elsewhere(void **state)
{
    struct stage *s = *state;
    struct film large = {'h', 0x3333, 100}, small = {'l', 0x4444, 100};
    struct remote v;
    uint32_t highest = 1000;
    s->phone.layers = true;
    stage_join(s, "publish", &s->phone);
    film_next(s, &large);
    assert_true(booth_wait_event(&s->booth, "room", "state", "live"));
    join_all(s, &v, 1);
    assert_int_not_equal(v.port, s->phone.port);
    json_int_t heard = booth_counter(&s->booth, "srtcp_in");
    say_remb(&v, 10000000);
    assert_true(booth_wait_counter(&s->booth, "srtcp_in", heard + 1));
    for (int i = 0; i < 400 && booth_counter(&s->booth, "layer_switches") == 0; i++, g_usleep(50000))
        film_next(s, &small); /* and the large one is not there any more */
    assert_int_equal(booth_counter(&s->booth, "layer_switches"), 1);
    for (int i = 0; i < (ESTIMATE_SETTLE_MS + 4000) / 50; i++, g_usleep(50000)) {
        film_next(s, &small);
        say_remb(&v, 20000);
        say_lost(&v, &highest);
    }
    assert_int_equal(booth_counter(&s->booth, "rendition_switches"), 0);
    for (int i = 0; i < 400 && booth_counter(&s->booth, "rendition_switches") == 0; i++, g_usleep(50000)) {
        film_next(s, &small);
        say_remb(&v, 5000);
        say_lost(&v, &highest);
    }
    assert_true(booth_wait_event(&s->booth, "rendition", "rendition", "audio"));
    leave_all(&v, 1);
}

static void pauses_and_takeovers_reach_every_worker(void **state)
{
    struct stage *s = *state;
    struct remote v[2], old;
    uint8_t bytes[1600];
    stage_go_live(s);
    join_all(s, v, 2);
    for (int i = 0; i < 2; i++)
        stage_next_of(&v[i], v[i].video_ssrc, bytes);
    for (int paused = 1; paused >= 0; paused--) {
        json_decref(booth_ask(&s->booth, json_pack("{s:s, s:s, s:b, s:b}", "t", "room", "room", "chim",
                                                   "record", 0, "paused", paused)));
        stage_send_video(s, true);
        for (int i = 0; paused && i < 2; i++)
            assert_int_equal(remote_receive_rtp(&v[i], bytes, sizeof bytes, QUIET_MS), 0);
    }
    struct rtp_head before[2];
    for (int i = 0; i < 2; i++)
        before[i] = stage_next_of(&v[i], v[i].video_ssrc, bytes);
    old = s->phone;
    remote_init(&s->phone);
    s->video_index = 10;
    stage_join(s, "publish", &s->phone);
    assert_true(booth_wait_event(&s->booth, "session", "why", "taken-over"));
    stage_send_video(s, true);
    for (int i = 0; i < 2; i++) {
        struct rtp_head after = stage_next_of(&v[i], v[i].video_ssrc, bytes);
        assert_int_equal(after.sequence, (uint16_t)(before[i].sequence + 1));
        assert_memory_equal(bytes + after.size, stage_vp8_key, STAGE_KEY);
    }
    remote_done(&old);
    leave_all(v, 2);
}

/* What the list of "sessions" says of the one with this tag; false: it is not in it. */
static bool listed(const json_t *sessions, const char *etag, const char *kind, const char *rendition)
{
    size_t i;
    json_t *one;
    json_array_foreach(sessions, i, one)
    {
        if (g_strcmp0(json_string_value(json_object_get(one, "etag")), etag) != 0)
            continue;
        assert_string_equal(json_string_value(json_object_get(one, "room")), "chim");
        assert_string_equal(json_string_value(json_object_get(one, "kind")), kind);
        assert_true(g_strcmp0(json_string_value(json_object_get(one, "rendition")), rendition) == 0);
        assert_int_equal(json_is_integer(json_object_get(one, "video")), rendition != NULL);
        assert_int_equal(json_integer_value(json_object_get(one, "video")), rendition ? 1 : 0);
        return true;
    }
    return false;
}

static void a_market_that_comes_back_hears_of_all_and_a_closed_room_ends_them(void **state)
{
    struct stage *s = *state;
    struct remote v[2];
    char before[40];
    stage_go_live(s);
    join_all(s, v, 2);
    g_strlcpy(before, v[1].ufrag, sizeof before);
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s, s:b}", "t", "patch", "session", s->session, "frag",
                             "a=ice-ufrag:newu\r\na=ice-pwd:newpasswordnewpassword\r\n", "restart", 1));
    remote_take_answer(&v[1], json_string_value(json_object_get(a, "frag")));
    json_decref(a);
    a = booth_ask(&s->booth, json_pack("{s:s, s:s, s:s}", "t", "layer", "session", s->session, "rendition",
                                       "audio")); /* the picture is over, told as "rendition" */
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    stage_send_video(s, false);
    assert_true(booth_wait_event(&s->booth, "rendition", "rendition", "audio"));
    booth_hang_up(&s->booth);
    booth_accept(&s->booth);
    stage_open_room(s, "chim");
    booth_say(&s->booth, json_pack("{s:s}", "t", "restored"));
    json_decref(booth_ask(&s->booth, json_pack("{s:s}", "t", "stats"))); /* what came before is in events */
    const json_t *sessions = NULL;
    size_t i;
    json_t *event;
    json_array_foreach(s->booth.events, i, event)
    {
        if (g_strcmp0(json_string_value(json_object_get(event, "t")), "sessions") == 0)
            sessions = json_object_get(event, "sessions");
    }
    assert_int_equal(json_array_size(sessions), 3);
    assert_true(listed(sessions, s->phone.ufrag, "publish", NULL));
    assert_true(listed(sessions, v[0].ufrag, "watch", "source"));
    assert_true(listed(sessions, v[1].ufrag, "watch", "audio"));
    assert_false(listed(sessions, before, "watch", "audio"));
    json_decref(
        booth_ask(&s->booth, json_pack("{s:s, s:s, s:s}", "t", "room_close", "room", "chim", "why", "x")));
    for (int n = 0; n < 3; n++) /* the phone and both viewers */
        assert_true(booth_wait_event(&s->booth, "session", "why", "room"));
    for (int n = 0; n < 2; n++) {
        uint8_t bytes[1600];
        bool closed = false;
        for (int tries = 0; tries < 200 && !closed; tries++) {
            int got = SSL_read(v[n].ssl, bytes, sizeof bytes);
            closed = got <= 0 && SSL_get_error(v[n].ssl, got) == SSL_ERROR_ZERO_RETURN;
        }
        assert_true(closed);
    }
    leave_all(v, 2);
}

static bool is_refused(struct stage *s, struct remote *r)
{
    json_t *a = stage_open_session(s, "watch", "chim", r);
    bool refused = g_strcmp0(json_string_value(json_object_get(a, "code")), LINK_FULL) == 0;
    assert_int_equal(refused, json_is_false(json_object_get(a, "ok")));
    json_decref(a);
    return refused;
}

static void places_are_counted_over_all_workers(void **state)
{
    struct stage *s = *state;
    struct remote v[3], late;
    stage_go_live(s);
    join_all(s, v, 3);
    remote_init(&late);
    assert_true(is_refused(s, &late));
    json_decref(booth_ask(&s->booth, json_pack("{s:s, s:s}", "t", "close", "session",
                                               "00000000000000000000000000000002"))); /* the first viewer */
    assert_true(booth_wait_event(&s->booth, "session", "why", "closed"));
    assert_false(is_refused(s, &late));
    assert_int_equal(booth_counter(&s->booth, "viewers_refused"), 1);
    remote_done(&late);
    leave_all(v, 3);
}

/* Media goes on. A port as full as this one may lose a datagram, so one is sent until one has come. */
static bool is_sent_on(struct stage *s, struct remote *v)
{
    uint8_t bytes[1600];
    struct rtp_head h = {0};
    for (int64_t end = clock_us() + PATIENCE_US; clock_us() < end;) {
        stage_send_video(s, false);
        size_t n = remote_receive_rtp(v, bytes, sizeof bytes, 200);
        if (n && rtp_read(&h, bytes, n) && h.ssrc == v->video_ssrc)
            return true;
    }
    return false;
}

/* Kept busy by a phone's checks: nobody new gets in, who is in goes on; when it is over the door opens.
 */
static void a_relay_without_time_takes_nobody_and_keeps_whom_it_has(void **state)
{
    struct stage *s = *state;
    struct remote v, late;
    uint8_t bytes[1600];
    bool refused = true;
    stage_go_live(s);
    remote_init(&v);
    for (int64_t end = clock_us() + PATIENCE_US; refused && clock_us() < end; g_usleep(50000))
        refused = is_refused(s, &v);
    assert_true(remote_connect(&v));
    stage_next_of(&v, v.video_ssrc, bytes);
    remote_init(&late);
    int64_t asked_us = clock_us();
    for (int64_t end = asked_us + PATIENCE_US; !refused && clock_us() < end;) {
        for (int i = 0; i < 500; i++)
            remote_send_stun(&s->phone, s->phone.ufrag, s->phone.pwd, true);
        if (clock_us() - asked_us < 500000)
            continue;
        refused = is_refused(s, &late);
        asked_us = clock_us();
    }
    assert_true(refused);
    assert_true(is_sent_on(s, &v));
    for (int64_t end = clock_us() + PATIENCE_US; refused && clock_us() < end; g_usleep(100000))
        refused = is_refused(s, &late);
    assert_false(refused);
    remote_done(&late);
    remote_done(&v);
}

#define WITH(setup, test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(three_workers, viewers_are_spread_and_all_see_the_same),
        WITH(three_workers, what_a_viewer_elsewhere_asks_is_heard),
        WITH(three_workers, a_layer_that_takes_over_begins_anew_for_viewers_elsewhere),
        WITH(three_workers, pauses_and_takeovers_reach_every_worker),
        WITH(three_workers, a_market_that_comes_back_hears_of_all_and_a_closed_room_ends_them),
        WITH(three_places, places_are_counted_over_all_workers),
        WITH(little_time, a_relay_without_time_takes_nobody_and_keeps_whom_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
