/* keyframe.h: decides when to trouble a phone for a fresh keyframe. Requests of many viewers are one request;
 * one that comes too soon after the last is remembered, not lost. Knows numbers and time only. */
#ifndef RELAY_KEYFRAME_H
#define RELAY_KEYFRAME_H

#include <stdbool.h>
#include <stdint.h>

enum keyframe_reason { KEYFRAME_JOIN, KEYFRAME_REPAIR };

struct keyframe {
    bool asked_ever;
    int64_t asked_us; /* when the phone was last asked */
    bool wanted[2];   /* by reason, since the last keyframe */
};

/* Notes a wish; true: ask the phone now. */
bool keyframe_want(struct keyframe *k, enum keyframe_reason reason, int64_t now_us);
/* True when a wish has waited long enough: ask now. To be called every so often. */
bool keyframe_due(struct keyframe *k, int64_t now_us);
void keyframe_came(struct keyframe *k);  /* all wishes are fulfilled */
void keyframe_reset(struct keyframe *k); /* a new phone: nothing was asked of it */

#endif
