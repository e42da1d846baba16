/* camera.h: a phone for tests: a GStreamer pipeline that encodes a moving picture and a tone into real RTP
 * packets, with transport-wide sequence numbers, a history, and answers to NACKs by RTX (RFC 4588). One
 * thread. */
#ifndef TESTS_CAMERA_H
#define TESTS_CAMERA_H

#include "streamer/pipe.h"

#include <gst/gst.h>
#include <stdbool.h>

enum { CAMERA_VIDEO_PT = 96, CAMERA_RTX_PT = 97, CAMERA_AUDIO_PT = 111, CAMERA_TWCC_ID = 3 };

struct camera_shape {
    const char *codec; /* "H264" or "VP8" */
    unsigned width, height;
    unsigned key_frames; /* one keyframe in so many pictures, of 25 a second */
};

struct camera;

struct camera *camera_new(const struct camera_shape *shape);
void camera_free(struct camera *c);

/* The next packet, or NULL when none is due. Yours to unref. Its PTS: when it was heard or seen, ns, one
 * clock for both. */
GstBuffer *camera_packet(struct camera *c, enum pipe_kind *kind);

/* Repairs what one RTCP compound asks for: calls `send` for each packet to send again. Counts what it saw. */
struct camera_heard {
    unsigned nacks, plis, twcc, reports;
};
void camera_hear(struct camera *c, const uint8_t *rtcp, size_t length, struct camera_heard *heard,
                 void (*send)(GstBuffer *packet, enum pipe_kind kind, void *data), void *data);

/* The packet as it was first sent; NULL when there was none. The camera's. */
GstBuffer *camera_sent(const struct camera *c, enum pipe_kind kind, uint16_t seq);

void camera_keyframe(struct camera *c);

#endif
