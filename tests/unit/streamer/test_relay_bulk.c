/* Sealing in bulk: byte for byte what OpenSSL makes of the same keys, whatever lies behind a packet, however
 * many wait, and on any thread. (test_relay_srtp.c has libsrtp open it.) */
#include "streamer/relay/bulk.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>

enum { HEAD = 12, GCM_TAG = 16, CM_TAG = 10, VIEWERS = 40, PACKETS = 700, MOST = HEAD + 1200 + GCM_TAG };

static const uint8_t roc[4] = {0, 0, 1, 2};

struct viewer_keys {
    uint8_t session[16], auth[20];
    struct bulk_key *bulk;
};

static void keys_make(struct viewer_keys *keys, GRand *random, bool cm)
{
    for (unsigned v = 0; v < VIEWERS; v++) {
        for (unsigned i = 0; i < 16; i++)
            keys[v].session[i] = (uint8_t)g_rand_int(random);
        for (unsigned i = 0; i < 20; i++)
            keys[v].auth[i] = (uint8_t)g_rand_int(random);
        keys[v].bulk = bulk_key_new(keys[v].session, cm ? keys[v].auth : NULL);
    }
}

static void keys_free(struct viewer_keys *keys)
{
    for (unsigned v = 0; v < VIEWERS; v++)
        bulk_key_free(keys[v].bulk);
}

static size_t by_openssl(const struct viewer_keys *k, const uint8_t iv[16], uint8_t *out,
                         const uint8_t *plain, size_t size, bool cm)
{
    int n = 0;
    unsigned length = 0;
    uint8_t digest[20], hashed[MOST];
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(c, cm ? EVP_aes_128_ctr() : EVP_aes_128_gcm(), NULL, k->session, iv);
    if (!cm)
        EVP_EncryptUpdate(c, NULL, &n, plain, HEAD);
    memcpy(out, plain, HEAD);
    EVP_EncryptUpdate(c, out + HEAD, &n, plain + HEAD, (int)size - HEAD);
    if (!cm) {
        EVP_EncryptFinal_ex(c, out + size, &n);
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + size);
    } else {
        memcpy(hashed, out, size);
        memcpy(hashed + size, roc, 4);
        HMAC(EVP_sha1(), k->auth, 20, hashed, size + 4, digest, &length);
        memcpy(out + size, digest, CM_TAG);
    }
    EVP_CIPHER_CTX_free(c);
    return size + (cm ? CM_TAG : GCM_TAG);
}

/* More packets than the library's queue holds, of many viewers, one behind the other; finished now and then.
 * False: this machine has no such library. */
static bool agrees(uint32_t seed, bool cm)
{
    GRand *random = g_rand_new_with_seed(seed);
    struct viewer_keys keys[VIEWERS];
    keys_make(keys, random, cm);
    bool here = keys[0].bulk != NULL;
    uint8_t *arena = g_malloc0(PACKETS * MOST), *want = g_malloc0(PACKETS * MOST), *at = arena,
            *expected = want;
    for (unsigned i = 0; here && i < PACKETS; i++) {
        uint8_t plain[MOST], iv[16] = {0};
        size_t size =
            HEAD + (size_t)g_rand_int_range(random, 0, 4) * (size_t)g_rand_int_range(random, 0, 400);
        const struct viewer_keys *k = &keys[g_rand_int_range(random, 0, VIEWERS)];
        for (size_t b = 0; b < size; b++)
            plain[b] = (uint8_t)g_rand_int(random);
        for (unsigned b = 0; b < (cm ? 14 : 12); b++)
            iv[b] = (uint8_t)g_rand_int(random);
        expected += by_openssl(k, iv, expected, plain, size, cm);
        if (cm) {
            memcpy(at, plain, size);
            bulk_cm(k->bulk, iv, at, HEAD, size, roc);
        } else {
            memcpy(at, plain, HEAD);
            bulk_gcm(k->bulk, iv, at, HEAD, at + HEAD, plain + HEAD, size - HEAD);
        }
        at += size + (cm ? CM_TAG : GCM_TAG);
        if (g_rand_int_range(random, 0, 100) == 0)
            bulk_finish();
    }
    bulk_finish();
    assert_memory_equal(arena, want, (size_t)(expected - want));
    keys_free(keys);
    g_free(arena);
    g_free(want);
    g_rand_free(random);
    return here;
}

static void both_ciphers_agree_with_openssl(void **state)
{
    (void)state;
    bool here = agrees(1, false);
    assert_int_equal(agrees(2, true), here);
    print_message("sealed in bulk on this machine: %s\n", here ? "yes" : "no");
}

static void a_key_that_is_freed_leaves_whole_packets(void **state)
{
    (void)state;
    uint8_t packet[HEAD + 100 + CM_TAG] = {0x80}, want[sizeof packet], plain[HEAD + 100] = {0x80},
                                iv[16] = {7};
    struct viewer_keys k = {.session = {1}, .auth = {2}};
    k.bulk = bulk_key_new(k.session, k.auth);
    if (!k.bulk)
        return;
    bulk_cm(k.bulk, iv, packet, HEAD, sizeof plain, roc);
    bulk_key_free(k.bulk);
    by_openssl(&k, iv, want, plain, sizeof plain, true);
    assert_memory_equal(packet, want, sizeof packet);
}

static void *on_a_thread(void *arg)
{
    (void)agrees(GPOINTER_TO_UINT(arg), true);
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    GThread *threads[4];
    for (unsigned i = 0; i < 4; i++)
        threads[i] = g_thread_new("seal", on_a_thread, GUINT_TO_POINTER(10 + i));
    for (unsigned i = 0; i < 4; i++)
        g_thread_join(threads[i]);
}

static void it_can_be_refused(void **state)
{
    (void)state;
    const uint8_t session[16] = {1};
    bulk_allow(false);
    assert_null(bulk_key_new(session, NULL));
    bulk_allow(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ciphers_agree_with_openssl),
        cmocka_unit_test(a_key_that_is_freed_leaves_whole_packets),
        cmocka_unit_test(threads_do_not_meet),
        cmocka_unit_test(it_can_be_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
