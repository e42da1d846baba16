/* clock.c: reads the kernel's clocks. */
#include "market/base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t shift_ms, turn_ms;

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 +
           atomic_load_explicit(&shift_ms, memory_order_relaxed) * 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000 + atomic_load_explicit(&turn_ms, memory_order_relaxed);
}

int64_t clock_steady_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_steady_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_shift_ms(int64_t by)
{
    atomic_fetch_add(&shift_ms, by);
}

void clock_turn_ms(int64_t by)
{
    atomic_fetch_add(&turn_ms, by);
}
