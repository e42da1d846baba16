/* clock.h: the only door through which time comes in. Any thread.
 * The wall clock of the market never goes back: a machine whose clock is set back, or that comes up without
 * one, would let links and sessions live again. It goes on at the pace of the steady clock instead, from the
 * latest time that was seen; a restart hands in the latest that was written (clock_floor_ms).
 * Tests move it with clock_shift_ms, so that a session's thirty days pass in a microsecond. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* ms since 1970 UTC, never less than before: for display, records and expiry dates that must survive a
 * restart */
int64_t clock_wall_ms(void);
/* The machine's own, which may go back: only for what others wrote or read by their clocks minutes ago, or
 * will. */
int64_t clock_machine_ms(void);
/* ms since boot, never jumps: for deadlines and throttles within this process */
int64_t clock_steady_ms(void);
int64_t clock_steady_us(void); /* the same in µs, for measurements */

void clock_floor_ms(int64_t at_ms); /* it is later than this, whatever the machine says */
void clock_trust(void);             /* forgets what was seen: the machine's clock is right now */
int64_t clock_ahead_ms(void); /* by how much the wall clock here is ahead of the machine's; 0 in good order */

/* A condition that is waited for at most so long, however the machine's clock is set meanwhile. */
void clock_cond_init(pthread_cond_t *cond);
void clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t wait_ms);

void clock_shift_ms(int64_t by); /* adds to all of them from now on */
void clock_turn_ms(int64_t by);  /* adds to the machine's wall clock alone, as who sets a clock does */
void clock_stand(bool still);    /* all of them stand, and only shifts move them; or go again */

#endif
