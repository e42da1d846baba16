/* SRTP: RFC 3711's derivation vectors, then libsrtp as the oracle in both directions and both profiles. */
#include "streamer/relay/bulk.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/rtp.h"
#include "streamer/relay/srtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <srtp2/srtp.h>

static const uint8_t key[16] = {0xE1, 0xF9, 0x7A, 0x0D, 0x3E, 0x01, 0x8B, 0xE0,
                                0xD6, 0x4F, 0xA3, 0x2C, 0x06, 0xDE, 0x41, 0x39};
static const uint8_t salt[14] = {0x0E, 0xC6, 0x75, 0xAD, 0x49, 0x8A, 0xFE,
                                 0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6};
static const enum srtp_profile profiles[] = {SRTP_GCM_128, SRTP_CM_SHA1_80};

static void keys_are_derived_as_in_rfc_3711_b3(void **state)
{
    (void)state;
    static const uint8_t cipher[16] = {0xC6, 0x1E, 0x7A, 0x93, 0x74, 0x4F, 0x39, 0xEE,
                                       0x10, 0x73, 0x4A, 0xFE, 0x3F, 0xF7, 0xA0, 0x87};
    static const uint8_t salting[14] = {0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D, 0x8C,
                                        0x85, 0xD4, 0x9D, 0xB3, 0x4A, 0x9A, 0xE1};
    static const uint8_t auth[20] = {0xCE, 0xBE, 0x32, 0x1F, 0x6F, 0xF7, 0x71, 0x6B, 0x6F, 0xD4,
                                     0xAB, 0x49, 0xAF, 0x25, 0x6A, 0x15, 0x6D, 0x38, 0xBA, 0xA4};
    uint8_t out[20];
    srtp_derive(out, 16, key, salt, 14, 0);
    assert_memory_equal(out, cipher, 16);
    srtp_derive(out, 20, key, salt, 14, 1);
    assert_memory_equal(out, auth, 20);
    srtp_derive(out, 14, key, salt, 14, 2);
    assert_memory_equal(out, salting, 14);
}

static srtp_t oracle(enum srtp_profile profile, bool sends)
{
    uint8_t both[30];
    srtp_t s;
    srtp_policy_t policy = {0};
    memcpy(both, key, 16);
    memcpy(both + 16, salt, 14);
    if (profile == SRTP_GCM_128) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = both;
    policy.window_size = 128;
    policy.allow_repeat_tx = 1;
    assert_int_equal(srtp_create(&s, &policy), srtp_err_status_ok);
    return s;
}

static size_t packet(uint8_t *out, uint16_t sequence, size_t payload)
{
    rtp_write_head(out, 96, true, false, sequence, 90000u + sequence, 0xCAFEBABE);
    for (size_t i = 0; i < payload; i++)
        out[RTP_HEAD + i] = (uint8_t)(i * 7 + sequence);
    return RTP_HEAD + payload;
}

enum { BATCH = 300, PACKET_MOST = RTP_HEAD + 1200 + SRTP_OVERHEAD };

/* A batch as the port has it: packets of all sizes one behind the other, opened only when all of them are in.
 */
static void seal_batch(struct srtp *ours, srtp_t theirs, uint64_t first)
{
    static uint8_t arena[BATCH * PACKET_MOST];
    size_t at[BATCH + 1] = {0};
    uint8_t plain[1500];
    for (unsigned i = 0; i < BATCH; i++) {
        uint64_t index = first + i;
        size_t size = packet(plain, (uint16_t)index, 1 + index * 37 % 1200);
        at[i + 1] =
            at[i] + srtp_seal(ours, arena + at[i], plain, RTP_HEAD, plain + RTP_HEAD, size - RTP_HEAD, index);
    }
    srtp_finish();
    for (unsigned i = 0; i < BATCH; i++) {
        uint64_t index = first + i;
        size_t size = packet(plain, (uint16_t)index, 1 + index * 37 % 1200);
        int length = (int)(at[i + 1] - at[i]);
        uint8_t *sealed = g_memdup2(arena + at[i], (size_t)length);
        assert_int_equal(srtp_unprotect(theirs, sealed, &length), srtp_err_status_ok);
        assert_int_equal(length, size);
        assert_memory_equal(sealed, plain, size);
        g_free(sealed);
    }
}

/* Sequences 65000…66500 cross a rollover. In bulk and without. */
static void libsrtp_opens_what_we_seal(void **state)
{
    (void)state;
    for (size_t p = 0; p < 4; p++) {
        bulk_allow(p < 2);
        srtp_t theirs = oracle(profiles[p % 2], false);
        struct srtp *ours = srtp_new(profiles[p % 2], key, salt, SRTP_SEALS);
        for (uint64_t index = 65000; index < 66500; index += BATCH)
            seal_batch(ours, theirs, index);
        srtp_dealloc(theirs);
        srtp_free(ours);
    }
    bulk_allow(true);
}

static void we_open_what_libsrtp_seals(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        srtp_t theirs = oracle(profiles[p], true);
        struct srtp *ours = srtp_new(profiles[p], key, salt, SRTP_OPENS);
        for (unsigned index = 65000; index < 66500; index++) {
            uint8_t plain[1500], sealed[1600];
            size_t size = packet(plain, (uint16_t)index, 1 + index % 1200);
            int length = (int)size;
            memcpy(sealed, plain, size);
            assert_int_equal(srtp_protect(theirs, sealed, &length), srtp_err_status_ok);
            size_t got = (size_t)length;
            assert_int_equal(srtp_open(ours, sealed, &got), SRTP_OK);
            assert_int_equal(got, size);
            assert_memory_equal(sealed, plain, size);
        }
        srtp_dealloc(theirs);
        srtp_free(ours);
    }
}

static void srtcp_agrees_with_libsrtp_both_ways(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        srtp_t in = oracle(profiles[p], false), out = oracle(profiles[p], true);
        struct srtp *ours_out = srtp_new(profiles[p], key, salt, SRTP_CONTROL),
                    *ours_in = srtp_new(profiles[p], key, salt, SRTP_CONTROL);
        for (unsigned i = 0; i < 300; i++) {
            uint8_t plain[64] = {0x81, 201, 0, 7, 0xAA, 0xBB, 0xCC, 0xDD, (uint8_t)i}, sealed[200];
            int length = (int)srtcp_seal(ours_out, sealed, plain, 32);
            assert_int_equal(srtp_unprotect_rtcp(in, sealed, &length), srtp_err_status_ok);
            assert_int_equal(length, 32);
            assert_memory_equal(sealed, plain, 32);
            memcpy(sealed, plain, 32);
            assert_int_equal(srtp_protect_rtcp(out, sealed, &length), srtp_err_status_ok);
            size_t got = (size_t)length;
            assert_int_equal(srtcp_open(ours_in, sealed, &got), SRTP_OK);
            assert_int_equal(got, 32);
            assert_memory_equal(sealed, plain, 32);
        }
        srtp_dealloc(in);
        srtp_dealloc(out);
        srtp_free(ours_in);
        srtp_free(ours_out);
    }
}

static enum srtp_verdict open_index(struct srtp *in, struct srtp *out, uint64_t index)
{
    uint8_t plain[200], sealed[300];
    size_t size = packet(plain, (uint16_t)index, 100);
    size = srtp_seal(out, sealed, plain, RTP_HEAD, plain + RTP_HEAD, size - RTP_HEAD, index);
    srtp_finish();
    return srtp_open(in, sealed, &size);
}

static void a_replayed_packet_is_refused_and_a_late_one_is_not(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct srtp *in = srtp_new(profiles[p], key, salt, SRTP_OPENS),
                    *out = srtp_new(profiles[p], key, salt, SRTP_SEALS);
        assert_int_equal(open_index(in, out, 1000), SRTP_OK);
        assert_int_equal(open_index(in, out, 1000), SRTP_REPLAYED);
        assert_int_equal(open_index(in, out, 1127), SRTP_OK);
        assert_int_equal(open_index(in, out, 1001), SRTP_OK);
        assert_int_equal(open_index(in, out, 1001), SRTP_REPLAYED);
        assert_int_equal(open_index(in, out, 1000), SRTP_REPLAYED);
        assert_int_equal(open_index(in, out, 999), SRTP_REPLAYED); /* out of the window */
        assert_int_equal(open_index(in, out, 1064), SRTP_OK);
        assert_int_equal(open_index(in, out, 1064), SRTP_REPLAYED);
        assert_int_equal(open_index(in, out, 5000), SRTP_OK);
        assert_int_equal(open_index(in, out, 1127), SRTP_REPLAYED);
        srtp_free(in);
        srtp_free(out);
    }
}

static void a_changed_packet_is_refused_and_leaves_no_trace(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        struct srtp *in = srtp_new(profiles[p], key, salt, SRTP_OPENS),
                    *out = srtp_new(profiles[p], key, salt, SRTP_SEALS);
        uint8_t plain[200], sealed[300], copy[300];
        size_t plain_size = packet(plain, 7, 50);
        size_t size = srtp_seal(out, sealed, plain, RTP_HEAD, plain + RTP_HEAD, plain_size - RTP_HEAD, 7);
        srtp_finish();
        for (size_t i = 0; i < size; i++) {
            size_t got = size;
            memcpy(copy, sealed, size);
            copy[i] ^= 1;
            assert_int_not_equal(srtp_open(in, copy, &got), SRTP_OK);
        }
        for (size_t cut = 0; cut < size; cut++) {
            size_t got = cut;
            memcpy(copy, sealed, size);
            assert_int_not_equal(srtp_open(in, copy, &got), SRTP_OK);
        }
        assert_int_equal(srtp_open(in, sealed, &size), SRTP_OK);
        srtp_free(in);
        srtp_free(out);
    }
}

static void more_streams_than_the_limit_are_refused(void **state)
{
    (void)state;
    struct srtp *in = srtp_new(SRTP_GCM_128, key, salt, SRTP_OPENS),
                *out = srtp_new(SRTP_GCM_128, key, salt, SRTP_SEALS);
    for (uint32_t ssrc = 1; ssrc <= 17; ssrc++) {
        uint8_t plain[200], sealed[300];
        packet(plain, 1, 10);
        put32(plain + 8, ssrc);
        size_t size = srtp_seal(out, sealed, plain, RTP_HEAD, plain + RTP_HEAD, 10, 1);
        assert_int_equal(srtp_open(in, sealed, &size), ssrc <= 16 ? SRTP_OK : SRTP_REFUSED);
    }
    srtp_free(in);
    srtp_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_derived_as_in_rfc_3711_b3),
        cmocka_unit_test(libsrtp_opens_what_we_seal),
        cmocka_unit_test(we_open_what_libsrtp_seals),
        cmocka_unit_test(srtcp_agrees_with_libsrtp_both_ways),
        cmocka_unit_test(a_replayed_packet_is_refused_and_a_late_one_is_not),
        cmocka_unit_test(a_changed_packet_is_refused_and_leaves_no_trace),
        cmocka_unit_test(more_streams_than_the_limit_are_refused),
    };
    srtp_init();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    srtp_shutdown();
    return failed;
}
