/* keyframe.c: two bounds, one for joins and a shorter one for repairs. A keyframe of 60 kB every two seconds
 * is a fifth of a field phone's uplink, so more than that is never spent on newcomers. */
#include "streamer/relay/keyframe.h"
#include "streamer/relay/limits.h"

bool keyframe_due(struct keyframe *k, int64_t now_us)
{
    int64_t gap_us = k->wanted[KEYFRAME_REPAIR] ? KEYFRAME_REPAIR_MS * INT64_C(1000)
                     : k->wanted[KEYFRAME_JOIN] ? KEYFRAME_JOIN_MS * INT64_C(1000)
                                                : -1;
    if (gap_us < 0 || (k->asked_ever && now_us - k->asked_us < gap_us))
        return false;
    k->asked_ever = true;
    k->asked_us = now_us;
    return true;
}

bool keyframe_want(struct keyframe *k, enum keyframe_reason reason, int64_t now_us)
{
    k->wanted[reason] = true;
    return keyframe_due(k, now_us);
}

void keyframe_came(struct keyframe *k)
{
    k->wanted[KEYFRAME_JOIN] = k->wanted[KEYFRAME_REPAIR] = false;
}

void keyframe_reset(struct keyframe *k)
{
    *k = (struct keyframe){0};
}
