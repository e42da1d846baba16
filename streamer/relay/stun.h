/* stun.h: the half of STUN (RFC 8489) an ICE-lite agent needs: read a Binding request, prove it, answer it.
 * Pure functions over bytes; any thread. */
#ifndef RELAY_STUN_H
#define RELAY_STUN_H

#include "streamer/relay/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STUN_ANSWER_MAX = 92, STUN_MESSAGE_MAX = 1500, STUN_COOKIE = 0x2112A442 };

/* A request that is well formed and whose FINGERPRINT fits; nothing in it is proved yet. Points into the
 * datagram. */
struct stun_request {
    const uint8_t *bytes;
    size_t size;
    const char *ufrag; /* our half of USERNAME, before the colon; not terminated */
    size_t ufrag_size;
    size_t integrity_at; /* offset of MESSAGE-INTEGRITY */
    bool use_candidate;
};

/* false: no Binding request, or without USERNAME, MESSAGE-INTEGRITY or a right FINGERPRINT as WebRTC demands.
 */
bool stun_read(struct stun_request *out, const uint8_t *bytes, size_t size);
bool stun_authentic(const struct stun_request *r, const char *pwd); /* constant time */
/* Writes the success response; returns its size. `pwd` is ours. */
size_t stun_answer(uint8_t out[STUN_ANSWER_MAX], const struct stun_request *r, const struct address *from,
                   const char *pwd);

/* Appends MESSAGE-INTEGRITY and FINGERPRINT to a message of `size` bytes and corrects its length; returns the
 * new size (32 bytes more). */
size_t stun_seal(uint8_t *message, size_t size, const char *pwd);

#endif
