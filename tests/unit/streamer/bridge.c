/* bridge.c: poll and copy. */
#include "tests/unit/streamer/bridge.h"
#include "streamer/relay/bytes.h"

#include <arpa/inet.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BRIDGE_MOST = 1600, BRIDGE_WINDOW = 8192, BRIDGE_LOOK_MS = 20 };

static void to_tcp(struct bridge *b, struct sockaddr_in *remote)
{
    uint8_t frame[2 + BRIDGE_MOST];
    socklen_t length = sizeof *remote;
    ssize_t n = recvfrom(b->udp, frame + 2, BRIDGE_MOST, MSG_DONTWAIT, (struct sockaddr *)remote, &length);
    if (n <= 0)
        return;
    put16(frame, (unsigned)n);
    g_assert(send(b->tcp, frame, 2 + (size_t)n, MSG_NOSIGNAL) == 2 + n);
}

/* One frame; false: the relay has hung up. */
static bool to_udp(const struct bridge *b, const struct sockaddr_in *remote)
{
    uint8_t head[2], bytes[65536];
    if (recv(b->tcp, head, 2, MSG_WAITALL) != 2)
        return false;
    size_t size = get16(head);
    if (recv(b->tcp, bytes, size, MSG_WAITALL) != (ssize_t)size)
        return false;
    sendto(b->udp, bytes, size, 0, (const struct sockaddr *)remote, sizeof *remote);
    return true;
}

static void *bridge_run(void *arg)
{
    struct bridge *b = arg;
    struct sockaddr_in remote = {0};
    bool up = true;
    while (up && !atomic_load(&b->over)) {
        struct pollfd p[] = {{.fd = b->udp, .events = POLLIN},
                             {.fd = atomic_load(&b->reading) ? b->tcp : -1, .events = POLLIN}};
        poll(p, 2, BRIDGE_LOOK_MS);
        if (p[0].revents)
            to_tcp(b, &remote);
        if (p[1].revents)
            up = to_udp(b, &remote);
    }
    return NULL;
}

void bridge_open(struct bridge *b, uint16_t relay_port)
{
    struct sockaddr_in here = {.sin_family = AF_INET},
                       relay = {.sin_family = AF_INET, .sin_port = htons(relay_port)};
    socklen_t length = sizeof here;
    int window = BRIDGE_WINDOW;
    here.sin_addr.s_addr = relay.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(b, 0, sizeof *b);
    b->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    b->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(b->tcp, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    g_assert(bind(b->udp, (struct sockaddr *)&here, length) == 0);
    g_assert(getsockname(b->udp, (struct sockaddr *)&here, &length) == 0);
    g_assert(connect(b->tcp, (struct sockaddr *)&relay, sizeof relay) == 0);
    b->port = ntohs(here.sin_port);
    atomic_store(&b->reading, true);
    g_assert(pthread_create(&b->thread, NULL, bridge_run, b) == 0);
}

void bridge_read(struct bridge *b, bool reading)
{
    atomic_store(&b->reading, reading);
}

void bridge_close(struct bridge *b)
{
    atomic_store(&b->over, true);
    shutdown(b->tcp, SHUT_RDWR);
    pthread_join(b->thread, NULL);
    close(b->udp);
    close(b->tcp);
}
