/* sdp.h: the offers the swarm makes and the few lines it needs of the answers. Pure; any thread. */
#ifndef SWARM_SDP_H
#define SWARM_SDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { SDP_AUDIO_PT = 111, SDP_H264_PT = 96, SDP_RTX_PT = 97, SDP_VP8_PT = 98, SDP_VP8_RTX_PT = 99 };

struct sdp_offer {
    bool publish; /* sendonly with SSRCs, H.264 only; else recvonly, H.264 and VP8 */
    bool rtx;     /* viewers: offer RFC 4588 */
    const char *ufrag, *password, *fingerprint;
    uint32_t audio_ssrc, video_ssrc; /* publish only */
};

struct sdp_answer {
    char ufrag[64], password[256], fingerprint[96];
    struct sockaddr_in address; /* the best IPv4 candidate: loopback first, else the first one */
    uint8_t video_pt, rtx_pt;   /* 0 when absent */
    bool h264;
};

char *sdp_offer_text(const struct sdp_offer *offer); /* g_free() it */
/* False when the answer lacks what a connection needs. */
bool sdp_answer_read(const char *text, struct sdp_answer *answer);

#endif
