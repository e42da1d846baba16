/* The whole worker over real sockets: phones and viewers are OpenSSL clients, the ingest is a mirror. */
#include "streamer/link.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/rtcp.h"
#include "streamer/relay/rtp.h"
#include "tests/unit/streamer/stage.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const uint8_t hello_of_nobody[] = "\x16\xfe\xff client hello";
static const uint8_t hello_broken[] = "\x16\xfe\xff\0\0\0\0\0\0\0\0\0\1x";
static const uint8_t alert_forged[] = "\x15\xfe\xfd\0\1\0\0\0\0\0\1\0\x1a 0123456789abcdef012345678";
static const uint8_t stun_bare[] = "\0\1\0\0!\x12\xa4"
                                   "Babcdefghijkl";
enum { QUIET_MS = 300 };

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

static void media_reaches_viewers_of_both_profiles(void **state)
{
    struct stage *s = *state;
    static const char *const profiles[] = {"SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"};
    uint8_t bytes[1600];
    stage_go_live(s);
    stage_send_video(s, false);
    for (int i = 0; i < 2; i++) {
        struct remote viewer;
        remote_init(&viewer);
        viewer.profiles = profiles[i];
        stage_join(s, "watch", &viewer);
        struct rtp_head first =
            stage_next_of(&viewer, viewer.video_ssrc, bytes); /* from the cache, unasked */
        assert_int_equal(first.payload_size, sizeof stage_vp8_key);
        assert_memory_equal(bytes + first.size, stage_vp8_key, sizeof stage_vp8_key);
        struct rtp_head second = stage_next_of(&viewer, viewer.video_ssrc, bytes);
        assert_int_equal(second.sequence, (uint16_t)(first.sequence + 1));
        assert_true(second.timestamp - first.timestamp <= 3600); /* squeezed */
        stage_send_audio(s);
        struct rtp_head sound = stage_next_of(&viewer, viewer.audio_ssrc, bytes);
        assert_memory_equal(bytes + sound.size, stage_opus, sizeof stage_opus);
        assert_int_equal(sound.payload_type, 111);
        remote_done(&viewer);
    }
    assert_int_equal(booth_counter(&s->booth, "joins_cached"), 2);
}

/* Sound waits for the rest of a frame, to leave with it; but not for ever. */
static void sound_is_not_held_by_a_frame_that_never_ends(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    for (int i = 0; i < 3; i++) {
        s->video_ts += 3600;
        remote_send_rtp(&s->phone, 96, PHONE_VIDEO, s->video_index++, s->video_ts, false, stage_vp8_delta,
                        sizeof stage_vp8_delta);
        stage_send_audio(s);
        stage_next_of(&viewer, viewer.audio_ssrc, bytes);
    }
    remote_done(&viewer);
}

static void replays_garbage_and_strangers_cost_a_counter(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600], junk[200] = {0x80, 96};
    struct remote viewer, stranger;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_send(&s->phone, s->phone.last, s->phone.last_size); /* the phone's audio packet once more */
    assert_true(booth_wait_counter(&s->booth, "srtp_replayed", 1));
    for (int i = 0; i < 50; i++)
        remote_send(&s->phone, junk, sizeof junk);
    assert_true(booth_wait_counter(&s->booth, "srtp_refused", 50));
    remote_init(&stranger);
    stranger.port = s->phone.port;
    remote_new_socket(&stranger);
    remote_send(&stranger, s->phone.last, s->phone.last_size); /* caught, and sent from elsewhere */
    assert_true(booth_wait_counter(&s->booth, "srtp_replayed", 2));
    memcpy(junk + 8, s->phone.last + 8, 4); /* the phone's name without its seal */
    remote_send(&stranger, junk, sizeof junk);
    assert_true(booth_wait_counter(&s->booth, "srtp_refused", 51));
    junk[8] ^= 1;
    remote_send(&stranger, junk, sizeof junk);
    remote_send(&stranger, junk, 9); /* too short for a name */
    assert_true(booth_wait_counter(&s->booth, "rtp_unproved", 2));
    remote_send(&stranger, hello_of_nobody, sizeof hello_of_nobody); /* DTLS from an address nobody proved */
    assert_true(booth_wait_counter(&s->booth, "dtls_unproved", 1));
    remote_send(&s->phone, hello_broken, sizeof hello_broken - 1); /* and a broken hello from the right one */
    remote_send(&s->phone, alert_forged, sizeof alert_forged - 1); /* a forged alert */
    remote_send(&stranger, "\x48 odd", 5);
    assert_true(booth_wait_counter(&s->booth, "datagrams_odd", 1));
    stage_send_video(s, false); /* after all that the stream goes on */
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_int_equal(remote_receive(&stranger, bytes, sizeof bytes, QUIET_MS), 0);
    remote_done(&viewer);
    remote_done(&stranger);
}

static void stun_of_strangers_gets_no_answer(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    json_t *a = stage_open_session(s, "publish", "chim", &s->phone);
    json_decref(a);
    remote_send_stun(&s->phone, "ABCDEFGHIJKLMNOP", s->phone.pwd, true);
    assert_true(booth_wait_counter(&s->booth, "stun_unknown", 1));
    remote_send_stun(&s->phone, s->phone.ufrag, "not the password at all", true);
    assert_true(booth_wait_counter(&s->booth, "stun_bad_integrity", 1));
    remote_send(&s->phone, stun_bare, sizeof stun_bare - 1);
    assert_true(booth_wait_counter(&s->booth, "stun_malformed", 1));
    assert_int_equal(remote_receive(&s->phone, bytes, sizeof bytes, QUIET_MS), 0);
    assert_true(remote_connect(&s->phone));
}

static void a_certificate_that_was_not_promised_is_refused(void **state)
{
    struct stage *s = *state;
    struct remote other;
    remote_init(&other);
    memcpy(s->phone.fingerprint, other.fingerprint, sizeof other.fingerprint);
    json_decref(stage_open_session(s, "publish", "chim", &s->phone));
    remote_prove(&s->phone);
    remote_shake(&s->phone);
    assert_true(booth_wait_counter(&s->booth, "dtls_fingerprint", 1));
    assert_true(booth_wait_event(&s->booth, "session", "why", "dtls"));
    remote_done(&other);
}

static void lost_packets_are_resent(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600], nack[16];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    struct rtp_head lost = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_send_rtcp(&viewer, nack, rtcp_write_nack(nack, 1, viewer.video_ssrc, lost.sequence, 0));
    struct rtp_head again = stage_next_of(&viewer, viewer.rtx_ssrc, bytes);
    assert_int_equal(again.payload_type, 97);
    assert_int_equal(get16(bytes + again.size), lost.sequence);
    assert_int_equal(again.timestamp, lost.timestamp);
    assert_memory_equal(bytes + again.size + 2, stage_vp8_key, sizeof stage_vp8_key);
    remote_send_rtcp(&viewer, nack,
                     rtcp_write_nack(nack, 1, viewer.video_ssrc, (uint16_t)(lost.sequence - 500), 0));
    assert_true(booth_wait_counter(&s->booth, "resend_missing", 1));
    remote_send(&viewer, viewer.last, viewer.last_size); /* a replayed NACK changes nothing */
    assert_true(booth_wait_counter(&s->booth, "srtcp_replayed", 1));
    assert_int_equal(booth_counter(&s->booth, "nacks"), 2);
    remote_done(&viewer);
}

static unsigned plis_at_phone(struct stage *s, int ms)
{
    uint8_t bytes[1600];
    unsigned plis = 0;
    for (int64_t end = clock_us() + ms * INT64_C(1000); clock_us() < end;) {
        size_t n = remote_receive_rtcp(&s->phone, bytes, sizeof bytes, 50);
        plis += n >= 12 && bytes[1] == RTCP_PAYLOAD_FEEDBACK && (bytes[0] & 31) == 1;
    }
    return plis;
}

static void keyframe_wishes_are_merged(void **state)
{
    struct stage *s = *state;
    uint8_t pli[12];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    while (plis_at_phone(s, 100) > 0) /* those of going live */
        ;
    json_int_t asked = booth_counter(&s->booth, "keyframes_asked");
    int64_t from_us = clock_us();
    for (int i = 0; i < 40; i++)
        remote_send_rtcp(&viewer, pli, rtcp_write_pli(pli, 1, viewer.video_ssrc));
    assert_true(booth_wait_counter(&s->booth, "plis_in", 40));
    assert_true(plis_at_phone(s, 700) >= 1);
    json_int_t most =
        2 + (clock_us() - from_us) / 500000; /* one at once, one per half second while none comes */
    assert_in_range(booth_counter(&s->booth, "keyframes_asked") - asked, 1, most);
    stage_send_video(s, true); /* the wish is fulfilled: silence */
    assert_true(booth_wait_counter(&s->booth, "rtp_out", 1));
    remote_done(&viewer);
}

static void a_phone_that_changes_networks_goes_on(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600], report[8];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_new_socket(&s->phone);
    stage_send_video(s, false); /* not proved yet: its seal is enough… */
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_true(booth_counter(&s->booth, "srtp_moved") >= 1);
    remote_send_rtcp(&s->phone, report, rtcp_write_rr(report, PHONE_VIDEO, NULL, 0));
    assert_true(booth_wait_counter(&s->booth, "srtp_moved", 2));
    /* …to be heard, not told */
    assert_int_equal(remote_receive(&s->phone, bytes, sizeof bytes, QUIET_MS), 0);
    assert_true(remote_prove(&s->phone));
    stage_send_video(s, false);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_int_equal(booth_counter(&s->booth, "roams"), 1);
    assert_int_equal(booth_counter(&s->booth, "dtls_done"), 2);
    viewer.ipv6 = true;
    remote_new_socket(&viewer); /* and so does a viewer, from IPv4 to IPv6 */
    assert_true(remote_prove(&viewer));
    stage_send_video(s, false);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_done(&viewer);
}

static void an_ice_restart_gives_new_credentials(void **state)
{
    struct stage *s = *state;
    char old_ufrag[40], old_pwd[64];
    uint8_t bytes[1600];
    stage_go_live(s);
    g_strlcpy(old_ufrag, s->phone.ufrag, sizeof old_ufrag);
    g_strlcpy(old_pwd, s->phone.pwd, sizeof old_pwd);
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s, s:b}", "t", "patch", "session", s->session, "frag",
                             "a=ice-ufrag:newu\r\na=ice-pwd:newpasswordnewpassword\r\n", "restart", 1));
    assert_true(json_is_true(json_object_get(a, "ok")));
    remote_take_answer(&s->phone, json_string_value(json_object_get(a, "frag")));
    assert_string_equal(json_string_value(json_object_get(a, "etag")), s->phone.ufrag);
    assert_string_not_equal(old_ufrag, s->phone.ufrag);
    json_decref(a);
    remote_new_socket(&s->phone);
    assert_true(remote_prove(&s->phone));
    json_int_t unknown = booth_counter(&s->booth, "stun_unknown");
    remote_send_stun(&s->phone, old_ufrag, old_pwd, true); /* the old ones end when the new are used */
    assert_true(booth_wait_counter(&s->booth, "stun_unknown", unknown + 1));
    struct remote viewer;
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_done(&viewer);
}

static void close_notify_frees_at_once_and_a_forged_one_does_not(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600], rr[8];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    remote_send_rtcp(&viewer, rr, rtcp_write_rr(rr, 1, NULL, 0)); /* the SSL object is dropped now */
    assert_true(booth_wait_counter(&s->booth, "srtcp_in", 1));
    remote_send(&viewer, alert_forged, sizeof alert_forged - 1);
    assert_true(booth_wait_counter(&s->booth, "dtls_ignored", 1));
    SSL_shutdown(viewer.ssl);
    assert_true(booth_wait_event(&s->booth, "session", "why", "closed"));
    assert_int_equal(booth_counter(&s->booth, "dtls_closed"), 1);
    remote_done(&viewer);
}

static void a_takeover_keeps_viewers_and_their_numbers(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer, old;
    stage_go_live(s);
    stage_watch(s, &viewer);
    struct rtp_head before = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    old = s->phone;
    remote_init(&s->phone);
    s->video_index = 10;
    s->video_ts = 4000000000u;
    stage_join(s, "publish", &s->phone);
    assert_true(booth_wait_event(&s->booth, "session", "why", "taken-over"));
    stage_send_video(s, true);
    struct rtp_head after = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_int_equal(after.sequence, (uint16_t)(before.sequence + 1));
    uint32_t passed = after.timestamp - before.timestamp;
    assert_in_range(passed, 1, 20 * 90000);
    assert_false(booth_counter(&s->booth, "publishes") != 2);
    remote_done(&old);
    remote_done(&viewer);
}

/* Under one key an SRTP index may carry one packet only: what a joiner got squeezed from the cache must not
 * be sealed again with the timestamp it had at the phone. */
static void after_a_takeover_nothing_old_is_resent_in_band(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600], nack[16];
    struct remote viewer, old;
    stage_go_live(s);
    stage_send_video(s, false);
    assert_true(booth_wait_counter(&s->booth, "srtp_in", 3));
    remote_init(&viewer);
    viewer.no_rtx = true;
    stage_join(s, "watch", &viewer);
    struct rtp_head key = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    size_t size = rtcp_write_nack(nack, 1, viewer.video_ssrc, key.sequence, 0);
    remote_send_rtcp(&viewer, nack, size);
    assert_true(booth_wait_counter(&s->booth, "resent", 1)); /* before it, the same packet comes again */
    old = s->phone;
    remote_init(&s->phone);
    stage_join(s, "publish", &s->phone);
    assert_true(booth_wait_event(&s->booth, "session", "why", "taken-over"));
    g_usleep(RESEND_GAP_MS * 1000);
    remote_send_rtcp(&viewer, nack, size);
    assert_true(booth_wait_counter(&s->booth, "nacks", 2));
    assert_int_equal(booth_counter(&s->booth, "resent"), 1);
    assert_int_equal(booth_counter(&s->booth, "resend_missing"), 1);
    s->video_index = 10;
    stage_send_video(s, true);
    struct rtp_head after = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_int_equal(after.sequence, (uint16_t)(key.sequence + 2)); /* the resend before was a replay here */
    remote_done(&old);
    remote_done(&viewer);
}

static void rooms_say_no_in_the_right_words(void **state)
{
    struct stage *s = *state;
    static const struct {
        const char *type, *room, *code;
    } refused[] = {{"publish", "nowhere", LINK_NO_ROOM},
                   {"watch", "nowhere", LINK_NO_ROOM},
                   {"watch", "chim", LINK_NOT_LIVE}};
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        json_t *a = stage_open_session(s, refused[i].type, refused[i].room, &s->phone);
        assert_true(json_is_false(json_object_get(a, "ok")));
        assert_string_equal(json_string_value(json_object_get(a, "code")), refused[i].code);
        json_decref(a);
    }
    json_t *a =
        booth_ask(&s->booth, json_pack("{s:s, s:s, s:s, s:s}", "t", "publish", "room", "chim", "session",
                                       "0123456789abcdef0123456789abcdef", "sdp", "v=0\r\nnonsense"));
    assert_string_equal(json_string_value(json_object_get(a, "code")), LINK_BAD_SDP);
    json_decref(a);
    a = booth_ask(&s->booth,
                  json_pack("{s:s, s:s}", "t", "close", "session", "0123456789abcdef0123456789abcdef"));
    assert_string_equal(json_string_value(json_object_get(a, "code")), LINK_NO_SESSION);
    json_decref(a);
}

static void a_paused_room_is_silent_and_keeps_its_viewers(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    for (int paused = 1; paused >= 0; paused--) {
        json_t *a = booth_ask(&s->booth, json_pack("{s:s, s:s, s:b, s:b}", "t", "room", "room", "chim",
                                                   "record", 0, "paused", paused));
        json_decref(a);
        stage_send_video(s, true);
        if (paused) {
            assert_true(booth_wait_event(&s->booth, "room", "state", "paused"));
            assert_int_equal(remote_receive_rtp(&viewer, bytes, sizeof bytes, QUIET_MS), 0);
        } else {
            stage_next_of(&viewer, viewer.video_ssrc, bytes);
        }
    }
    remote_done(&viewer);
}

static void the_market_may_die_and_come_back(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    stage_open_room(s, "stray");
    booth_hang_up(&s->booth);
    stage_send_video(s, false);
    stage_next_of(&viewer, viewer.video_ssrc, bytes); /* media does not mind */
    booth_accept(&s->booth);
    stage_open_room(s, "chim");
    booth_say(&s->booth, json_pack("{s:s}", "t", "restored"));
    json_t *a = booth_ask(&s->booth, json_pack("{s:s}", "t", "stats"));
    assert_int_equal(json_integer_value(json_object_get(a, "rooms")), 1); /* the stray is gone */
    assert_int_equal(json_integer_value(json_object_get(a, "viewers")), 1);
    json_decref(a);
    stage_send_video(s, false);
    stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_true(booth_wait_event(&s->booth, "room", "state", "live"));
    unsigned told = 0;
    size_t i, n;
    json_t *event, *one;
    json_array_foreach(s->booth.events, i, event)
        json_array_foreach(json_object_get(event, "sessions"), n, one)
    {
        bool watch = g_strcmp0(json_string_value(json_object_get(one, "kind")), "watch") == 0;
        assert_string_equal(json_string_value(json_object_get(one, "etag")),
                            watch ? viewer.ufrag : s->phone.ufrag);
        assert_true(
            g_strcmp0(json_string_value(json_object_get(one, "rendition")), watch ? "source" : NULL) == 0);
        assert_int_equal(json_integer_value(json_object_get(one, "video")), watch ? 1 : 0);
        told++;
    }
    assert_int_equal(told, 2);
    remote_done(&viewer);
}

static void an_ingest_that_always_dies_is_given_up(void **state)
{
    struct stage *s = *state;
    stage_open_room(s, "crash");
    json_decref(stage_open_session(s, "publish", "crash", &s->phone));
    assert_true(remote_connect(&s->phone));
    for (int i = 0; i < 200 && booth_counter(&s->booth, "child_given_up") == 0; i++) {
        remote_send_stun(&s->phone, s->phone.ufrag, s->phone.pwd, true); /* the phone itself is well */
        g_usleep(100000);
    }
    assert_true(booth_wait_event(&s->booth, "session", "why", "failed"));
    assert_int_equal(booth_counter(&s->booth, "child_given_up"), 1);
    assert_int_equal(booth_counter(&s->booth, "child_starts"), 8);
}

static void wish(struct stage *s, const char *session, const char *rendition, bool ok)
{
    json_t *a = booth_ask(
        &s->booth, json_pack("{s:s, s:s, s:s}", "t", "layer", "session", session, "rendition", rendition));
    assert_int_equal(json_is_true(json_object_get(a, "ok")), ok);
    json_decref(a);
}

/* Sends pictures, keyframes at times, until the viewer is told of its new rendition. */
static void film_until(struct stage *s, const char *rendition, json_int_t switches)
{
    for (int i = 0; i < 400 && booth_counter(&s->booth, "rendition_switches") == switches; i++) {
        stage_send_video(s, i % 5 == 4);
        g_usleep(20000);
    }
    assert_true(booth_wait_event(&s->booth, "rendition", "rendition", rendition));
}

/* The newest of what has come, every packet before it looked at: no gap, no step back. */
static struct rtp_head follow(struct remote *r, struct rtp_head last)
{
    uint8_t bytes[1600];
    struct rtp_head h;
    for (size_t n; (n = remote_receive_rtp(r, bytes, sizeof bytes, QUIET_MS));) {
        if (!rtp_read(&h, bytes, n) || h.ssrc != r->video_ssrc)
            continue;
        assert_int_equal(h.sequence, (uint16_t)(last.sequence + 1));
        assert_true((int32_t)(h.timestamp - last.timestamp) > 0);
        last = h;
    }
    return last;
}

static void a_viewer_changes_renditions_and_sees_one_stream(void **state)
{
    struct stage *s = *state;
    struct remote viewer;
    uint8_t bytes[1600];
    char session[LINK_SESSION_NAME + 1];
    stage_go_live(s);
    stage_watch(s, &viewer);
    memcpy(session, s->session, sizeof session);
    struct rtp_head last = stage_next_of(&viewer, viewer.video_ssrc, bytes);
    assert_int_equal(booth_counter(&s->booth, "transcodes"), 0);
    wish(s, session, "low", true);
    film_until(s, "low", 0);
    assert_int_equal(booth_counter(&s->booth, "transcodes"), 1);
    for (int i = 0; i < 10; i++)
        stage_send_video(s, false);
    last = follow(&viewer, last);
    wish(s, session, "audio", true);
    film_until(s, "audio", 1);
    last = follow(&viewer, last);
    stage_send_video(s, true);
    stage_send_audio(s);
    stage_next_of(&viewer, viewer.audio_ssrc, bytes);
    assert_int_equal(follow(&viewer, last).sequence, last.sequence); /* no picture came */
    wish(s, session, "auto", true);
    film_until(s, "source", 2);
    for (int i = 0; i < 10; i++)
        stage_send_video(s, false);
    assert_int_not_equal(follow(&viewer, last).sequence, last.sequence);
    wish(s, session, "best", false);
    wish(s, "00000000000000000000000000000001", "low", false); /* the phone's */
    remote_done(&viewer);
}

static int setup_with_studio(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST});
    return 0;
}

static int setup_with_studio_and_crew(void **state)
{
    *state = stage_open(&(struct worker_options){.studio = MIRROR_INGEST, .workers = 3});
    return 0;
}

static void a_closed_room_says_goodbye(void **state)
{
    struct stage *s = *state;
    uint8_t bytes[1600];
    struct remote viewer;
    stage_go_live(s);
    stage_watch(s, &viewer);
    json_t *a = booth_ask(&s->booth,
                          json_pack("{s:s, s:s, s:s}", "t", "room_close", "room", "chim", "why", "stopped"));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    assert_true(booth_wait_event(&s->booth, "session", "why", "room"));
    bool closed = false;
    for (int i = 0; i < 200 && !closed; i++) {
        int n = SSL_read(viewer.ssl, bytes, sizeof bytes);
        closed = n <= 0 && SSL_get_error(viewer.ssl, n) == SSL_ERROR_ZERO_RETURN;
    }
    assert_true(closed);
    remote_done(&viewer);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(media_reaches_viewers_of_both_profiles),
        STAGED(sound_is_not_held_by_a_frame_that_never_ends),
        STAGED(replays_garbage_and_strangers_cost_a_counter),
        STAGED(stun_of_strangers_gets_no_answer),
        STAGED(a_certificate_that_was_not_promised_is_refused),
        STAGED(lost_packets_are_resent),
        STAGED(keyframe_wishes_are_merged),
        STAGED(a_phone_that_changes_networks_goes_on),
        STAGED(an_ice_restart_gives_new_credentials),
        STAGED(close_notify_frees_at_once_and_a_forged_one_does_not),
        STAGED(a_takeover_keeps_viewers_and_their_numbers),
        STAGED(after_a_takeover_nothing_old_is_resent_in_band),
        STAGED(rooms_say_no_in_the_right_words),
        STAGED(a_paused_room_is_silent_and_keeps_its_viewers),
        STAGED(the_market_may_die_and_come_back),
        STAGED(an_ingest_that_always_dies_is_given_up),
        STAGED(a_closed_room_says_goodbye),
        cmocka_unit_test_setup_teardown(a_viewer_changes_renditions_and_sees_one_stream, setup_with_studio,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_viewer_changes_renditions_and_sees_one_stream,
                                        setup_with_studio_and_crew, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
