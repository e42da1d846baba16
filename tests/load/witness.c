/* witness.c: sees every packet this machine sends or passes on, on all interfaces (AF_PACKET, so
 * CAP_NET_RAW), and counts those that go where none may go: to one of the addresses or ports named, or with
 * one of the words named inside (a name that is being looked up, say). Runs until its standard input ends,
 * then prints
 * {"seen":N,"dropped":N,"hits":[{"what":WHAT,"count":N},…]}; "ready" comes first, "dropped"
 * are packets it was too slow for. IPv4 and IPv6. */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HITS = 16, BUFFER = 64 << 20, PORTS = 4 };

struct hit {
    const char *what;
    struct in6_addr address; /* IPv4 mapped; any: every one */
    uint16_t port, from;     /* 0: every one */
    const char *word;        /* instead of both */
    uint64_t count;
};

struct packet {
    struct in6_addr to;
    uint16_t port, from; /* 0: neither UDP nor TCP */
    const uint8_t *payload;
    size_t size;
};

static struct hit hits[HITS];
static unsigned hits_count;
static uint64_t seen;

/* "ADDRESS", "ADDRESS PORT" or "ADDRESS PORT FROM-PORT"; the address may be "*" */
static bool hit_add(const char *what, bool word)
{
    struct hit *h = &hits[hits_count];
    struct in_addr v4;
    if (hits_count == HITS)
        return false;
    *h = (struct hit){.what = what, .word = word ? what : NULL};
    hits_count++;
    if (word)
        return *what != '\0';
    g_auto(GStrv) parts = g_strsplit(what, " ", 3);
    guint count = g_strv_length(parts);
    h->port = count > 1 ? (uint16_t)g_ascii_strtoull(parts[1], NULL, 10) : 0;
    h->from = count > 2 ? (uint16_t)g_ascii_strtoull(parts[2], NULL, 10) : 0;
    if (count == 0)
        return false;
    if (inet_pton(AF_INET, parts[0], &v4) == 1) {
        h->address.s6_addr[10] = h->address.s6_addr[11] = 0xff;
        memcpy(h->address.s6_addr + 12, &v4, 4);
        return true;
    }
    return g_str_equal(parts[0], "*") ? h->port != 0 : inet_pton(AF_INET6, parts[0], &h->address) == 1;
}

/* Extension headers of IPv6 are not walked: then there is no port, only an address. */
static bool packet_read(struct packet *p, int protocol, const uint8_t *bytes, size_t size)
{
    size_t head;
    uint8_t next;
    *p = (struct packet){0};
    if (protocol == ETHERTYPE_IP && size >= sizeof(struct iphdr) && (size_t)(bytes[0] & 15) * 4 <= size) {
        head = (size_t)(bytes[0] & 15) * 4;
        next = bytes[9];
        p->to.s6_addr[10] = p->to.s6_addr[11] = 0xff;
        memcpy(p->to.s6_addr + 12, bytes + 16, 4);
    } else if (protocol == ETHERTYPE_IPV6 && size >= sizeof(struct ip6_hdr)) {
        head = sizeof(struct ip6_hdr);
        next = bytes[6];
        memcpy(&p->to, bytes + 24, sizeof p->to);
    } else {
        return false;
    }
    p->payload = bytes + head;
    p->size = size - head;
    if ((next == IPPROTO_UDP || next == IPPROTO_TCP) && p->size >= PORTS) {
        p->from = (uint16_t)(p->payload[0] << 8 | p->payload[1]);
        p->port = (uint16_t)(p->payload[2] << 8 | p->payload[3]);
    }
    return true;
}

static bool hit_fits(const struct hit *h, const struct packet *p)
{
    if (h->word)
        return memmem(p->payload, p->size, h->word, strlen(h->word)) != NULL;
    return (IN6_IS_ADDR_UNSPECIFIED(&h->address) || IN6_ARE_ADDR_EQUAL(&h->address, &p->to)) &&
           (h->port == 0 || h->port == p->port) && (h->from == 0 || h->from == p->from);
}

/* One packet; false when none waits. */
static bool take(int fd)
{
    static uint8_t bytes[65536];
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    struct packet p;
    ssize_t n = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    if (n <= 0)
        return false;
    if (packet_read(&p, ntohs(from.sll_protocol), bytes, (size_t)n)) {
        seen++;
        for (unsigned i = 0; i < hits_count; i++)
            hits[i].count += hit_fits(&hits[i], &p);
    }
    return true;
}

/* What arrives is not looked at: on loopback it is what was sent, once more. */
static bool only_what_leaves(int fd)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog filter = {G_N_ELEMENTS(steps), steps};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

/* A socket that hears everything, with room for what comes while others have the processor; -1: may not. */
static int listen_to_all(void)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = BUFFER;
    const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setpriority(PRIO_PROCESS, 0, -10);
    if (only_what_leaves(fd) && bind(fd, (const struct sockaddr *)&all, sizeof all) == 0)
        return fd;
    close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    bool good = argc > 1;
    for (int i = 1; i + 1 < argc && good; i += 2)
        good = (g_str_equal(argv[i], "--to") || g_str_equal(argv[i], "--word")) &&
               hit_add(argv[i + 1], g_str_equal(argv[i], "--word"));
    if (!good || argc % 2 == 0) {
        fputs("usage: witness {--to \"ADDRESS|* [PORT [FROM-PORT]]\" | --word TEXT}…\n", stderr);
        return 2;
    }
    int fd = listen_to_all();
    if (fd < 0) {
        fprintf(stderr, "witness: %s\n", g_strerror(errno));
        return 1;
    }
    puts("ready");
    fflush(stdout);
    struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    char byte;
    while (poll(wait, 2, -1) > 0) {
        if (wait[0].revents)
            while (take(fd)) {
            }
        else if (wait[1].revents && read(STDIN_FILENO, &byte, 1) <= 0)
            break; /* and nothing waits to be looked at */
    }
    struct tpacket_stats stats = {0};
    socklen_t length = sizeof stats;
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length);
    printf("{\"seen\":%" PRIu64 ",\"dropped\":%u,\"hits\":[", seen, stats.tp_drops);
    for (unsigned i = 0; i < hits_count; i++)
        printf("%s{\"what\":\"%s\",\"count\":%" PRIu64 "}", i ? "," : "", hits[i].what, hits[i].count);
    puts("]}");
    close(fd);
    return 0;
}
