/* take.h: one recording file, from its first keyframe to its end. Crash-safe: H.264 goes into a fragmented
 * MP4 that plays up to the last two seconds after SIGKILL and becomes a plain MP4 at a clean end; VP8 into a
 * streamed WebM. Fed by the main thread; muxing and writing run in GStreamer's. */
#ifndef STUDIO_TAKE_H
#define STUDIO_TAKE_H

#include "streamer/studio/line.h"
#include "streamer/pipeline/wire.h"

enum take_phase { TAKE_WAITS, TAKE_ROLLS, TAKE_ENDS };

struct take {
    const struct setup *setup;
    struct wire *wire;
    struct line line;
    GstAppSrc *video, *audio; /* NULL when there is none; the line's */
    char *name, *path;
    int64_t wall_ms;      /* when it was opened: its name and its PIPE_FILE */
    int64_t start_us;     /* time 0 of the file, on the clock of pipe_head.at_us */
    int64_t rolling_ns;   /* where in the file the first picture is; -1: not yet. Atomic */
    int64_t sound_end_us; /* up to where there is sound, on that clock; 0: none yet */
    int64_t last_us;      /* of the latest packet */
    uint16_t audio_seq;
    bool caps_seen;          /* threads of the line */
    GstClockTime picture_ns; /* the latest picture; threads of the line */
    enum take_phase phase;
};

struct take *take_open(const struct setup *s, struct wire *w,
                       int64_t now_us); /* NULL: it cannot be, see the log */
void take_video(struct take *t, const uint8_t *packet, size_t length, int64_t us);
void take_audio(struct take *t, const uint8_t *packet, size_t length, int64_t us);
bool take_rolls(const struct take *t); /* the first keyframe is in */

/* Asks for the end; take_over turns true when the file is whole, or when it broke. */
void take_end(struct take *t);
bool take_over(const struct take *t);

/* Stops what still runs, reports the file to the relay (or removes it when it holds nothing) and frees it. */
void take_close(struct take *t);

#endif
