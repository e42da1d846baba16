/* rtp.c: reads a header; everything behind it is GStreamer's to understand. */
#include "streamer/pipeline/rtp.h"

static uint32_t read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool rtp_look(struct rtp_glance *g, const uint8_t *bytes, size_t length)
{
    if (length < RTP_HEADER_BYTES || bytes[0] >> 6 != 2)
        return false;
    *g = (struct rtp_glance){.pt = bytes[1] & 0x7f,
                             .seq = (uint16_t)(bytes[2] << 8 | bytes[3]),
                             .timestamp = read_u32(bytes + 4),
                             .ssrc = read_u32(bytes + 8)};
    return true;
}
