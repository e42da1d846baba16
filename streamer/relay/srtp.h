/* srtp.h: SRTP and SRTCP, one direction of one peer: AEAD_AES_128_GCM (RFC 7714) and AES_CM_128_HMAC_SHA1_80
 * (RFC 3711) on OpenSSL EVP, RTP to viewers by bulk.h where it can. Debian's libsrtp is 6-14 times slower, so
 * the sending path is ours; it is the oracle in the tests. Not thread safe: a context belongs to one thread.
 */
#ifndef RELAY_SRTP_H
#define RELAY_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum srtp_profile { SRTP_CM_SHA1_80 = 1, SRTP_GCM_128 = 7 }; /* numbers of DTLS use_srtp */

enum { SRTP_KEY = 16, SRTP_SALT_MAX = 14, SRTP_OVERHEAD = 16, SRTCP_OVERHEAD = 20 };

enum srtp_verdict { SRTP_OK, SRTP_REFUSED, SRTP_REPLAYED };

/* What a context is for: less is kept of what a viewer sends us, and only what seals RTP may do it in bulk.
 */
enum srtp_use { SRTP_CONTROL, SRTP_OPENS, SRTP_SEALS };

struct srtp;

/* The key derivation of RFC 3711 4.3 (rate 0), at most 32 bytes; public for its test vectors. */
void srtp_derive(uint8_t *out, size_t size, const uint8_t *key, const uint8_t *salt, unsigned salt_size,
                 uint8_t label);

unsigned srtp_salt_size(enum srtp_profile profile); /* 12 or 14 */
/* SRTP_CONTROL: SRTCP only. The others have SRTCP too. */
struct srtp *srtp_new(enum srtp_profile profile, const uint8_t *key, const uint8_t *salt, enum srtp_use use);
void srtp_free(struct srtp *s); /* NULL is fine */

/* Seals head and payload into `out` (head + payload + SRTP_OVERHEAD bytes of room); returns the size. `index`
 * is the sender's 48-bit packet index, ROC << 16 | sequence; it must never repeat for one SSRC. The header is
 * 12 bytes or more. The bytes may be sent, moved or freed only after srtp_finish: CM packets are sealed side
 * by side. */
size_t srtp_seal(struct srtp *s, uint8_t *out, const uint8_t *head, size_t head_size, const uint8_t *payload,
                 size_t payload_size, uint64_t index);
/* All that this thread sealed is whole from now on. */
void srtp_finish(void);
/* Asks the processor to fetch what srtp_seal will read. */
void srtp_prefetch(const struct srtp *s);
/* In place; `size` becomes the plain size. Keeps the rollover counter and replay window of up to SRTP_STREAMS
 * SSRCs; nothing is remembered of a packet that is refused. */
enum srtp_verdict srtp_open(struct srtp *s, uint8_t *packet, size_t *size);

/* SRTCP likewise; the index is kept inside. `out` needs size + SRTCP_OVERHEAD bytes. */
size_t srtcp_seal(struct srtp *s, uint8_t *out, const uint8_t *plain, size_t size);
enum srtp_verdict srtcp_open(struct srtp *s, uint8_t *packet, size_t *size);

#endif
