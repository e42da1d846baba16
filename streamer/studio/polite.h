/* polite.h: when to ask for a keyframe. Each one costs the farmer's uplink several times a usual picture, so:
 * only when it has been missed for a while, and not again soon. Pure; hand time in. */
#ifndef STUDIO_POLITE_H
#define STUDIO_POLITE_H

#include <stdbool.h>
#include <stdint.h>

struct polite {
    int64_t missed_since_us; /* 0: not missed */
    int64_t asked_us;        /* 0: never */
};

/* Call it often. `missed`: a keyframe is wanted and has not come. True: ask now. */
bool polite_ask(struct polite *p, bool missed, int64_t patience_us, int64_t gap_us, int64_t now_us);

#endif
