/* wire.c: reads and writes the messages of pipe.h. */
#include "streamer/pipeline/wire.h"

#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

/* The default holds 93 packets, less than one large keyframe and its neighbours while the relay is busy. */
enum { WIRE_ROOM_BYTES = 4 << 20 };
enum { WIRE_ROOM_MS = 1000, RTP_HEADER = 12, RTCP_HEADER = 8 };

/* What the relay may send to a child, and how long it may be. */
static const struct {
    uint16_t least, most;
} wire_limits[] = {
    [PIPE_SETUP] = {2, PIPE_TEXT_MAX},
    [PIPE_RTP] = {RTP_HEADER, PIPE_PACKET_MAX},
    [PIPE_RTCP] = {RTCP_HEADER, PIPE_PACKET_MAX},
    [PIPE_KEYFRAME] = {0, 0},
    [PIPE_PING] = {0, 0},
    [PIPE_END] = {0, 0},
};

static bool wire_allowed(const struct pipe_head *head)
{
    switch (head->type) {
    case PIPE_SETUP:
    case PIPE_RTP:
    case PIPE_RTCP:
    case PIPE_KEYFRAME:
    case PIPE_PING:
    case PIPE_END:
        return head->kind <= PIPE_VIDEO && head->length >= wire_limits[head->type].least &&
               head->length <= wire_limits[head->type].most;
    default:
        return false;
    }
}

bool wire_init(struct wire *w, int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    const int room = WIRE_ROOM_BYTES;
    *w = (struct wire){.fd = fd};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* the kernel gives what it allows */
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

void wire_patience(struct wire *w, unsigned wait_ms)
{
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = (suseconds_t)(wait_ms % 1000) * 1000};
    (void)setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

enum wire_got wire_read(struct wire *w, struct pipe_head *head, uint8_t *bytes)
{
    struct iovec parts[] = {{head, sizeof *head}, {bytes, PIPE_TEXT_MAX}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
    ssize_t n;
    do
        n = recvmsg(w->fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? WIRE_QUIET : WIRE_END;
    if (n == 0)
        return WIRE_END; /* an empty message cannot be told from the end, so pipe.h has none */
    if ((size_t)n < sizeof *head || (size_t)n != sizeof *head + head->length ||
        message.msg_flags & MSG_TRUNC || !wire_allowed(head)) {
        w->bad++;
        return WIRE_BAD;
    }
    return WIRE_MESSAGE;
}

bool wire_send(struct wire *w, enum pipe_type type, enum pipe_kind kind, unsigned layer, const void *bytes,
               size_t length)
{
    if (length > PIPE_TEXT_MAX)
        return false;
    struct pipe_head head = {.type = (uint8_t)type,
                             .kind = (uint8_t)kind,
                             .length = (uint16_t)length,
                             .layer = layer,
                             .at_us = (uint64_t)g_get_monotonic_time()};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)bytes, length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
    bool must_arrive = type == PIPE_READY || type == PIPE_FILE;
    for (int tries = 0;; tries++) {
        if (sendmsg(w->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return true;
        if (errno == EINTR)
            continue;
        struct pollfd room = {.fd = w->fd, .events = POLLOUT};
        if (errno != EAGAIN || !must_arrive || tries > 0 || poll(&room, 1, WIRE_ROOM_MS) <= 0)
            break;
    }
    __atomic_add_fetch(&w->dropped, 1, __ATOMIC_RELAXED);
    return false;
}

bool wire_send_json(struct wire *w, enum pipe_type type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    json_t *object = json_vpack_ex(NULL, 0, format, args);
    va_end(args);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    bool sent = text && wire_send(w, type, PIPE_NONE, 0, text, strlen(text));
    free(text);
    json_decref(object);
    return sent;
}
