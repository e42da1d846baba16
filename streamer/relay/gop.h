/* gop.h: remembers where the current group of pictures starts in a track's history, so that a joiner can be
 * shown a picture at once instead of begging the phone for a keyframe. Knows packets and numbers, no sockets.
 */
#ifndef RELAY_GOP_H
#define RELAY_GOP_H

#include "streamer/relay/history.h"

struct gop {
    bool whole;         /* a keyframe came and nothing is missing since */
    uint64_t key_index; /* first packet of the keyframe */
    uint32_t key_frame;
    int64_t key_at_us;
    uint64_t frame_index; /* first packet of the newest frame */
    uint32_t frame;
    uint64_t next_index; /* expected */
};

void gop_reset(struct gop *g);
/* Every packet of the track in the order of arrival; true when this one is the first sign of a new keyframe.
 */
bool gop_see(struct gop *g, const struct packet *p);
bool gop_can_start(const struct gop *g,
                   const struct history *h); /* whole, not too long and still in the history */
/* The timestamp a joiner sees: frames before `edge_frame` lie GOP_SQUEEZE_TICKS apart just before
 * `edge_timestamp`, so that a player runs through them and stands at the live edge; later frames keep their
 * own. */
uint32_t gop_squeeze(const struct packet *p, uint32_t edge_frame, uint32_t edge_timestamp);

#endif
