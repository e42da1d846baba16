/* ICE-TCP: datagrams in frames, on real sockets; time is handed in. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { TURNS = 2000, TURN_US = 10000 };

struct desk {
    struct counters counters;
    struct loop *loop;
    struct wheel *wheel;
    struct port *port; /* for its number */
    struct tcp *tcp;
    GByteArray *got;  /* all datagrams, one after the other */
    unsigned count;   /* of them */
    struct path from; /* of the last */
    uint16_t number;
};

static void taken(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct desk *d = arg;
    g_byte_array_append(d->got, bytes, (guint)size);
    d->count++;
    d->from = *from;
}

static int setup(void **state)
{
    struct desk *d = g_new0(struct desk, 1);
    int64_t now_us = clock_us();
    d->loop = loop_new();
    d->wheel = wheel_new(now_us);
    d->port = port_open(0, &d->counters);
    d->number = port_number(d->port);
    d->got = g_byte_array_new();
    struct tcp_env env = {
        .loop = d->loop, .wheel = d->wheel, .counters = &d->counters, .datagram_cb = taken, .arg = d};
    d->tcp = tcp_open(&env, d->number, now_us);
    assert_non_null(d->tcp);
    port_use_tcp(d->port, d->tcp);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    tcp_close(d->tcp);
    port_close(d->port);
    wheel_free(d->wheel);
    loop_free(d->loop);
    g_byte_array_unref(d->got);
    g_free(d);
    return 0;
}

static int dial(const struct desk *d)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(d->number)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Turns the loop until the counter has the value. */
static void until(struct desk *d, const unsigned *counter, unsigned value)
{
    for (int i = 0; i < TURNS && *counter != value; i++) {
        loop_wait(d->loop, TURN_US);
        loop_run(d->loop);
    }
    assert_int_equal(*counter, value);
}

static void say(int fd, const uint8_t *bytes, size_t size)
{
    uint8_t head[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    assert_int_equal(write(fd, head, 2), 2);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
}

/* True when the other end closed it; the loop turns meanwhile. */
static bool is_closed(struct desk *d, int fd)
{
    char byte;
    for (int i = 0; i < TURNS; i++) {
        loop_wait(d->loop, TURN_US);
        loop_run(d->loop);
        ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return true;
    }
    return false;
}

static void frames_are_datagrams_wherever_they_are_cut(void **state)
{
    struct desk *d = *state;
    int fd = dial(d);
    uint8_t text[DATAGRAM_MAX], wire[3 * (2 + DATAGRAM_MAX)];
    size_t sizes[] = {1, DATAGRAM_MAX, 20}, end = 0;
    g_autoptr(GByteArray) all = g_byte_array_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        memset(text, 'a' + (int)i, sizeof text);
        wire[end] = (uint8_t)(sizes[i] >> 8);
        wire[end + 1] = (uint8_t)sizes[i];
        memcpy(wire + end + 2, text, sizes[i]);
        end += 2 + sizes[i];
        g_byte_array_append(all, text, (guint)sizes[i]);
    }
    for (size_t at = 0; at < end; at += 7) {
        assert_int_equal(write(fd, wire + at, MIN(7, end - at)), (ssize_t)MIN(7, end - at));
        loop_wait(d->loop, 0);
        loop_run(d->loop);
    }
    until(d, &d->count, 3);
    assert_int_equal(d->got->len, all->len);
    assert_memory_equal(d->got->data, all->data, all->len);
    assert_int_equal(d->from.remote.tcp, 1);
    close(fd);
}

static void what_is_placed_arrives_in_order(void **state)
{
    struct desk *d = *state;
    uint8_t wire[2 * (2 + 300)];
    int fd = dial(d);
    say(fd, (const uint8_t *)"x", 1);
    until(d, &d->count, 1);
    for (int i = 0; i < 2; i++) {
        uint8_t *place = port_place(d->port, &d->from, 300);
        assert_non_null(place);
        memset(place, '1' + i, 300);
    }
    tcp_flush(d->tcp);
    assert_int_equal(recv(fd, wire, sizeof wire, MSG_WAITALL), (ssize_t)sizeof wire);
    assert_int_equal(get16(wire), 300);
    assert_int_equal(wire[2], '1');
    assert_int_equal(get16(wire + 302), 300);
    assert_int_equal(wire[304], '2');
    close(fd);
}

static void a_bad_length_ends_the_connection(void **state)
{
    struct desk *d = *state;
    const uint8_t bad[][2] = {{0, 0}, {0xff, 0xff}, {(DATAGRAM_MAX + 1) >> 8, (DATAGRAM_MAX + 1) & 255}};
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        int fd = dial(d);
        assert_int_equal(write(fd, bad[i], 2), 2);
        assert_true(is_closed(d, fd));
        close(fd);
    }
    assert_int_equal(d->counters.datagrams_long, 3);
    assert_int_equal(d->count, 0);
}

/* An answer to a check does not wait for the media before it, nor does it cut a frame that has begun; not
 * even a full queue refuses it. */
static void what_is_sent_first_overtakes_the_queue_between_two_frames(void **state)
{
    struct desk *d = *state;
    int fd = dial(d);
    uint8_t *place, wire[2 + 1200], answer[32];
    unsigned placed = 0, media = 0, overtaken = 0, answers = 0;
    say(fd, (const uint8_t *)"x", 1);
    until(d, &d->count, 1);
    for (unsigned quiet = 0; quiet < 20;
         quiet = place ? 0 : quiet + 1) { /* until the kernel takes no more either */
        if ((place = port_place(d->port, &d->from, 1200)))
            memset(place, (int)(placed++ % 200), 1200);
        tcp_flush(d->tcp);
        if (!place)
            g_usleep(1000);
    }
    assert_true(d->counters.tcp_full > 0);
    for (int i = 0; i < 3; i++) {
        memset(answer, 201 + i, sizeof answer);
        port_send_first(d->port, &d->from, answer, sizeof answer);
    }
    assert_int_equal(d->counters.send_failed, 0);
    while (media < placed || answers < 3) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        while (poll(&p, 1, 0) == 0) {
            loop_wait(d->loop, TURN_US);
            loop_run(d->loop);
        }
        for (size_t got = 0, want = 2; got < want; want = 2 + (got >= 2 ? get16(wire) : 0)) {
            ssize_t n = recv(fd, wire + got, want - got, MSG_DONTWAIT);
            if (n > 0)
                got += (size_t)n;
            loop_wait(d->loop, 0);
            loop_run(d->loop);
        }
        if (get16(wire) == sizeof answer) {
            assert_int_equal(wire[2], 201 + answers);
            answers++;
            overtaken = placed - media;
        } else {
            assert_int_equal(get16(wire), 1200);
            assert_int_equal(wire[2], media % 200);
            assert_int_equal(wire[1201], media % 200);
            media++;
        }
    }
    assert_true(overtaken >= TCP_QUEUE_BYTES / 1202 - 2); /* all that was ours to overtake */
    close(fd);
}

static void one_that_does_not_read_is_told_full_and_the_other_is_not(void **state)
{
    struct desk *d = *state;
    int slow = dial(d), quick = dial(d);
    struct path to_slow, to_quick;
    uint8_t *place;
    unsigned placed = 0;
    say(slow, (const uint8_t *)"s", 1);
    until(d, &d->count, 1);
    to_slow = d->from;
    say(quick, (const uint8_t *)"q", 1);
    until(d, &d->count, 2);
    to_quick = d->from;
    while ((place = port_place(d->port, &to_slow, 1200)) && placed < 100000) {
        memset(place, 0, 1200);
        placed++;
        tcp_flush(d->tcp);
    }
    assert_null(place);
    assert_true(d->counters.tcp_full > 0);
    place = port_place(d->port, &to_quick, 3);
    assert_non_null(place);
    memcpy(place, "abc", 3);
    tcp_flush(d->tcp);
    uint8_t wire[5];
    assert_int_equal(recv(quick, wire, sizeof wire, MSG_WAITALL), 5);
    assert_memory_equal(wire + 2, "abc", 3);
    close(slow);
    close(quick);
}

static void a_stranger_who_proves_nothing_is_closed_in_time(void **state)
{
    struct desk *d = *state;
    int stranger = dial(d), known = dial(d);
    say(stranger, (const uint8_t *)"s", 1);
    until(d, &d->count, 1);
    say(known, (const uint8_t *)"k", 1);
    until(d, &d->count, 2);
    uint8_t *place = port_place(d->port, &d->from, 1); /* as an authentic check is answered */
    assert_non_null(place);
    *place = '!';
    tcp_flush(d->tcp);
    wheel_run(d->wheel, clock_us() + (TCP_PROVE_MS + 2000) * INT64_C(1000));
    assert_true(is_closed(d, stranger));
    say(known, (const uint8_t *)"k", 1);
    until(d, &d->count, 3);
    close(stranger);
    close(known);
}

static void the_path_of_a_gone_connection_leads_nowhere(void **state)
{
    struct desk *d = *state;
    int fd = dial(d);
    say(fd, (const uint8_t *)"a", 1);
    until(d, &d->count, 1);
    struct path gone = d->from;
    close(fd);
    fd = dial(d);
    say(fd, (const uint8_t *)"b", 1);
    until(d, &d->count, 2);
    struct path next = d->from;
    next.remote.tcp = gone.remote.tcp; /* should both be there at once */
    if (d->from.remote.tcp == gone.remote.tcp)
        assert_null(port_place(d->port, &gone, 10));
    else
        assert_null(port_place(d->port, &next, 10));
    next.remote.tcp = TCP_CONNECTIONS;
    assert_null(port_place(d->port, &next, 10));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_are_datagrams_wherever_they_are_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_placed_arrives_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bad_length_ends_the_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_first_overtakes_the_queue_between_two_frames, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_that_does_not_read_is_told_full_and_the_other_is_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_stranger_who_proves_nothing_is_closed_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(the_path_of_a_gone_connection_leads_nowhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
