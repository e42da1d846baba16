/* link.c: dial, read frames, write frames; every fault ends in link_hang_up, which sets the next dial. */
#include "streamer/relay/link.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/log.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct link {
    struct loop *loop;
    struct wheel *wheel;
    struct counters *counters;
    struct nursery *nursery;
    const struct link_owner *ops;
    void *owner;
    struct watch watch; /* fd -1: not connected */
    struct timer timer; /* the next dial */
    int64_t backoff_ms;
    GByteArray *in, *out;
    bool broken;
};

static void link_readable(void *arg, uint32_t events);

static void link_dial_later(struct link *l, int64_t now_us)
{
    wheel_set(l->wheel, &l->timer, now_us + l->backoff_ms * 1000);
    l->backoff_ms = MIN(2 * l->backoff_ms, LINK_BACKOFF_MAX_MS);
}

static void link_dial(void *arg, int64_t now_us)
{
    struct link *l = arg;
    (void)now_us;
    l->counters->link_dials++;
    nursery_dial(l->nursery); /* only it may open a socket */
}

static void link_dialled(void *arg, int fd, int64_t now_us)
{
    struct link *l = arg;
    if (fd < 0) {
        link_dial_later(l, now_us);
        return;
    }
    l->watch = (struct watch){.fd = fd, .events = EPOLLIN, .ready_cb = link_readable, .arg = l};
    l->backoff_ms = LINK_BACKOFF_MS;
    l->broken = false;
    loop_add(l->loop, &l->watch);
    log_event(LOG_INFO, "link.up", NULL);
    l->ops->up(l->owner, now_us);
}

static void link_hang_up(struct link *l, int64_t now_us)
{
    loop_remove(l->loop, &l->watch);
    close(l->watch.fd);
    l->watch.fd = -1;
    g_byte_array_set_size(l->in, 0);
    g_byte_array_set_size(l->out, 0);
    log_event(LOG_WARN, "link.down", NULL);
    l->ops->down(l->owner, now_us);
    link_dial_later(l, now_us);
}

struct link *link_new(struct loop *loop, struct wheel *wheel, struct counters *counters,
                      struct nursery *nursery, const struct link_owner *ops, void *owner, int64_t now_us)
{
    struct link *l = g_new0(struct link, 1);
    l->loop = loop;
    l->wheel = wheel;
    l->counters = counters;
    l->nursery = nursery;
    l->ops = ops;
    l->owner = owner;
    l->watch.fd = -1;
    l->backoff_ms = LINK_BACKOFF_MS;
    l->in = g_byte_array_new();
    l->out = g_byte_array_new();
    l->timer = (struct timer){.fire_cb = link_dial, .arg = l};
    nursery_on_dialled(nursery, link_dialled, l);
    wheel_set(wheel, &l->timer, now_us);
    return l;
}

/* What is left is written as far as the socket takes it; faults are found by the reader. */
static void link_write(struct link *l)
{
    size_t done = 0;
    while (done < l->out->len) {
        ssize_t n = send(l->watch.fd, l->out->data + done, l->out->len - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n <= 0) {
            l->broken |= n < 0 && errno != EAGAIN && errno != EINTR;
            break;
        }
        done += (size_t)n;
    }
    g_byte_array_remove_range(l->out, 0, (guint)done);
    loop_change(l->loop, &l->watch, EPOLLIN | (l->out->len || l->broken ? (uint32_t)EPOLLOUT : 0));
}

void link_free(struct link *l)
{
    if (!l)
        return;
    nursery_on_dialled(l->nursery, NULL, NULL);
    wheel_stop(l->wheel, &l->timer);
    if (l->watch.fd >= 0) {
        link_write(l);
        loop_remove(l->loop, &l->watch);
        close(l->watch.fd);
    }
    g_byte_array_unref(l->in);
    g_byte_array_unref(l->out);
    g_free(l);
}

bool link_is_up(const struct link *l)
{
    return l->watch.fd >= 0;
}

void link_say(struct link *l, json_t *object)
{
    char *text = object && link_is_up(l) && !l->broken ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!text)
        return;
    size_t size = strlen(text);
    uint8_t head[4];
    put32(head, (uint32_t)size);
    if (size > LINK_FRAME_MAX || l->out->len + size > LINK_PENDING_MAX) {
        l->broken = true; /* the market does not read: the next turn hangs up */
    } else {
        g_byte_array_append(l->out, head, 4);
        g_byte_array_append(l->out, (const guint8 *)text, (guint)size);
    }
    link_write(l);
    free(text);
}

ssize_t link_cut(const uint8_t *bytes, size_t size, json_t **object)
{
    if (size < 4)
        return 0;
    uint32_t length = get32(bytes);
    if (length == 0 || length > LINK_FRAME_MAX)
        return -1;
    if (size - 4 < length)
        return 0;
    *object = json_loadb((const char *)bytes + 4, length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(*object)) {
        json_decref(*object);
        *object = NULL;
        return -1;
    }
    return 4 + (ssize_t)length;
}

/* Hands on every whole frame; false: the stream is broken. */
static bool link_take(struct link *l, int64_t now_us)
{
    size_t at = 0;
    ssize_t used = 1;
    while (used > 0) {
        json_t *object = NULL;
        used = link_cut(l->in->data + at, l->in->len - at, &object);
        if (used > 0) {
            at += (size_t)used;
            l->ops->message(l->owner, object, now_us);
            json_decref(object);
        }
    }
    if (used < 0) {
        l->counters->link_bad_frames++;
        return false;
    }
    g_byte_array_remove_range(l->in, 0, (guint)at);
    return true;
}

static void link_readable(void *arg, uint32_t events)
{
    struct link *l = arg;
    uint8_t bytes[65536];
    int64_t now_us = clock_us();
    (void)events;
    ssize_t n = recv(l->watch.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    bool over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (n > 0) {
        g_byte_array_append(l->in, bytes, (guint)n);
        over = !link_take(l, now_us);
    }
    if (!over && l->out->len)
        link_write(l);
    if (over || l->broken)
        link_hang_up(l, now_us);
}
