/* track.h: one kind (audio or video) of a room: the clean stream every viewer gets, made of the packets the
 * ingest gave back. Packets enter by track_take, become visible to viewers by track_release. One thread. */
#ifndef RELAY_TRACK_H
#define RELAY_TRACK_H

#include "streamer/relay/gop.h"
#include "streamer/relay/rewrite.h"
#include "streamer/relay/rhythm.h"
#include "streamer/relay/rtp.h"

struct track {
    enum rtp_codec codec; /* RTP_NO_CODEC: never came */
    uint32_t clock, ssrc, rtx_ssrc;
    struct history *history;
    struct gop gop; /* video only */
    struct rewrite rewrite;
    uint64_t released;         /* viewers may have the packets before this index */
    uint32_t frame, timestamp; /* of the newest packet */
    bool key_frame;            /* the newest frame is a keyframe */
    int64_t waiting_us;        /* arrival of the oldest packet not released; 0: none waits */
    struct rhythm rhythm;      /* of frames that are whole; of sound */
    uint64_t bytes;            /* of payload, since measured_us */
    int64_t measured_us;
    unsigned kbps; /* of payload, about the last two seconds */
    /* the publisher's last sender report, in our timestamps */
    bool report_known;
    int64_t report_us; /* the publisher's clock, microseconds since 1970 */
    uint32_t report_timestamp;
};

void track_init(struct track *t, uint32_t clock, unsigned history);
void track_done(struct track *t);
void track_switch(struct track *t); /* another publisher follows */

/* Takes one RTP packet of the ingest. NULL: refused (malformed, or too late), else the packet, borrowed from
 * the history; `keyframe` says that a new keyframe has begun with it. */
struct packet *track_take(struct track *t, struct packet_pool *pool, const uint8_t *bytes, size_t size,
                          int64_t at_us, bool *keyframe);
/* Of a mirror: takes a packet another worker has released, and shows it. Steals the reference. */
void track_adopt(struct track *t, struct packet *p);
/* Whether track_release would show something. */
bool track_is_ready(const struct track *t, int64_t now_us);
/* Shows waiting packets to viewers: of video the finished frames, or all of them when the oldest waits for
 * GATHER_US. Packets of a frame are padded to one length where that is cheap, so that they leave as one
 * burst. True: some were. */
bool track_release(struct track *t, int64_t now_us);

void track_measure(struct track *t, int64_t now_us); /* every so often: brings kbps up to date */

/* Notes a sender report of the source `ssrc`; false: not this track's. */
bool track_report(struct track *t, uint32_t ssrc, uint64_t ntp, uint32_t timestamp);
/* Our timestamp at the publisher's time `us`; only when report_known. */
uint32_t track_timestamp_at(const struct track *t, int64_t us);

#endif
