/* lips.c: see lips.h. */
#include "streamer/studio/lips.h"

enum { SR = 200, SR_BYTES = 28 };

struct moment { /* a timestamp of RTP and the phone's clock at it */
    bool known;
    int64_t wall_us;
    uint32_t timestamp;
};

static uint32_t lips_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int64_t lips_ntp_us(const uint8_t *b)
{
    return (int64_t)lips_u32(b) * 1000000 + (int64_t)((uint64_t)lips_u32(b + 4) * 1000000 >> 32);
}

static bool lips_read(const struct lips *l, const uint8_t *rtcp, size_t length, struct moment *video,
                      struct moment *audio)
{
    for (size_t at = 0, size; at + 4 <= length; at += size) {
        const uint8_t *b = rtcp + at;
        size = 4 * ((size_t)b[2] << 8 | b[3]) + 4;
        if (b[0] >> 6 != 2 || size > length - at)
            return false;
        if (b[1] != SR || size < SR_BYTES)
            continue;
        uint32_t ssrc = lips_u32(b + 4);
        struct moment *m = ssrc == l->video_ssrc ? video : ssrc == l->audio_ssrc ? audio : NULL;
        if (m)
            *m = (struct moment){true, lips_ntp_us(b + 8), lips_u32(b + 16)};
    }
    return video->known && audio->known;
}

bool lips_report(const struct lips *l, const uint8_t *rtcp, size_t length, const struct timeline *video,
                 struct timeline *audio, int64_t now_us)
{
    struct moment v = {0}, a = {0};
    if (!video->started || !audio->started || !lips_read(l, rtcp, length, &v, &a))
        return false;
    int64_t apart_us =
        (timeline_at(audio, a.timestamp) - a.wall_us) - (timeline_at(video, v.timestamp) - v.wall_us);
    if (apart_us > LIPS_MOST_US || apart_us < -LIPS_MOST_US)
        return false;
    timeline_lead(audio, -apart_us, now_us);
    return true;
}
