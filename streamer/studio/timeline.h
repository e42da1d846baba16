/* timeline.h: turns RTP timestamps into one time for sound and picture. The arrival of the first packet sets
 * the anchor, the RTP clock gives the steps (so network jitter does not shake the recording), and a slow pull
 * towards arrival keeps a phone's wrong clock from drifting away over hours; or, where somebody knows better
 * than arrival (lips.h), towards where that says. Pure. */
#ifndef STUDIO_TIMELINE_H
#define STUDIO_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TIMELINE_JUMP_US = 700 * 1000,
    TIMELINE_PULL = 128,
    TIMELINE_LEAD_PULL = 32,
    TIMELINE_LEAD_US = 20 * 1000 * 1000, /* a lead is believed for so long; reports come every few seconds */
};

struct timeline {
    uint32_t rate; /* RTP ticks a second; set it, zero the rest */
    bool started;
    uint32_t last_ts;
    int64_t ticks;      /* since the anchor */
    int64_t base_us;    /* where tick 0 lies, on the clock of `at_us` */
    int64_t last_us;    /* what was answered last; time never runs backwards */
    int64_t lead_us;    /* how much of a lead is still to be done */
    int64_t led_til_us; /* up to when arrival pulls no more; 0: it does */
};

/* `at_us`: when the packet came, CLOCK_MONOTONIC. Returns its place on that clock. */
int64_t timeline_us(struct timeline *t, uint32_t ts, int64_t at_us);
/* Where any timestamp lies, as things stand; changes nothing. Only of one that has started. */
int64_t timeline_at(const struct timeline *t, uint32_t ts);
/* All that comes lies this much later (or, below nought, earlier), step by step; a former lead is over. */
void timeline_lead(struct timeline *t, int64_t by_us, int64_t now_us);

#endif
