/* span.h: how long something took, counted into a few classes, for Prometheus' histograms. Any number of
 * threads add, any reads: relaxed atomics, since nobody draws conclusions from two of the numbers together.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { SPAN_BOUNDS = 11 };
extern const uint32_t span_bounds_us[SPAN_BOUNDS];

struct span { /* all zero: nothing yet */
    _Atomic uint64_t counts[SPAN_BOUNDS + 1], sum_us;
};
struct span_figures {
    uint64_t counts[SPAN_BOUNDS + 1]; /* up to each bound, and longer */
    uint64_t sum_us;
};

void span_add(struct span *span, int64_t took_us, uint64_t times); /* a negative time is none */
void span_read(const struct span *span, struct span_figures *out);

#endif
