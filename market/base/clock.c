/* clock.c: reads the kernel's clocks. */
#include "market/base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t shift_ms, turn_ms;
static _Atomic int64_t lead_us = INT64_MIN; /* the most that the wall clock was ahead of the steady one */

static _Atomic int64_t stood_us[2]; /* where wall and steady clock stand; 0: they go */

static int64_t kernel_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t read_us(clockid_t id)
{
    int64_t stood = atomic_load_explicit(&stood_us[id == CLOCK_MONOTONIC], memory_order_relaxed);
    return (stood ? stood : kernel_us(id)) + atomic_load_explicit(&shift_ms, memory_order_relaxed) * 1000;
}

static int64_t machine_us(void)
{
    return read_us(CLOCK_REALTIME) + atomic_load_explicit(&turn_ms, memory_order_relaxed) * 1000;
}

static int64_t raise_lead(int64_t us)
{
    int64_t most = atomic_load(&lead_us);
    while (us > most && !atomic_compare_exchange_weak(&lead_us, &most, us)) {
    }
    return us > most ? us : most;
}

/* The wall clock is read first: a thread that is held up between the two sees it less ahead than it is, and
 * never more. */
int64_t clock_wall_ms(void)
{
    int64_t wall_us = machine_us(), steady_us = read_us(CLOCK_MONOTONIC);
    return (steady_us + raise_lead(wall_us - steady_us)) / 1000;
}

int64_t clock_machine_ms(void)
{
    return machine_us() / 1000;
}

int64_t clock_steady_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_steady_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_floor_ms(int64_t at_ms)
{
    raise_lead(at_ms * 1000 - read_us(CLOCK_MONOTONIC));
}

void clock_trust(void)
{
    atomic_store(&lead_us, INT64_MIN);
}

int64_t clock_ahead_ms(void)
{
    return clock_wall_ms() - clock_machine_ms();
}

void clock_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &steady);
    pthread_condattr_destroy(&steady);
}

void clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (wait_ms > 0 ? wait_ms : 0) % 1000 * 1000000;
    until.tv_sec += (wait_ms > 0 ? wait_ms : 0) / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(cond, lock, &until);
}

void clock_shift_ms(int64_t by)
{
    atomic_fetch_add(&shift_ms, by);
}

void clock_turn_ms(int64_t by)
{
    atomic_fetch_add(&turn_ms, by);
}

void clock_stand(bool still)
{
    atomic_store(&stood_us[0], still ? kernel_us(CLOCK_REALTIME) : 0);
    atomic_store(&stood_us[1], still ? kernel_us(CLOCK_MONOTONIC) : 0);
}
