/* shrink.h: the low rendition for viewers whose link carries no more: the room's picture decoded, made small
 * and coded again in the same codec, in a process of its own that lives only while somebody needs it. No
 * files, no network. */
#ifndef STUDIO_SHRINK_H
#define STUDIO_SHRINK_H

#include "streamer/pipeline/wire.h"
#include "streamer/studio/line.h"

enum { SHRINK_SIDE = 320, SHRINK_FPS = 15, SHRINK_SOURCE_MAX = 4096, SHRINK_KEY_FRAMES = 45 };

/* Timestamps out are timestamps in: a time in nanoseconds and back, exact. Pure. */
struct shrink_clock {
    bool started;
    uint32_t first, last;
    int64_t ticks; /* from first to last */
};
uint64_t shrink_ns(struct shrink_clock *c, uint32_t timestamp);
uint32_t shrink_timestamp(const struct shrink_clock *c, uint64_t ns);

/* Takes PIPE_RTP, gives PIPE_RTP; until the relay goes or says the end. Does not return. */
void shrink_run(const struct setup *s, struct wire *w) __attribute__((noreturn));

#endif
