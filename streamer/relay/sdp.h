/* sdp.h: a small strict reader of WebRTC offers (RFC 8866, 8829) with limits, what we choose from one, and
 * the writer of answers. Ours and not gstsdp because the relay has no GStreamer and reads what strangers
 * send. Pure; any thread. */
#ifndef RELAY_SDP_H
#define RELAY_SDP_H

#include "streamer/relay/address.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/rtp.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sdp_result { SDP_OK, SDP_BAD, SDP_UNSUPPORTED }; /* the latter two: 400, 422 */
enum sdp_kind { SDP_OTHER, SDP_AUDIO, SDP_VIDEO };
enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };
enum sdp_feedback { SDP_NACK = 1, SDP_PLI = 2, SDP_FIR = 4, SDP_REMB = 8, SDP_TWCC = 16 };

struct sdp_codec {
    uint8_t pt;
    char name[16];
    uint32_t clock;
    unsigned feedback; /* enum sdp_feedback bits */
    char fmtp[SDP_FMTP];
};

struct sdp_media {
    enum sdp_kind kind;
    enum sdp_direction direction;
    char mid[33];
    bool rejected; /* port 0 without bundle-only */
    bool rtcp_mux, rtcp_rsize, bundled;
    uint8_t twcc_id, mid_id, rid_id, repaired_id; /* of the extmap; 0: not offered */
    /* a=simulcast:send: the first and the last stream named. Phones name them by size, some from the smallest
     * up, some from the largest down. "": none, or one only */
    char rids[SDP_LAYERS][SDP_RID + 1];
    unsigned codecs_count;
    struct sdp_codec codecs[SDP_CODECS];
};

struct sdp_offer {
    unsigned media_count;
    struct sdp_media media[SDP_MEDIA];
    char ufrag[257], pwd[257];
    bool has_fingerprint; /* a sha-256 one */
    uint8_t fingerprint[32];
    bool setup_passive; /* the peer insists on being the DTLS server: we cannot */
};

/* Reads `size` bytes. `why` (never NULL) becomes a static sentence when the result is not SDP_OK. */
enum sdp_result sdp_read(struct sdp_offer *out, const char *text, size_t size, const char **why);

/* What is agreed for one kind; pt 0 with `present` false: the kind is not in the offer. */
struct sdp_track {
    bool present;
    unsigned section; /* index into the offer's media */
    enum rtp_codec codec;
    uint8_t pt, rtx_pt; /* rtx_pt 0: no RTX */
    uint8_t twcc_id;
    unsigned feedback;
    char fmtp[SDP_FMTP];
    /* simulcast (RFC 8853): the layers we take, in the offer's order; "" when one stream is sent */
    char rids[SDP_LAYERS][SDP_RID + 1];
    uint8_t mid_id, rid_id, repaired_id; /* of the header extensions; 0: not offered */
};

struct sdp_choice {
    struct sdp_track audio, video;
};

/* `watch` false: the peer publishes. `wanted` is the video codec the room carries; a viewer without it is
 * refused, a publisher is only asked to prefer it; RTP_NO_CODEC: the first one offered that we carry. */
enum sdp_result sdp_choose(struct sdp_choice *out, const struct sdp_offer *offer, bool watch,
                           enum rtp_codec wanted, const char **why);

struct sdp_answer {
    const struct sdp_offer *offer;
    const struct sdp_choice *choice;
    bool watch;
    const char *ufrag, *pwd;
    const uint8_t *fingerprint; /* sha-256 of our certificate */
    const struct address *hosts;
    unsigned hosts_count;
    bool tcp; /* the hosts listen on TCP too, for viewers */
    /* watch only: what we will send */
    const char *stream; /* msid and cname: letters, digits, '-' */
    uint32_t audio_ssrc, video_ssrc, rtx_ssrc;
};

char *sdp_write_answer(const struct sdp_answer *a); /* g_free */

/* The body of a PATCH (RFC 8840 sdpfrag): false if there is no ufrag and pwd in it (a mere trickle). */
bool sdp_read_frag(const char *text, size_t size, char ufrag[257], char pwd[257]);
/* What must be remembered of an offer to answer a restart later. */
struct sdp_brief {
    unsigned count;
    struct {
        enum sdp_kind kind;
        char mid[33];
    } section[2];
};
void sdp_brief_from(struct sdp_brief *out, const struct sdp_offer *offer); /* one that sdp_choose took */
/* The answer to a restart: new credentials and all candidates. */
char *sdp_write_frag(const struct sdp_brief *brief, const char *ufrag, const char *pwd,
                     const struct address *hosts, unsigned hosts_count); /* g_free */

const char *sdp_codec_name(enum rtp_codec codec); /* "H264", "VP8", "opus", "" */

#endif
