/* small.h: a room's low rendition: one of the phone's simulcast layers when it sends them, else a transcode
 * of the source (a studio child of its own) that runs only while a viewer needs it. A death of the child is a
 * pause for those who watch it and nothing for others. At most transcodes_max of them run: for the rooms that
 * come later there is none until one has ended. Part of the room; one thread. */
#ifndef RELAY_SMALL_H
#define RELAY_SMALL_H

#include "streamer/relay/track.h"

#include <stdbool.h>
#include <stdint.h>

struct child;
struct room;

struct small {
    struct track track; /* same SSRCs as the room's video: a viewer is on one of the two */
    bool layered;       /* the phone sends it */
    int64_t awaited_us; /* the phone has offered it: no transcode before */
    bool mirrored;      /* of a mirror: the first worker can have it */
    bool told;          /* the mirrors: whether there can be one */
    struct child *child;
    int64_t needed_us; /* when a viewer last needed it */
    int64_t asked_us;  /* when a keyframe of it was last asked for */
    int64_t broken_us; /* not tried again before; 0: fine */
};

void small_init(struct room *r);
void small_done(struct room *r, int64_t now_us);
/* Another publisher: has it offered layers? */
void small_take_publisher(struct room *r, bool offered, int64_t now_us);
/* The phone's low layer is there from the next packet on, a keyframe; or it is gone. */
void small_set_layered(struct room *r, bool layered, int64_t now_us);
void small_drop(struct room *r, int64_t now_us); /* ends the transcode */

bool small_available(const struct room *r);   /* there is one, or it can be started */
const char *small_word(const struct room *r); /* "layer", "transcode" or "" */
unsigned small_kbps(const struct room *r);
void small_want(struct room *r, int64_t now_us); /* a viewer needs it: starts it if need be */
void small_want_keyframe(struct room *r, int64_t now_us);
void small_source(struct room *r, const struct packet *p); /* what the transcode is fed with */
/* Another worker's viewers need it, or a keyframe of it. */
void small_want_away(struct room *r, bool keyframe, int64_t now_us);
/* A packet of the phone's layer or of the child; then, a burst of them being over, the end. */
void small_rtp(struct room *r, const uint8_t *bytes, size_t size, int64_t at_us);
void small_rtp_end(struct room *r, int64_t now_us);
void small_tell_away(struct room *r); /* the mirrors, if there can be one and could not, or the reverse */
void small_tick(struct room *r, int64_t now_us);

#endif
