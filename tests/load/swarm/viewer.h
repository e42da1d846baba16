/* viewer.h: one buyer of the swarm: counts what the relay sends, asks again for what is missing, and (a
 * sample) opens every packet and looks inside. On the loop's thread. */
#ifndef SWARM_VIEWER_H
#define SWARM_VIEWER_H

#include "tests/load/base/rng.h"
#include "tests/load/base/sample.h"
#include "tests/load/swarm/nacks.h"
#include "tests/load/swarm/peer.h"
#include "tests/load/swarm/seqs.h"

struct viewer_options {
    bool decrypt; /* open and check every packet */
    bool nack;
    bool rtx;     /* offer RFC 4588; repairs can then only be recognised when decrypting */
    bool reports; /* a receiver report each second */
    bool pli;     /* one PLI at joining, as Chromium does */
    bool storm;   /* asks for everything again and again, and for a keyframe each time, at every tick */
    double loss;  /* 0…1: of the RTP datagrams, thrown away before anything looks at them */
};

enum viewer_kind { VIEWER_AUDIO, VIEWER_VIDEO, VIEWER_KINDS };

struct viewer_stream {
    uint32_t ssrc;
    struct seqs seqs;
    uint64_t bytes;
    /* the rest is filled by decrypting viewers only */
    uint32_t last_timestamp;
    uint16_t last_seq;
    bool last_marker;
    uint64_t opened, not_authentic, time_breaks;
    uint32_t report_rtp; /* newest sender report */
    int64_t report_us;   /* its NTP time; 0: none yet */
    int64_t skew_us;     /* sender's clock by the reports minus the real capture time */
    bool skew_known;
};

struct viewer {
    struct peer *peer;
    const struct viewer_options *options;
    struct rng rng;
    struct viewer_stream streams[VIEWER_KINDS];
    struct nacks *nacks; /* NULL when not asked for */
    uint64_t dropped, repairs_in_rtx, rtcp, strangers;
    int64_t asked_us, answered_us, connected_us, first_media_us, first_video_us; /* 0: not yet */
    bool pli_sent;
    bool began_with_key;    /* the first video packet opened a decodable picture */
    struct sample delay_ms; /* from the publisher's stamp to here; decrypting viewers only */
    int64_t next_report_us;
    uint32_t ssrc; /* of its own RTCP */
};

struct viewer *viewer_new(struct dtls_identity *id, const struct viewer_options *options, uint64_t seed);
void viewer_free(struct viewer *v);
void viewer_tick(struct viewer *v, int64_t now_us);
void viewer_restart(struct viewer *v); /* the measured window begins: counters start again */
uint64_t viewer_packets(const struct viewer *v);

#endif
