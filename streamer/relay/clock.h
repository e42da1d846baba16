/* clock.h: the only place where time enters the relay. Everything else is handed `now_us`. Any thread. */
#ifndef RELAY_CLOCK_H
#define RELAY_CLOCK_H

#include <stdint.h>

int64_t clock_us(void);      /* CLOCK_MONOTONIC, microseconds */
int64_t clock_wall_us(void); /* microseconds since 1970 UTC */

#endif
