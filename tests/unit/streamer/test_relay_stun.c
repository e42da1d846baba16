/* STUN: what a browser sends is read, proved and answered; anything else is not. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/stun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char pwd[] = "VOkJxbRl1RmTxUk/WvJxBt";

/* RFC 5769 2.1: sample request with short-term credentials (its MESSAGE-INTEGRITY and FINGERPRINT are given
 * there). */
static const uint8_t rfc5769[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

static size_t request(uint8_t *out, bool use_candidate)
{
    static const char user[] = "ours:them";
    size_t at = 20;
    memset(out, 0, 200);
    put16(out, 1);
    put32(out + 4, STUN_COOKIE);
    memcpy(out + 8, "transaction!", 12);
    put16(out + at, 6);
    put16(out + at + 2, sizeof user - 1);
    memcpy(out + at + 4, user, sizeof user - 1);
    at += 4 + 12;
    if (use_candidate) {
        put16(out + at, 0x25);
        at += 4;
    }
    return stun_seal(out, at, pwd);
}

static void the_sample_of_rfc_5769_is_authentic(void **state)
{
    (void)state;
    struct stun_request r;
    assert_true(stun_read(&r, rfc5769, sizeof rfc5769));
    assert_int_equal(r.ufrag_size, 4);
    assert_memory_equal(r.ufrag, "evtj", 4);
    assert_true(stun_authentic(&r, pwd));
    assert_false(stun_authentic(&r, "another password 12345"));
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    uint8_t copy[sizeof rfc5769];
    for (size_t bit = 0; bit < 8 * sizeof copy; bit++) {
        struct stun_request r;
        memcpy(copy, rfc5769, sizeof copy);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(stun_read(&r, copy, sizeof copy) && stun_authentic(&r, pwd));
    }
}

static void every_shorter_or_longer_request_is_refused(void **state)
{
    (void)state;
    uint8_t copy[sizeof rfc5769 + 8] = {0};
    memcpy(copy, rfc5769, sizeof rfc5769);
    for (size_t size = 0; size <= sizeof copy; size++) {
        struct stun_request r;
        if (size != sizeof rfc5769)
            assert_false(stun_read(&r, copy, size));
    }
}

static void an_answer_names_the_senders_address(void **state)
{
    (void)state;
    uint8_t in[200], out[STUN_ANSWER_MAX];
    struct stun_request r;
    struct address from;
    assert_true(stun_read(&r, in, request(in, true)));
    assert_true(r.use_candidate);
    address_parse(&from, "192.0.2.7", 4660);
    size_t size = stun_answer(out, &r, &from, pwd);
    assert_int_equal(size, 64);
    assert_int_equal(get16(out), 0x0101);
    assert_memory_equal(out + 8, "transaction!", 12);
    assert_int_equal(get16(out + 26) ^ 0x2112, 4660);
    assert_int_equal(get32(out + 28) ^ STUN_COOKIE, 0xc0000207);
    address_parse(&from, "2001:db8::1", 1);
    assert_int_equal(stun_answer(out, &r, &from, pwd), 76);
}

static void nomination_is_read_only_where_it_is_protected(void **state)
{
    (void)state;
    uint8_t in[200];
    struct stun_request r;
    size_t size = request(in, false);
    assert_true(stun_read(&r, in, size));
    assert_false(r.use_candidate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_of_rfc_5769_is_authentic),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(every_shorter_or_longer_request_is_refused),
        cmocka_unit_test(an_answer_names_the_senders_address),
        cmocka_unit_test(nomination_is_read_only_where_it_is_protected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
