/* lips.h: keeps sound where the picture is, by the phone's own clock. Both are put on the recording's time by
 * their arrival (timeline.h), and a picture takes longer to make, to pace and to repair than a word; the
 * phone's sender reports say which of their moments are the same. What they are apart is taken off the sound,
 * little by little. Pure. */
#ifndef STUDIO_LIPS_H
#define STUDIO_LIPS_H

#include "streamer/studio/timeline.h"

#include <stddef.h>

enum { LIPS_MOST_US = 600 * 1000 }; /* further apart than this is a clock that lies: arrival is believed */

struct lips {
    uint32_t video_ssrc, audio_ssrc; /* 0: nothing came yet */
};

/* An RTCP compound with a sender report of each (RFC 3550 6.4.1), both of the same moment of the phone's
 * life. Returns false, and changes nothing, when it is anything else or says what cannot be. `now_us`:
 * CLOCK_MONOTONIC. */
bool lips_report(const struct lips *l, const uint8_t *rtcp, size_t length, const struct timeline *video,
                 struct timeline *audio, int64_t now_us);

#endif
