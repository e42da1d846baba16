/* bulk.h: RTP payloads sealed by Intel's multi-buffer library (libipsec-mb), where the machine and the build
 * have it. A packet's AES-128-GCM costs a third of what it costs by EVP, which spends most of its time on
 * finding parameters; AES-CM and HMAC-SHA1 as well, since the library hashes the packets of many viewers side
 * by side. Keys belong to nobody in particular; everything between two calls of bulk_finish to one thread. */
#ifndef RELAY_BULK_H
#define RELAY_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bulk_key;

/* Makes the library ready on this thread (2 ms, 4 MB), so that no viewer waits for it. */
void bulk_start(void);

/* False: EVP alone from now on, whatever the machine has. To be said before the first key; for comparing. */
void bulk_allow(bool allowed);

/* A session key of 16 bytes; with `auth`, the 20 bytes of HMAC-SHA1, it is for CM, without for GCM. NULL: not
 * on this machine. */
struct bulk_key *bulk_key_new(const uint8_t *session, const uint8_t *auth);
void bulk_key_free(struct bulk_key *k); /* NULL is fine; finishes what uses it */
void bulk_key_prefetch(const struct bulk_key *k);

/* RFC 7714: `size` bytes of `in` go sealed to `out`, the tag of 16 behind them. Whole on return. */
void bulk_gcm(const struct bulk_key *k, const uint8_t iv[12], const uint8_t *aad, size_t aad_size,
              uint8_t *out, const uint8_t *in, size_t size);

/* RFC 3711: of the packet of `size` bytes at `out` all behind the first `head` is encrypted where it lies,
 * and the tag of 10 put behind it. Whole after bulk_finish; `out` and the key must stay until then. `roc` is
 * hashed behind the packet. */
void bulk_cm(const struct bulk_key *k, const uint8_t iv[16], uint8_t *out, size_t head, size_t size,
             const uint8_t roc[4]);

/* Every packet this thread gave to bulk_cm is whole now. Costs nothing when there is none. */
void bulk_finish(void);

#endif
