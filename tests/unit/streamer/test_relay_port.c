/* The UDP socket: what is gathered into bursts arrives as the datagrams it was made of. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static bool full; /* the card takes nothing */

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    if (full) {
        errno = EAGAIN;
        return -1;
    }
    return __real_sendmmsg(fd, messages, count, flags);
}

struct desk {
    struct counters counters;
    struct port *port;
    int fd; /* a receiver */
    struct path to;
};

static int receiver(struct path *to)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    socklen_t size = sizeof where;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof where), 0);
    getsockname(fd, (struct sockaddr *)&where, &size);
    memset(to, 0, sizeof *to);
    address_from_sockaddr(&to->remote, (struct sockaddr *)&where);
    return fd;
}

static int setup(void **state)
{
    struct desk *d = g_new0(struct desk, 1);
    d->port = port_open(0, &d->counters);
    assert_non_null(d->port);
    d->fd = receiver(&d->to);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    port_close(d->port);
    close(d->fd);
    g_free(d);
    return 0;
}

static void put(struct desk *d, const struct path *to, size_t size, uint32_t number)
{
    uint8_t *place = port_place(d->port, to, size);
    assert_non_null(place);
    memset(place, (int)number, size);
    put32(place, number);
}

/* The size of the next datagram; its number must be the given one. */
static size_t take(int fd, uint32_t number)
{
    uint8_t bytes[2000];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 20000), 1);
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    assert_true(n >= 4);
    assert_int_equal(get32(bytes), number);
    assert_int_equal(bytes[n - 1], n > 4 ? (uint8_t)number : bytes[3]);
    return (size_t)n;
}

static void a_burst_arrives_as_datagrams(void **state)
{
    struct desk *d = *state;
    static const size_t sizes[] = {1200, 1200, 1200, 700, 1200, 1300, 90, 90, 4};
    for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        put(d, &d->to, sizes[i], i);
    port_flush(d->port);
    for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        assert_int_equal(take(d->fd, i), sizes[i]);
    assert_int_equal(d->counters.datagrams_out, G_N_ELEMENTS(sizes));
    assert_int_equal(d->counters.send_failed, 0);
}

static void bursts_for_several_do_not_mix(void **state)
{
    struct desk *d = *state;
    struct path other;
    int fd = receiver(&other);
    for (uint32_t i = 0; i < 40; i++) {
        put(d, &d->to, 500, i);
        put(d, &other, 500, 100 + i);
        put(d, &other, 500, 200 + i);
    }
    port_flush(d->port);
    for (uint32_t i = 0; i < 40; i++) {
        take(d->fd, i);
        take(fd, 100 + i);
        take(fd, 200 + i);
    }
    close(fd);
}

/* More than one batch and more than one burst hold; the port flushes by itself. */
static void a_long_run_is_cut_into_batches(void **state)
{
    struct desk *d = *state;
    for (uint32_t i = 0; i < 1500; i++) {
        put(d, &d->to, 1200, i);
        if (i % 100 == 99) { /* the receiver keeps up */
            port_flush(d->port);
            for (uint32_t j = i - 99; j <= i; j++)
                assert_int_equal(take(d->fd, j), 1200);
        }
    }
    assert_int_equal(d->counters.datagrams_out, 1500);
}

static void nobody_there_harms_nobody_else(void **state)
{
    struct desk *d = *state;
    struct path nowhere = {0};
    address_parse(&nowhere.remote, "255.255.255.255", 9); /* refused by the kernel: no broadcast */
    put(d, &d->to, 100, 1);
    put(d, &nowhere, 100, 2);
    put(d, &nowhere, 100, 3);
    put(d, &d->to, 100, 4);
    port_flush(d->port);
    take(d->fd, 1);
    take(d->fd, 4);
    assert_int_equal(d->counters.send_failed, 2);
    assert_false(port_is_blocked(d->port));
}

struct heard {
    unsigned count;
    size_t size;
    struct path from;
};

static void hear(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct heard *h = arg;
    (void)bytes;
    h->count++;
    h->size = size;
    h->from = *from;
}

static void what_comes_in_has_both_addresses_and_no_giants(void **state)
{
    struct desk *d = *state;
    struct heard h = {0};
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port_number(d->port))};
    uint8_t bytes[DATAGRAM_MAX + 200] = {1};
    struct pollfd p = {.fd = port_fd(d->port), .events = POLLIN};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static const size_t sizes[] = {sizeof bytes, DATAGRAM_MAX + 1, DATAGRAM_MAX};
    for (size_t i = 0; i < 3; i++)
        sendto(d->fd, bytes, sizes[i], 0, (struct sockaddr *)&where, sizeof where);
    for (int i = 0; i < 100 && h.count < 1; i++) {
        poll(&p, 1, 200);
        port_read(d->port, hear, &h);
    }
    assert_int_equal(h.count, 1);
    assert_int_equal(h.size, DATAGRAM_MAX);
    assert_int_equal(d->counters.datagrams_long, 2);
    assert_true(address_equal(&h.from.remote, &d->to.remote));
    assert_int_equal(h.from.local.s6_addr[12], 127);
    put(d, &h.from, 50, 7); /* the way back, from the address that was written to */
    port_flush(d->port);
    take(d->fd, 7);
}

struct moment {
    const struct port *port;
    int64_t came_us;
};

static void note_moment(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct moment *m = arg;
    (void)bytes, (void)size, (void)from;
    m->came_us = port_came_us(m->port);
}

/* The kernel begins to stamp a moment after it is asked to: tried until it does. */
static void what_was_read_late_did_not_come_late(void **state)
{
    struct desk *d = *state;
    struct moment m = {.port = d->port};
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port_number(d->port))};
    uint8_t byte = 1;
    bool right = false;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 200 && !right; i++) {
        int64_t before_us = g_get_monotonic_time();
        sendto(d->fd, &byte, 1, 0, (struct sockaddr *)&where, sizeof where);
        int64_t after_us = g_get_monotonic_time();
        g_usleep(30000);
        port_read(d->port, note_moment, &m);
        right = m.came_us >= before_us - 1000 && m.came_us <= after_us + 1000;
    }
    assert_true(right);
}

struct list {
    unsigned count;
    size_t sizes[16];
    uint32_t numbers[16];
};

static void list_one(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct list *l = arg;
    (void)from;
    assert_true(l->count < G_N_ELEMENTS(l->sizes));
    l->sizes[l->count] = size;
    l->numbers[l->count++] = get32(bytes);
}

/* From our own port to another one: the sender's burst stays whole on its way and is cut up by the reader. */
static void a_burst_that_comes_whole_is_cut_up(void **state)
{
    struct desk *d = *state;
    static const size_t sizes[] = {1200, 1200, 1200, 700, 90, 90, 33};
    struct list l = {0};
    struct counters counters = {0};
    struct port *other = port_open(0, &counters);
    struct pollfd p = {.fd = port_fd(other), .events = POLLIN};
    struct path to = {0};
    address_parse(&to.remote, "127.0.0.1", port_number(other));
    for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        put(d, &to, sizes[i], i);
    port_flush(d->port);
    for (int i = 0; i < 100 && l.count < G_N_ELEMENTS(sizes); i++) {
        poll(&p, 1, 200);
        port_read(other, list_one, &l);
    }
    assert_int_equal(l.count, G_N_ELEMENTS(sizes));
    for (uint32_t i = 0; i < l.count; i++) {
        assert_int_equal(l.sizes[i], sizes[i]);
        assert_int_equal(l.numbers[i], i);
    }
    assert_int_equal(counters.datagrams_in, G_N_ELEMENTS(sizes));
    port_close(other);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* A batch's worth of media waits for the card, and no more is taken; what tells a peer that we are there
 * still is, and leaves before all of it. */
static void what_is_sent_first_overtakes_what_a_full_socket_holds(void **state)
{
    struct desk *d = *state;
    struct path other;
    uint8_t answer[32] = {0};
    uint32_t media = 0;
    int fd = receiver(&other);
    full = true;
    for (uint8_t *place; media < 10000; media++) { /* by turns, so that nothing joins */
        if (!(place = port_place(d->port, media % 2 ? &other : &d->to, 100)))
            break;
        memset(place, (int)media, 100);
        put32(place, media);
    }
    assert_int_equal(media, PORT_BATCH_MESSAGES);
    assert_true(port_is_blocked(d->port));
    for (uint32_t i = 0; i < PORT_FIRST_MESSAGES; i++) {
        memset(answer, (int)(1000 + i), sizeof answer);
        put32(answer, 1000 + i);
        port_send_first(d->port, &d->to, answer, sizeof answer);
    }
    assert_int_equal(d->counters.send_failed, 0);
    port_send_first(d->port, &d->to, answer, sizeof answer); /* that has its limit, too */
    assert_int_equal(d->counters.send_failed, 1);
    full = false;
    port_flush(d->port);
    for (uint32_t i = 0; i < PORT_FIRST_MESSAGES; i++)
        assert_int_equal(take(d->fd, 1000 + i), sizeof answer);
    for (uint32_t i = 0; i < media; i++)
        assert_int_equal(take(i % 2 ? fd : d->fd, i), 100);
    put(d, &d->to, 60, 7);
    port_flush(d->port);
    take(d->fd, 7);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_burst_arrives_as_datagrams),
        STAGED(bursts_for_several_do_not_mix),
        STAGED(a_long_run_is_cut_into_batches),
        STAGED(nobody_there_harms_nobody_else),
        STAGED(what_was_read_late_did_not_come_late),
        STAGED(a_burst_that_comes_whole_is_cut_up),
        STAGED(what_comes_in_has_both_addresses_and_no_giants),
        cmocka_unit_test_setup_teardown(what_is_sent_first_overtakes_what_a_full_socket_holds, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
