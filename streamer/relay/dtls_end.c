/* dtls_end.c: close_notify without the SSL object, which weighs tens of kilobytes. The record keys (40 bytes)
 * are derived once (RFC 5246 6.3), and an alert is one AES-GCM record (RFC 5288). A forged alert ends
 * nothing. */
#include "streamer/relay/dtls_end.h"
#include "streamer/relay/bytes.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

enum {
    RECORD_HEAD = 13,
    RECORD_NONCE = 8,
    RECORD_TAG = 16,
    RECORD_ALERT = 21,
    ALERT = 2,
    MASTER = 48,
    RANDOM = 32
};

static bool dtls_end_expand(uint8_t *out, size_t size, uint8_t master[MASTER], uint8_t seed[2 * RANDOM])
{
    static char label[] = "key expansion", digest[] = "SHA256";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, MASTER),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label, sizeof label - 1),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, 2 * RANDOM),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx && EVP_KDF_derive(ctx, out, size, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

bool dtls_end_derive(struct dtls_end *out, SSL *ssl)
{
    uint8_t master[MASTER], seed[2 * RANDOM], block[40];
    if (SSL_SESSION_get_master_key(SSL_get_session(ssl), master, MASTER) != MASTER)
        return false;
    SSL_get_server_random(ssl, seed, RANDOM);
    SSL_get_client_random(ssl, seed + RANDOM, RANDOM);
    bool ok = dtls_end_expand(block, sizeof block, master, seed);
    memcpy(out->client_key, block, 16);
    memcpy(out->server_key, block + 16, 16);
    memcpy(out->client_iv, block + 32, 4);
    memcpy(out->server_iv, block + 36, 4);
    OPENSSL_cleanse(master, sizeof master);
    OPENSSL_cleanse(block, sizeof block);
    return ok;
}

/* The nonce is 4 secret and 8 sent bytes; the additional data epoch, sequence, type, version and the plain
 * length. */
static void dtls_end_frame(uint8_t nonce[12], uint8_t aad[13], const uint8_t iv[4], const uint8_t *record)
{
    memcpy(nonce, iv, 4);
    memcpy(nonce + 4, record + RECORD_HEAD, RECORD_NONCE);
    memcpy(aad, record + 3, 8);
    memcpy(aad + 8, record, 3);
    put16(aad + 11, ALERT);
}

static bool dtls_end_open(const struct dtls_end *e, const uint8_t *record, uint8_t alert[ALERT])
{
    uint8_t nonce[12], aad[13], tag[RECORD_TAG], rest[RECORD_TAG];
    int n = 0;
    const uint8_t *sealed = record + RECORD_HEAD + RECORD_NONCE;
    dtls_end_frame(nonce, aad, e->client_iv, record);
    memcpy(tag, sealed + ALERT, RECORD_TAG);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, e->client_key, nonce) == 1 &&
              EVP_DecryptUpdate(ctx, NULL, &n, aad, sizeof aad) == 1 &&
              EVP_DecryptUpdate(ctx, alert, &n, sealed, ALERT) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, RECORD_TAG, tag) == 1 &&
              EVP_DecryptFinal_ex(ctx, rest, &n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

bool dtls_end_is_close(const struct dtls_end *e, const uint8_t *datagram, size_t size)
{
    while (size >= RECORD_HEAD) {
        size_t length = get16(datagram + 11);
        uint8_t alert[ALERT];
        if (length > size - RECORD_HEAD)
            return false;
        bool sealed_alert = datagram[0] == RECORD_ALERT && get16(datagram + 3) == 1 &&
                            length == RECORD_NONCE + ALERT + RECORD_TAG;
        if (sealed_alert && dtls_end_open(e, datagram, alert) && (alert[0] == 2 || alert[1] == 0))
            return true;
        datagram += RECORD_HEAD + length;
        size -= RECORD_HEAD + length;
    }
    return false;
}

/* Sequence numbers used by the handshake are few; ours is random and far above, and so is the nonce, as
 * OpenSSL's are. */
size_t dtls_end_write(const struct dtls_end *e, uint8_t out[DTLS_ALERT_MAX])
{
    static const uint8_t alert[ALERT] = {1, 0}; /* warning, close_notify */
    uint8_t nonce[12], aad[13];
    int n = 0;
    size_t length = RECORD_NONCE + ALERT + RECORD_TAG;
    out[0] = RECORD_ALERT;
    put16(out + 1, 0xfefd);
    put16(out + 3, 1);
    if (RAND_bytes(out + 5, 6) != 1 || RAND_bytes(out + RECORD_HEAD, RECORD_NONCE) != 1)
        return 0;
    out[5] = 0x10;
    put16(out + 11, (unsigned)length);
    dtls_end_frame(nonce, aad, e->server_iv, out);
    uint8_t *sealed = out + RECORD_HEAD + RECORD_NONCE;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, e->server_key, nonce) == 1 &&
              EVP_EncryptUpdate(ctx, NULL, &n, aad, sizeof aad) == 1 &&
              EVP_EncryptUpdate(ctx, sealed, &n, alert, ALERT) == 1 &&
              EVP_EncryptFinal_ex(ctx, sealed + n, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, RECORD_TAG, sealed + ALERT) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? RECORD_HEAD + length : 0;
}
