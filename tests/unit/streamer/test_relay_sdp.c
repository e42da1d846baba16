/* SDP: what browsers offer is read and answered; what is wrong gets the right kind of no. */
#include "streamer/relay/sdp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FINGERPRINT                                                                                          \
    "a=fingerprint:sha-256 "                                                                                 \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:aa:"                      \
    "bb:cc:dd:ee:ff\r\n"
#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
#define TRANSPORT                                                                                            \
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" FINGERPRINT               \
    "a=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
#define TWCC "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
#define AUDIO(direction)                                                                                     \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n" TRANSPORT "a=mid:0\r\na=" direction "\r\n" TWCC                 \
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"   \
    "a=rtpmap:63 red/48000/2\r\n"
#define AUDIO_RTX "a=rtpmap:63 rtx/48000\r\na=fmtp:63 apt=111\r\n"
#define VP8                                                                                                  \
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 ccm "      \
    "fir\r\n"                                                                                                \
    "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
#define H264                                                                                                 \
    "a=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=0;profile-level-id=42e01f\r\n"                 \
    "a=rtpmap:104 H264/90000\r\na=rtcp-fb:104 nack\r\na=rtcp-fb:104 nack pli\r\na=rtcp-fb:104 "              \
    "transport-cc\r\n"                                                                                       \
    "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"                  \
    "a=rtpmap:106 H264/90000\r\na=rtcp-fb:106 nack\r\na=rtcp-fb:106 nack pli\r\na=rtcp-fb:106 "              \
    "transport-cc\r\n"                                                                                       \
    "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"                  \
    "a=rtpmap:107 rtx/90000\r\na=fmtp:107 apt=106\r\n"
#define VIDEO(direction, pts, codecs)                                                                        \
    "m=video 9 UDP/TLS/RTP/SAVPF " pts "\r\n" TRANSPORT "a=mid:1\r\na=" direction "\r\n" TWCC codecs

static const char publish[] = HEAD AUDIO("sendonly") VIDEO("sendonly", "102 104 106 107 96 97", VP8 H264);
static const char publish_vp8[] = HEAD AUDIO("sendonly") VIDEO("sendonly", "96 97 102 104 106 107", VP8 H264);
static const char watch[] = HEAD AUDIO("recvonly") VIDEO("recvonly", "96 97 102 104 106 107", VP8 H264);
static const char watch_vp8[] = HEAD AUDIO("recvonly") VIDEO("recvonly", "96 97", VP8);

static struct sdp_offer offer;
static struct sdp_choice choice;

static enum sdp_result try(const char *text, bool watching, enum rtp_codec wanted)
{
    const char *why = NULL;
    enum sdp_result r = sdp_read(&offer, text, strlen(text), &why);
    assert_non_null(why);
    return r == SDP_OK ? sdp_choose(&choice, &offer, watching, wanted, &why) : r;
}

static char *answer(bool watching)
{
    static const uint8_t fingerprint[32] = {0xab};
    static struct address host;
    address_parse(&host, "192.0.2.1", 8444);
    struct sdp_answer a = {.offer = &offer,
                           .choice = &choice,
                           .watch = watching,
                           .ufrag = "UFRAG",
                           .pwd = "PWD",
                           .fingerprint = fingerprint,
                           .hosts = &host,
                           .hosts_count = 1,
                           .stream = "khe-nhinh",
                           .audio_ssrc = 1,
                           .video_ssrc = 2,
                           .rtx_ssrc = 3};
    return sdp_write_answer(&a);
}

static unsigned occurrences(const char *text, const char *word)
{
    unsigned n = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        n++;
    return n;
}

static void a_publisher_gets_baseline_h264_with_repair_and_feedback(void **state)
{
    (void)state;
    assert_int_equal(try(publish, false, RTP_NO_CODEC), SDP_OK);
    assert_int_equal(choice.video.pt, 106);
    assert_int_equal(choice.video.rtx_pt, 107);
    assert_int_equal(choice.video.twcc_id, 3);
    assert_int_equal(choice.audio.pt, 111);
    g_autofree char *text = answer(false);
    assert_int_equal(occurrences(text, "a=recvonly"), 2);
    assert_int_equal(occurrences(text, "a=rtcp-mux-only"), 2);
    assert_int_equal(occurrences(text, "a=setup:passive"), 2);
    assert_int_equal(occurrences(text, "a=extmap:3 http"), 2);
    assert_int_equal(occurrences(text, "a=candidate:1 1 udp 2130706431 192.0.2.1 8444 typ host"), 2);
    assert_int_equal(occurrences(text, "a=ssrc"), 0);
    assert_non_null(strstr(text, "a=ice-lite"));
    assert_non_null(strstr(text, "a=group:BUNDLE 0 1"));
    assert_non_null(
        strstr(text, "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"));
}

static void a_room_that_carries_vp8_prefers_it(void **state)
{
    (void)state;
    assert_int_equal(try(publish_vp8, false, RTP_NO_CODEC), SDP_OK); /* the phone's own order counts… */
    assert_int_equal(choice.video.codec, RTP_VP8);
    assert_int_equal(try(publish_vp8, false, RTP_H264),
                     SDP_OK); /* …but in a room that carries H.264 already */
    assert_int_equal(choice.video.codec, RTP_H264);
    assert_int_equal(try(publish, false, RTP_VP8), SDP_OK);
    assert_int_equal(choice.video.codec, RTP_VP8);
    assert_int_equal(try(HEAD AUDIO("sendonly") VIDEO("sendonly", "96 97", VP8), false, RTP_H264), SDP_OK);
    assert_int_equal(choice.video.codec, RTP_VP8); /* better another codec than no phone */
}

static void a_viewer_gets_the_rooms_codec_or_a_no(void **state)
{
    (void)state;
    assert_int_equal(try(watch, true, RTP_H264), SDP_OK);
    assert_int_equal(choice.video.pt, 106);
    g_autofree char *text = answer(true);
    assert_int_equal(occurrences(text, "a=sendonly"), 2);
    assert_int_equal(occurrences(text, "a=extmap"), 0);
    assert_int_equal(occurrences(text, "transport-cc"), 0);
    assert_non_null(strstr(text, "a=ssrc-group:FID 2 3"));
    assert_non_null(strstr(text, "a=msid:khe-nhinh khe-nhinh-video"));
    assert_int_equal(try(watch, true, RTP_VP8), SDP_OK);
    assert_int_equal(choice.video.pt, 96);
    assert_int_equal(try(watch_vp8, true, RTP_H264), SDP_UNSUPPORTED);
}

static void what_webrtc_allows_and_we_do_not_is_unsupported(void **state)
{
    (void)state;
    assert_int_equal(try(publish, true, RTP_H264), SDP_UNSUPPORTED); /* the wrong direction */
    assert_int_equal(try(watch, false, RTP_NO_CODEC), SDP_UNSUPPORTED);
    assert_int_equal(
        try(HEAD AUDIO("sendonly") VIDEO("sendonly", "98", "a=rtpmap:98 VP9/90000\r\n"), false, 0),
        SDP_UNSUPPORTED);
    assert_int_equal(
        try("v=0\r\na=group:BUNDLE 0 1 0b\r\n" AUDIO(
                "sendonly") "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
                            "a=mid:0b\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
            false, 0),
        SDP_UNSUPPORTED); /* two of a kind */
    assert_int_equal(try("v=0\r\n" AUDIO("sendonly") VIDEO("sendonly", "96", VP8), false, 0),
                     SDP_UNSUPPORTED); /* no bundle */
    assert_int_equal(try("v=0\r\na=group:BUNDLE 0\r\na=setup:passive\r\n" AUDIO("sendonly"), false, 0),
                     SDP_UNSUPPORTED);
    assert_int_equal(try("v=0\r\na=group:BUNDLE 0 1\r\n" AUDIO(
                             "sendonly") "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                         "a=mid:1\r\n",
                         false, 0),
                     SDP_UNSUPPORTED);
}

/* Sound is resent in band: a stream of its own for that has neither a name in the answer nor a sender. */
static void sound_is_promised_no_rtx(void **state)
{
    (void)state;
    for (int watching = 0; watching < 2; watching++) {
        assert_int_equal(try(watching ? HEAD AUDIO("recvonly") AUDIO_RTX VIDEO("recvonly", "96 97", VP8)
                                      : HEAD AUDIO("sendonly") AUDIO_RTX VIDEO("sendonly", "96 97", VP8),
                             watching, RTP_VP8),
                         SDP_OK);
        assert_int_equal(choice.video.rtx_pt, 97);
        assert_int_equal(choice.audio.rtx_pt, 0);
        g_autofree char *text = answer(watching);
        assert_int_equal(occurrences(text, "rtx/"), 1);
        assert_int_equal(occurrences(text, "ssrc-group"), watching);
    }
}

static void one_kind_alone_is_fine(void **state)
{
    (void)state;
    assert_int_equal(try("v=0\r\n" AUDIO("sendonly"), false, RTP_NO_CODEC), SDP_OK);
    assert_false(choice.video.present);
    assert_int_equal(try("v=0\n" VIDEO("sendrecv", "96", VP8), false, RTP_NO_CODEC), SDP_OK);
}

static void what_is_no_offer_is_bad(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "v=1",
        "hello",
        "v=0\r\n",
        "v=0\r\nhello\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n",              /* no credentials */
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 999\r\n" TRANSPORT "a=mid:0\r\n", /* payload type */
        "v=0\r\nm=audio 9 RTP/AVP 0\r\n" TRANSPORT "a=mid:0\r\n",             /* no encryption */
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" TRANSPORT,               /* no mid */
        HEAD AUDIO("sendonly") "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" TRANSPORT "a=mid:0\r\n", /* mid twice */
        HEAD AUDIO("sendonly") "a=ice-ufrag:else\r\n",                                       /* differs */
        HEAD "a=fingerprint:sha-256 00:11\r\n" AUDIO("sendonly"),
        HEAD AUDIO("sendonly") "a=mid:<script>\r\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_int_equal(try(bad[i], false, RTP_NO_CODEC), SDP_BAD);
}

static void floods_are_bad(void **state)
{
    (void)state;
    g_autoptr(GString) lines = g_string_new("v=0\r\n");
    for (int i = 0; i < SDP_LINES; i++)
        g_string_append(lines, "a=x\r\n");
    assert_int_equal(try(lines->str, false, 0), SDP_BAD);
    g_string_assign(lines, "v=0\r\na=");
    for (int i = 0; i < SDP_LINE; i++)
        g_string_append_c(lines, 'x');
    assert_int_equal(try(lines->str, false, 0), SDP_BAD);
    g_string_assign(lines, "v=0\r\n");
    for (int i = 0; i < 60; i++)
        g_string_append_printf(lines, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:%d\r\n", i);
    assert_int_equal(try(lines->str, false, 0), SDP_BAD);
    g_string_assign(lines, publish);
    while (lines->len <= SDP_MAX)
        g_string_append(lines, "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n");
    assert_int_equal(try(lines->str, false, 0), SDP_BAD);
}

#define LAYERED(order)                                                                                       \
    HEAD AUDIO("sendonly")                                                                                   \
        VIDEO("sendonly", "96 97",                                                                           \
              VP8 "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                       \
                  "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"                            \
                  "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"                   \
                  "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:" order "\r\n")

static void of_simulcast_the_first_and_the_last_layer_are_taken(void **state)
{
    (void)state;
    assert_int_equal(try(LAYERED("send q;h;f"), false, 0), SDP_OK);
    g_autofree char *sdp = answer(false);
    assert_int_equal(occurrences(sdp, "a=rid:q recv\r\na=rid:f recv\r\na=simulcast:recv q;f\r\n"), 1);
    assert_int_equal(occurrences(sdp, "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"), 1);
    assert_int_equal(occurrences(sdp, "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired"), 1);
    assert_int_equal(try(LAYERED("recv x send f,h;~q"), false, 0), SDP_OK);
    assert_string_equal(choice.video.rids[0], "f");
    assert_string_equal(choice.video.rids[1], "q");
    static const char *const single[] = {LAYERED("send q"), LAYERED("recv q;f"), publish_vp8};
    for (size_t i = 0; i < G_N_ELEMENTS(single); i++) {
        assert_int_equal(try(single[i], false, 0), SDP_OK);
        g_autofree char *plain = answer(false);
        assert_null(strstr(plain, "simulcast"));
        assert_null(strstr(plain, "a=rid"));
    }
    assert_int_equal(try(LAYERED("send q;?"), false, 0), SDP_BAD);
}

static void a_restart_needs_credentials(void **state)
{
    (void)state;
    char ufrag[257], pwd[257];
    static const char trickle[] = "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n";
    static const char restart[] = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 "
                                  "UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";
    assert_false(sdp_read_frag(trickle, strlen(trickle), ufrag, pwd));
    assert_true(sdp_read_frag(restart, strlen(restart), ufrag, pwd));
    assert_string_equal(ufrag, "abcd");
    struct sdp_brief brief;
    assert_int_equal(try(publish, false, 0), SDP_OK);
    sdp_brief_from(&brief, &offer);
    struct address host;
    address_parse(&host, "192.0.2.1", 8444);
    g_autofree char *frag = sdp_write_frag(&brief, "NEW", "SECRET", &host, 1);
    assert_int_equal(occurrences(frag, "a=candidate:1 1 udp 2130706431 192.0.2.1 8444 typ host\r\n"), 1);
    assert_int_equal(occurrences(frag, "a=ice-ufrag:NEW\r\na=ice-pwd:SECRET\r\n"), 2);
    assert_non_null(strstr(frag, "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publisher_gets_baseline_h264_with_repair_and_feedback),
        cmocka_unit_test(a_room_that_carries_vp8_prefers_it),
        cmocka_unit_test(a_viewer_gets_the_rooms_codec_or_a_no),
        cmocka_unit_test(what_webrtc_allows_and_we_do_not_is_unsupported),
        cmocka_unit_test(sound_is_promised_no_rtx),
        cmocka_unit_test(one_kind_alone_is_fine),
        cmocka_unit_test(what_is_no_offer_is_bad),
        cmocka_unit_test(floods_are_bad),
        cmocka_unit_test(of_simulcast_the_first_and_the_last_layer_are_taken),
        cmocka_unit_test(a_restart_needs_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
