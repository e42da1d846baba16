/* dtls.c: OpenSSL on a BIO of our own where one read is one datagram and one write is one send(). */
#include "tests/load/swarm/dtls.h"

#include <glib.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>

enum { MTU = 1200, FIRST_RESEND_US = 100000, LAST_RESEND_US = 2000000 };

struct dtls_identity {
    SSL_CTX *ctx;
    BIO_METHOD *method;
    enum srtp_profile profile;
    char fingerprint[3 * 32];
};

struct dtls {
    SSL *ssl;
    struct dtls_identity *id;
    int fd;
    char fingerprint[3 * 32];
    const uint8_t *datagram; /* waiting to be read by OpenSSL, during dtls_feed only */
    size_t length;
    enum dtls_state state;
};

static int bio_write(BIO *bio, const char *data, int length)
{
    const struct dtls *d = BIO_get_data(bio);
    (void)!send(d->fd, data, (size_t)length,
                MSG_NOSIGNAL | MSG_DONTWAIT); /* lost like any datagram: the timer resends */
    return length;
}

static int bio_read(BIO *bio, char *out, int room)
{
    struct dtls *d = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!d->datagram) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const size_t n = MIN(d->length, (size_t)room);
    memcpy(out, d->datagram, n);
    d->datagram = NULL;
    return (int)n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return 28;
    default:
        return 0;
    }
}

static void print_digest(const X509 *cert, char *out)
{
    uint8_t digest[32] = {0};
    unsigned int n = 0;
    X509_digest(cert, EVP_sha256(), digest, &n);
    for (size_t i = 0; i < sizeof digest; i++)
        g_snprintf(out + 3 * i, 4, i + 1 < sizeof digest ? "%02X:" : "%02X", digest[i]);
}

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"swarm", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    g_assert(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

/* The chain means nothing in WebRTC: the fingerprint in the answer is checked after the handshake. */
static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

struct dtls_identity *dtls_identity_new(enum srtp_profile profile)
{
    struct dtls_identity *id = g_new0(struct dtls_identity, 1);
    id->profile = profile;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = self_signed(key);
    print_digest(cert, id->fingerprint);
    id->ctx = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_use_certificate(id->ctx, cert);
    SSL_CTX_use_PrivateKey(id->ctx, key);
    SSL_CTX_set_verify(id->ctx, SSL_VERIFY_PEER, accept_any);
    SSL_CTX_set_options(id->ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    g_assert(SSL_CTX_set_tlsext_use_srtp(id->ctx, profile == SRTP_GCM ? "SRTP_AEAD_AES_128_GCM"
                                                                      : "SRTP_AES128_CM_SHA1_80") == 0);
    id->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "swarm datagram");
    BIO_meth_set_read(id->method, bio_read);
    BIO_meth_set_write(id->method, bio_write);
    BIO_meth_set_ctrl(id->method, bio_ctrl);
    X509_free(cert);
    EVP_PKEY_free(key);
    return id;
}

void dtls_identity_free(struct dtls_identity *id)
{
    if (!id)
        return;
    SSL_CTX_free(id->ctx);
    BIO_meth_free(id->method);
    g_free(id);
}

const char *dtls_identity_fingerprint(const struct dtls_identity *id)
{
    return id->fingerprint;
}

static unsigned int next_timeout(SSL *ssl, unsigned int last_us)
{
    (void)ssl;
    return last_us == 0 ? FIRST_RESEND_US : MIN(2 * last_us, (unsigned int)LAST_RESEND_US);
}

struct dtls *dtls_new(struct dtls_identity *id, int fd, const char *fingerprint)
{
    struct dtls *d = g_new0(struct dtls, 1);
    d->id = id;
    d->fd = fd;
    g_strlcpy(d->fingerprint, fingerprint, sizeof d->fingerprint);
    d->ssl = SSL_new(id->ctx);
    BIO *bio = BIO_new(id->method);
    BIO_set_data(bio, d);
    BIO_set_init(bio, 1);
    SSL_set_bio(d->ssl, bio, bio);
    SSL_set_connect_state(d->ssl);
    DTLS_set_link_mtu(d->ssl, MTU);
    DTLS_set_timer_cb(d->ssl, next_timeout);
    return d;
}

void dtls_free(struct dtls *d)
{
    if (!d)
        return;
    if (d->state == DTLS_DONE)
        SSL_shutdown(d->ssl);
    SSL_free(d->ssl);
    g_free(d);
}

static bool server_is_right(const struct dtls *d)
{
    char actual[3 * 32] = "";
    X509 *cert = SSL_get1_peer_certificate(d->ssl);
    if (!cert)
        return false;
    print_digest(cert, actual);
    X509_free(cert);
    return g_ascii_strcasecmp(actual, d->fingerprint) == 0;
}

static enum dtls_state handshake(struct dtls *d)
{
    const int done = SSL_do_handshake(d->ssl);
    if (done == 1) {
        d->state = server_is_right(d) ? DTLS_DONE : DTLS_FAILED;
    } else {
        const int error = SSL_get_error(d->ssl, done);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            d->state = DTLS_FAILED;
    }
    return d->state;
}

enum dtls_state dtls_feed(struct dtls *d, const uint8_t *datagram, size_t length)
{
    d->datagram = datagram;
    d->length = length;
    if (d->state == DTLS_HANDSHAKE) {
        handshake(d);
    } else if (d->state == DTLS_DONE) {
        char rest[256];
        const int n = SSL_read(d->ssl, rest, sizeof rest);
        if (n <= 0 && SSL_get_error(d->ssl, n) == SSL_ERROR_ZERO_RETURN)
            d->state = DTLS_CLOSED;
    }
    d->datagram = NULL;
    return d->state;
}

enum dtls_state dtls_tick(struct dtls *d)
{
    if (d->state != DTLS_HANDSHAKE)
        return d->state;
    if (DTLSv1_handle_timeout(d->ssl) < 0)
        return d->state = DTLS_FAILED;
    return handshake(d);
}

bool dtls_keys(struct dtls *d, struct srtp_side **outgoing, struct srtp_side **incoming)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[2 * (SRTP_KEY + 14)];
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(d->ssl);
    const unsigned long wanted = d->id->profile == SRTP_GCM ? SRTP_AEAD_AES_128_GCM : SRTP_AES128_CM_SHA1_80;
    const size_t salt = srtp_salt_length(d->id->profile);
    if (!chosen || chosen->id != wanted ||
        SSL_export_keying_material(d->ssl, material, 2 * (SRTP_KEY + salt), label, sizeof label - 1, NULL, 0,
                                   0) != 1)
        return false;
    const uint8_t *salts = material + (size_t)2 * SRTP_KEY;
    *outgoing =
        srtp_side_new(d->id->profile, material, salts); /* RFC 5764 §4.2: client key, server key, salts */
    *incoming = srtp_side_new(d->id->profile, material + SRTP_KEY, salts + salt);
    return true;
}
