/* clock.c: reads the two clocks. */
#include "streamer/relay/clock.h"

#include <stdatomic.h>
#include <time.h>

static int64_t clock_read(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_us(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return clock_read(CLOCK_REALTIME);
}

int64_t clock_report_us(void)
{
    static _Atomic int64_t ahead_us; /* of the wall's clock before the monotonic one */
    int64_t now_us = clock_us(), known_us = atomic_load(&ahead_us), none = 0;
    if (!known_us) { /* two threads may come first: one of them is believed by both */
        known_us = clock_wall_us() - now_us;
        if (!atomic_compare_exchange_strong(&ahead_us, &none, known_us))
            known_us = none;
    }
    return now_us + known_us;
}
