/* peer.h: one WebRTC connection of the swarm from offer to keys: socket, ICE checks, DTLS, SRTP. What flows
 * inside is its owner's business (viewer.c, publisher.c). Everything runs on the loop's thread. */
#ifndef SWARM_PEER_H
#define SWARM_PEER_H

#include "tests/load/swarm/dtls.h"
#include "tests/load/swarm/sdp.h"

enum peer_state { PEER_NEW, PEER_CHECKING, PEER_HANDSHAKE, PEER_CONNECTED, PEER_GONE, PEER_FAILED };

struct peer;

struct peer_hooks {
    /* One RTP or RTCP datagram as it came from the wire, still sealed. `at_us`: when it was read. */
    void (*media)(void *owner, uint8_t *packet, size_t length, bool rtcp, int64_t at_us);
    void (*changed)(void *owner, enum peer_state state);
};

/* UDP GRO on the sockets of all peers to come: the kernel hands over bursts whole, as cards with segmentation
 * offload would take them from the sender, so that neither side pays for cutting them up. */
void peer_set_gro(bool on);
/* The offers of all peers to come promise a certificate they have not got. */
void peer_set_forge(bool on);
struct peer *peer_new(struct dtls_identity *id, const struct peer_hooks *hooks, void *owner);
void peer_free(struct peer *p); /* says close_notify; NULL is fine */

char *peer_offer(const struct peer *p, bool publish, bool rtx, uint32_t audio_ssrc, uint32_t video_ssrc);
/* Reads the answer, connects the socket and sends the first check. `to`: use this address instead of the
 * answer's candidate (a link simulator in between), or NULL. False: PEER_FAILED. */
bool peer_answer(struct peer *p, const char *sdp, const struct sockaddr_in *to, int64_t at_us);

int peer_fd(const struct peer *p);              /* to be polled for reading; -1 before the answer */
void peer_readable(struct peer *p);             /* reads all that waits */
void peer_tick(struct peer *p, int64_t now_us); /* resends, consent checks (RFC 7675); every 10 ms or so */

enum peer_state peer_state(const struct peer *p);
const struct sdp_answer *peer_remote(const struct peer *p);
/* Seal in place (SRTP_OVERHEAD bytes of room) and send; the sealed length, 0 when not connected or the socket
 * is full. */
size_t peer_send_rtp(struct peer *p, uint8_t *packet, size_t length);
size_t peer_send_rtcp(struct peer *p, uint8_t *packet, size_t length);
bool peer_send_again(struct peer *p, const uint8_t *sealed, size_t length); /* already sealed bytes */
/* Open in place; the new length or 0. */
size_t peer_open(struct peer *p, uint8_t *packet, size_t length, bool rtcp);

#endif
