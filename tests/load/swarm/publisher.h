/* publisher.h: a synthetic phone: 640x360 H.264 at 25 frames a second, about 900 kb/s in five packets a
 * frame, a key frame every 60 frames or when asked, and Opus-like audio 50 times a second: 177 packets/s.
 * Answers NACK and PLI. On the loop's thread. */
#ifndef SWARM_PUBLISHER_H
#define SWARM_PUBLISHER_H

#include "tests/load/swarm/peer.h"
#include "tests/load/swarm/spite.h"

struct publisher_counts {
    uint64_t packets, bytes, frames, keys, keys_asked, resent, unsent, bent;
};

struct publisher;

struct publisher *publisher_new(struct dtls_identity *id);
/* From now on this share of its packets (0…1) is wrong inside, by chance with that seed. */
void publisher_set_spite(struct publisher *p, double share, uint64_t seed);
/* The same stream as plain RTP to two ports of one address, for servers that take it so; no peer then (NULL).
 */
struct publisher *publisher_new_plain(const char *host, uint16_t video_port, uint16_t audio_port);
void publisher_free(struct publisher *p);
struct peer *publisher_peer(struct publisher *p);
char *publisher_offer(const struct publisher *p);         /* g_free() it */
void publisher_tick(struct publisher *p, int64_t now_us); /* sends what is due */
struct publisher_counts publisher_counts(const struct publisher *p);

#endif
