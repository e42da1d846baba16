/* accord.h: an offer and our answer to it: reads the SDP, agrees on codecs, and once there is a peer writes
 * what it needs to reach us. Pure but for the peer's credentials. */
#ifndef RELAY_ACCORD_H
#define RELAY_ACCORD_H

#include "streamer/relay/control.h"
#include "streamer/relay/peer.h"
#include "streamer/relay/sdp.h"

struct accord {
    bool watch;
    struct sdp_offer offer;
    struct sdp_choice choice;
};

/* `wanted`: the codec the room has, or RTP_NO_CODEC. NULL: agreed; else the link's code, and in `why` words
 * (static) for the log. */
const char *accord_reach(struct accord *a, const char *sdp, bool watch, enum rtp_codec wanted,
                         const char **why);
/* {"sdp", "etag"} and of a viewer with a picture "video", its m-line. New reference. */
json_t *accord_answer(const struct accord *a, const struct control_config *config, const struct room *r,
                      const struct peer *p);

#endif
