/* rewrite.h: makes one endless stream out of a phone's many lives. Whatever SSRC, sequence and timestamp a
 * publisher starts with, viewers see the numbers go on where they stopped, time having passed in between;
 * also when its clock leaps on the way. Pure. */
#ifndef RELAY_REWRITE_H
#define RELAY_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

enum rewrite_time {
    REWRITE_ON,   /* a new source goes on where the last one stopped, time having passed */
    REWRITE_ECHO, /* the source's timestamps are ours already */
    REWRITE_LED,  /* a new source begins at the present time of `lead` */
};

struct rewrite {
    uint32_t clock; /* ticks a second */
    enum rewrite_time time;
    const struct rewrite *lead;
    bool started, fresh; /* fresh: the next packet is the first of a new source */
    uint32_t ssrc;       /* of the source */
    uint64_t source;     /* the source's sequence number, unwrapped; newest */
    uint64_t source_first;
    uint64_t index, index_first; /* ours: newest, and the first of this source */
    uint32_t timestamp;          /* ours, of the newest packet */
    uint32_t shift;              /* ours = source's + shift */
    int64_t at_us;               /* arrival of the newest */
};

/* `index` and `timestamp` are where the very first source starts (random is good). */
void rewrite_init(struct rewrite *r, uint32_t clock, uint64_t index, uint32_t timestamp);
void rewrite_switch(
    struct rewrite *r); /* a new publisher: even with the same SSRC nothing of the old one holds */
/* A packet with nothing in it (padding, by which phones probe their line): the numbers close over it. */
void rewrite_skip(struct rewrite *r, uint32_t ssrc, uint16_t sequence);
/* false: a straggler from before the switch, far out of order, or with a time that cannot be. */
bool rewrite_packet(struct rewrite *r, uint32_t ssrc, uint16_t sequence, uint32_t timestamp, int64_t at_us,
                    uint64_t *index, uint32_t *out_timestamp);
uint32_t rewrite_timestamp(const struct rewrite *r,
                           uint32_t timestamp); /* of the current source, for sender reports */

#endif
