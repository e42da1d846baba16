/* badnet.c: a cable between this network namespace and a new one, with weather on it: packets of any kind
 * (UDP, TCP, ICMP) go through two TUN devices and this program between them. `nsenter --net=/proc/PID/ns/net
 * PROGRAM` is a machine at the far end; the namespace ends with its last program. Needs root (CAP_NET_ADMIN).
 * IPv4, network 10.A.B.0/24: .1 is this end, .2 the far one.
 *
 * "ready PID SERVER CLIENT" on stdout, then commands of weather.h on stdin, and: "move": from now on all of
 * the far end comes from another address and other ports (a phone that left the Wi-Fi: what NAT does to it);
 * "readdress": the far end's device really gets another address; "stats". */
#include "tests/load/base/clock.h"
#include "tests/load/link/orders.h"
#include "tests/load/link/weather.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET = 2048, MTU = 1500, HERE = 1, FAR = 2, MOVES_MAX = 200, MOVE_PORTS = 97, QUEUE = 2000 };

static struct weather *weather;
static int tun[WAYS];    /* tun[UP]: read what the far end sends; tun[DOWN]: what this end sends */
static uint32_t network; /* host order, …0 */
static unsigned moves;
static unsigned far_host = FAR;
static char device[WAYS][IFNAMSIZ];
static int far_socket; /* in the far namespace, to talk about its device */
static volatile sig_atomic_t interrupted;

static bool device_request(int fd, unsigned long what, const char *name, struct ifreq *r)
{
    g_strlcpy(r->ifr_name, name, sizeof r->ifr_name);
    return ioctl(fd, what, r) == 0;
}

static bool device_address(int fd, unsigned long what, const char *name, uint32_t address)
{
    struct ifreq r = {0};
    const struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    memcpy(&r.ifr_addr, &a, sizeof a);
    return device_request(fd, what, name, &r);
}

static bool device_up(int fd, const char *name)
{
    struct ifreq r = {0};
    if (!device_request(fd, SIOCGIFFLAGS, name, &r))
        return false;
    r.ifr_flags |= IFF_UP | IFF_RUNNING;
    return device_request(fd, SIOCSIFFLAGS, name, &r);
}

/* The address takes the old one's place, and its routes with it. */
static bool device_place(int fd, const char *name, unsigned host)
{
    return device_address(fd, SIOCSIFADDR, name, network + host) &&
           device_address(fd, SIOCSIFNETMASK, name, 0xffffff00U);
}

static bool device_default_route(int fd, char *name)
{
    struct rtentry r = {.rt_flags = RTF_UP, .rt_dev = name};
    const struct sockaddr_in any = {.sin_family = AF_INET};
    memcpy(&r.rt_dst, &any, sizeof any);
    memcpy(&r.rt_genmask, &any, sizeof any);
    return ioctl(fd, SIOCADDRT, &r) == 0;
}

/* A TUN device in the namespace we are in; the descriptor is the cable's end. */
static bool device_make(enum way way, unsigned host)
{
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    struct ifreq longer = {.ifr_qlen = QUEUE};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tun[way] = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    const bool made = fd >= 0 && tun[way] >= 0 && device_request(tun[way], TUNSETIFF, device[way], &r) &&
                      device_request(fd, SIOCSIFTXQLEN, device[way], &longer) &&
                      device_place(fd, device[way], host) && device_up(fd, device[way]);
    if (way == UP)
        far_socket = fd;
    else
        close(fd);
    return made;
}

static bool cable_lay(unsigned a, unsigned b)
{
    network = 10U << 24 | (a & 255) << 16 | (b & 255) << 8;
    g_snprintf(device[DOWN], IFNAMSIZ, "far%u-%u", a & 255, b & 255);
    g_snprintf(device[UP], IFNAMSIZ, "radio0");
    return device_make(DOWN, HERE) && unshare(CLONE_NEWNET) == 0 && device_make(UP, FAR) &&
           device_up(far_socket, "lo") && device_default_route(far_socket, device[UP]);
}

/* ---- the moved phone: addresses and ports are exchanged on the way, checksums with them (RFC 1624) ---- */

static void sum_change(uint8_t *sum, uint16_t was, uint16_t is)
{
    uint32_t s = (uint32_t)(uint16_t) ~(sum[0] << 8 | sum[1]) + (uint16_t)~was + is;
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    sum[0] = (uint8_t)(~s >> 8);
    sum[1] = (uint8_t)~s;
}

static void half_change(uint8_t *at, int by, uint8_t *sum1, uint8_t *sum2)
{
    const uint16_t was = (uint16_t)(at[0] << 8 | at[1]), is = (uint16_t)(was + by);
    at[0] = (uint8_t)(is >> 8);
    at[1] = (uint8_t)is;
    if (sum1)
        sum_change(sum1, was, is);
    if (sum2)
        sum_change(sum2, was, is);
}

static void translate(uint8_t *p, size_t length, enum way way)
{
    const size_t head = (p[0] & 15) * 4U;
    if (moves == 0)
        return;
    const bool udp = p[9] == IPPROTO_UDP && length >= head + 8,
               tcp = p[9] == IPPROTO_TCP && length >= head + 20;
    uint8_t *sum = udp ? p + head + 6 : tcp ? p + head + 16 : NULL;
    if (udp && sum[0] == 0 && sum[1] == 0)
        sum = NULL; /* sent without one */
    const int sign = way == UP ? 1 : -1;
    half_change(p + (way == UP ? 14 : 18), sign * (int)moves, p + 10, sum); /* the address' lower half */
    if (udp || tcp)
        half_change(p + head + (way == UP ? 0 : 2), sign * (int)(moves * MOVE_PORTS), sum, NULL);
}

/* ---- the cable ---- */

static void read_end(enum way way)
{
    static uint8_t bytes[PACKET];
    const int64_t now_us = clock_us();
    for (ssize_t n; (n = read(tun[way], bytes, sizeof bytes)) > 0;) {
        if ((size_t)n < sizeof(struct iphdr) || bytes[0] >> 4 != 4)
            continue; /* IPv6's neighbours are not at home */
        translate(bytes, (size_t)n, way);
        weather_take(weather, way, NULL, bytes, (size_t)n, now_us);
    }
}

static bool obey(const char *line)
{
    if (g_str_equal(line, "stats")) {
        orders_print(weather_stats(weather));
        return true;
    }
    if (g_str_equal(line, "move") && moves < MOVES_MAX) {
        moves++;
        return true;
    }
    if (g_str_equal(line, "readdress") && far_host < MOVES_MAX) {
        return device_place(far_socket, device[UP], ++far_host) &&
               device_default_route(far_socket, device[UP]);
    }
    return weather_command(weather, line);
}

static void turn(void)
{
    struct pollfd ends[3] = {{.fd = tun[UP], .events = POLLIN},
                             {.fd = tun[DOWN], .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
    const int64_t us = weather_wait_us(weather, clock_us(), 1000000);
    const struct timespec wait = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    struct packet *p;
    if (ppoll(ends, 3, &wait, NULL) > 0) {
        for (int way = 0; way < WAYS; way++)
            if (ends[way].revents)
                read_end((enum way)way);
        if (ends[2].revents && !orders_read(obey))
            interrupted = 1; /* whoever laid the cable is gone */
    }
    while ((p = weather_arrived(weather, clock_us()))) {
        if (write(tun[p->way == UP ? DOWN : UP], p->bytes, p->length) < 0 && errno != EAGAIN && errno != EIO)
            fprintf(stderr, "badnet: %s\n", g_strerror(errno));
        g_free(p);
    }
}

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* A cable does not wait for a processor: one that stood still for 12 ms handed two probes of a browser over at
 * once, which then knew nothing of its line. Where it is not allowed, the cable is as good as the machine. */
static void cable_hurry(void)
{
    const struct sched_param first = {.sched_priority = 1};
    (void)sched_setscheduler(0, SCHED_RR, &first);
}

int main(int argc, char **argv)
{
    int a = 99, b = 0;
    const GOptionEntry entries[] = {
        {"a", 0, 0, G_OPTION_ARG_INT, &a, "second number of the network (default 99)", "A"},
        {"b", 0, 0, G_OPTION_ARG_INT, &b, "third number (default 0)", "B"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- a bad network to a namespace of its own");
    g_option_context_set_summary(context, "Commands on stdin: " WEATHER_HELP "move; readdress; stats");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, weather_options(), NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "badnet: %s\n", error->message);
        return 2;
    }
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    weather = weather_new();
    cable_hurry();
    if (!cable_lay((unsigned)a, (unsigned)b)) {
        fprintf(stderr, "badnet: cannot lay the cable: %s\n", g_strerror(errno));
        return 1;
    }
    printf("ready %d 10.%d.%d.%d 10.%d.%d.%d\n", (int)getpid(), a & 255, b & 255, HERE, a & 255, b & 255,
           FAR);
    fflush(stdout);
    while (!interrupted)
        turn();
    weather_free(weather);
    return 0;
}
