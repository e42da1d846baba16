/* viewer.h: one buyer watching a room. It has no queue, only a place in each track's history; what differs
 * from viewer to viewer is the 12-byte header and the seal. One thread. */
#ifndef RELAY_VIEWER_H
#define RELAY_VIEWER_H

#include "streamer/relay/room.h"

struct lane {         /* a track on its way to one viewer */
    bool on, waiting; /* waiting: for a place to start */
    uint8_t pt, rtx_pt;
    uint64_t cursor;    /* next index of the track */
    uint64_t base;      /* the viewer's sequence = index - base */
    uint64_t rebased;   /* sequences before this one belong to another base: not resent */
    uint64_t key_after; /* only a keyframe from this index on will do */
    uint64_t rtx_sequence;
    uint32_t edge_frame, edge_timestamp; /* see gop_squeeze */
    uint32_t packets, bytes;             /* sent, for sender reports */
};

struct viewer {
    struct room *room;
    struct peer *peer;
    char session[LINK_SESSION_NAME + 1];
    struct lane audio, video;
    struct sdp_brief brief;
    bool ready, hushed;
    /* resending */
    uint32_t resend_left;  /* bytes */
    uint32_t second_bytes; /* media sent since the last report */
    struct {
        uint64_t index;
        int64_t at_us;
    } resent[RESEND_RECENT];
    unsigned nacks_left; /* in the datagram being read */
    int64_t now_us;      /* of the datagram being read */
    /* what it told us */
    uint64_t remb;
    uint8_t fraction_lost;
    struct timer timer;
};

/* NULL with *code: LINK_FULL. */
struct viewer *viewer_new(struct room *r, const char *session, const struct sdp_offer *offer,
                          const struct sdp_choice *choice, int64_t now_us, const char **code);
void viewer_free(struct viewer *v, const char *why, bool goodbye, int64_t now_us); /* tells the market */
void viewer_push(struct viewer *v, int64_t now_us);
/* Asks the processor for what viewer_push will read. */
static inline void viewer_prefetch(const struct viewer *v)
{
    __builtin_prefetch(&v->room);
    __builtin_prefetch(&v->audio);
    __builtin_prefetch(&v->video);
    __builtin_prefetch(&v->video.rebased);
    __builtin_prefetch(&v->ready);
}
void viewer_publisher_changed(struct viewer *v); /* takeover */

/* viewer_rtcp.c */
void viewer_take_rtcp(struct viewer *v, const uint8_t *bytes, size_t size, int64_t now_us);
void viewer_send_report(struct viewer *v, int64_t now_us);

/* For viewer_rtcp.c: seals one packet into the port's batch; as RTX when `rtx`. false: the port is full. */
bool viewer_seal(struct viewer *v, struct lane *l, const struct track *t, const struct packet *p, bool rtx);

#endif
