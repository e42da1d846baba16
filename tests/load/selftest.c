/* selftest.c: the load tools' own parts against published vectors and real decoders: a meter is checked
 * first. */
#include "tests/load/base/sample.h"
#include "tests/load/swarm/h264.h"
#include "tests/load/swarm/nacks.h"
#include "tests/load/swarm/rtcp.h"
#include "tests/load/swarm/sdp.h"
#include "tests/load/swarm/seqs.h"
#include "tests/load/swarm/spite.h"
#include "tests/load/swarm/srtp.h"
#include "tests/load/swarm/stun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

static size_t unhex(const char *text, uint8_t *out)
{
    size_t n = 0;
    for (; text[0] && text[1]; text += 2)
        out[n++] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
    return n;
}

/* RFC 5769 §2.2: a response made by others; its password and transaction are given there. */
static void stun_reads_the_sample_response(void **state)
{
    uint8_t packet[256];
    const size_t n = unhex(
        "0101003c2112a442b7e7a701bc34d686fa87dfae802200"
        "0b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
        "80280004c07d4c96",
        packet);
    (void)state;
    assert_int_equal(stun_read(packet, n, packet + 8, "VOkJxbRl1RmTxUk/WvJxBt"), STUN_ACCEPTED);
    assert_int_equal(stun_read(packet, n, packet + 8, "another password"), STUN_BAD);
    packet[20]++;
    assert_int_equal(stun_read(packet, n, packet + 8, "VOkJxbRl1RmTxUk/WvJxBt"), STUN_BAD);
}

static void stun_signs_what_it_writes(void **state)
{
    uint8_t packet[STUN_ROOM], txid[STUN_TXID] = "abcdefghijk";
    (void)state;
    const size_t n = stun_write(
        packet, &(struct stun_ask){.txid = txid, .user = "them:us", .password = "secret", .nominate = true});
    assert_true(stun_looks_like(packet, n));
    packet[0] = 1; /* as if it were the answer: only then does the reader look at it */
    packet[1] = 1;
    assert_int_equal(stun_read(packet, n, txid, "secret"), STUN_BAD); /* the type is signed too */
}

static void stun_answers_a_check(void **state)
{
    uint8_t request[STUN_ROOM], answer[STUN_ROOM], txid[STUN_TXID] = "abcdefghijk";
    const struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = 7, .sin_addr.s_addr = 9};
    (void)state;
    size_t n = stun_write(request, &(struct stun_ask){.txid = txid, .user = "us:them", .password = "ours"});
    assert_int_equal(stun_answer(answer, request, n, "not ours", &from), 0);
    n = stun_answer(answer, request, n, "ours", &from);
    assert_true(n > 0);
    assert_int_equal(stun_read(answer, n, txid, "ours"), STUN_ACCEPTED);
}

/* RFC 3711 B.3 derives these keys from this master; a wrong derivation cannot produce the packet below, which
 * was sealed by libsrtp with the same master (AES128_CM_HMAC_SHA1_80, its own test vector). */
static void srtp_seals_as_libsrtp_does(void **state)
{
    uint8_t key[16], salt[14], packet[64], expected[64];
    (void)state;
    unhex("e1f97a0d3e018be0d64fa32c06de4139", key);
    unhex("0ec675ad498afeebb6960b3aabe6", salt);
    size_t n = unhex("800f1234decafbadcafebabeabababababababababababababababab", packet);
    const size_t m =
        unhex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb", expected);
    struct srtp_side *side = srtp_side_new(SRTP_CM, key, salt);
    n = srtp_seal_rtp(side, packet, n);
    assert_int_equal(n, m);
    assert_memory_equal(packet, expected, m);
    srtp_side_free(side);
}

static void srtp_opens_what_it_seals(void **state)
{
    (void)state;
    for (int profile = SRTP_GCM; profile <= SRTP_CM; profile++) {
        uint8_t key[16] = {1, 2, 3}, salt[14] = {4, 5, 6};
        struct srtp_side *out = srtp_side_new((enum srtp_profile)profile, key, salt);
        struct srtp_side *in = srtp_side_new((enum srtp_profile)profile, key, salt);
        for (unsigned int seq = 65530; seq < 65550; seq++) { /* across a roll-over */
            uint8_t packet[128] = {0x80, 96, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, 0, 1, 9, 9, 9, 9,
                                   'h',  'i'};
            size_t n = srtp_seal_rtp(out, packet, 40);
            assert_true(n > 40);
            assert_int_equal(srtp_open_rtp(in, packet, n), 40);
            assert_int_equal(packet[12], 'h');
            n = srtp_seal_rtp(out, packet, 40);
            packet[20] ^= 1;
            assert_int_equal(srtp_open_rtp(in, packet, n), 0);
        }
        uint8_t report[64] = {0x80, 201, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8};
        const size_t n = srtp_seal_rtcp(out, report, 12);
        assert_int_equal(srtp_open_rtcp(in, report, n), 12);
        srtp_side_free(out);
        srtp_side_free(in);
    }
}

static void seqs_counts_gaps_and_latecomers(void **state)
{
    struct seqs s = {0};
    uint32_t e;
    (void)state;
    assert_int_equal(seqs_add(&s, 65534, &e), SEQS_NEXT);
    assert_int_equal(seqs_add(&s, 65535, &e), SEQS_NEXT);
    assert_int_equal(seqs_add(&s, 2, &e), SEQS_JUMPED);
    assert_int_equal(seqs_lost(&s), 2);
    assert_int_equal(seqs_add(&s, 0, &e), SEQS_LATE);
    assert_int_equal(seqs_add(&s, 0, &e), SEQS_DUPLICATE);
    assert_int_equal(seqs_lost(&s), 1);
    seqs_restart(&s);
    assert_int_equal(seqs_expected(&s), 0);
    assert_int_equal(seqs_add(&s, 1, &e), SEQS_LATE); /* of the time before: repairs nothing in this window */
    assert_int_equal(seqs_add(&s, 3, &e), SEQS_NEXT);
    assert_int_equal(seqs_lost(&s), 0);
    assert_int_equal(seqs_expected(&s), 1);
}

static void nacks_asks_again_and_gives_up(void **state)
{
    uint16_t due[8];
    struct nacks *n = nacks_new();
    (void)state;
    nacks_missing(n, 70000, 0);
    nacks_missing(n, 70001, 0);
    assert_int_equal(nacks_due(n, 1000, due, 8), 0);
    assert_int_equal(nacks_due(n, 6000, due, 8), 2);
    assert_int_equal(due[0], (uint16_t)70000);
    assert_int_equal(nacks_due(n, 20000, due, 8), 0);
    nacks_arrived(n, 70001);
    assert_int_equal(nacks_due(n, 60000, due, 8), 1);
    assert_int_equal(nacks_due(n, 600000, due, 8), 0);
    assert_int_equal(nacks_repaired(n), 1);
    assert_int_equal(nacks_given_up(n), 1);
    nacks_free(n);
}

static void rtcp_reads_what_others_ask(void **state)
{
    uint8_t packet[64];
    struct rtcp_wish wish;
    const uint16_t seqs[2] = {5, 900};
    (void)state;
    size_t n = rtcp_write_nack(packet, 1, 2, seqs, 2);
    packet[15] = 2; /* the mask also asks for 7 */
    n += rtcp_write_pli(packet + n, 1, 2);
    rtcp_read_wish(packet, n, &wish);
    assert_true(wish.key);
    assert_int_equal(wish.count, 3);
    assert_int_equal(wish.seqs[1], 7);
    assert_int_equal(wish.seqs[2], 900);
}

static void sdp_reads_a_lite_answer(void **state)
{
    struct sdp_answer a;
    (void)state;
    assert_true(sdp_answer_read(
        "v=0\r\na=ice-lite\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"
        "a=fingerprint:sha-256 AA:BB\r\na=rtpmap:96 H264/90000\r\na=rtpmap:97 rtx/90000\r\n"
        "a=candidate:1 1 udp 2130706431 192.0.2.7 8444 typ host\r\n"
        "a=candidate:2 1 UDP 2130706175 127.0.0.1 8444 typ host\r\n",
        &a));
    assert_int_equal(a.video_pt, 96);
    assert_int_equal(a.rtx_pt, 97);
    assert_true(a.h264);
    assert_int_equal(a.address.sin_addr.s_addr, g_htonl(0x7F000001));
    assert_false(sdp_answer_read("v=0\r\n", &a));
}

static void stamp_survives(void **state)
{
    uint8_t bytes[64] = {0};
    (void)state;
    h264_stamp_write(bytes + 11, INT64_C(1234567890123));
    assert_int_equal(h264_stamp_find(bytes, sizeof bytes), INT64_C(1234567890123));
    assert_int_equal(h264_stamp_find(bytes, 20), -1);
}

static void put_nal(FILE *f, const uint8_t *nal, size_t n)
{
    fwrite("\0\0\0\1", 1, 4, f);
    fwrite(nal, 1, n, f);
}

/* ffmpeg comes with what the tests install; it must decode every frame without a complaint. */
static void h264_is_taken_by_a_real_decoder(void **state)
{
    static uint8_t nal[H264_NAL_ROOM];
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "load-selftest-XXXXXX", NULL);
    (void)state;
    g_autofree char *ffmpeg = g_find_program_in_path("ffmpeg");
    if (!ffmpeg)
        fail_msg("ffmpeg is not installed: scripts/setup --tests brings it");
    const int fd = g_mkstemp(path);
    FILE *f = fdopen(fd, "wb");
    put_nal(f, nal, h264_sps(nal));
    put_nal(f, nal, h264_pps(nal));
    for (unsigned int i = 0; i < 130; i++)
        put_nal(f, nal, i % 60 == 0 ? h264_key(nal, i / 60, 18) : h264_delta(nal, i % 60, 12, 1000000 + i));
    fclose(f);
    g_autofree char *command =
        g_strdup_printf("%s -v error -err_detect explode -f h264 -i %s -f framemd5 -", ffmpeg, path);
    g_autofree char *out = NULL, *errors = NULL;
    assert_true(g_spawn_command_line_sync(command, &out, &errors, NULL, NULL));
    remove(path);
    assert_string_equal(errors, "");
    g_auto(GStrv) lines = g_strsplit(out, "\n", 400);
    int frames = 0;
    for (char **line = lines; *line; line++)
        frames += **line == '0';
    assert_int_equal(frames, 130);
}

static void sample_takes_the_nearest_rank(void **state)
{
    struct sample s;
    (void)state;
    sample_init(&s);
    assert_true(sample_quantile(&s, 0.5) == 0);
    for (int i = 100; i > 0; i--)
        sample_add(&s, i);
    assert_true(sample_quantile(&s, 0.5) == 50);
    assert_true(sample_quantile(&s, 0.95) == 95);
    assert_true(sample_quantile(&s, 1) == 100);
    sample_done(&s);
}

/* Bent packets stay inside their room and their stream, and the same seed bends them in the same way. */
static void spite_is_repeatable_and_stays_in_its_room(void **state)
{
    enum { ROOM = 300, LONG = 200 };
    struct spite one = {.rng = rng_make(9), .share = 1}, two = one, none = {.rng = rng_make(9)};
    unsigned changed = 0;
    (void)state;
    for (int i = 0; i < 5000; i++) {
        uint8_t a[ROOM + 1], b[ROOM + 1], plain[ROOM + 1];
        size_t length = i % 2 ? LONG : 13 + (size_t)i % 40;
        memset(plain, 0x5a, sizeof plain);
        plain[0] = 0x80;
        memcpy(a, plain, sizeof a), memcpy(b, plain, sizeof b);
        bool rtp = i % 3;
        size_t n = rtp ? spite_rtp(&one, a, length, ROOM) : spite_rtcp(&one, a, length, ROOM);
        assert_int_equal(n, rtp ? spite_rtp(&two, b, length, ROOM) : spite_rtcp(&two, b, length, ROOM));
        assert_memory_equal(a, b, sizeof a);
        assert_true(n >= (rtp ? 12 : 8) && n <= ROOM);
        assert_int_equal(a[ROOM], 0x5a);
        assert_int_equal(a[0] >> 6, 2);
        if (rtp)
            assert_memory_equal(a + 8, plain + 8, 4);
        changed += n != length || memcmp(a, plain, n) != 0;
        assert_int_equal(spite_rtp(&none, b, length, ROOM), length);
    }
    assert_true(changed > 4500);
    assert_int_equal(one.bent, 5000);
    assert_int_equal(none.bent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_reads_the_sample_response),
        cmocka_unit_test(stun_signs_what_it_writes),
        cmocka_unit_test(stun_answers_a_check),
        cmocka_unit_test(srtp_seals_as_libsrtp_does),
        cmocka_unit_test(srtp_opens_what_it_seals),
        cmocka_unit_test(seqs_counts_gaps_and_latecomers),
        cmocka_unit_test(nacks_asks_again_and_gives_up),
        cmocka_unit_test(rtcp_reads_what_others_ask),
        cmocka_unit_test(sdp_reads_a_lite_answer),
        cmocka_unit_test(stamp_survives),
        cmocka_unit_test(spite_is_repeatable_and_stays_in_its_room),
        cmocka_unit_test(h264_is_taken_by_a_real_decoder),
        cmocka_unit_test(sample_takes_the_nearest_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
