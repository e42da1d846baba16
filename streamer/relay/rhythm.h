/* rhythm.h: learns the beat of a regular stream (frames, sound) and says whether its next packet is worth
 * waiting for. Pure; times in microseconds of one clock. */
#ifndef RELAY_RHYTHM_H
#define RELAY_RHYTHM_H

#include <stdint.h>

struct rhythm { /* zeroed: nothing known */
    int64_t last_us, step_us;
};

/* Something came. A pause of more than RHYTHM_LONGEST_US begins anew. */
void rhythm_beat(struct rhythm *r, int64_t at_us);
/* When to stop waiting for the next beat with something that waits since `since_us` and may wait for
 * `most_us` in all. 0: do not wait, the next beat is late, too far away or unknown. */
int64_t rhythm_wait_us(const struct rhythm *r, int64_t since_us, int64_t most_us, int64_t now_us);

#endif
