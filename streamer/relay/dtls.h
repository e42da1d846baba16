/* dtls.h: the server side of DTLS 1.2 for one peer, on OpenSSL with a datagram BIO of our own. A handshake is
 * fed datagrams and answers through `send_cb`; once the keys are out the SSL object can be dropped and a
 * small `struct dtls_end` still reads and writes close_notify. One thread. */
#ifndef RELAY_DTLS_H
#define RELAY_DTLS_H

#include "streamer/relay/srtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DTLS_FINGERPRINT = 32, DTLS_ALERT_MAX = 64 };

/* Our certificate, made at start (P-256, self-signed), shared by all peers of a worker. */
struct dtls_identity;
struct dtls_identity *dtls_identity_new(void); /* NULL: OpenSSL refused, logged */
void dtls_identity_free(struct dtls_identity *id);
const uint8_t *
dtls_identity_fingerprint(const struct dtls_identity *id); /* sha-256, DTLS_FINGERPRINT bytes */

/* Keys of the records after the handshake (AES-128-GCM): enough to know a real close_notify from a forged
 * one. */
struct dtls_end {
    uint8_t client_key[16], server_key[16];
    uint8_t client_iv[4], server_iv[4];
};

struct dtls_keys {
    enum srtp_profile profile;
    uint8_t client_key[SRTP_KEY], client_salt[SRTP_SALT_MAX]; /* what the peer seals with */
    uint8_t server_key[SRTP_KEY], server_salt[SRTP_SALT_MAX]; /* what we seal with */
    struct dtls_end end;
};

enum dtls_state { DTLS_SHAKING, DTLS_READY, DTLS_FAILED, DTLS_CLOSED };

struct dtls;
typedef void (*dtls_send_cb)(void *arg, const uint8_t *bytes, size_t size);
/* `fingerprint` is the sha-256 the peer's SDP promised. */
struct dtls *dtls_new(struct dtls_identity *id, const uint8_t fingerprint[DTLS_FINGERPRINT],
                      dtls_send_cb send_cb, void *arg);
void dtls_free(struct dtls *d); /* NULL is fine */

enum dtls_state dtls_feed(struct dtls *d, const uint8_t *datagram, size_t size);
enum dtls_state dtls_tick(struct dtls *d);                 /* resends when due */
int64_t dtls_wait_us(struct dtls *d);                      /* until the next dtls_tick; -1: none needed */
bool dtls_keys_get(struct dtls *d, struct dtls_keys *out); /* once READY */
bool dtls_fingerprint_failed(
    const struct dtls *d); /* FAILED because the certificate was not the promised one */

/* True if the datagram holds an authentic close_notify or fatal alert of the peer. */
bool dtls_end_is_close(const struct dtls_end *e, const uint8_t *datagram, size_t size);
/* Writes our close_notify; returns its size. */
size_t dtls_end_write(const struct dtls_end *e, uint8_t out[DTLS_ALERT_MAX]);

#endif
