/* intake.h: the pipeline of ingest: packets of one phone in, repaired streams and feedback out.
 *
 *   appsrc (RTP) ──▶ rtpbin [rtpsession ▸ rtprtxreceive ▸ split by SSRC ▸ jitter buffer ▸ split by PT] ──▶
 * appsink each appsrc (RTCP) ─▶ rtpbin ──▶ appsink (RTCP: NACK, PLI, transport-wide reports, receiver
 * reports)
 *
 * Fed by the reading thread; the appsinks write to the relay from GStreamer's threads. Nothing here ever
 * waits. */
#ifndef INGEST_INTAKE_H
#define INGEST_INTAKE_H

#include "streamer/ingest/patience.h"
#include "streamer/ingest/sources.h"
#include "streamer/ingest/tally.h"
#include "streamer/pipeline/setup.h"
#include "streamer/pipeline/wire.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

enum { INTAKE_OUTLETS = 8 };

/* One repaired stream on its way back to the relay. */
struct outlet {
    struct intake *intake;
    GstElement *sink; /* NULL: the slot is free; owned by the pipeline */
    enum pipe_kind kind;
    uint32_t layer;
};

struct intake {
    const struct setup *setup;
    struct wire *wire;
    GstElement *pipeline, *rtpbin;
    GstClockTime began; /* the pipeline's time is counted from here */
    GstAppSrc *rtp, *rtcp;
    struct sources sources;
    struct tally tally;
    struct patience patience;
    unsigned refused; /* packets of unknown payload types or of too many sources */
    GMutex lock;      /* guards the outlets and `keyframe_owed` */
    struct outlet outlets[INTAKE_OUTLETS];
    bool keyframe_owed; /* asked before there was any video to ask for */
};

/* Builds the pipeline, up to PLAYING exclusively; leaves the process when the installation lacks something.
 * `setup` and `wire` must outlive the intake, which lives as long as the process. */
void intake_build(struct intake *in, const struct setup *setup, struct wire *wire);

void intake_rtp(struct intake *in, const struct pipe_head *head, const uint8_t *packet);
void intake_rtcp(struct intake *in, const struct pipe_head *head, const uint8_t *packet);

/* Sends a PLI for the video stream of a layer (0 when there is one). */
void intake_keyframe(struct intake *in, uint32_t layer);

#endif
