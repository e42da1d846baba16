/* publisher.h: one phone's connection and its ingest child. A takeover is a new publisher with a fresh child
 * (a used one loses its bandwidth feedback: measured). One thread. */
#ifndef RELAY_PUBLISHER_H
#define RELAY_PUBLISHER_H

#include "streamer/relay/layers.h"
#include "streamer/relay/room.h"

struct publisher {
    struct room *room;
    struct peer *peer;
    char session[LINK_SESSION_NAME + 1];
    struct sdp_brief brief;
    struct child *ingest;
    bool ready;
    uint8_t audio_pt;
    struct layers layers;
    uint64_t second_bytes; /* since the last look */
    int64_t second_us;
    int64_t lost, recovered, received; /* the ingest's sums at the last look */
    struct timer timer;
};

/* Becomes the room's publisher at once; the old one, if any, is told goodbye. NULL with *code: LINK_FULL. */
struct publisher *publisher_new(struct room *r, const char *session, const struct sdp_offer *offer,
                                const struct sdp_choice *choice, int64_t now_us, const char **code);
void publisher_free(struct publisher *p, const char *why, bool goodbye,
                    int64_t now_us); /* tells the market */
/* Of the room's picture, or of its low layer. Merged and bounded already. */
void publisher_want_keyframe(struct publisher *p, bool low, int64_t now_us);

#endif
