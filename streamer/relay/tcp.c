/* tcp.c: connections in numbered slots, datagrams in frames both ways (frames.c). A connection is closed only
 * from the loop's callbacks and the timer, never while somebody places a datagram. */
#include "streamer/relay/tcp.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/frames.h"
#include "streamer/relay/limits.h"

#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { TCP_TICK_MS = 1000, TCP_ACCEPTS = 16 };

struct conn {
    struct tcp *tcp;
    struct watch watch; /* fd -1: a free slot */
    struct path path;
    int64_t opened_us, heard_us;
    bool proved, broken;
    bool listed; /* in the list of those with something to send */
    struct frames in;
    uint8_t *out; /* TCP_QUEUE_BYTES and TCP_FIRST_BYTES, from the first use to the end */
    size_t out_start, out_end;
    size_t out_first; /* where a frame begins that has not begun to leave; those sent first end here */
};

struct tcp {
    struct tcp_env env;
    struct watch listener;
    struct timer timer;
    struct conn *conns[TCP_CONNECTIONS]; /* slot i is number i + 1 */
    unsigned count;
    unsigned dirty_count;
    uint16_t dirty[TCP_CONNECTIONS]; /* slots with something to send */
};

static void conn_close(struct conn *c)
{
    struct tcp *t = c->tcp;
    unsigned slot = c->path.remote.tcp - 1u;
    for (unsigned i = 0; c->listed && i < t->dirty_count; i++) {
        if (t->dirty[i] == slot) {
            t->dirty[i] = t->dirty[--t->dirty_count];
            break;
        }
    }
    loop_remove(t->env.loop, &c->watch);
    close(c->watch.fd);
    t->conns[slot] = NULL;
    t->count--;
    g_free(c->out);
    g_free(c);
}

/* ---- sending ---- */

/* False: the connection is over. */
static bool conn_write(struct conn *c)
{
    while (c->out_start < c->out_end) {
        ssize_t n =
            send(c->watch.fd, c->out + c->out_start, c->out_end - c->out_start, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            c->out_start += (size_t)n;
            while (c->out_first < c->out_start)
                c->out_first += FRAMES_HEAD + get16(c->out + c->out_first);
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            loop_change(c->tcp->env.loop, &c->watch, EPOLLIN | EPOLLOUT);
            return true;
        } else {
            return false;
        }
    }
    c->out_start = c->out_end = c->out_first = 0;
    loop_change(c->tcp->env.loop, &c->watch, EPOLLIN);
    return true;
}

static struct conn *tcp_find(struct tcp *t, const struct path *to)
{
    unsigned slot = to->remote.tcp - 1u;
    struct conn *c = slot < TCP_CONNECTIONS ? t->conns[slot] : NULL;
    return c && !c->broken && address_equal(&c->path.remote, &to->remote) ? c : NULL;
}

/* Room for one more frame in the first `limit` bytes of the queue. False: it is full. */
static bool conn_make_room(struct conn *c, size_t size, size_t limit)
{
    if (!c->out)
        c->out = g_malloc(TCP_QUEUE_BYTES + TCP_FIRST_BYTES);
    if (c->out_end + FRAMES_HEAD + size > limit && c->out_start > 0) {
        memmove(c->out, c->out + c->out_start, c->out_end - c->out_start);
        c->out_end -= c->out_start;
        c->out_first -= c->out_start;
        c->out_start = 0;
    }
    if (c->out_end + FRAMES_HEAD + size <= limit)
        return true;
    c->tcp->env.counters->tcp_full++;
    return false;
}

/* The frame's place at `at`. */
static uint8_t *conn_add(struct conn *c, size_t at, size_t size)
{
    struct tcp *t = c->tcp;
    c->proved = true; /* only authentic checks are answered, and they come first */
    frames_write_head(c->out + at, size);
    c->out_end += FRAMES_HEAD + size;
    if (!c->listed) {
        c->listed = true;
        t->dirty[t->dirty_count++] = (uint16_t)(c->path.remote.tcp - 1u);
    }
    return c->out + at + FRAMES_HEAD;
}

uint8_t *tcp_place(struct tcp *t, const struct path *to, size_t size)
{
    struct conn *c = tcp_find(t, to);
    return c && conn_make_room(c, size, TCP_QUEUE_BYTES) ? conn_add(c, c->out_end, size) : NULL;
}

void tcp_send_first(struct tcp *t, const struct path *to, const uint8_t *bytes, size_t size)
{
    struct conn *c = tcp_find(t, to);
    if (!c || !conn_make_room(c, size, TCP_QUEUE_BYTES + TCP_FIRST_BYTES)) {
        t->env.counters->send_failed++;
        return;
    }
    size_t at = c->out_first;
    memmove(c->out + at + FRAMES_HEAD + size, c->out + at, c->out_end - at);
    memcpy(conn_add(c, at, size), bytes, size);
    c->out_first = at + FRAMES_HEAD + size;
}

void tcp_flush(struct tcp *t)
{
    for (unsigned i = 0; i < t->dirty_count; i++) {
        struct conn *c = t->conns[t->dirty[i]];
        if (!c || !c->listed)
            continue;
        c->listed = false;
        if (!c->broken && !conn_write(c))
            c->broken = true; /* the timer closes it */
    }
    t->dirty_count = 0;
}

/* ---- receiving ---- */

static void conn_datagram(void *arg, uint8_t *bytes, size_t size)
{
    struct conn *c = arg;
    c->tcp->env.counters->tcp_in++;
    c->tcp->env.datagram_cb(c->tcp->env.arg, bytes, size, &c->path);
}

/* False: the connection is over. */
static bool conn_read(struct conn *c)
{
    size_t room;
    uint8_t *place = frames_place(&c->in, &room);
    ssize_t n = recv(c->watch.fd, place, room, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (n == 0)
        return false;
    c->heard_us = clock_us();
    if (frames_take(&c->in, (size_t)n, conn_datagram, c))
        return true;
    c->tcp->env.counters->datagrams_long++;
    return false;
}

static void conn_ready(void *arg, uint32_t events)
{
    struct conn *c = arg;
    bool good = !c->broken && !(events & EPOLLERR);
    if (good && (events & EPOLLOUT))
        good = conn_write(c);
    if (good && (events & (EPOLLIN | EPOLLHUP)))
        good = conn_read(c);
    if (!good)
        conn_close(c);
}

/* ---- connections coming and going ---- */

static bool tcp_free_slot(const struct tcp *t, unsigned *slot)
{
    for (*slot = 0; *slot < TCP_CONNECTIONS; (*slot)++) {
        if (!t->conns[*slot])
            return true;
    }
    return false;
}

static void tcp_take(struct tcp *t, int fd, const struct sockaddr_storage *from)
{
    int on = 1, low = TCP_KERNEL_BYTES;
    unsigned slot;
    struct path path = {0};
    struct sockaddr_storage local;
    struct address here;
    socklen_t length = sizeof local;
    if (!address_from_sockaddr(&path.remote, (const struct sockaddr *)from) || !tcp_free_slot(t, &slot)) {
        t->env.counters->tcp_refused++;
        close(fd);
        return;
    }
    if (getsockname(fd, (struct sockaddr *)&local, &length) == 0 &&
        address_from_sockaddr(&here, (struct sockaddr *)&local))
        path.local = here.ip;
    path.remote.tcp = (uint16_t)(slot + 1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof low); /* what is late waits here, not there */
    struct conn *c = g_new0(struct conn, 1);
    c->tcp = t;
    c->path = path;
    c->opened_us = c->heard_us = clock_us();
    c->watch = (struct watch){.fd = fd, .events = EPOLLIN, .ready_cb = conn_ready, .arg = c};
    t->conns[slot] = c;
    t->count++;
    t->env.counters->tcp_opened++;
    loop_add(t->env.loop, &c->watch);
}

static void tcp_ready(void *arg, uint32_t events)
{
    struct tcp *t = arg;
    (void)events;
    for (int i = 0; i < TCP_ACCEPTS; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd = accept4(t->listener.fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        tcp_take(t, fd, &from);
    }
}

static void tcp_tick(void *arg, int64_t now_us)
{
    struct tcp *t = arg;
    for (unsigned i = 0, seen = 0; i < TCP_CONNECTIONS && seen < t->count; i++) {
        struct conn *c = t->conns[i];
        if (!c)
            continue;
        bool late = !c->proved && now_us - c->opened_us > TCP_PROVE_MS * INT64_C(1000);
        bool silent = now_us - c->heard_us > TCP_SILENCE_MS * INT64_C(1000);
        if (late || silent || c->broken)
            conn_close(c);
        else
            seen++;
    }
    wheel_set(t->env.wheel, &t->timer, now_us + TCP_TICK_MS * INT64_C(1000));
}

static int tcp_listen(uint16_t port)
{
    int on = 1, off = 0, family = AF_INET6;
    struct address where = {.port = port};
    struct sockaddr_storage any;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    } else {
        family = AF_INET;
        address_parse(&where, "0.0.0.0", port);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
               sizeof on); /* a relay that starts anew is not kept waiting */
    socklen_t length = address_to_sockaddr(&where, family, &any);
    if (bind(fd, (struct sockaddr *)&any, length) == 0 && listen(fd, 256) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

struct tcp *tcp_open(const struct tcp_env *env, uint16_t port, int64_t now_us)
{
    int fd = tcp_listen(port);
    if (fd < 0)
        return NULL;
    struct tcp *t = g_new0(struct tcp, 1);
    t->env = *env;
    t->listener = (struct watch){.fd = fd, .events = EPOLLIN, .ready_cb = tcp_ready, .arg = t};
    t->timer = (struct timer){.fire_cb = tcp_tick, .arg = t};
    loop_add(env->loop, &t->listener);
    wheel_set(env->wheel, &t->timer, now_us + TCP_TICK_MS * INT64_C(1000));
    return t;
}

void tcp_close(struct tcp *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
        if (t->conns[i])
            conn_close(t->conns[i]);
    }
    wheel_stop(t->env.wheel, &t->timer);
    loop_remove(t->env.loop, &t->listener);
    close(t->listener.fd);
    g_free(t);
}
