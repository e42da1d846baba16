/* limit.c: the least a fan-out can cost on this machine: the relay's stream, sealed once per destination with
 * EVP and handed to the kernel as GSO bursts gathered into sendmmsg, and nothing else: no ICE, no rooms, no
 * history. The relay's figures are read as multiples of this program's, measured in the same run.
 *
 * A forked reader on another core owns the destination sockets and empties them every 2 ms, as the swarm
 * does. */
#include "tests/load/base/clock.h"
#include "tests/load/base/sample.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD = 12,
    TAG_MAX = 16,
    PACKET_MAX = 1500,
    BURST = 5,       /* video packets a frame */
    VIDEO = 926,     /* payload bytes of each */
    LARGE = 1072,    /* with --frames: 1,100 bytes with head and tag */
    VOICE = 160,     /* payload bytes of an audio packet */
    SLOT_US = 20000, /* audio every slot, a frame every second one: 175 packets/s */
    GATHER = 64,     /* bursts a sendmmsg takes */
    READ_US = 2000,
};

struct options {
    int destinations, reader_core, core;
    double seconds;
    gboolean flat, frames, no_gso, gro;
    char *profile, *address, *netns;
};

struct destination {
    struct sockaddr_in address;
    EVP_CIPHER_CTX *cipher;
    SHA_CTX inner, outer; /* HMAC keys already absorbed: copied, not set up, for each packet */
};

struct burst { /* one destination's packets of one frame */
    uint8_t bytes[BURST * PACKET_MAX];
    struct iovec part;
    union {
        char room[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } control;
};

static struct burst bursts[GATHER];
static struct mmsghdr messages[GATHER];
static int gathered;
static uint64_t packets, failed;

static void pin(int core)
{
    cpu_set_t set;
    if (core < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        perror("limit: sched_setaffinity");
}

static int open_sink(struct sockaddr_in *address, const struct options *o)
{
    socklen_t length = sizeof *address;
    const int on = 1, size = 2 << 20, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    if (fd < 0 || inet_pton(AF_INET, o->address, &address->sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)address, length) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &length) != 0) {
        perror("limit: socket");
        exit(1);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (o->gro)
        setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    return fd;
}

/* A socket stays in the network it was opened in: the sender's is there before this. */
static void enter(const char *netns)
{
    if (netns && setns(open(netns, O_RDONLY | O_CLOEXEC), CLONE_NEWNET) != 0) {
        perror("limit: network namespace");
        exit(1);
    }
}

/* The reader: runs until its parent goes or writes to `quit`, then answers with what it got. */
static void read_all(const int *fds, int count, int quit, int answer, int core)
{
    static uint8_t room[64][PACKET_MAX];
    struct iovec parts[64];
    struct mmsghdr in[64];
    struct epoll_event events[512];
    const struct timespec nap = {.tv_nsec = READ_US * 1000};
    uint64_t got = 0;
    char byte;
    pin(core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int epoll = epoll_create1(0);
    for (int i = 0; i < count; i++)
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &(struct epoll_event){.events = EPOLLIN, .data.fd = fds[i]});
    memset(in, 0, sizeof in);
    for (int i = 0; i < 64; i++) {
        parts[i] = (struct iovec){room[i], PACKET_MAX};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    while (recv(quit, &byte, 1, MSG_DONTWAIT) < 0) {
        int ready;
        while ((ready = epoll_wait(epoll, events, 512, 0)) > 0)
            for (int i = 0; i < ready; i++) {
                const int n = recvmmsg(events[i].data.fd, in, 64, MSG_DONTWAIT, NULL);
                got += n > 0 ? (uint64_t)n : 0;
            }
        nanosleep(&nap, NULL);
    }
    (void)!write(answer, &got, sizeof got);
    _exit(0);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                               \
    "-Wdeprecated-declarations" /* SHA_CTX can be copied for 92 bytes; EVP_MAC cannot */

static void mac_init(struct destination *d, const uint8_t key[20])
{
    uint8_t pad[64];
    for (int i = 0; i < 64; i++)
        pad[i] = (uint8_t)((i < 20 ? key[i] : 0) ^ 0x36);
    SHA1_Init(&d->inner);
    SHA1_Update(&d->inner, pad, sizeof pad);
    for (int i = 0; i < 64; i++)
        pad[i] ^= 0x36 ^ 0x5C;
    SHA1_Init(&d->outer);
    SHA1_Update(&d->outer, pad, sizeof pad);
}

static void mac(const struct destination *d, const uint8_t *data, size_t length, uint32_t roc,
                uint8_t out[20])
{
    SHA_CTX sha = d->inner;
    SHA1_Update(&sha, data, length);
    SHA1_Update(&sha, &roc, sizeof roc);
    SHA1_Final(out, &sha);
    sha = d->outer;
    SHA1_Update(&sha, out, 20);
    SHA1_Final(out, &sha);
}

#pragma GCC diagnostic pop

static size_t seal(struct destination *d, const struct options *o, uint8_t *out, const uint8_t *payload,
                   size_t length, uint16_t seq)
{
    uint8_t iv[16] = {0}, digest[20];
    int n = 0;
    memset(out, 0x80, HEAD);
    memcpy(out + 2, &seq, 2);
    memcpy(iv + 10, &seq, 2);
    if (o->profile[0] == 'n') {
        memcpy(out + HEAD, payload, length);
        return HEAD + length + TAG_MAX;
    }
    EVP_EncryptInit_ex(d->cipher, NULL, NULL, NULL, iv);
    if (o->profile[0] == 'g') {
        EVP_EncryptUpdate(d->cipher, NULL, &n, out, HEAD);
        EVP_EncryptUpdate(d->cipher, out + HEAD, &n, payload, (int)length);
        EVP_EncryptFinal_ex(d->cipher, out + HEAD + length, &n);
        EVP_CIPHER_CTX_ctrl(d->cipher, EVP_CTRL_AEAD_GET_TAG, 16, out + HEAD + length);
        return HEAD + length + 16;
    }
    EVP_EncryptUpdate(d->cipher, out + HEAD, &n, payload, (int)length);
    mac(d, out, HEAD + length, 0, digest);
    memcpy(out + HEAD + length, digest, 10);
    return HEAD + length + 10;
}

static void flush(int fd)
{
    for (int done = 0; done < gathered;) {
        const int n = sendmmsg(fd, messages + done, (unsigned int)(gathered - done), 0);
        if (n < 0) {
            failed++;
            done++; /* skip the one that would not go */
        } else {
            done += n;
        }
    }
    gathered = 0;
}

static void gather(int fd, struct destination *d, const struct options *o, const uint8_t *payload,
                   size_t length, int count, uint16_t seq)
{
    struct burst *b = &bursts[gathered];
    struct msghdr *m = &messages[gathered].msg_hdr;
    size_t total = 0, one = 0;
    for (int i = 0; i < count; i++)
        total += one = seal(d, o, b->bytes + total, payload, length, (uint16_t)(seq + i));
    b->part = (struct iovec){b->bytes, total};
    *m = (struct msghdr){
        .msg_name = &d->address, .msg_namelen = sizeof d->address, .msg_iov = &b->part, .msg_iovlen = 1};
    if (count > 1) {
        m->msg_control = b->control.room;
        m->msg_controllen = sizeof b->control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(m);
        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        const uint16_t segment = (uint16_t)one;
        memcpy(CMSG_DATA(c), &segment, sizeof segment);
    }
    packets += (uint64_t)count;
    if (++gathered == GATHER)
        flush(fd);
}

static void slot(int fd, struct destination *d, const struct options *o, uint64_t number)
{
    static uint8_t payload[LARGE];
    const uint16_t seq = (uint16_t)(number * 8);
    const size_t size = o->frames ? LARGE : VIDEO;
    for (int i = 0; !o->frames && i < o->destinations; i++)
        gather(fd, &d[i], o, payload, VOICE, 1, seq);
    flush(fd);
    for (int i = 0; number % 2 == 0 && i < o->destinations; i++) {
        if (!o->no_gso)
            gather(fd, &d[i], o, payload, size, BURST, seq);
        for (int k = 0; o->no_gso && k < BURST; k++)
            gather(fd, &d[i], o, payload, size, 1, (uint16_t)(seq + k));
    }
    flush(fd);
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void run(int fd, struct destination *d, const struct options *o)
{
    const int size = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    const int64_t start = clock_us(), end = start + (int64_t)(o->seconds * 1e6);
    int64_t next = start;
    for (uint64_t number = 0; clock_us() < end; number++) {
        slot(fd, d, o, number);
        next += SLOT_US;
        const struct timespec t = {.tv_sec = next / 1000000, .tv_nsec = next % 1000000 * 1000};
        if (!o->flat)
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    }
}

static struct destination *destinations_new(const struct options *o, int *fds)
{
    struct destination *d = g_new0(struct destination, (gsize)o->destinations);
    for (int i = 0; i < o->destinations; i++) {
        const uint8_t key[20] = {(uint8_t)i, (uint8_t)(i >> 8), 7};
        fds[i] = open_sink(&d[i].address, o);
        d[i].cipher = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(d[i].cipher, o->profile[0] == 'c' ? EVP_aes_128_ctr() : EVP_aes_128_gcm(), NULL,
                           key, NULL);
        mac_init(&d[i], key);
    }
    return d;
}

static bool options_read(struct options *o, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"destinations", 'n', 0, G_OPTION_ARG_INT, &o->destinations, "viewers (default 200)", "N"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &o->profile, "gcm (default), cm or none", "P"},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds, "how long (default 5)", "S"},
        {"core", 0, 0, G_OPTION_ARG_INT, &o->core, "pin the sender (default 0, -1: no)", "N"},
        {"reader-core", 0, 0, G_OPTION_ARG_INT, &o->reader_core, "pin the reader (default 1, -1: no)", "N"},
        {"flat", 0, 0, G_OPTION_ARG_NONE, &o->flat, "as fast as it goes instead of 175 packets/s each", NULL},
        {"frames", 0, 0, G_OPTION_ARG_NONE, &o->frames, "no sound, and packets of 1,100 bytes", NULL},
        {"address", 0, 0, G_OPTION_ARG_STRING, &o->address, "of the destinations (default 127.0.0.1)", "A"},
        {"netns", 0, 0, G_OPTION_ARG_FILENAME, &o->netns, "network namespace they are in", "FILE"},
        {"gro", 0, 0, G_OPTION_ARG_NONE, &o->gro, "the reader takes bursts whole; it then counts those",
         NULL},
        {"no-gso", 0, 0, G_OPTION_ARG_NONE, &o->no_gso, "sendmmsg of single packets", NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- the least a fan-out can cost here");
    g_option_context_add_main_entries(context, entries, NULL);
    const bool parsed = g_option_context_parse(context, argc, argv, &error);
    o->profile = o->profile ? o->profile : g_strdup("gcm");
    o->address = o->address ? o->address : g_strdup("127.0.0.1");
    if (parsed && o->destinations > 0 && strchr("gcn", o->profile[0]))
        return true;
    fprintf(stderr, "limit: %s\n", error ? error->message : "bad options");
    return false;
}

int main(int argc, char **argv)
{
    static struct options o = {.destinations = 200, .seconds = 5, .core = 0, .reader_core = 1};
    int quit[2], answer[2];
    uint64_t got = 0;
    struct rlimit files;
    if (!options_read(&o, &argc, &argv))
        return 2;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    g_autofree int *fds = g_new(int, (gsize)o.destinations);
    const int out = socket(AF_INET, SOCK_DGRAM, 0);
    enter(o.netns);
    struct destination *d = destinations_new(&o, fds);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, quit) != 0 || pipe(answer) != 0)
        return 1;
    const pid_t reader = fork();
    if (reader == 0)
        read_all(fds, o.destinations, quit[1], answer[1], o.reader_core);
    for (int i = 0; i < o.destinations; i++)
        close(fds[i]);
    pin(o.core);
    const double before = cpu_s();
    run(out, d, &o);
    const double used = cpu_s() - before;
    (void)!write(quit[0], "q", 1);
    (void)!read(answer[0], &got, sizeof got);
    waitpid(reader, NULL, 0);
    json_t *j =
        json_pack("{s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:o, s:o}", "profile", o.profile, "send",
                  o.no_gso ? "sendmmsg" : "gso", "destinations", o.destinations, "paced", !o.flat, "packets",
                  (json_int_t)packets, "received", (json_int_t)got, "failed", (json_int_t)failed, "cpu_s",
                  sample_real(used), "us_per_packet", sample_real(1e6 * used / (double)MAX(packets, 1)));
    json_dumpf(j, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(j);
    return 0;
}
