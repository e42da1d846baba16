/* dtls.h: a DTLS 1.2 client over a connected UDP socket, for one purpose: the SRTP keys (RFC 5764). One
 * thread. */
#ifndef SWARM_DTLS_H
#define SWARM_DTLS_H

#include "tests/load/swarm/srtp.h"

/* One certificate and one SSL_CTX for the whole swarm; browsers make one per connection, but the relay cannot
 * tell. */
struct dtls_identity;
struct dtls_identity *dtls_identity_new(enum srtp_profile profile);
void dtls_identity_free(struct dtls_identity *id);
const char *dtls_identity_fingerprint(const struct dtls_identity *id); /* "AB:CD:…", sha-256 */

struct dtls;
enum dtls_state { DTLS_HANDSHAKE, DTLS_DONE, DTLS_CLOSED, DTLS_FAILED };

/* `fd` is borrowed. `fingerprint`: what the answer said about the server's certificate, "AB:CD:…". */
struct dtls *dtls_new(struct dtls_identity *id, int fd, const char *fingerprint);
void dtls_free(struct dtls *d); /* sends close_notify after a finished handshake; NULL is fine */
/* One received datagram. Works in place, keeps nothing. */
enum dtls_state dtls_feed(struct dtls *d, const uint8_t *datagram, size_t length);
/* Starts the handshake at the first call; later calls resend what timed out. Call every few ms until done. */
enum dtls_state dtls_tick(struct dtls *d);
/* After DTLS_DONE: the two directions, owned by the caller. False when the server chose another profile. */
bool dtls_keys(struct dtls *d, struct srtp_side **outgoing, struct srtp_side **incoming);

#endif
