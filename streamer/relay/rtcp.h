/* rtcp.h: RTCP compounds (RFC 3550, 4585, 5104; REMB of draft-alvestrand-rmcat-remb, transport-cc of
 * draft-holmer-rmcat-transport-wide-cc-extensions-01). Pure functions over bytes; any thread. */
#ifndef RELAY_RTCP_H
#define RELAY_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtcp_type {
    RTCP_SR = 200,
    RTCP_RR = 201,
    RTCP_SDES = 202,
    RTCP_BYE = 203,
    RTCP_TRANSPORT_FEEDBACK = 205, /* formats: 1 NACK, 15 transport-cc */
    RTCP_PAYLOAD_FEEDBACK = 206,   /* formats: 1 PLI, 4 FIR, 15 REMB */
};

enum { RTCP_CNAME = 32, RTCP_BUILD_MAX = 256 };

struct rtcp_sender {
    uint32_t ssrc;
    uint64_t ntp;
    uint32_t timestamp, packets, bytes;
};

struct rtcp_block { /* one report block of an SR or RR */
    uint32_t ssrc;
    uint8_t fraction_lost;
    int32_t lost;
    uint32_t highest, jitter, last_sr, delay_last_sr;
};

struct rtcp_feedback { /* a transport-cc message's head */
    uint16_t base, count;
    uint8_t number;
};

/* What a reader wants to hear; NULL members are not called. Sequence numbers of NACKs come one by one. */
struct rtcp_listener {
    void (*sender)(void *arg, const struct rtcp_sender *s);
    void (*block)(void *arg, const struct rtcp_block *b);
    void (*nack)(void *arg, uint32_t ssrc, uint16_t sequence);
    void (*keyframe)(void *arg, uint32_t ssrc); /* PLI and FIR */
    void (*remb)(void *arg, uint64_t bits_per_second);
    void (*transport)(void *arg, const struct rtcp_feedback *f);
    void (*bye)(void *arg, uint32_t ssrc);
};

/* Walks a compound; false if it is malformed (what came before the fault has been told). Unknown types are
 * passed over. */
bool rtcp_read(const uint8_t *bytes, size_t size, const struct rtcp_listener *listener, void *arg);

/* Builders append at `out` and return bytes written (multiples of 4). */
size_t rtcp_write_sr(uint8_t *out, const struct rtcp_sender *s);
size_t rtcp_write_rr(uint8_t *out, uint32_t ssrc, const struct rtcp_block *blocks,
                     unsigned count);                                    /* at most 31 */
size_t rtcp_write_cname(uint8_t *out, uint32_t ssrc, const char *cname); /* ≤ RTCP_CNAME */
size_t rtcp_write_pli(uint8_t *out, uint32_t from, uint32_t media);
size_t rtcp_write_nack(uint8_t *out, uint32_t from, uint32_t media, uint16_t sequence, uint16_t mask);
size_t rtcp_write_bye(uint8_t *out, uint32_t ssrc);

uint64_t rtcp_ntp(int64_t wall_us); /* microseconds since 1970 → 64-bit NTP */
int64_t rtcp_ntp_us(uint64_t ntp);  /* and back; before 1970 is negative */

#endif
