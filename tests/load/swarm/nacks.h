/* nacks.h: a viewer's open gaps and when to ask again for each, as a browser would. Pure: time is handed in.
 */
#ifndef SWARM_NACKS_H
#define SWARM_NACKS_H

#include <stddef.h>
#include <stdint.h>

#define NACKS_MAX 512        /* open gaps; more is a broken stream, not a lossy one */
#define NACKS_GIVE_UP_MS 500 /* a browser would have shown the frame or frozen by then */

struct nacks;

struct nacks *nacks_new(void);
void nacks_free(struct nacks *n);
void nacks_missing(struct nacks *n, uint32_t extended, int64_t now_us);
void nacks_arrived(struct nacks *n, uint32_t extended);
/* Sequence numbers to ask for now, at most `room`; each again after 40 ms, 10 times at most. */
size_t nacks_due(struct nacks *n, int64_t now_us, uint16_t *out, size_t room);
uint64_t nacks_repaired(const struct nacks *n);
uint64_t nacks_given_up(const struct nacks *n);
uint64_t nacks_asked(const struct nacks *n);
void nacks_restart(struct nacks *n); /* forgets the counts, keeps the gaps */

#endif
