/* layers.h: a phone's simulcast layers: which packet belongs to which, and which of them is the room's
 * picture and which the low one. Phones stop their large layer when the line up is weak: then the small one
 * is the room's picture too, until the large one is back. Every change is at a keyframe. Pure; one thread. */
#ifndef RELAY_LAYERS_H
#define RELAY_LAYERS_H

#include "streamer/relay/sdp.h"

enum { LAYER_NONE = -1, LAYER_PICTURE = 1, LAYER_LOW = 2 }; /* the latter two: bits */

struct layers {
    bool on; /* false: the phone sends one stream */
    char rids[SDP_LAYERS][SDP_RID + 1];
    uint8_t rid_id, repaired_id;
    unsigned known_count;
    struct {
        uint32_t ssrc;
        unsigned layer;
    } known[SRTP_STREAMS];
    struct {
        bool keyed;       /* a keyframe of it came */
        unsigned pixels;  /* of the newest; 0: not known */
        int64_t heard_us; /* by `clock_us`; 0: never */
    } each[SDP_LAYERS];
    int picture, low; /* layers or LAYER_NONE */
    int64_t asked_us;
    /* Runs while packets come: when the whole line stands still, or we do, no layer has fallen silent. */
    int64_t clock_us, taken_us;
};

void layers_init(struct layers *l, const struct sdp_track *video);

/* Whose packet is this, as it came from the phone? False: it names no layer of ours, and its source never
 * did. */
bool layers_of(struct layers *l, const uint8_t *bytes, size_t size, uint32_t ssrc, unsigned *layer);

/* A repaired packet of a layer. `keyframe`: it begins one, of `pixels`. Returns what it is: LAYER_PICTURE,
 * LAYER_LOW, both or neither. */
unsigned layers_take(struct layers *l, unsigned layer, bool keyframe, unsigned pixels, int64_t now_us);

/* A layer that must send a keyframe to become of use, or LAYER_NONE; says so again every LAYER_ASK_MS. Also
 * forgets a low layer that fell silent. */
int layers_wanted(struct layers *l, int64_t now_us);

#endif
