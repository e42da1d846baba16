/* spite.h: what a broken or spiteful phone makes of its packets before they are sealed: authentic to the
 * server, and wrong inside. Seeded, so that a run can be repeated. One struct per publisher, no locking. */
#ifndef SWARM_SPITE_H
#define SWARM_SPITE_H

#include "tests/load/base/rng.h"

#include <stddef.h>

struct spite {
    struct rng rng;
    double share;  /* of the packets, 0…1 */
    uint64_t bent; /* packets so far */
};

/* Bends one packet in `share` of the calls. `room`: bytes there are at `packet`. Returns the new length, 1 at
 * least. The SSRC of RTP stays, since a sealer keeps a count for each. */
size_t spite_rtp(struct spite *s, uint8_t *packet, size_t length, size_t room);
size_t spite_rtcp(struct spite *s, uint8_t *packet, size_t length, size_t room); /* 8 at least */

#endif
