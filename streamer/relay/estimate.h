/* estimate.h: how much one viewer's link carries, judged by what the viewer reports anyway: REMB, losses and
 * round trips. A step down is quick, a step up is a trial that is waited for longer each time it fails.
 * Knows numbers and time only; one thread.
 *
 * REMB and receiver reports, not transport-cc: they cost nothing per packet (no header extension to write,
 * encrypt and send, 8 bytes in each of 177 packets a second) and two small RTCP packets a second to read
 * instead of some twenty; and the choice here is between three steps that lie a factor of five apart. */
#ifndef RELAY_ESTIMATE_H
#define RELAY_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

/* What a viewer gets, in the order of weight. */
enum rendition { RENDITION_AUDIO, RENDITION_LOW, RENDITION_SOURCE, RENDITIONS };

struct estimate_need { /* what each rendition costs just now */
    unsigned kbps[RENDITIONS];
    bool has_low;
};

struct estimate_look { /* what was reported since the last judgement */
    int64_t since_us;
    bool reported;
    uint32_t expected; /* packets */
    uint64_t lost;     /* of them, in 1/256 */
    uint32_t rtt_us;   /* the shortest; 0: none known */
};

struct estimate { /* zeroed and estimate_init: the link is good until it shows otherwise */
    enum rendition level;
    int64_t changed_us;  /* the last step, or the start */
    int64_t clean_us;    /* since when all is well; 0: it is not */
    int64_t patience_us; /* so long must all be well before a step up */
    bool trial;          /* the last step was up and may still prove wrong */
    unsigned bad;        /* looks in a row that say: too much */
    struct estimate_look look;
    uint64_t remb, remb_most; /* bit/s, the newest and the most since the last step; 0: none heard */
    uint32_t rtt_us, rtt_base_us;
    uint8_t lost; /* of 256, in the latest look */
};

void estimate_init(struct estimate *e, int64_t now_us);
void estimate_remb(struct estimate *e, uint64_t bits_per_second);
/* A block of a receiver report (RFC 3550, 6.4.1): packets it is about, of 256 so many lost, and the round
 * trip (0: not known). */
void estimate_report(struct estimate *e, uint32_t expected, uint8_t lost, uint32_t rtt_us);
/* The rendition of the last step is on its way only now: from here on reports are about it. */
void estimate_began(struct estimate *e, int64_t now_us);
/* After reports: the rendition the link carries, never above `ceiling`. */
enum rendition estimate_step(struct estimate *e, const struct estimate_need *need, enum rendition ceiling,
                             int64_t now_us);

#endif
