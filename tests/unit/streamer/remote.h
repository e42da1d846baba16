/* remote.h: a phone or a viewer for the tests: one UDP socket on loopback, ICE with the answer's credentials,
 * an OpenSSL DTLS client, SRTP. Everything real; it lacks only a camera. Blocking, with generous deadlines.
 */
#ifndef TESTS_REMOTE_H
#define TESTS_REMOTE_H

#include "streamer/relay/srtp.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REMOTE_PATIENCE_MS = 20000 };

struct remote {
    int fd;
    char ufrag[40], pwd[64]; /* the relay's, from its answer */
    uint16_t port;
    bool ipv6;   /* of the next new socket */
    bool no_rtx; /* its offer has no RFC 4588: resends come in band */
    bool layers; /* its offer has two simulcast layers, "h" and "l" */
    bool h264;   /* its offer has H.264 in VP8's place */
    SSL_CTX *ctx;
    SSL *ssl;
    char fingerprint[100]; /* as in SDP */
    struct srtp *out, *in;
    const char *profiles;                      /* use_srtp, as OpenSSL names them */
    uint32_t audio_ssrc, video_ssrc, rtx_ssrc; /* of a watch answer */
    uint8_t last[1600];                        /* the last sealed packet sent */
    size_t last_size;
    int64_t checked_us; /* when it last checked its path while it waited for media; 0: never */
};

void remote_init(struct remote *r);
void remote_done(struct remote *r);
char *remote_offer(const struct remote *r, bool watch); /* g_free; Opus 111, VP8 96, RTX 97 */
void remote_take_answer(struct remote *r, const char *sdp);

void remote_new_socket(struct remote *r); /* the phone changes networks */
void remote_send(const struct remote *r, const void *bytes, size_t size);
/* Waits for a datagram; 0 after `ms` without one. */
size_t remote_receive(const struct remote *r, uint8_t *bytes, size_t room, int ms);
void remote_send_stun(const struct remote *r, const char *ufrag, const char *pwd, bool nominate);
bool remote_prove(const struct remote *r); /* STUN until it is answered */
bool remote_shake(struct remote *r);       /* DTLS, then the SRTP keys */
bool remote_connect(struct remote *r);     /* both */

void remote_send_rtp(struct remote *r, uint8_t pt, uint32_t ssrc, uint64_t index, uint32_t timestamp,
                     bool marker, const uint8_t *payload, size_t size);
/* The same for VP8 of the layer `rid`, named in the packet. */
void remote_send_layer(struct remote *r, char rid, uint32_t ssrc, uint64_t index, uint32_t timestamp,
                       const uint8_t *payload, size_t size);
void remote_send_rtcp(struct remote *r, const uint8_t *plain, size_t size);
/* Waits for an authentic packet of the wanted kind and opens it in place; others are passed over. 0: none
 * came. */
size_t remote_receive_rtp(struct remote *r, uint8_t *bytes, size_t room, int ms);
size_t remote_receive_rtcp(struct remote *r, uint8_t *bytes, size_t room, int ms);

#endif
