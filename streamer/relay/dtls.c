/* dtls.c: the handshake. Measured with browsers: the ClientHello comes in two datagrams (post-quantum key
 * share), so DTLSv1_listen is out of the question; STUN has proved the address already, which is all its
 * cookie would do. OpenSSL does not resend its flight for a repeated ClientHello, only its own timer does:
 * that timer is short here. */
#include "streamer/relay/dtls.h"
#include "streamer/relay/dtls_end.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/log.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

struct dtls_identity {
    SSL_CTX *ctx;
    BIO_METHOD *method;
    uint8_t fingerprint[DTLS_FINGERPRINT];
};

struct dtls {
    SSL *ssl;
    const uint8_t *in; /* the datagram being read, NULL once taken */
    size_t in_size;
    uint8_t fingerprint[DTLS_FINGERPRINT];
    bool wrong_certificate;
    enum dtls_state state;
    dtls_send_cb send_cb;
    void *arg;
};

static int dtls_bio_write(BIO *bio, const char *bytes, int size)
{
    struct dtls *d = BIO_get_data(bio);
    d->send_cb(d->arg, (const uint8_t *)bytes, (size_t)size);
    return size;
}

static int dtls_bio_read(BIO *bio, char *out, int room)
{
    struct dtls *d = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!d->in) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t size = MIN(d->in_size, (size_t)room);
    memcpy(out, d->in, size);
    d->in = NULL;
    return (int)size;
}

static long dtls_bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
    (void)bio, (void)num, (void)ptr;
    switch (cmd) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return DTLS_MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return 28;
    }
    return 0;
}

static int dtls_bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

/* No chain is built and nothing in the certificate is trusted: it must be the one the SDP promised, which
 * dtls_certificate_fits looks at once the handshake has proved its key. */
static int dtls_accept_any(X509_STORE_CTX *store, void *arg)
{
    (void)store, (void)arg;
    return 1;
}

static X509 *dtls_make_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    uint8_t serial[8];
    if (!x || RAND_bytes(serial, sizeof serial) != 1)
        return x;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
    BN_free(number);
    X509_set_version(x, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(x), -24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 365L * 24 * 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"relay",
                               -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    return x;
}

static bool dtls_context_set(struct dtls_identity *id, X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX *ctx = id->ctx;
    unsigned size = DTLS_FINGERPRINT;
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_SINGLE_ECDH_USE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, dtls_accept_any, NULL);
    SSL_CTX_set_max_cert_list(ctx, DTLS_CERTIFICATE_MAX);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_send_fragment(ctx, 2048); /* a write buffer of 16 kB less */
    return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           /* the one suite every WebRTC stack must have (RFC 8827 6.5); dtls_end.c counts on its key sizes */
           SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
           SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1 &&
           /* our order wins: GCM costs half of CM-SHA1 */
           SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0 &&
           SSL_CTX_use_certificate(ctx, certificate) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
           X509_digest(certificate, EVP_sha256(), id->fingerprint, &size) == 1;
}

struct dtls_identity *dtls_identity_new(void)
{
    struct dtls_identity *id = g_new0(struct dtls_identity, 1);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? dtls_make_certificate(key) : NULL;
    id->ctx = SSL_CTX_new(DTLS_server_method());
    id->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "relay datagrams");
    BIO_meth_set_write(id->method, dtls_bio_write);
    BIO_meth_set_read(id->method, dtls_bio_read);
    BIO_meth_set_ctrl(id->method, dtls_bio_ctrl);
    BIO_meth_set_create(id->method, dtls_bio_create);
    bool ok = id->ctx && certificate && dtls_context_set(id, certificate, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (ok)
        return id;
    log_event(LOG_ERROR, "dtls.identity", "s:s", "why", ERR_error_string(ERR_get_error(), NULL));
    dtls_identity_free(id);
    return NULL;
}

void dtls_identity_free(struct dtls_identity *id)
{
    if (!id)
        return;
    SSL_CTX_free(id->ctx);
    BIO_meth_free(id->method);
    g_free(id);
}

const uint8_t *dtls_identity_fingerprint(const struct dtls_identity *id)
{
    return id->fingerprint;
}

static unsigned dtls_next_resend(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    unsigned next_us = last_us ? 2 * last_us : DTLS_FIRST_RESEND_MS * 1000u;
    return MIN(next_us, DTLS_LAST_RESEND_MS * 1000u);
}

struct dtls *dtls_new(struct dtls_identity *id, const uint8_t fingerprint[DTLS_FINGERPRINT],
                      dtls_send_cb send_cb, void *arg)
{
    struct dtls *d = g_new0(struct dtls, 1);
    BIO *bio = BIO_new(id->method);
    memcpy(d->fingerprint, fingerprint, DTLS_FINGERPRINT);
    d->send_cb = send_cb;
    d->arg = arg;
    d->ssl = SSL_new(id->ctx);
    BIO_set_data(bio, d);
    SSL_set_bio(d->ssl, bio, bio);
    SSL_set_accept_state(d->ssl);
    DTLS_set_link_mtu(d->ssl, DTLS_MTU);
    DTLS_set_timer_cb(d->ssl, dtls_next_resend);
    return d;
}

void dtls_free(struct dtls *d)
{
    if (!d)
        return;
    SSL_free(d->ssl);
    g_free(d);
}

static bool dtls_certificate_fits(struct dtls *d)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509 *x = SSL_get1_peer_certificate(d->ssl);
    bool fits = x && X509_digest(x, EVP_sha256(), digest, &size) == 1 && size == DTLS_FINGERPRINT &&
                CRYPTO_memcmp(digest, d->fingerprint, DTLS_FINGERPRINT) == 0;
    X509_free(x);
    return fits;
}

static enum dtls_state dtls_shake(struct dtls *d)
{
    ERR_clear_error();
    int done = SSL_do_handshake(d->ssl);
    if (done == 1) {
        d->wrong_certificate = !dtls_certificate_fits(d);
        return d->state = d->wrong_certificate ? DTLS_FAILED : DTLS_READY;
    }
    int why = SSL_get_error(d->ssl, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        d->state = DTLS_FAILED;
    return d->state;
}

/* After the handshake: a repeated last flight makes OpenSSL resend ours; close_notify ends the peer. */
static enum dtls_state dtls_listen(struct dtls *d)
{
    uint8_t ignored[256];
    ERR_clear_error();
    int n = SSL_read(d->ssl, ignored, sizeof ignored);
    if (n <= 0 && SSL_get_error(d->ssl, n) == SSL_ERROR_ZERO_RETURN)
        d->state = DTLS_CLOSED;
    return d->state;
}

enum dtls_state dtls_feed(struct dtls *d, const uint8_t *datagram, size_t size)
{
    if (d->state != DTLS_SHAKING && d->state != DTLS_READY)
        return d->state;
    d->in = datagram;
    d->in_size = size;
    enum dtls_state state = d->state == DTLS_SHAKING ? dtls_shake(d) : dtls_listen(d);
    d->in = NULL;
    return state;
}

enum dtls_state dtls_tick(struct dtls *d)
{
    if (d->state == DTLS_SHAKING && DTLSv1_handle_timeout(d->ssl) < 0)
        d->state = DTLS_FAILED;
    return d->state;
}

int64_t dtls_wait_us(struct dtls *d)
{
    struct timeval t;
    if (d->state != DTLS_SHAKING || DTLSv1_get_timeout(d->ssl, &t) != 1)
        return -1;
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

bool dtls_fingerprint_failed(const struct dtls *d)
{
    return d->wrong_certificate;
}

/* RFC 5764 4.2: client key, server key, client salt, server salt. */
static bool dtls_export_srtp(struct dtls *d, struct dtls_keys *out)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(d->ssl);
    if (!profile)
        return false;
    out->profile = (enum srtp_profile)profile->id;
    unsigned salt = srtp_salt_size(out->profile);
    uint8_t block[2 * (SRTP_KEY + SRTP_SALT_MAX)];
    size_t size = 2 * (SRTP_KEY + (size_t)salt);
    if (SSL_export_keying_material(d->ssl, block, size, label, sizeof label - 1, NULL, 0, 0) != 1)
        return false;
    memcpy(out->client_key, block, SRTP_KEY);
    memcpy(out->server_key, block + SRTP_KEY, SRTP_KEY);
    memcpy(out->client_salt, block + 2 * SRTP_KEY, salt);
    memcpy(out->server_salt, block + 2 * SRTP_KEY + salt, salt);
    OPENSSL_cleanse(block, sizeof block);
    return true;
}

bool dtls_keys_get(struct dtls *d, struct dtls_keys *out)
{
    memset(out, 0, sizeof *out);
    return d->state == DTLS_READY && dtls_export_srtp(d, out) && dtls_end_derive(&out->end, d->ssl);
}
