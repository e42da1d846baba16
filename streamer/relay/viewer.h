/* viewer.h: one buyer watching a room. It has no queue, only a place in each track's history; what differs
 * from viewer to viewer is the 12-byte header and the seal. One thread. */
#ifndef RELAY_VIEWER_H
#define RELAY_VIEWER_H

#include "streamer/relay/estimate.h"
#include "streamer/relay/room.h"

struct lane {             /* a track on its way to one viewer */
    bool on, waiting;     /* waiting: for a place to start */
    enum rtp_codec codec; /* what the viewer was promised */
    uint8_t pt, rtx_pt;
    uint64_t cursor;    /* next index of the track */
    uint64_t base;      /* the viewer's sequence = index - base */
    uint64_t rebased;   /* sequences before this one belong to another base: not resent */
    uint64_t key_after; /* only a keyframe from this index on will do */
    uint64_t rtx_sequence;
    uint32_t edge_frame, edge_timestamp; /* see gop_squeeze */
    uint32_t packets, bytes;             /* sent, for sender reports */
    uint32_t shift;     /* ticks added to the track's timestamps, so that a switch never goes back */
    uint32_t timestamp; /* of the newest packet sent */
    uint32_t heard;     /* the highest sequence in the newest report block (extended); 0: none yet */
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
    /* rendition.c: the picture is on its way as `now` and becomes `aim` at a keyframe */
    struct track *picture; /* what the video lane reads */
    enum rendition now, aim, ceiling;
    int64_t aimed_us; /* when aim was set */
    int64_t asked_us; /* when a keyframe was last wished for */
    struct estimate estimate;
    bool reported; /* the datagram being read says something the estimate is about */
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
/* The lane goes on at `index` of another track or place, the viewer's own numbers continuing without a gap.
 */
void lane_jump(struct lane *l, uint64_t index);

/* viewer_rtcp.c */
void viewer_take_rtcp(struct viewer *v, const uint8_t *bytes, size_t size, int64_t now_us);
void viewer_send_report(struct viewer *v, int64_t now_us);

/* For viewer_rtcp.c: seals one packet into the port's batch; as RTX when `rtx`. false: the port is full. */
bool viewer_seal(struct viewer *v, struct lane *l, const struct track *t, const struct packet *p, bool rtx);

#endif
