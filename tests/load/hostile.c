/* hostile.c: datagrams nobody asked for, at a media port: garbage, replays, hellos, checks with wrong
 * passwords. With CAP_NET_RAW they come from the address of a victim (--as PORT on loopback) and real packets
 * of the victim can be caught and sent again; without, they come from a port of our own. Prints what it did
 * as JSON:
 * {"kind":…,"spoofed":bool,"sent":N,"sent_bytes":N,"replies":N,"reply_bytes":N}; replies are counted on our
 * own port only. IPv4 loopback only: this is no tool for elsewhere. */
#include "tests/load/base/clock.h"
#include "tests/load/base/rng.h"
#include "tests/load/swarm/stun.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM = 65507, CAUGHT = 256, PACE = 40, PACE_US = 2000, CATCH_MS = 5000, REPLIES_MS = 300 };

struct caught {
    size_t size;
    uint8_t bytes[1500];
};

struct hostile {
    int to, as, count, seed, seconds;
    char *kind, *ufrag;
    int own, raw; /* sockets; raw -1: not allowed or not wanted */
    struct rng rng;
    uint64_t sent, sent_bytes, replies, reply_bytes;
    struct caught *caught;
    size_t caught_count;
    uint8_t hello[1500];
    size_t hello_size;
};

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void count_replies(struct hostile *h)
{
    uint8_t bytes[2048];
    for (ssize_t n; (n = recv(h->own, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0;) {
        h->replies++;
        h->reply_bytes += (uint64_t)n;
    }
}

/* As the victim when --as is given and the kernel lets us. */
static void deliver(struct hostile *h, const uint8_t *bytes, size_t size)
{
    static uint8_t packet[DATAGRAM + 28];
    struct sockaddr_in to = loopback(h->to);
    ssize_t done;
    if (h->raw >= 0) {
        struct iphdr ip = {.version = 4,
                           .ihl = 5,
                           .ttl = 64,
                           .protocol = IPPROTO_UDP,
                           .tot_len = htons((uint16_t)(28 + size)),
                           .saddr = htonl(INADDR_LOOPBACK),
                           .daddr = htonl(INADDR_LOOPBACK)};
        struct udphdr udp = {.source = htons((uint16_t)h->as),
                             .dest = htons((uint16_t)h->to),
                             .len = htons((uint16_t)(8 + size))}; /* no checksum: allowed by RFC 768 */
        memcpy(packet, &ip, 20);
        memcpy(packet + 20, &udp, 8);
        memcpy(packet + 28, bytes, size);
        done = sendto(h->raw, packet, 28 + size, 0, (struct sockaddr *)&to, sizeof to);
    } else {
        done = sendto(h->own, bytes, size, 0, (struct sockaddr *)&to, sizeof to);
    }
    if (done < 0)
        return;
    h->sent++;
    h->sent_bytes += size;
    if (h->sent % PACE == 0) {
        g_usleep(PACE_US); /* a flood that fills the socket would only show that sockets can be filled */
        count_replies(h);
    }
}

static size_t noise(struct hostile *h, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)rng_next(&h->rng);
    return size;
}

/* Looks like RTP, each fourth like RTCP. */
static void garbage(struct hostile *h)
{
    uint8_t bytes[1400];
    size_t size = 12 + rng_next(&h->rng) % (sizeof bytes - 12);
    noise(h, bytes, size);
    bytes[0] = (uint8_t)(0x80 | (bytes[0] & 0x3f));
    bytes[1] = h->sent % 4 == 0 ? (uint8_t)(200 + h->sent % 8) : (uint8_t)(96 + h->sent % 16);
    deliver(h, bytes, size);
}

/* Whole, cut, bent, and records of other types. */
static void hello(struct hostile *h)
{
    uint8_t bytes[1500];
    size_t size = h->hello_size;
    memcpy(bytes, h->hello, size);
    switch (h->sent % 4) {
    case 1:
        size = 1 + rng_next(&h->rng) % size;
        break;
    case 2:
        bytes[13 + rng_next(&h->rng) % (size - 13)] ^= (uint8_t)(1 + rng_next(&h->rng) % 255);
        break;
    case 3:
        bytes[0] = (uint8_t)(20 + rng_next(&h->rng) % 44);
        break;
    }
    deliver(h, bytes, size);
}

static void check(struct hostile *h, bool known)
{
    uint8_t bytes[STUN_ROOM], txid[STUN_TXID];
    char user[128];
    g_snprintf(user, sizeof user, "%s:abcd", known ? h->ufrag : "AAAAAAAAAAAAAAAA");
    noise(h, txid, sizeof txid);
    deliver(h, bytes,
            stun_write(bytes, &(struct stun_ask){.txid = txid,
                                                 .user = user,
                                                 .password = "not the password of anybody here",
                                                 .nominate = true}));
}

/* Every length there is, every first byte. */
static void odd(struct hostile *h)
{
    static uint8_t bytes[DATAGRAM];
    static const size_t sizes[] = {0, 1, 2, 4, 11, 12, 13, 19, 20, 21, 100, 1499, 1500, 1501, 9000, DATAGRAM};
    size_t size = h->sent % 2 ? sizes[rng_next(&h->rng) % G_N_ELEMENTS(sizes)] : rng_next(&h->rng) % 1600;
    noise(h, bytes, MIN(size, (size_t)64));
    deliver(h, bytes, size);
}

static void replay(struct hostile *h)
{
    if (h->caught_count == 0)
        return;
    const struct caught *c = &h->caught[h->sent % h->caught_count];
    deliver(h, c->bytes, c->size);
}

/* Catches sealed packets of the victim on their way to the media port. */
static void catch_some(struct hostile *h)
{
    uint8_t bytes[2048];
    int64_t end = clock_us() + CATCH_MS * INT64_C(1000);
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (fd >= 0 && h->caught_count < CAUGHT && clock_us() < end) {
        if (poll(&p, 1, 100) <= 0)
            continue;
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        size_t head = n > 0 ? (size_t)(bytes[0] & 15) * 4 : 0;
        struct udphdr udp;
        if (head < 20 || (size_t)n <= head + 8 || (size_t)n - head - 8 > sizeof h->caught->bytes)
            continue;
        memcpy(&udp, bytes + head, sizeof udp);
        const uint8_t *payload = bytes + head + 8;
        if (ntohs(udp.dest) != h->to || ntohs(udp.source) != h->as || payload[0] >> 6 != 2)
            continue;
        struct caught *c = &h->caught[h->caught_count++];
        c->size = (size_t)n - head - 8;
        memcpy(c->bytes, payload, c->size);
    }
    if (fd >= 0)
        close(fd);
}

/* A ClientHello as a browser's would be, from OpenSSL. */
static void make_hello(struct hostile *h)
{
    SSL_CTX *ctx = SSL_CTX_new(DTLS_client_method());
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AEAD_AES_128_GCM");
    SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(ssl, 1200);
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    int n = BIO_read(out, h->hello, sizeof h->hello);
    h->hello_size = n > 13 ? (size_t)n : 0;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static bool send_one(struct hostile *h)
{
    if (g_str_equal(h->kind, "garbage"))
        garbage(h);
    else if (g_str_equal(h->kind, "hello"))
        hello(h);
    else if (g_str_equal(h->kind, "stranger"))
        check(h, false);
    else if (g_str_equal(h->kind, "liar"))
        check(h, true);
    else if (g_str_equal(h->kind, "odd"))
        odd(h);
    else if (g_str_equal(h->kind, "replay"))
        replay(h);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct hostile h = {.count = 1000, .seed = 1, .raw = -1};
    const GOptionEntry entries[] = {
        {"to", 0, 0, G_OPTION_ARG_INT, &h.to, "media port on loopback", "PORT"},
        {"as", 0, 0, G_OPTION_ARG_INT, &h.as, "pretend to be this port, where the kernel allows it", "PORT"},
        {"kind", 0, 0, G_OPTION_ARG_STRING, &h.kind, "garbage, hello, stranger, liar, odd or replay", "WORD"},
        {"ufrag", 0, 0, G_OPTION_ARG_STRING, &h.ufrag, "for liar: a name the server knows", "TEXT"},
        {"count", 0, 0, G_OPTION_ARG_INT, &h.count, "datagrams (default 1000)", "N"},
        {"seconds", 0, 0, G_OPTION_ARG_INT, &h.seconds, "go on for so long instead of --count", "S"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &h.seed, "of the noise (default 1)", "N"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new("- what strangers send");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || h.to <= 0 || !h.kind) {
        fprintf(stderr, "hostile: --to PORT --kind WORD are needed\n");
        return 2;
    }
    h.rng = rng_make((uint64_t)h.seed);
    h.own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    h.raw = h.as ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW) : -1;
    h.caught = g_new0(struct caught, CAUGHT);
    make_hello(&h);
    if (g_str_equal(h.kind, "replay"))
        catch_some(&h);
    int64_t end = clock_us() + h.seconds * INT64_C(1000000);
    for (int i = 0; (h.seconds > 0 ? clock_us() < end : i < h.count) && send_one(&h); i++)
        ;
    g_usleep(REPLIES_MS * 1000);
    count_replies(&h);
    printf("{\"kind\":\"%s\",\"spoofed\":%s,\"sent\":%" PRIu64 ",\"sent_bytes\":%" PRIu64
           ",\"replies\":%" PRIu64 ",\"reply_bytes\":%" PRIu64 ",\"caught\":%zu}\n",
           h.kind, h.raw >= 0 ? "true" : "false", h.sent, h.sent_bytes, h.replies, h.reply_bytes,
           h.caught_count);
    if (h.raw >= 0)
        close(h.raw);
    close(h.own);
    g_free(h.caught);
    g_free(h.kind);
    g_free(h.ufrag);
    return 0;
}
