/* rng.h: small seeded random numbers (xorshift64*), so that a run with losses can be repeated exactly.
 * Not for secrets. One struct per user, no locking. */
#ifndef LOAD_RNG_H
#define LOAD_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline struct rng rng_make(uint64_t seed)
{
    return (struct rng){.state = seed * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(0xD1B54A32D192ED03)};
}

static inline uint64_t rng_next(struct rng *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * UINT64_C(0x2545F4914F6CDD1D);
}

/* A number in [0, 1). */
static inline double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) / 9007199254740992.0;
}

/* True with probability p (0…1). */
static inline bool rng_chance(struct rng *r, double p)
{
    return p > 0 && rng_unit(r) < p;
}

#endif
