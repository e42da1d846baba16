/* clock.h: the only door through which time comes in. Any thread.
 * Tests move it with clock_shift_ms, so that a session's thirty days pass in a microsecond. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(
    void); /* ms since 1970 UTC: for display, records and expiry dates that must survive a restart */
int64_t
clock_steady_ms(void); /* ms since boot, never jumps: for deadlines and throttles within this process */
int64_t clock_steady_us(void);   /* the same in µs, for measurements */
void clock_shift_ms(int64_t by); /* adds to all of them from now on */
void clock_turn_ms(int64_t by);  /* adds to the wall clock alone, as who sets a clock does */

#endif
