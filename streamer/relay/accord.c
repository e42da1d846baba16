/* accord.c: sdp.c and sdp_answer.c put together. */
#include "streamer/relay/accord.h"
#include "streamer/link.h"

#include <string.h>

const char *accord_reach(struct accord *a, const char *sdp, bool watch, enum rtp_codec wanted,
                         const char **why)
{
    a->watch = watch;
    enum sdp_result result = sdp_read(&a->offer, sdp, strlen(sdp), why);
    if (result == SDP_OK)
        result = sdp_choose(&a->choice, &a->offer, watch, wanted, why);
    switch (result) {
    case SDP_BAD:
        return LINK_BAD_SDP;
    case SDP_UNSUPPORTED:
        return LINK_UNSUPPORTED_SDP;
    case SDP_OK:
        break;
    }
    return NULL;
}

json_t *accord_answer(const struct accord *a, const struct control_config *config, const struct room *r,
                      const struct peer *p)
{
    struct sdp_answer answer = {
        .offer = &a->offer,
        .choice = &a->choice,
        .watch = a->watch,
        .ufrag = peer_ufrag(p),
        .pwd = peer_pwd(p),
        .fingerprint = config->fingerprint,
        .hosts = config->hosts,
        .hosts_count = config->hosts_count,
        .tcp = config->tcp && a->watch,
        .stream = r->name,
        .audio_ssrc = r->audio.ssrc,
        .video_ssrc = r->video.ssrc,
        .rtx_ssrc = r->video.rtx_ssrc,
    };
    g_autofree char *sdp = sdp_write_answer(&answer);
    json_t *o = json_pack("{s:s, s:s}", "sdp", sdp, "etag", peer_ufrag(p));
    if (a->watch && a->choice.video.present)
        json_object_set_new(o, "video", json_integer((json_int_t)a->choice.video.section));
    return o;
}
