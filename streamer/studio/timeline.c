/* timeline.c: see timeline.h. */
#include "streamer/studio/timeline.h"

int64_t timeline_us(struct timeline *t, uint32_t ts, int64_t at_us)
{
    if (!t->started) {
        *t = (struct timeline){
            .rate = t->rate, .started = true, .last_ts = ts, .base_us = at_us, .last_us = at_us};
        return at_us;
    }
    int32_t step = (int32_t)(ts - t->last_ts); /* wraps every 13 hours of video */
    t->last_ts = ts;
    t->ticks += step;
    int64_t us = t->base_us + t->ticks * 1000000 / t->rate;
    int64_t late_us = at_us - us;
    if (late_us > TIMELINE_JUMP_US || late_us < -TIMELINE_JUMP_US)
        t->base_us += late_us; /* the phone came back, or its clock jumped */
    else if (step != 0)
        t->base_us += late_us / TIMELINE_PULL;
    us = t->base_us + t->ticks * 1000000 / t->rate;
    if (us < t->last_us)
        us = t->last_us;
    t->last_us = us;
    return us;
}
