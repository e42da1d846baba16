/* wheel.h: a hashed timer wheel. Setting, moving and stopping a timer cost the same with ten viewers or ten
 * thousand, and a timer that is not due costs nothing. Ticks of WHEEL_TICK_US; late by at most one tick.
 * Owned by one thread. */
#ifndef RELAY_WHEEL_H
#define RELAY_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_TICK_US = 2000, WHEEL_SLOTS = 2048 };

/* Embedded in its owner; zeroed memory is a stopped timer. `fire_cb` may set it again, and may free the
 * owner. */
struct timer {
    struct timer *next, *prev;
    int64_t due_tick;
    void (*fire_cb)(void *arg, int64_t now_us);
    void *arg;
};

struct wheel;
struct wheel *wheel_new(int64_t now_us);
void wheel_free(struct wheel *w); /* timers still set are forgotten */

void wheel_set(struct wheel *w, struct timer *t,
               int64_t due_us);                    /* (re)starts it; a past time means the next tick */
void wheel_stop(struct wheel *w, struct timer *t); /* a stopped timer is fine */
bool timer_is_set(const struct timer *t);
void wheel_run(struct wheel *w, int64_t now_us); /* fires what is due */
int64_t wheel_wait_us(const struct wheel *w, int64_t now_us,
                      int64_t most_us); /* how long a caller may sleep */

#endif
