/* child.c: a socket from the nursery, pings, deaths. States: running ⇄ waiting (for the
 * next start), then ending, then freed. */
#include "streamer/relay/child.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/log.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHILD_BATCH = 32, CHILD_LOADING_MS = 20000, CHILD_SPARE_MS = 10 };

struct children {
    struct loop *loop;
    struct wheel *wheel;
    struct nursery *nursery;
    struct counters *counters;
    void (*file_cb)(void *arg, const char *room, const char *json);
    void *arg;
    GPtrArray *ending; /* struct child */
    uint8_t bytes[CHILD_BATCH][sizeof(struct pipe_head) + PIPE_TEXT_MAX + 1];
};

struct child {
    struct children *all;
    enum nursery_program program;
    char *room, *setup;
    const struct child_ops *ops;
    void *owner;
    uint32_t number;    /* the nursery's name of the process */
    struct watch watch; /* fd -1: not running */
    struct timer timer;
    bool ready, ending, dead;
    unsigned deaths; /* in a row */
    int64_t started_us, heard_us;
};

struct children *children_new(struct loop *loop, struct wheel *wheel, struct nursery *nursery,
                              struct counters *counters,
                              void (*file_cb)(void *arg, const char *room, const char *json), void *arg)
{
    struct children *all = g_new0(struct children, 1);
    all->loop = loop;
    all->wheel = wheel;
    all->nursery = nursery;
    all->counters = counters;
    all->file_cb = file_cb;
    all->arg = arg;
    all->ending = g_ptr_array_new();
    return all;
}

unsigned children_ending(const struct children *all)
{
    return all->ending->len;
}

/* Closes the socket and sees to it that the process is gone. */
static void child_stop(struct child *c)
{
    if (c->watch.fd < 0)
        return;
    loop_remove(c->all->loop, &c->watch);
    close(c->watch.fd);
    c->watch.fd = -1;
    nursery_kill(c->all->nursery, c->number);
}

static void child_free(struct child *c)
{
    child_stop(c);
    wheel_stop(c->all->wheel, &c->timer);
    g_ptr_array_remove_fast(c->all->ending, c);
    g_free(c->room);
    g_free(c->setup);
    g_free(c);
}

void children_free(struct children *all)
{
    if (!all)
        return;
    while (all->ending->len > 0)
        child_free(g_ptr_array_index(all->ending, 0));
    g_ptr_array_unref(all->ending);
    g_free(all);
}

bool pipe_check(const uint8_t *message, size_t size, struct pipe_head *head)
{
    if (size < sizeof *head)
        return false;
    memcpy(head, message, sizeof *head);
    if (head->length != size - sizeof *head || head->kind > PIPE_VIDEO)
        return false;
    switch (head->type) {
    case PIPE_RTP:
        return head->kind != PIPE_NONE && head->length >= 12 && head->length <= PIPE_PACKET_MAX;
    case PIPE_RTCP:
        return head->length >= 8 && head->length <= PIPE_PACKET_MAX && head->length % 4 == 0;
    case PIPE_STATS:
    case PIPE_FILE:
        return head->length <= PIPE_TEXT_MAX;
    case PIPE_READY:
    case PIPE_PONG:
    case PIPE_KEYFRAME:
        return head->length == 0;
    }
    return false; /* what only the relay says, or nonsense */
}

static void child_died(struct child *c, int64_t now_us);

/* false: the child is to be ended. */
static bool child_take(struct child *c, uint8_t *message, size_t size, int64_t now_us)
{
    struct pipe_head head;
    if (!pipe_check(message, size, &head)) {
        c->all->counters->pipe_bad++;
        log_event(LOG_WARN, "child.bad_message", "s:s, s:s", "room", c->room, "helper",
                  nursery_program_name(c->program));
        return false;
    }
    uint8_t *payload = message + sizeof head;
    payload[head.length] = '\0'; /* the buffers have a byte more than the longest message */
    c->heard_us = now_us;
    if (head.type == PIPE_READY)
        c->ready = true;
    else if (head.type == PIPE_FILE)
        c->all->file_cb(c->all->arg, c->room, (const char *)payload);
    else if (head.type != PIPE_PONG && !c->ending)
        c->ops->message(c->owner, &head, payload, now_us);
    return true;
}

/* Reads one batch; true: there may be more. */
static bool child_read_batch(struct child *c, int64_t now_us)
{
    struct mmsghdr in[CHILD_BATCH];
    struct iovec vec[CHILD_BATCH];
    for (int i = 0; i < CHILD_BATCH; i++) {
        vec[i] = (struct iovec){.iov_base = c->all->bytes[i], .iov_len = sizeof c->all->bytes[i] - 1};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &vec[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(c->watch.fd, in, CHILD_BATCH, MSG_DONTWAIT, NULL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    for (int i = 0; i < n; i++) {
        bool whole = in[i].msg_len > 0 && !(in[i].msg_hdr.msg_flags & MSG_TRUNC);
        if (!whole || !child_take(c, c->all->bytes[i], in[i].msg_len, now_us)) {
            c->dead = true; /* nothing read means end-of-file */
            return false;
        }
    }
    c->dead = n <= 0;
    return n == CHILD_BATCH;
}

static void child_readable(void *arg, uint32_t events)
{
    struct child *c = arg;
    struct meter *meter = &c->all->counters->meter; /* the child may be gone at the end */
    enum meter_stage before = meter_enter(meter, METER_PIPE);
    int64_t now_us = meter->since_us;
    (void)events;
    for (unsigned got = 0; got < CHILD_TURN && child_read_batch(c, now_us); got += CHILD_BATCH)
        ;
    if (!c->ending && c->ops->burst_end)
        c->ops->burst_end(c->owner, now_us);
    if (c->dead)
        child_died(c, now_us);
    meter_enter(meter, before);
}

static void child_start(struct child *c, int64_t now_us)
{
    c->started_us = c->heard_us = now_us;
    c->ready = c->dead = false;
    c->watch.fd = nursery_start(c->all->nursery, c->program, &c->number);
    if (c->watch.fd < 0) { /* many start at once */
        wheel_set(c->all->wheel, &c->timer, now_us + CHILD_SPARE_MS * INT64_C(1000));
        return;
    }
    c->all->counters->child_starts++;
    c->watch.events = EPOLLIN;
    loop_add(c->all->loop, &c->watch);
    child_send(c, PIPE_SETUP, PIPE_NONE, (const uint8_t *)c->setup, strlen(c->setup), now_us);
    wheel_set(c->all->wheel, &c->timer, now_us + PIPE_PING_MS * INT64_C(1000));
}

static void child_died(struct child *c, int64_t now_us)
{
    child_stop(c);
    if (c->ending) {
        child_free(c);
        return;
    }
    c->all->counters->child_deaths++;
    c->deaths = now_us - c->started_us > CHILD_STEADY_MS * INT64_C(1000) ? 1 : c->deaths + 1;
    log_event(LOG_WARN, "child.died", "s:s, s:s, s:i", "room", c->room, "helper",
              nursery_program_name(c->program), "in_a_row", (int)c->deaths);
    if (c->deaths >= CHILD_DEATHS) {
        c->all->counters->child_given_up++;
        c->ops->given_up(c->owner, now_us);
        return;
    }
    /* The first death costs a viewer a tenth of a second; only repeated ones wait. */
    int64_t wait_ms = c->deaths == 1 ? 0 : (int64_t)CHILD_BACKOFF_MS << (c->deaths - 2);
    wheel_set(c->all->wheel, &c->timer, now_us + MIN(wait_ms, CHILD_BACKOFF_MAX_MS) * 1000);
}

static void child_timer(void *arg, int64_t now_us)
{
    struct child *c = arg;
    if (c->ending) {
        child_free(c); /* did not end by itself in time */
        return;
    }
    if (c->watch.fd < 0) {
        child_start(c, now_us);
        return;
    }
    int64_t patience_ms = c->ready ? PIPE_HUNG_MS : CHILD_LOADING_MS;
    if (now_us - c->heard_us > patience_ms * 1000) {
        c->all->counters->child_hung++;
        log_event(LOG_WARN, "child.hung", "s:s, s:s", "room", c->room, "helper",
                  nursery_program_name(c->program));
        child_died(c, now_us);
        return;
    }
    child_send(c, PIPE_PING, PIPE_NONE, NULL, 0, now_us);
    wheel_set(c->all->wheel, &c->timer, now_us + PIPE_PING_MS * INT64_C(1000));
}

struct child *child_new(struct children *all, enum nursery_program program, const char *room,
                        const char *setup, const struct child_ops *ops, void *owner, int64_t now_us)
{
    struct child *c = g_new0(struct child, 1);
    c->all = all;
    c->program = program;
    c->room = g_strdup(room);
    c->setup = g_strdup(setup);
    c->ops = ops;
    c->owner = owner;
    c->watch = (struct watch){.fd = -1, .ready_cb = child_readable, .arg = c};
    c->timer.fire_cb = child_timer;
    c->timer.arg = c;
    child_start(c, now_us);
    return c;
}

bool child_is_running(const struct child *c)
{
    return c->watch.fd >= 0;
}

void child_send(struct child *c, enum pipe_type type, enum pipe_kind kind, const uint8_t *bytes, size_t size,
                int64_t at_us)
{
    child_send_layer(c, type, kind, 0, bytes, size, at_us);
}

void child_send_layer(struct child *c, enum pipe_type type, enum pipe_kind kind, unsigned layer,
                      const uint8_t *bytes, size_t size, int64_t at_us)
{
    struct pipe_head head = {.type = (uint8_t)type,
                             .kind = (uint8_t)kind,
                             .length = (uint16_t)size,
                             .layer = layer,
                             .at_us = (uint64_t)at_us};
    struct iovec vec[2] = {{.iov_base = &head, .iov_len = sizeof head},
                           {.iov_base = (void *)bytes, .iov_len = size}};
    struct msghdr m = {.msg_iov = vec, .msg_iovlen = size ? 2 : 1};
    if (c->watch.fd < 0 || size > PIPE_TEXT_MAX || sendmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        c->all->counters->pipe_dropped++;
}

void child_end(struct child *c, int64_t now_us)
{
    if (!c)
        return;
    c->ending = true;
    g_ptr_array_add(c->all->ending, c);
    if (c->watch.fd >= 0)
        child_send(c, PIPE_END, PIPE_NONE, NULL, 0, now_us);
    int64_t wait_us = c->watch.fd >= 0 ? CHILD_END_MS * INT64_C(1000) : 0;
    wheel_set(c->all->wheel, &c->timer, now_us + wait_us);
}
