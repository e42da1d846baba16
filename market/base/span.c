/* span.c: see span.h. */
#include "market/base/span.h"

const uint32_t span_bounds_us[SPAN_BOUNDS] = {500,   1000,  2500,   5000,   10000,  15000,
                                              25000, 50000, 100000, 250000, 1000000};

void span_add(struct span *span, int64_t took_us, uint64_t times)
{
    uint64_t us = took_us < 0 ? 0 : (uint64_t)took_us;
    size_t class = 0;
    while (class < SPAN_BOUNDS && us > span_bounds_us[class])
        class ++;
    atomic_fetch_add_explicit(&span->counts[class], times, memory_order_relaxed);
    atomic_fetch_add_explicit(&span->sum_us, us * times, memory_order_relaxed);
}

void span_read(const struct span *span, struct span_figures *out)
{
    for (size_t i = 0; i <= SPAN_BOUNDS; i++)
        out->counts[i] = atomic_load_explicit(&span->counts[i], memory_order_relaxed);
    out->sum_us = atomic_load_explicit(&span->sum_us, memory_order_relaxed);
}
