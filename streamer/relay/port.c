/* port.c: recvmmsg in, sendmmsg with UDP_SEGMENT out. A burst the kernel refuses as a burst (a path with a
 * smaller MTU, a card without checksums) is sent again datagram by datagram. */
#include "streamer/relay/port.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/srtp.h"
#include "streamer/relay/tcp.h"

#include <errno.h>
#include <glib.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PORT_CONTROL = 128, PORT_SOCKET_BUFFER = 4 * 1024 * 1024, PORT_OLD_US = 1000000 };
enum { PORT_MESSAGES = PORT_BATCH_MESSAGES + PORT_FIRST_MESSAGES };

struct burst { /* one message of the batch */
    struct path to;
    size_t start, size; /* in the arena */
    size_t segment;     /* size of its datagrams, the last may be shorter */
    unsigned count;
    bool closed; /* a shorter one ended it */
};

struct port {
    int fd, family;
    uint16_t number;
    bool gso, blocked;
    struct counters *counters;
    struct tcp *tcp; /* NULL: none */
    /* sending */
    unsigned first, count; /* bursts [first, count) wait */
    unsigned ahead;        /* those of them before this one overtook the others */
    size_t used;           /* bytes of the arena */
    struct burst bursts[PORT_MESSAGES];
    uint8_t *arena;
    /* pace: bytes that may leave now; below nothing they are waited for */
    uint64_t pace;
    int64_t credit, credit_us;
    /* reading */
    int64_t read_us, read_wall_us; /* when the batch was read, by both clocks */
    int64_t came_us;
    struct mmsghdr in[DATAGRAM_BATCH];
    struct iovec in_vec[DATAGRAM_BATCH];
    struct sockaddr_storage in_from[DATAGRAM_BATCH];
    union {
        struct cmsghdr align;
        uint8_t bytes[PORT_CONTROL];
    } in_control[DATAGRAM_BATCH], out_control[PORT_MESSAGES];
    uint8_t in_bytes[DATAGRAM_BATCH][PORT_GRO_BYTES]; /* of most only the first page is ever touched */
};

static bool port_bind(struct port *p, uint16_t udp_port)
{
    int on = 1, off = 0, size = PORT_SOCKET_BUFFER;
    struct sockaddr_storage any = {.ss_family = AF_INET6};
    p->family = AF_INET6;
    p->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd >= 0) {
        setsockopt(p->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        setsockopt(p->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    } else {
        p->family = AF_INET;
        p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        any.ss_family = AF_INET;
        if (p->fd < 0)
            return false;
    }
    if (p->family == AF_INET)
        setsockopt(p->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(p->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on); /* older kernels: one by one */
    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct address where = {.port = udp_port};
    if (p->family == AF_INET)
        address_parse(&where, "0.0.0.0", udp_port);
    socklen_t length = address_to_sockaddr(&where, p->family, &any);
    if (bind(p->fd, (struct sockaddr *)&any, length) != 0)
        return false;
    length = sizeof any;
    getsockname(p->fd, (struct sockaddr *)&any, &length);
    address_from_sockaddr(&where, (struct sockaddr *)&any);
    p->number = where.port;
    return true;
}

struct port *port_open(uint16_t udp_port, struct counters *counters)
{
    struct port *p = g_new0(struct port, 1);
    int segment = 0;
    socklen_t size = sizeof segment;
    p->counters = counters;
    p->arena = g_malloc(PORT_BATCH_BYTES + PORT_FIRST_MESSAGES * DATAGRAM_MAX);
    if (!port_bind(p, udp_port)) {
        int saved = errno;
        port_close(p);
        errno = saved;
        return NULL;
    }
    p->gso = getsockopt(p->fd, IPPROTO_UDP, UDP_SEGMENT, &segment, &size) == 0;
    return p;
}

void port_close(struct port *p)
{
    if (!p)
        return;
    if (p->fd >= 0)
        close(p->fd);
    srtp_finish(); /* nothing may be written there later */
    g_free(p->arena);
    g_free(p);
}

int port_fd(const struct port *p)
{
    return p->fd;
}

uint16_t port_number(const struct port *p)
{
    return p->number;
}

void port_use_tcp(struct port *p, struct tcp *tcp)
{
    p->tcp = tcp;
}

/* The kernel stamps with the wall's clock: how long ago that was holds by ours. A stamp that makes no sense
 * (the wall's clock was just set) is taken for now. */
static void port_note_time(struct port *p, const struct cmsghdr *c)
{
    struct timespec stamp;
    memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    int64_t ago_us = p->read_wall_us - ((int64_t)stamp.tv_sec * 1000000 + stamp.tv_nsec / 1000);
    if (ago_us > 0 && ago_us < PORT_OLD_US)
        p->came_us = p->read_us - ago_us;
}

/* Our address, when it came, and into what pieces a burst is to be cut; 0: it is one datagram. */
static size_t port_read_control(struct port *p, struct msghdr *m, struct path *out)
{
    int segment = 0;
    p->came_us = p->read_us;
    memset(&out->local, 0, sizeof out->local);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            out->local = info.ipi6_addr;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            out->local.s6_addr[10] = out->local.s6_addr[11] = 0xff;
            memcpy(&out->local.s6_addr[12], &info.ipi_addr, 4);
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            memcpy(&segment, CMSG_DATA(c), sizeof segment);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            port_note_time(p, c);
        }
    }
    return segment > 0 ? (size_t)segment : 0;
}

static void port_read_prepare(struct port *p)
{
    for (int i = 0; i < DATAGRAM_BATCH; i++) {
        p->in_vec[i] = (struct iovec){.iov_base = p->in_bytes[i], .iov_len = PORT_GRO_BYTES};
        p->in[i].msg_hdr = (struct msghdr){.msg_name = &p->in_from[i],
                                           .msg_namelen = sizeof p->in_from[i],
                                           .msg_iov = &p->in_vec[i],
                                           .msg_iovlen = 1,
                                           .msg_control = p->in_control[i].bytes,
                                           .msg_controllen = PORT_CONTROL};
    }
}

int64_t port_came_us(const struct port *p)
{
    return p->came_us;
}

static void port_take(struct port *p, uint8_t *bytes, size_t size, const struct path *from,
                      port_datagram_cb datagram_cb, void *arg)
{
    p->counters->datagrams_in++;
    if (size == 0 || size > DATAGRAM_MAX)
        p->counters->datagrams_long++;
    else
        datagram_cb(arg, bytes, size, from);
}

bool port_read(struct port *p, port_datagram_cb datagram_cb, void *arg)
{
    port_read_prepare(p);
    int n = recvmmsg(p->fd, p->in, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
    p->read_us = clock_us();
    p->read_wall_us = clock_wall_us();
    for (int i = 0; i < n; i++) {
        struct path from;
        size_t size = p->in[i].msg_len, at = 0;
        if (!address_from_sockaddr(&from.remote, (struct sockaddr *)&p->in_from[i]))
            continue;
        size_t segment = port_read_control(p, &p->in[i].msg_hdr, &from);
        if (segment == 0)
            segment = size;
        do {
            port_take(p, p->in_bytes[i] + at, MIN(segment, size - at), &from, datagram_cb, arg);
            at += segment;
        } while (at < size);
    }
    return n == DATAGRAM_BATCH;
}

static void port_add_control(struct msghdr *m, int level, int type, const void *data, size_t size)
{
    struct cmsghdr *c = (struct cmsghdr *)(void *)((uint8_t *)m->msg_control + m->msg_controllen);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), data, size);
    m->msg_controllen += CMSG_SPACE(size);
}

static void port_add_local(const struct port *p, struct msghdr *m, const struct in6_addr *local)
{
    if (IN6_IS_ADDR_UNSPECIFIED(local))
        return;
    if (p->family == AF_INET6) {
        struct in6_pktinfo info = {.ipi6_addr = *local};
        port_add_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    } else {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, &local->s6_addr[12], 4);
        port_add_control(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
}

static bool port_message(struct port *p, const struct burst *b, struct msghdr *m, struct iovec *vec,
                         struct sockaddr_storage *to, uint8_t *control)
{
    *vec = (struct iovec){.iov_base = p->arena + b->start, .iov_len = b->size};
    *m = (struct msghdr){.msg_name = to, .msg_iov = vec, .msg_iovlen = 1, .msg_control = control};
    m->msg_namelen = address_to_sockaddr(&b->to.remote, p->family, to);
    port_add_local(p, m, &b->to.local);
    if (b->count > 1) {
        uint16_t segment = (uint16_t)b->segment;
        port_add_control(m, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
    if (m->msg_controllen == 0)
        m->msg_control = NULL;
    return m->msg_namelen > 0;
}

/* One by one: for a burst that was refused, and where there is no GSO at all. */
static void port_send_single(struct port *p, const struct burst *b)
{
    struct sockaddr_storage to;
    struct msghdr m;
    struct iovec vec;
    union {
        struct cmsghdr align;
        uint8_t bytes[PORT_CONTROL];
    } control;
    for (size_t at = 0; at < b->size; at += b->segment) {
        struct burst one = {
            .to = b->to, .start = b->start + at, .size = MIN(b->segment, b->size - at), .count = 1};
        if (!port_message(p, &one, &m, &vec, &to, control.bytes) || sendmsg(p->fd, &m, MSG_DONTWAIT) < 0)
            p->counters->send_failed++;
        else
            p->counters->datagrams_out++;
    }
}

static void port_refused(struct port *p, const struct burst *b, int why)
{
    if (b->count > 1) {
        if (why == EIO)
            p->gso = false;
        port_send_single(p, b);
    } else {
        p->counters->send_failed++;
    }
}

/* Sends bursts [first, count); stops at a full socket. */
static void port_send_batch(struct port *p)
{
    struct mmsghdr out[PORT_MESSAGES];
    struct iovec vec[PORT_MESSAGES];
    struct sockaddr_storage to[PORT_MESSAGES];
    unsigned first = p->first;
    for (unsigned i = first; i < p->count; i++)
        port_message(p, &p->bursts[i], &out[i].msg_hdr, &vec[i], &to[i], p->out_control[i].bytes);
    while (p->first < p->count) {
        int n = sendmmsg(p->fd, out + p->first, p->count - p->first, MSG_DONTWAIT);
        if (n > 0) {
            for (int i = 0; i < n; i++)
                p->counters->datagrams_out += p->bursts[p->first + (unsigned)i].count;
            p->first += (unsigned)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            p->blocked = true;
            p->counters->send_blocked++;
            return;
        } else if (errno != EINTR) {
            port_refused(p, &p->bursts[p->first], errno);
            p->first++;
        }
    }
}

void port_flush(struct port *p)
{
    p->blocked = false;
    if (p->first < p->count) {
        enum meter_stage before = meter_enter(&p->counters->meter, METER_SEAL);
        srtp_finish();
        meter_enter(&p->counters->meter, METER_SEND);
        port_send_batch(p);
        meter_enter(&p->counters->meter, before);
    }
    if (p->first == p->count)
        p->first = p->count = p->ahead = 0, p->used = 0;
}

bool port_is_blocked(const struct port *p)
{
    return p->blocked;
}

/* A datagram no longer than the burst's first may join it; a shorter one is its last. */
static bool port_fits(const struct port *p, const struct burst *b, const struct path *to, size_t size)
{
    return p->gso && !b->closed && size <= b->segment && b->count < PORT_SEGMENTS &&
           b->size + size <= PORT_BURST_BYTES && memcmp(&b->to, to, sizeof *to) == 0;
}

uint8_t *port_place(struct port *p, const struct path *to, size_t size)
{
    if (to->remote.tcp)
        return p->tcp ? tcp_place(p->tcp, to, size) : NULL;
    bool joins = p->count > p->first && port_fits(p, &p->bursts[p->count - 1], to, size);
    if (p->used + size > PORT_BATCH_BYTES || (!joins && p->count >= PORT_BATCH_MESSAGES)) {
        if (!p->blocked)
            port_flush(p);
        if (p->count > 0)
            return NULL;
        joins = false;
    }
    if (!joins)
        p->bursts[p->count++] = (struct burst){.to = *to, .start = p->used, .segment = size};
    struct burst *b = &p->bursts[p->count - 1];
    uint8_t *place = p->arena + p->used;
    b->closed = size < b->segment;
    b->size += size;
    b->count++;
    p->used += size;
    p->credit -= (int64_t)size;
    return place;
}

void port_set_pace(struct port *p, uint64_t bytes_per_second)
{
    p->pace = bytes_per_second;
    p->credit = 0;
}

bool port_is_paced(struct port *p, int64_t now_us)
{
    if (!p->pace)
        return false;
    int64_t most = (int64_t)(p->pace * PORT_PACE_MS / 1000);
    int64_t passed_us = MIN(now_us - p->credit_us, PORT_PACE_MS * INT64_C(1000));
    p->credit = MIN(p->credit + passed_us * (int64_t)p->pace / 1000000, most);
    p->credit_us = now_us;
    return p->credit <= 0;
}

void port_send(struct port *p, const struct path *to, const uint8_t *bytes, size_t size)
{
    uint8_t *place = port_place(p, to, size);
    if (place)
        memcpy(place, bytes, size);
    else
        p->counters->send_failed++;
}

/* Only a full socket makes anything wait: else the batch leaves within this turn of the loop, in whatever
 * order. */
void port_send_first(struct port *p, const struct path *to, const uint8_t *bytes, size_t size)
{
    if (to->remote.tcp && p->tcp) {
        tcp_send_first(p->tcp, to, bytes, size);
        return;
    }
    if (!p->blocked || to->remote.tcp) {
        port_send(p, to, bytes, size);
        return;
    }
    if (p->count == PORT_MESSAGES || size > DATAGRAM_MAX ||
        p->used + size > PORT_BATCH_BYTES + PORT_FIRST_MESSAGES * DATAGRAM_MAX) {
        p->counters->send_failed++;
        return;
    }
    unsigned at = p->ahead = MAX(p->ahead, p->first);
    memmove(&p->bursts[at + 1], &p->bursts[at], (p->count - at) * sizeof p->bursts[0]);
    p->bursts[at] = (struct burst){
        .to = *to, .start = p->used, .size = size, .segment = size, .count = 1, .closed = true};
    p->ahead++;
    memcpy(p->arena + p->used, bytes, size);
    p->used += size;
    p->count++;
}
