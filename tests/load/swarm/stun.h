/* stun.h: the little of STUN (RFC 8489) and ICE (RFC 8445) that a controlling client of an ICE-lite server
 * needs: write a binding request with integrity and fingerprint, read the answer. Pure; any thread. */
#ifndef SWARM_STUN_H
#define SWARM_STUN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_TXID 12
#define STUN_ROOM 256 /* bytes enough for any request written here */

struct stun_ask {
    const uint8_t *txid;  /* STUN_TXID random bytes */
    const char *user;     /* "their-ufrag:our-ufrag" */
    const char *password; /* theirs: the key of MESSAGE-INTEGRITY */
    uint64_t tie_breaker;
    bool nominate; /* USE-CANDIDATE */
};

enum stun_reply {
    STUN_NOT_OURS, /* not STUN, or another transaction */
    STUN_BAD,      /* right transaction, but integrity or fingerprint is missing or wrong */
    STUN_ACCEPTED, /* binding success */
    STUN_REFUSED,  /* binding error */
};

/* Writes a request into `out` (STUN_ROOM bytes), returns its length. */
size_t stun_write(uint8_t *out, const struct stun_ask *ask);
/* Writes the answer to somebody else's check (libnice checks back even at ICE-lite), 0 when it is none or not
 * signed with our password. `from` is whom it came from. `out` as above. */
size_t stun_answer(uint8_t *out, const uint8_t *request, size_t length, const char *password,
                   const struct sockaddr_in *from);
bool stun_looks_like(const uint8_t *packet, size_t length);
enum stun_reply stun_read(const uint8_t *packet, size_t length, const uint8_t *txid, const char *password);

#endif
