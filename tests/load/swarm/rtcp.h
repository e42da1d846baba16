/* rtcp.h: the RTCP packets the swarm writes and reads (RFC 3550 §6, RFC 4585 §6). Pure. Writers return the
 * length. */
#ifndef SWARM_RTCP_H
#define SWARM_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtcp_block {
    uint32_t ssrc, highest, lost;
};

struct rtcp_sender {
    uint32_t ssrc, rtp;
    int64_t ntp_us; /* since 1900, microseconds */
    uint32_t packets, octets;
};

#define RTCP_NTP_EPOCH_US (INT64_C(2208988800) * 1000000) /* 1970 in NTP time */

size_t rtcp_write_report(uint8_t *out, uint32_t ssrc, const struct rtcp_block *blocks, size_t count);
size_t rtcp_write_sender(uint8_t *out, const struct rtcp_sender *sender); /* SR and SDES with a CNAME */
size_t rtcp_write_nack(uint8_t *out, uint32_t ssrc, uint32_t media, const uint16_t *seqs, size_t count);
size_t rtcp_write_pli(uint8_t *out, uint32_t ssrc, uint32_t media);

/* Walks a compound; `*at` starts at 0. False at its end. */
bool rtcp_next_sender(const uint8_t *packet, size_t length, size_t *at, struct rtcp_sender *sender);

struct rtcp_wish {  /* what a receiver asks of a sender */
    bool key;       /* PLI or FIR */
    uint32_t media; /* SSRC of a NACK, 0 when there was none */
    uint16_t seqs[256];
    size_t count;
};
void rtcp_read_wish(const uint8_t *packet, size_t length, struct rtcp_wish *wish);

#endif
