/* recorder.h: keeps a room recorded: opens a take when media comes, ends it when the room falls silent or the
 * file is long enough, tries again after a failure. Main thread. */
#ifndef STUDIO_RECORDER_H
#define STUDIO_RECORDER_H

#include "streamer/studio/take.h"

enum {
    RECORDER_SILENT_S = 10, /* without pictures for so long, the file ends */
    RECORDER_LONG_S = 3600, /* a file ends after an hour: one damaged file is not the whole day */
    RECORDER_RETRY_S = 10,  /* after a failure: the disk may be full */
};

struct recorder {
    const struct setup *setup;
    struct wire *wire;
    struct take *take;   /* NULL: none */
    struct take *ending; /* NULL: none; being finished while the next may run */
    int64_t retry_us;    /* not before this */
};

void recorder_init(struct recorder *r, const struct setup *s, struct wire *w);
void recorder_video(struct recorder *r, const uint8_t *packet, size_t length, int64_t us);
void recorder_audio(struct recorder *r, const uint8_t *packet, size_t length, int64_t us);

/* Call it a few times a second. */
void recorder_tick(struct recorder *r, int64_t now_us);

bool recorder_wants_keyframe(const struct recorder *r); /* a take is open and cannot start */

/* No more takes; true when every file is whole. */
bool recorder_finish(struct recorder *r);
void recorder_abandon(struct recorder *r); /* what is not whole by now stays as it is on disk */

#endif
