/* peer.h: the ICE-lite, DTLS and SRTP state of one remote, phone or viewer alike. Knows addresses and keys,
 * neither rooms nor media. One thread. */
#ifndef RELAY_PEER_H
#define RELAY_PEER_H

#include "streamer/relay/counters.h"
#include "streamer/relay/dtls.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/port.h"
#include "streamer/relay/srtp.h"
#include "streamer/relay/stun.h"
#include "streamer/relay/wheel.h"

struct peer;
struct peers; /* all of them, see peers.h */

/* What its owner is told. `gone` is the last call; the owner then calls peer_free, in it or later. */
struct peer_owner {
    void (*ready)(void *owner, int64_t now_us); /* keys are there: media may flow */
    void (*rtp)(void *owner, uint8_t *bytes, size_t size,
                int64_t now_us); /* opened; NULL: RTP is not taken */
    void (*rtcp)(void *owner, uint8_t *bytes, size_t size, int64_t now_us); /* opened */
    void (*gone)(void *owner, const char *why, int64_t now_us);             /* "closed", "dtls" */
};

struct peer *peer_new(struct peers *all, const uint8_t fingerprint[DTLS_FINGERPRINT],
                      const struct peer_owner *ops, void *owner, int64_t now_us); /* NULL: PEERS_MAX */
void peer_free(struct peer *p);        /* NULL is fine; says nothing to the remote */
void peer_say_goodbye(struct peer *p); /* close_notify, if the handshake was done */

const char *peer_ufrag(const struct peer *p);
const char *peer_pwd(const struct peer *p);
void peer_restart(struct peer *p,
                  int64_t now_us); /* new ufrag and pwd; the old ones hold until the new are used */

bool peer_is_ready(const struct peer *p);
const struct path *peer_path(const struct peer *p); /* where to send; NULL: nowhere yet */
struct srtp *peer_out(const struct peer *p);        /* NULL: no keys yet */
enum srtp_profile peer_profile(const struct peer *p);
/* Ask the processor for what peer_path and peer_out read, and, once that has come, for what sealing reads. */
void peer_prefetch(const struct peer *p);
void peer_prefetch_keys(const struct peer *p);
int64_t peer_heard_us(const struct peer *p); /* last authenticated packet of any kind; creation at first */
void peer_send_rtcp(struct peer *p, const uint8_t *plain, size_t size);

/* For peers.c: what came in. */
void peer_take_stun(struct peer *p, const struct stun_request *r, const struct path *from, int64_t now_us);
void peer_take_dtls(struct peer *p, const uint8_t *bytes, size_t size, const struct path *from,
                    int64_t now_us);
void peer_take_srtp(struct peer *p, uint8_t *bytes, size_t size, const struct path *from, int64_t now_us);

#endif
