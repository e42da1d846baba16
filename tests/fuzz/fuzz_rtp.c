/* RTP headers and keyframe detection; then a whole track, fed with packets cut out of the input. */
#include "streamer/relay/bytes.h"
#include "streamer/relay/picture.h"
#include "streamer/relay/track.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fuzz_head(const uint8_t *bytes, size_t size)
{
    struct rtp_head h;
    size_t head = rtp_head_size(bytes, size);
    assert(head <= size);
    if (!rtp_read(&h, bytes, size))
        return;
    assert(h.size == head && h.size + h.payload_size <= size);
    rtp_is_agreed(RTP_H264, bytes + h.size, h.payload_size);
    rtp_is_agreed(RTP_VP8, bytes + h.size, h.payload_size);
    rtp_starts_keyframe(RTP_H264, bytes + h.size, h.payload_size);
    rtp_starts_keyframe(RTP_VP8, bytes + h.size, h.payload_size);
    picture_pixels(RTP_H264, bytes + h.size, h.payload_size);
    picture_pixels(RTP_VP8, bytes + h.size, h.payload_size);
    for (uint8_t id = 1; id < 15; id++) {
        size_t length = 0;
        const uint8_t *value = rtp_extension(bytes, size, id, &length);
        assert(!value || (value > bytes && value + length <= bytes + h.size));
    }
}

/* Each packet: two bytes of length, one of passed milliseconds. */
static void fuzz_track(const uint8_t *bytes, size_t size)
{
    struct packet_pool *pool = packet_pool_new(false);
    struct track t;
    int64_t now_us = 1000000;
    bool keyframe;
    track_init(&t, 90000, 32);
    t.codec = RTP_VP8;
    while (size > 3) {
        size_t length = get16(bytes);
        now_us += bytes[2] * 1000;
        bytes += 3;
        size -= 3;
        if (length > size)
            length = size;
        track_take(&t, pool, bytes, length, now_us, &keyframe);
        track_release(&t, now_us);
        assert(t.released <= history_next(t.history) || history_next(t.history) == 0);
        if (gop_can_start(&t.gop, t.history))
            assert(history_get(t.history, t.gop.key_index));
        bytes += length;
        size -= length;
    }
    track_done(&t);
    packet_pool_free(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_head(bytes, size);
    fuzz_track(bytes, size);
    return 0;
}
