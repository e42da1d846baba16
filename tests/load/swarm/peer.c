/* peer.c: the connection's states. A controlling agent in front of an ICE-lite server needs one pair and one
 * nominated check; the same check repeated is the consent check. */
#include "tests/load/swarm/peer.h"
#include "tests/load/base/clock.h"
#include "tests/load/swarm/stun.h"

#include <glib.h>
#include <netinet/udp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 64,                 /* datagrams a recvmmsg may bring */
    DATAGRAM = 65536,           /* bytes; with GRO a whole burst comes as one */
    RECEIVE_BUFFER = 2 << 20,   /* a whole cached group of pictures arrives at once */
    CHECK_US = 50000,           /* between checks until one is answered */
    CONSENT_US = 2500000,       /* between checks afterwards, half of what RFC 7675 §5.1 says at most */
    CONNECT_LIMIT_US = 10000000 /* then the connection has failed */
};

struct peer {
    int fd;
    enum peer_state state;
    char ufrag[9], password[25], user[96];
    uint8_t txid[STUN_TXID];
    uint64_t tie_breaker;
    int64_t started_us, next_check_us;
    struct sdp_answer remote;
    struct sockaddr_in target; /* where the socket is connected to */
    struct dtls_identity *id;
    struct dtls *dtls;
    struct srtp_side *out, *in;
    const struct peer_hooks *hooks;
    void *owner;
};

static bool gro, forge; /* of all peers */

static void random_text(char *out, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[32];
    RAND_bytes(bytes, (int)length);
    for (size_t i = 0; i < length; i++)
        out[i] = letters[bytes[i] & 63];
    out[length] = '\0';
}

struct peer *peer_new(struct dtls_identity *id, const struct peer_hooks *hooks, void *owner)
{
    struct peer *p = g_new0(struct peer, 1);
    p->fd = -1;
    p->id = id;
    p->hooks = hooks;
    p->owner = owner;
    random_text(p->ufrag, sizeof p->ufrag - 1);
    random_text(p->password, sizeof p->password - 1);
    RAND_bytes((uint8_t *)&p->tie_breaker, sizeof p->tie_breaker);
    return p;
}

void peer_free(struct peer *p)
{
    if (!p)
        return;
    dtls_free(p->dtls);
    srtp_side_free(p->out);
    srtp_side_free(p->in);
    if (p->fd >= 0)
        close(p->fd);
    g_free(p);
}

char *peer_offer(const struct peer *p, bool publish, bool rtx, uint32_t audio_ssrc, uint32_t video_ssrc)
{
    g_autofree char *fingerprint = g_strdup(dtls_identity_fingerprint(p->id));
    if (forge)
        fingerprint[0] = fingerprint[0] == '0' ? '1' : '0';
    return sdp_offer_text(&(struct sdp_offer){.publish = publish,
                                              .rtx = rtx,
                                              .ufrag = p->ufrag,
                                              .password = p->password,
                                              .fingerprint = fingerprint,
                                              .audio_ssrc = audio_ssrc,
                                              .video_ssrc = video_ssrc});
}

static void change(struct peer *p, enum peer_state state)
{
    if (p->state == state)
        return;
    p->state = state;
    p->hooks->changed(p->owner, state);
}

static void send_check(struct peer *p, int64_t now_us)
{
    uint8_t out[STUN_ROOM];
    RAND_bytes(p->txid, sizeof p->txid);
    const size_t n = stun_write(out, &(struct stun_ask){.txid = p->txid,
                                                        .user = p->user,
                                                        .password = p->remote.password,
                                                        .tie_breaker = p->tie_breaker,
                                                        .nominate = true});
    (void)!send(p->fd, out, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    p->next_check_us = now_us + (p->state == PEER_CHECKING ? CHECK_US : CONSENT_US);
}

bool peer_answer(struct peer *p, const char *sdp, const struct sockaddr_in *to, int64_t at_us)
{
    if (!sdp_answer_read(sdp, &p->remote)) {
        change(p, PEER_FAILED);
        return false;
    }
    p->target = to ? *to : p->remote.address;
    const int size = RECEIVE_BUFFER, on = 1;
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->fd < 0 || connect(p->fd, (const struct sockaddr *)&p->target, sizeof p->target) != 0) {
        change(p, PEER_FAILED);
        return false;
    }
    if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (gro)
        setsockopt(p->fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    g_snprintf(p->user, sizeof p->user, "%s:%s", p->remote.ufrag, p->ufrag);
    p->started_us = at_us;
    change(p, PEER_CHECKING);
    send_check(p, at_us);
    return true;
}

static void handle_dtls(struct peer *p, enum dtls_state state)
{
    if (state == DTLS_DONE && p->state == PEER_HANDSHAKE)
        change(p, dtls_keys(p->dtls, &p->out, &p->in) ? PEER_CONNECTED : PEER_FAILED);
    else if (state == DTLS_CLOSED)
        change(p, PEER_GONE);
    else if (state == DTLS_FAILED)
        change(p, PEER_FAILED);
}

static void handle_stun(struct peer *p, const uint8_t *packet, size_t length)
{
    uint8_t out[STUN_ROOM];
    const size_t n = stun_answer(out, packet, length, p->password, &p->target);
    if (n) {
        (void)!send(p->fd, out, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        return;
    }
    if (stun_read(packet, length, p->txid, p->remote.password) != STUN_ACCEPTED || p->state != PEER_CHECKING)
        return;
    change(p, PEER_HANDSHAKE);
    p->dtls = dtls_new(p->id, p->fd, p->remote.fingerprint);
    handle_dtls(p, dtls_tick(p->dtls));
}

static void handle(struct peer *p, uint8_t *packet, size_t length, int64_t at_us)
{
    if (length < 2)
        return;
    if (packet[0] >= 128 && packet[0] < 192) /* RFC 7983 */
        p->hooks->media(p->owner, packet, length, packet[1] >= 192 && packet[1] < 224, at_us);
    else if (packet[0] < 4)
        handle_stun(p, packet, length);
    else if (packet[0] >= 20 && packet[0] < 64 && p->dtls)
        handle_dtls(p, dtls_feed(p->dtls, packet, length));
}

void peer_set_gro(bool on)
{
    gro = on;
}

void peer_set_forge(bool on)
{
    forge = on;
}

/* The size of the datagrams that came as one, or all of it. */
static size_t segment_size(struct msghdr *m, size_t length)
{
    int size = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
            memcpy(&size, CMSG_DATA(c), sizeof size);
    return size > 0 ? (size_t)size : length;
}

static void handle_message(struct peer *p, struct msghdr *m, size_t length, int64_t at_us)
{
    uint8_t *bytes = m->msg_iov->iov_base;
    const size_t one = segment_size(m, length);
    for (size_t at = 0; at < length && p->state < PEER_GONE; at += one)
        handle(p, bytes + at, MIN(one, length - at), at_us);
}

void peer_readable(struct peer *p)
{
    static uint8_t room[BATCH][DATAGRAM];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    static union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control[BATCH];
    if (!parts[0].iov_base)
        for (size_t i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){room[i], DATAGRAM};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = control[i].bytes,
                                                  .msg_controllen = sizeof control[i]};
        }
    for (int n = BATCH; n == BATCH && p->state < PEER_GONE;) {
        n = recvmmsg(p->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        const int64_t at_us = clock_us();
        for (int i = 0; i < n; i++) {
            if (p->state < PEER_GONE)
                handle_message(p, &messages[i].msg_hdr, messages[i].msg_len, at_us);
            messages[i].msg_hdr.msg_controllen = sizeof control[i]; /* the kernel left what it used */
        }
    }
}

void peer_tick(struct peer *p, int64_t now_us)
{
    if (p->state == PEER_NEW || p->state >= PEER_GONE)
        return;
    if (p->state < PEER_CONNECTED && now_us - p->started_us > CONNECT_LIMIT_US) {
        change(p, PEER_FAILED);
        return;
    }
    if (now_us >= p->next_check_us)
        send_check(p, now_us);
    if (p->state == PEER_HANDSHAKE)
        handle_dtls(p, dtls_tick(p->dtls));
}

int peer_fd(const struct peer *p)
{
    return p->fd;
}

enum peer_state peer_state(const struct peer *p)
{
    return p->state;
}

const struct sdp_answer *peer_remote(const struct peer *p)
{
    return &p->remote;
}

static size_t send_sealed(const struct peer *p, const uint8_t *packet, size_t length)
{
    return length > 0 && send(p->fd, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length ? length
                                                                                                     : 0;
}

size_t peer_send_rtp(struct peer *p, uint8_t *packet, size_t length)
{
    return p->state == PEER_CONNECTED ? send_sealed(p, packet, srtp_seal_rtp(p->out, packet, length)) : 0;
}

size_t peer_send_rtcp(struct peer *p, uint8_t *packet, size_t length)
{
    return p->state == PEER_CONNECTED ? send_sealed(p, packet, srtp_seal_rtcp(p->out, packet, length)) : 0;
}

bool peer_send_again(struct peer *p, const uint8_t *sealed, size_t length)
{
    return p->state == PEER_CONNECTED && send_sealed(p, sealed, length) > 0;
}

size_t peer_open(struct peer *p, uint8_t *packet, size_t length, bool rtcp)
{
    if (!p->in)
        return 0;
    return rtcp ? srtp_open_rtcp(p->in, packet, length) : srtp_open_rtp(p->in, packet, length);
}
