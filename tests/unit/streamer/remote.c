/* remote.c: see remote.h. */
#include "tests/unit/streamer/remote.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/rtp.h"
#include "streamer/relay/stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <openssl/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHECK_US = 2000000 }; /* a browser's checks are 2.5 s apart */

static int remote_any(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

void remote_init(struct remote *r)
{
    uint8_t digest[32];
    unsigned size = 0;
    memset(r, 0, sizeof *r);
    r->fd = -1;
    r->profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    X509_digest(x, EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < 32; i++)
        g_snprintf(r->fingerprint + 3 * i, 4, "%02X%s", digest[i], i < 31 ? ":" : "");
    r->ctx = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_use_certificate(r->ctx, x);
    SSL_CTX_use_PrivateKey(r->ctx, key);
    SSL_CTX_set_verify(r->ctx, SSL_VERIFY_PEER, remote_any);
    X509_free(x);
    EVP_PKEY_free(key);
}

void remote_done(struct remote *r)
{
    SSL_free(r->ssl);
    SSL_CTX_free(r->ctx);
    srtp_free(r->in);
    srtp_free(r->out);
    if (r->fd >= 0)
        close(r->fd);
}

char *remote_offer(const struct remote *r, bool watch)
{
    const char *direction = watch ? "recvonly" : "sendonly";
    g_autofree char *transport = g_strdup_printf(
        "c=IN IP4 0.0.0.0\r\na=ice-ufrag:remo\r\na=ice-pwd:remoteremoteremoteremote\r\n"
        "a=fingerprint:sha-256 %s\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=%s\r\n",
        r->fingerprint, direction);
    return g_strdup_printf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
                           "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n%sa=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
                           "m=video 9 UDP/TLS/RTP/SAVPF 96%s\r\n%sa=mid:1\r\na=rtpmap:96 %s"
                           "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n%s%s",
                           transport, r->no_rtx ? "" : " 97", transport,
                           r->h264
                               ? "H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
                               : "VP8/90000\r\n",
                           r->no_rtx ? "" : "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n",
                           r->layers ? "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
                                       "a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"
                                     : "");
}

static void remote_copy(const char *sdp, const char *key, char *out, size_t room)
{
    const char *at = strstr(sdp, key);
    size_t size = at ? strcspn(at + strlen(key), "\r\n") : 0;
    g_assert(at && size < room);
    memcpy(out, at + strlen(key), size);
    out[size] = '\0';
}

void remote_take_answer(struct remote *r, const char *sdp)
{
    char candidate[128], number[64];
    remote_copy(sdp, "a=ice-ufrag:", r->ufrag, sizeof r->ufrag);
    remote_copy(sdp, "a=ice-pwd:", r->pwd, sizeof r->pwd);
    remote_copy(sdp, "a=candidate:", candidate, sizeof candidate);
    g_auto(GStrv) words = g_strsplit(candidate, " ", 8);
    r->port = (uint16_t)g_ascii_strtoull(words[5], NULL, 10);
    if (strstr(sdp, "a=ssrc:")) {
        char *rest = number;
        const char *audio = strstr(sdp, "a=ssrc:"), *video = strstr(sdp, "m=video");
        r->audio_ssrc = (uint32_t)g_ascii_strtoull(audio + 7, NULL, 10);
        remote_copy(video, r->no_rtx ? "a=ssrc:" : "a=ssrc-group:FID ", number, sizeof number);
        r->video_ssrc = (uint32_t)g_ascii_strtoull(number, &rest, 10);
        r->rtx_ssrc = r->no_rtx ? 0 : (uint32_t)g_ascii_strtoull(rest, NULL, 10);
    }
    if (r->fd < 0)
        remote_new_socket(r);
}

void remote_new_socket(struct remote *r)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(r->port)};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(r->port), .sin6_addr = in6addr_loopback};
    if (r->fd >= 0)
        close(r->fd);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->fd = socket(r->ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert(connect(r->fd, r->ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
                     r->ipv6 ? sizeof v6 : sizeof v4) == 0);
}

void remote_send(const struct remote *r, const void *bytes, size_t size)
{
    g_assert(send(r->fd, bytes, size, 0) == (ssize_t)size);
}

size_t remote_receive(const struct remote *r, uint8_t *bytes, size_t room, int ms)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return 0;
    ssize_t n = recv(r->fd, bytes, room, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

void remote_send_stun(const struct remote *r, const char *ufrag, const char *pwd, bool nominate)
{
    uint8_t m[256] = {0};
    g_autofree char *user = g_strdup_printf("%s:remo", ufrag);
    size_t length = strlen(user), at = 20;
    put16(m, 1);
    put32(m + 4, STUN_COOKIE);
    put32(m + 8, g_random_int());
    put32(m + 12, g_random_int());
    put16(m + at, 6);
    put16(m + at + 2, (unsigned)length);
    memcpy(m + at + 4, user, length);
    at += 4 + ((length + 3) & ~(size_t)3);
    if (nominate) {
        put16(m + at, 0x25);
        at += 4;
    }
    remote_send(r, m, stun_seal(m, at, pwd));
}

bool remote_prove(const struct remote *r)
{
    uint8_t bytes[1600];
    for (int64_t end = clock_us() + REMOTE_PATIENCE_MS * INT64_C(1000); clock_us() < end;) {
        remote_send_stun(r, r->ufrag, r->pwd, true);
        for (size_t n; (n = remote_receive(r, bytes, sizeof bytes, 200)) > 0;)
            if (n >= 20 && get16(bytes) == 0x0101)
                return true;
    }
    return false;
}

static bool remote_keys(struct remote *r)
{
    uint8_t block[60];
    const SRTP_PROTECTION_PROFILE *p = SSL_get_selected_srtp_profile(r->ssl);
    if (!p)
        return false;
    unsigned salt = srtp_salt_size((enum srtp_profile)p->id);
    SSL_export_keying_material(r->ssl, block, 32 + 2 * (size_t)salt, "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0);
    r->out = srtp_new((enum srtp_profile)p->id, block, block + 32, SRTP_SEALS);
    r->in = srtp_new((enum srtp_profile)p->id, block + 16, block + 32 + salt, SRTP_OPENS);
    return true;
}

bool remote_shake(struct remote *r)
{
    struct timeval wait = {.tv_usec = 200000};
    SSL_CTX_set_tlsext_use_srtp(r->ctx, r->profiles);
    r->ssl = SSL_new(r->ctx);
    BIO *bio = BIO_new_dgram(r->fd, BIO_NOCLOSE);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(r->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
    setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    SSL_set_bio(r->ssl, bio, bio);
    SSL_set_options(r->ssl, SSL_OP_NO_QUERY_MTU);
    DTLS_set_link_mtu(r->ssl, 1200);
    for (int64_t end = clock_us() + REMOTE_PATIENCE_MS * INT64_C(1000); clock_us() < end;) {
        int done = SSL_connect(r->ssl);
        if (done == 1)
            return remote_keys(r);
        int why = SSL_get_error(r->ssl, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE &&
            !(why == SSL_ERROR_SYSCALL && errno == EAGAIN))
            return false;
    }
    return false;
}

bool remote_connect(struct remote *r)
{
    return remote_prove(r) && remote_shake(r);
}

void remote_send_rtp(struct remote *r, uint8_t pt, uint32_t ssrc, uint64_t index, uint32_t timestamp,
                     bool marker, const uint8_t *payload, size_t size)
{
    uint8_t head[RTP_HEAD];
    rtp_write_head(head, pt, marker, false, (uint16_t)index, timestamp, ssrc);
    r->last_size = srtp_seal(r->out, r->last, head, RTP_HEAD, payload, size, index);
    srtp_finish();
    remote_send(r, r->last, r->last_size);
}

void remote_send_layer(struct remote *r, char rid, uint32_t ssrc, uint64_t index, uint32_t timestamp,
                       const uint8_t *payload, size_t size)
{
    uint8_t head[RTP_HEAD + 8] = {0}; /* RFC 8285: one element of one byte, as extension 4 */
    rtp_write_head(head, 96, true, false, (uint16_t)index, timestamp, ssrc);
    head[0] |= 0x10;
    put16(head + RTP_HEAD, 0xbede);
    put16(head + RTP_HEAD + 2, 1);
    head[RTP_HEAD + 4] = 4 << 4;
    head[RTP_HEAD + 5] = (uint8_t)rid;
    r->last_size = srtp_seal(r->out, r->last, head, sizeof head, payload, size, index);
    srtp_finish();
    remote_send(r, r->last, r->last_size);
}

void remote_send_rtcp(struct remote *r, const uint8_t *plain, size_t size)
{
    r->last_size = srtcp_seal(r->out, r->last, plain, size);
    remote_send(r, r->last, r->last_size);
}

/* A viewer that is not heard for ten seconds is sent nothing more (VIEWER_HUSH_MS), and on a busy machine a
 * test may take longer: whoever receives checks its path as browsers do. */
static void remote_be_heard(struct remote *r, int64_t now_us)
{
    if (!r->checked_us)
        r->checked_us = now_us;
    if (now_us - r->checked_us < CHECK_US)
        return;
    r->checked_us = now_us;
    remote_send_stun(r, r->ufrag, r->pwd, false);
}

static size_t remote_receive_sealed(struct remote *r, uint8_t *bytes, size_t room, int ms, bool rtcp)
{
    for (int64_t end = clock_us() + ms * INT64_C(1000), left = ms; left > 0;
         left = (end - clock_us()) / 1000) {
        remote_be_heard(r, clock_us());
        size_t n = remote_receive(r, bytes, room, (int)MIN(left, CHECK_US / 1000));
        if (n < 12 || bytes[0] >> 6 != 2 || rtp_is_rtcp(bytes, n) != rtcp)
            continue;
        if ((rtcp ? srtcp_open(r->in, bytes, &n) : srtp_open(r->in, bytes, &n)) == SRTP_OK)
            return n;
    }
    return 0;
}

size_t remote_receive_rtp(struct remote *r, uint8_t *bytes, size_t room, int ms)
{
    return remote_receive_sealed(r, bytes, room, ms, false);
}

size_t remote_receive_rtcp(struct remote *r, uint8_t *bytes, size_t room, int ms)
{
    return remote_receive_sealed(r, bytes, room, ms, true);
}
