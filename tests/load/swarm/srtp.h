/* srtp.h: SRTP and SRTCP for one direction of one connection: AEAD_AES_128_GCM (RFC 7714) and
 * AES128_CM_HMAC_SHA1_80 (RFC 3711). Written apart from the relay's own on purpose: each is the other's
 * witness. One thread per side. */
#ifndef SWARM_SRTP_H
#define SWARM_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum srtp_profile { SRTP_GCM, SRTP_CM };

#define SRTP_OVERHEAD 20 /* bytes a packet grows at most: 16 of tag and 4 of SRTCP index */
#define SRTP_KEY 16

struct srtp_side;

/* `salt` has 12 bytes for GCM and 14 for CM. */
struct srtp_side *srtp_side_new(enum srtp_profile profile, const uint8_t *key, const uint8_t *salt);
void srtp_side_free(struct srtp_side *side); /* NULL is fine */
size_t srtp_salt_length(enum srtp_profile profile);

/* All four work in place and return the new length, 0 when the packet is malformed or (open) not authentic.
 * Seal needs SRTP_OVERHEAD bytes of room. Open does not refuse replays: the swarm counts them itself. */
size_t srtp_seal_rtp(struct srtp_side *side, uint8_t *packet, size_t length);
size_t srtp_open_rtp(struct srtp_side *side, uint8_t *packet, size_t length);
size_t srtp_seal_rtcp(struct srtp_side *side, uint8_t *packet, size_t length);
size_t srtp_open_rtcp(struct srtp_side *side, uint8_t *packet, size_t length);

/* Bytes of the RTP header with CSRCs and extension, 0 when it does not fit. */
size_t srtp_header_length(const uint8_t *packet, size_t length);

#endif
