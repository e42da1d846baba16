/* RTP and RTCP: headers, keyframes, compounds. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/rtcp.h"
#include "streamer/relay/rtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void a_header_with_everything_is_read(void **state)
{
    (void)state;
    uint8_t p[64] = {0xB2, 0x80 | 96, 0x12, 0x34, 0, 0, 1, 0, 0, 0, 0, 9}; /* padding, extension, two CSRCs */
    struct rtp_head h;
    p[20] = 0xBE, p[21] = 0xDE, p[23] = 1; /* one word of extension */
    p[39] = 4;
    assert_true(rtp_read(&h, p, 40));
    assert_int_equal(h.size, 28);
    assert_int_equal(h.payload_size, 8);
    assert_int_equal(h.sequence, 0x1234);
    assert_true(h.marker);
    assert_int_equal(h.ssrc, 9);
    p[39] = 13; /* more padding than payload */
    assert_false(rtp_read(&h, p, 40));
    p[39] = 0;
    assert_false(rtp_read(&h, p, 40));
    p[39] = 4, p[23] = 200; /* an extension longer than the packet */
    assert_false(rtp_read(&h, p, 40));
    assert_false(rtp_read(&h, p, 11));
}

static void keyframes_are_known_by_their_first_packet(void **state)
{
    (void)state;
    static const uint8_t idr[] = {0x65, 1}, slice[] = {0x41, 1}, sps[] = {0x67, 1};
    static const uint8_t stap[] = {0x78, 0, 2, 0x68, 1, 0, 2, 0x67, 1}, stap_no[] = {0x78, 0, 2, 0x61, 1};
    static const uint8_t fu_start[] = {0x7c, 0x85, 1}, fu_middle[] = {0x7c, 0x05, 1};
    static const uint8_t vp8_key[] = {0x90, 0x80, 0x12, 0x10}, vp8_long[] = {0x90, 0x80, 0x92, 0x34, 0x10},
                         vp8_delta[] = {0x90, 0x80, 0x12, 0x11}, vp8_second[] = {0x80, 0x80, 0x12, 0x10};
    assert_true(rtp_starts_keyframe(RTP_H264, idr, sizeof idr));
    assert_true(rtp_starts_keyframe(RTP_H264, sps, sizeof sps));
    assert_true(rtp_starts_keyframe(RTP_H264, stap, sizeof stap));
    assert_true(rtp_starts_keyframe(RTP_H264, fu_start, sizeof fu_start));
    assert_false(rtp_starts_keyframe(RTP_H264, slice, sizeof slice));
    assert_false(rtp_starts_keyframe(RTP_H264, stap_no, sizeof stap_no));
    assert_false(rtp_starts_keyframe(RTP_H264, fu_middle, sizeof fu_middle));
    assert_true(rtp_starts_keyframe(RTP_VP8, vp8_key, sizeof vp8_key));
    assert_true(rtp_starts_keyframe(RTP_VP8, vp8_long, sizeof vp8_long));
    assert_false(rtp_starts_keyframe(RTP_VP8, vp8_delta, sizeof vp8_delta));
    assert_false(rtp_starts_keyframe(RTP_VP8, vp8_second, sizeof vp8_second));
    assert_false(rtp_starts_keyframe(RTP_VP8, vp8_key, 3));
    assert_false(rtp_starts_keyframe(RTP_OPUS, idr, sizeof idr));
}

static void what_no_decoder_may_see_is_known(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 32; type++) {
        uint8_t payload[] = {(uint8_t)(0x60 | type), 0, 1, 7};
        assert_int_equal(rtp_is_agreed(RTP_H264, payload, sizeof payload),
                         (type >= 1 && type <= 24) || type == 28);
        assert_true(rtp_is_agreed(RTP_OPUS, payload, sizeof payload));
    }
    static const uint8_t fragment[] = {0x7c, 0x85, 1}, stap[] = {0x78, 0, 2, 0x68, 1, 0, 1, 0x67},
                         longer[] = {0x78, 0, 9, 0x68, 1}, nothing[] = {0x78, 0, 0, 0, 1, 0x67},
                         vp8[] = {0x90, 0x80, 0x12, 0x10};
    for (size_t size = 0; size <= sizeof fragment; size++) /* one byte of a fragment was read as 4 GB */
        assert_int_equal(rtp_is_agreed(RTP_H264, fragment, size), size == sizeof fragment);
    for (size_t size = 0; size <= sizeof stap; size++)
        assert_int_equal(rtp_is_agreed(RTP_H264, stap, size), size == 5 || size == sizeof stap);
    assert_false(rtp_is_agreed(RTP_H264, longer, sizeof longer));
    assert_false(rtp_is_agreed(RTP_H264, nothing, sizeof nothing));
    for (size_t size = 0; size <= sizeof vp8; size++)
        assert_int_equal(rtp_is_agreed(RTP_VP8, vp8, size), size == sizeof vp8);
}

struct heard {
    struct rtcp_sender sender;
    struct rtcp_block block;
    unsigned senders, blocks, nacks, keyframes;
    uint16_t nacked[20];
    uint64_t remb;
};

static void on_sender(void *arg, const struct rtcp_sender *s)
{
    struct heard *h = arg;
    h->sender = *s;
    h->senders++;
}

static void on_block(void *arg, const struct rtcp_block *b)
{
    struct heard *h = arg;
    h->block = *b;
    h->blocks++;
}

static void on_nack(void *arg, uint32_t ssrc, uint16_t sequence)
{
    struct heard *h = arg;
    assert_int_equal(ssrc, 22);
    h->nacked[h->nacks++ % 20] = sequence;
}

static void on_keyframe(void *arg, uint32_t ssrc)
{
    struct heard *h = arg;
    assert_int_equal(ssrc, 22);
    h->keyframes++;
}

static void on_remb(void *arg, uint64_t bits)
{
    ((struct heard *)arg)->remb = bits;
}

static const struct rtcp_listener listener = {
    .sender = on_sender, .block = on_block, .nack = on_nack, .keyframe = on_keyframe, .remb = on_remb};

static void a_compound_of_what_we_write_is_read_back(void **state)
{
    (void)state;
    uint8_t out[RTCP_BUILD_MAX];
    struct heard h = {0};
    struct rtcp_sender s = {
        .ssrc = 22, .ntp = UINT64_C(0x1122334455667788), .timestamp = 7, .packets = 3, .bytes = 9};
    struct rtcp_block b = {.ssrc = 22, .fraction_lost = 12, .lost = -5, .highest = 70000, .jitter = 4};
    size_t n = rtcp_write_sr(out, &s);
    n += rtcp_write_rr(out + n, 1, &b, 1);
    n += rtcp_write_cname(out + n, 22, "chim");
    n += rtcp_write_nack(out + n, 1, 22, 65535, 0x8001);
    n += rtcp_write_pli(out + n, 1, 22);
    n += rtcp_write_bye(out + n, 1);
    assert_true(rtcp_read(out, n, &listener, &h));
    assert_int_equal(h.senders, 1);
    assert_true(h.sender.ntp == s.ntp);
    assert_int_equal(h.block.lost, -5);
    assert_int_equal(h.block.highest, 70000);
    assert_int_equal(h.nacks, 3);
    assert_int_equal(h.nacked[0], 65535);
    assert_int_equal(h.nacked[1], 0);
    assert_int_equal(h.nacked[2], 15);
    assert_int_equal(h.keyframes, 1);
    for (size_t cut = 1; cut < n; cut++)
        if (cut % 4 != 0)
            assert_false(rtcp_read(out, cut, &listener, &h));
}

static void fir_and_remb_are_understood(void **state)
{
    (void)state;
    struct heard h = {0};
    uint8_t fir[20] = {0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 22, 5};
    uint8_t remb[24] = {0x8f, 206, 0,   5,   0, 0,      0,    1,    0, 0, 0, 0,
                        'R',  'E', 'M', 'B', 1, 2 << 2, 0x01, 0x00, 0, 0, 0, 22};
    assert_true(rtcp_read(fir, sizeof fir, &listener, &h));
    assert_int_equal(h.keyframes, 1);
    assert_true(rtcp_read(remb, sizeof remb, &listener, &h));
    assert_int_equal(h.remb, 256 * 4);
    remb[17] = 63 << 2; /* an exponent that would overflow */
    assert_false(rtcp_read(remb, sizeof remb, &listener, &h));
}

static void report_counts_beyond_the_packet_are_malformed(void **state)
{
    (void)state;
    struct heard h = {0};
    uint8_t rr[32] = {0x9f, 201, 0, 7}, padded[12] = {0xa0, 203, 0, 2, 0, 0, 0, 0, 0, 0, 0, 12};
    assert_false(rtcp_read(rr, sizeof rr, &listener, &h));
    assert_false(rtcp_read(padded, sizeof padded, &listener, &h));
    assert_int_equal(h.blocks, 0);
}

static void ntp_and_unix_time_agree(void **state)
{
    (void)state;
    int64_t us = INT64_C(1795520216428123);
    int64_t back = rtcp_ntp_us(rtcp_ntp(us));
    assert_true(back - us <= 1 && us - back <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_with_everything_is_read),
        cmocka_unit_test(keyframes_are_known_by_their_first_packet),
        cmocka_unit_test(what_no_decoder_may_see_is_known),
        cmocka_unit_test(a_compound_of_what_we_write_is_read_back),
        cmocka_unit_test(fir_and_remb_are_understood),
        cmocka_unit_test(report_counts_beyond_the_packet_are_malformed),
        cmocka_unit_test(ntp_and_unix_time_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
