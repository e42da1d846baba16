/* posters.h: a still picture of the stall every few seconds, for people who have not opened the stream yet.
 *
 *   appsrc (RTP) ▸ depayload ▸ parse ▸ keyframes only ▸ appsink ──(when one is due)──▶ appsrc ▸ decode ▸
 * scale ▸ JPEG
 *
 * Only keyframes are ever decoded, one in `poster_ms`, and only when picture and frame are of a size we
 * believe. */
#ifndef STUDIO_POSTERS_H
#define STUDIO_POSTERS_H

#include "streamer/pipeline/wire.h"
#include "streamer/studio/line.h"

enum {
    POSTER_SIDE = 320,          /* pixels of the longer side: 320x180 of a 16:9 source */
    POSTER_KEEP = 3,            /* files kept, the newest; a page may still be fetching the one before */
    POSTER_SOURCE_MAX = 1920,   /* pixels of a side of what is decoded */
    POSTER_FRAME_MAX = 1 << 20, /* bytes of a coded keyframe */
};

struct posters {
    const struct setup *setup;
    struct wire *wire;
    struct line keys, decode;
    GstAppSrc *rtp, *frames;
    GstElement *size;   /* capsfilter: what the picture is scaled to */
    int64_t decoded_us; /* when a keyframe was last given to the decoder; atomic, 0: never */
    unsigned refused;   /* keyframes that were too large; atomic */
    int width, height;  /* of the source, as last seen; thread of the keys line */
    bool sized_well;
    char *files[POSTER_KEEP + 1]; /* names, oldest first; thread of the decode line */
};

bool posters_start(struct posters *p, const struct setup *s,
                   struct wire *w); /* main thread, like all below */
void posters_rtp(struct posters *p, const uint8_t *packet, size_t length, int64_t us);
bool posters_broken(const struct posters *p);
void posters_stop(struct posters *p);

/* True when the next poster is due: a keyframe would be welcome. */
bool posters_due(struct posters *p, int64_t now_us);

bool posters_none(const struct posters *p); /* no keyframe has been decoded yet */

/* What of `width` x `height` fits a poster: longer side POSTER_SIDE, even numbers. Pure. */
void poster_fit(int width, int height, int *to_width, int *to_height);

#endif
