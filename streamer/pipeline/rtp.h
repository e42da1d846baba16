/* rtp.h: the fields of an RTP header that the children steer by (RFC 3550 §5.1). Pure. */
#ifndef PIPELINE_RTP_H
#define PIPELINE_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTP_HEADER_BYTES = 12 };

struct rtp_glance {
    unsigned pt;
    uint16_t seq;
    uint32_t timestamp, ssrc;
};

/* False when it is no RTP version 2 packet. */
bool rtp_look(struct rtp_glance *g, const uint8_t *bytes, size_t length);

#endif
