/* rtp.h: RTP headers (RFC 3550) and the little the relay knows of payloads: whether a keyframe starts here.
 * Pure functions over bytes; any thread. */
#ifndef RELAY_RTP_H
#define RELAY_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtp_codec { RTP_NO_CODEC, RTP_OPUS, RTP_H264, RTP_VP8 };

struct rtp_head {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    size_t size;         /* header, CSRCs and extension: where the payload starts */
    size_t payload_size; /* padding taken off */
};

enum { RTP_HEAD = 12 };

/* false: not RTP, or a CSRC count, extension or padding that does not fit the packet. */
bool rtp_read(struct rtp_head *out, const uint8_t *bytes, size_t size);
/* Size of the header alone, for SRTP, whose padding cannot be read yet; 0: malformed. */
size_t rtp_head_size(const uint8_t *bytes, size_t size);
/* The value of a one-byte header extension (RFC 8285) of a packet that rtp_read took; NULL: it has none. */
const uint8_t *rtp_extension(const uint8_t *bytes, size_t size, uint8_t id, size_t *length);
/* Writes a header without CSRCs and extensions (12 bytes). */
void rtp_write_head(uint8_t out[RTP_HEAD], uint8_t payload_type, bool marker, bool padding, uint16_t sequence,
                    uint32_t timestamp, uint32_t ssrc);
static inline bool rtp_is_rtcp(const uint8_t *bytes, size_t size) /* RFC 5761 */
{
    return size >= 2 && bytes[1] >= 192 && bytes[1] <= 223;
}

/* True for a packet that only a keyframe has: H.264 IDR or SPS (RFC 6184), first packet of a VP8 key frame
 * (RFC 7741). */
bool rtp_starts_keyframe(enum rtp_codec codec, const uint8_t *payload, size_t size);

/* False for a payload that no browser sends and a decoder must not see: H.264 of a type that
 * packetization-mode 1 does not have (RFC 6184 6.3), a fragment or an aggregate that ends too soon, VP8
 * without a whole descriptor. GStreamer 1.22 ends its pipeline at the first, and reads 4 GB behind the
 * second. */
bool rtp_is_agreed(enum rtp_codec codec, const uint8_t *payload, size_t size);

/* Size of a VP8 payload descriptor (RFC 7741 4.2); 0: malformed, or nothing follows it. */
size_t rtp_vp8_descriptor(const uint8_t *payload, size_t size);

#endif
