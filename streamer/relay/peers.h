/* peers.h: every peer of a worker: finds the one a datagram is for (RFC 7983) and lets nothing else in. STUN
 * is found by our ufrag; DTLS only by an address that STUN has proved; SRTP by such an address, or, of a
 * phone that has just moved, by an SSRC it has sent before. */
#ifndef RELAY_PEERS_H
#define RELAY_PEERS_H

#include "streamer/relay/peer.h"

struct peers_env { /* borrowed, outlive the peers */
    struct port *port;
    struct wheel *wheel;
    struct counters *counters;
    struct dtls_identity *identity;
};

struct peers *peers_new(const struct peers_env *env);
void peers_free(struct peers *all); /* when every peer is gone */
const struct peers_env *peers_env(const struct peers *all);
unsigned peers_count(const struct peers *all);

void peers_take(struct peers *all, uint8_t *bytes, size_t size, const struct path *from, int64_t now_us);

/* For peer.c. The ufrag's memory stays the peer's; an address belongs to the peer that proved it last. */
bool peers_add(struct peers *all, const char *ufrag, struct peer *p); /* false: PEERS_MAX */
void peers_add_ufrag(struct peers *all, const char *ufrag, struct peer *p);
void peers_drop_ufrag(struct peers *all, const char *ufrag);
void peers_remove(struct peers *all);
void peers_prove(struct peers *all, const struct address *a, struct peer *p);
void peers_forget(struct peers *all, const struct address *a,
                  struct peer *p); /* if it is still this peer's */
/* An SSRC belongs to the peer that last sealed a packet of it. */
void peers_hear(struct peers *all, uint32_t ssrc, struct peer *p);
void peers_unhear(struct peers *all, const struct peer *p); /* all that are this peer's */

#endif
