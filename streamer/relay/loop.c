/* loop.c: a thin coat over epoll. */
#include "streamer/relay/loop.h"

#include <errno.h>
#include <glib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { LOOP_EVENTS = 64 };

struct loop {
    int fd;
    int count; /* events of the turn that is running */
    struct epoll_event events[LOOP_EVENTS];
};

struct loop *loop_new(void)
{
    struct loop *l = g_new0(struct loop, 1);
    l->fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->fd < 0)
        g_error("epoll_create1 failed");
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    close(l->fd);
    g_free(l);
}

void loop_add(struct loop *l, struct watch *w)
{
    struct epoll_event e = {.events = w->events, .data.ptr = w};
    if (epoll_ctl(l->fd, EPOLL_CTL_ADD, w->fd, &e) != 0)
        g_error("epoll_ctl add failed");
}

void loop_change(struct loop *l, struct watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (w->events == events)
        return;
    w->events = events;
    epoll_ctl(l->fd, EPOLL_CTL_MOD, w->fd, &e);
}

void loop_remove(struct loop *l, struct watch *w)
{
    epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
    for (int i = 0; i < l->count;
         i++) /* an event of this turn that is still to come would find freed memory */
        if (l->events[i].data.ptr == w)
            l->events[i].data.ptr = NULL;
}

void loop_wait(struct loop *l, int64_t most_us)
{
    struct timespec wait = {.tv_sec = most_us / 1000000, .tv_nsec = most_us % 1000000 * 1000};
    int n = epoll_pwait2(l->fd, l->events, LOOP_EVENTS, &wait, NULL);
    if (n < 0 && errno == ENOSYS) /* some containers' kernels: whole milliseconds then */
        n = epoll_wait(l->fd, l->events, LOOP_EVENTS, (int)(most_us / 1000 + 1));
    l->count = n > 0 ? n : 0;
}

void loop_run(struct loop *l)
{
    for (int i = 0; i < l->count; i++) {
        struct watch *w = l->events[i].data.ptr;
        if (w)
            w->ready_cb(w->arg, l->events[i].events);
    }
    l->count = 0;
}
