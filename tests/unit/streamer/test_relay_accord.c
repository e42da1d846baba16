/* Offers that cannot be agreed on get the link's code. What an answer holds is asked in test_relay_sdp.c, and
 * of the whole relay in test_relay_worker.c. */
#include "streamer/relay/accord.h"
#include "streamer/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define HEAD                                                                                                 \
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\n"            \
    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\na=fingerprint:sha-256 "                          \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
#define VIDEO(codec, way)                                                                                    \
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=rtpmap:96 " codec      \
    "/90000\r\na=" way "\r\n"

static const char *reach(const char *sdp, bool watch, enum rtp_codec wanted)
{
    g_autofree struct accord *a = g_new(struct accord, 1);
    const char *why = NULL, *code = accord_reach(a, sdp, watch, wanted, &why);
    if (code) {
        assert_non_null(why);
    } else {
        assert_int_equal(a->watch, watch);
        assert_true(a->choice.video.present);
    }
    return code;
}

static void an_offer_of_a_codec_we_have_is_agreed_on(void **state)
{
    (void)state;
    assert_null(reach(HEAD VIDEO("VP8", "recvonly"), true, RTP_NO_CODEC));
    assert_null(reach(HEAD VIDEO("VP8", "recvonly"), true, RTP_VP8));
    assert_null(reach(HEAD VIDEO("VP8", "sendonly"), false, RTP_NO_CODEC));
}

static void what_is_no_offer_is_bad_and_what_we_cannot_do_unsupported(void **state)
{
    (void)state;
    assert_string_equal(reach("", true, RTP_NO_CODEC), LINK_BAD_SDP);
    assert_string_equal(reach("hello", true, RTP_NO_CODEC), LINK_BAD_SDP);
    assert_string_equal(reach(HEAD VIDEO("AV1", "recvonly"), true, RTP_NO_CODEC), LINK_UNSUPPORTED_SDP);
    assert_string_equal(reach(HEAD VIDEO("VP8", "recvonly"), true, RTP_H264), LINK_UNSUPPORTED_SDP);
    assert_string_equal(reach(HEAD VIDEO("VP8", "recvonly"), false, RTP_NO_CODEC), LINK_UNSUPPORTED_SDP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_of_a_codec_we_have_is_agreed_on),
        cmocka_unit_test(what_is_no_offer_is_bad_and_what_we_cannot_do_unsupported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
