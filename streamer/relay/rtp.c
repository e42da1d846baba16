/* rtp.c: reads and writes RTP headers, looks for keyframes. */
#include "streamer/relay/rtp.h"
#include "streamer/relay/bytes.h"

#include <string.h>

size_t rtp_head_size(const uint8_t *bytes, size_t size)
{
    if (size < RTP_HEAD || bytes[0] >> 6 != 2)
        return 0;
    size_t at = RTP_HEAD + 4 * (size_t)(bytes[0] & 15);
    if (bytes[0] & 0x10) {
        if (at + 4 > size)
            return 0;
        at += 4 + 4 * (size_t)get16(bytes + at + 2);
    }
    return at <= size ? at : 0;
}

bool rtp_read(struct rtp_head *out, const uint8_t *bytes, size_t size)
{
    size_t head = rtp_head_size(bytes, size);
    if (!head)
        return false;
    size_t payload = size - head;
    if (bytes[0] & 0x20) {
        if (payload == 0 || bytes[size - 1] == 0 || bytes[size - 1] > payload)
            return false;
        payload -= bytes[size - 1];
    }
    out->payload_type = bytes[1] & 0x7f;
    out->marker = bytes[1] >> 7;
    out->sequence = get16(bytes + 2);
    out->timestamp = get32(bytes + 4);
    out->ssrc = get32(bytes + 8);
    out->size = head;
    out->payload_size = payload;
    return true;
}

const uint8_t *rtp_extension(const uint8_t *bytes, size_t size, uint8_t id, size_t *length)
{
    size_t end = rtp_head_size(bytes, size), at = RTP_HEAD + 4 * (size_t)(bytes[0] & 15);
    if (!end || !(bytes[0] & 0x10) || get16(bytes + at) != 0xbede)
        return NULL;
    for (at += 4; at < end;) {
        uint8_t found = bytes[at] >> 4;
        size_t size_here = (size_t)(bytes[at] & 15) + 1;
        if (bytes[at] == 0) { /* padding */
            at++;
            continue;
        }
        if (found == 15 || at + 1 + size_here > end)
            return NULL;
        if (found == id) {
            *length = size_here;
            return bytes + at + 1;
        }
        at += 1 + size_here;
    }
    return NULL;
}

void rtp_write_head(uint8_t out[RTP_HEAD], uint8_t payload_type, bool marker, bool padding, uint16_t sequence,
                    uint32_t timestamp, uint32_t ssrc)
{
    out[0] = padding ? 0xa0 : 0x80;
    out[1] = (uint8_t)(marker << 7 | payload_type);
    put16(out + 2, sequence);
    put32(out + 4, timestamp);
    put32(out + 8, ssrc);
}

static bool rtp_h264_key_unit(uint8_t unit)
{
    return (unit & 0x1f) == 5 || (unit & 0x1f) == 7;
}

static bool rtp_h264_keyframe(const uint8_t *p, size_t size)
{
    if (size < 2)
        return false;
    switch (p[0] & 0x1f) {
    case 24: /* STAP-A: units with a 16-bit length each */
        for (size_t at = 1; at + 3 <= size;) {
            size_t length = get16(p + at);
            if (rtp_h264_key_unit(p[at + 2]))
                return true;
            at += 2 + length;
        }
        return false;
    case 28: /* FU-A: the start bit, then the type of the unit cut up */
        return (p[1] & 0x80) && rtp_h264_key_unit(p[1]);
    }
    return rtp_h264_key_unit(p[0]);
}

size_t rtp_vp8_descriptor(const uint8_t *p, size_t size)
{
    size_t at = 1;
    if (size >= 2 && p[0] & 0x80) {
        uint8_t fields = p[1];
        at = 2;
        if (fields & 0x80) {
            if (at >= size)
                return 0;
            at += p[at] & 0x80 ? 2 : 1;
        }
        at += (fields & 0x40 ? 1u : 0u) + (fields & 0x30 ? 1u : 0u);
    }
    return at < size ? at : 0;
}

static bool rtp_vp8_keyframe(const uint8_t *p, size_t size)
{
    size_t at = rtp_vp8_descriptor(p, size);
    return at && (p[0] & 0x10) && (p[0] & 7) == 0 && !(p[at] & 1); /* the first partition starts here */
}

/* Units one after the other, each with its length before it, to the last byte. */
static bool rtp_h264_stap_is_whole(const uint8_t *payload, size_t size)
{
    size_t at = 1;
    while (at + 2 < size) {
        size_t unit = (size_t)payload[at] << 8 | payload[at + 1];
        if (unit == 0 || unit > size - at - 2)
            return false;
        at += 2 + unit;
    }
    return at > 1 && at == size;
}

static bool rtp_h264_is_agreed(const uint8_t *payload, size_t size)
{
    enum { SINGLE_FIRST = 1, SINGLE_LAST = 23, STAP_A = 24, FU_A = 28, FU_HEAD = 2 };
    unsigned type = size > 0 ? payload[0] & 0x1f : 0;
    if (type == STAP_A)
        return rtp_h264_stap_is_whole(payload, size);
    if (type == FU_A)
        return size > FU_HEAD;
    return type >= SINGLE_FIRST && type <= SINGLE_LAST;
}

bool rtp_is_agreed(enum rtp_codec codec, const uint8_t *payload, size_t size)
{
    switch (codec) {
    case RTP_H264:
        return rtp_h264_is_agreed(payload, size);
    case RTP_VP8:
        return rtp_vp8_descriptor(payload, size) > 0;
    case RTP_OPUS:
    case RTP_NO_CODEC:
        break;
    }
    return true;
}

bool rtp_starts_keyframe(enum rtp_codec codec, const uint8_t *payload, size_t size)
{
    switch (codec) {
    case RTP_H264:
        return rtp_h264_keyframe(payload, size);
    case RTP_VP8:
        return rtp_vp8_keyframe(payload, size);
    case RTP_OPUS:
    case RTP_NO_CODEC:
        break;
    }
    return false;
}
