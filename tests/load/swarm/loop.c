/* loop.c: see loop.h. A source removed during a round may still have an event in the same batch, so removal
 * also wipes it from there. */
#include "tests/load/swarm/loop.h"
#include "tests/load/base/clock.h"

#include <errno.h>
#include <glib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512 };

struct loop {
    int epoll;
    struct epoll_event events[EVENTS];
    int waiting; /* events of this round that have not been handled */
};

struct loop *loop_new(void)
{
    struct loop *l = g_new0(struct loop, 1);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    g_assert(l->epoll >= 0);
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    close(l->epoll);
    g_free(l);
}

bool loop_add(struct loop *l, struct loop_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, source->fd, &e) == 0;
}

void loop_change(struct loop *l, struct loop_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    epoll_ctl(l->epoll, EPOLL_CTL_MOD, source->fd, &e);
}

void loop_remove(struct loop *l, struct loop_source *source)
{
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    for (int i = 0; i < l->waiting; i++)
        if (l->events[i].data.ptr == source)
            l->events[i].data.ptr = NULL;
}

static void handle(struct loop *l, int timeout_ms)
{
    do {
        l->waiting = epoll_wait(l->epoll, l->events, EVENTS, timeout_ms);
        for (int i = 0; i < l->waiting; i++) {
            struct loop_source *source = l->events[i].data.ptr;
            if (source)
                source->ready(source->owner, l->events[i].events);
        }
        timeout_ms = 0;
    } while (l->waiting == EVENTS);
    l->waiting = 0;
}

static void sleep_until(int64_t us)
{
    const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

void loop_run(struct loop *l, const bool *eager, bool (*tick)(void *ctx, int64_t now_us), void *ctx)
{
    int64_t next = clock_us();
    while (tick(ctx, clock_us())) {
        next = MAX(next + LOOP_TICK_US, clock_us() - LOOP_TICK_US); /* never race after a long stall */
        while (*eager && clock_us() + 500 < next)
            handle(l, (int)((next - clock_us() + 999) / 1000));
        sleep_until(next);
        handle(l, 0);
    }
}
