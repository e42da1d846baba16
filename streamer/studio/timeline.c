/* timeline.c: see timeline.h. */
#include "streamer/studio/timeline.h"

int64_t timeline_at(const struct timeline *t, uint32_t ts)
{
    return t->base_us + (t->ticks + (int32_t)(ts - t->last_ts)) * 1000000 / t->rate;
}

void timeline_lead(struct timeline *t, int64_t by_us, int64_t now_us)
{
    t->lead_us = by_us;
    t->led_til_us = now_us + TIMELINE_LEAD_US;
}

/* One step of the pull: by arrival, or by the lead. */
static int64_t timeline_pull(struct timeline *t, int64_t late_us, int64_t at_us)
{
    if (at_us >= t->led_til_us)
        return late_us / TIMELINE_PULL;
    int64_t step_us = t->lead_us / TIMELINE_LEAD_PULL;
    t->lead_us -= step_us;
    return step_us;
}

int64_t timeline_us(struct timeline *t, uint32_t ts, int64_t at_us)
{
    if (!t->started) {
        *t = (struct timeline){
            .rate = t->rate, .started = true, .last_ts = ts, .base_us = at_us, .last_us = at_us};
        return at_us;
    }
    int32_t step = (int32_t)(ts - t->last_ts); /* wraps every 13 hours of video */
    int64_t us = timeline_at(t, ts);
    t->last_ts = ts;
    t->ticks += step;
    int64_t late_us = at_us - us;
    if (late_us > TIMELINE_JUMP_US || late_us < -TIMELINE_JUMP_US) {
        t->base_us += late_us; /* the phone came back, or its clock jumped */
        t->lead_us = t->led_til_us = 0;
    } else if (step != 0)
        t->base_us += timeline_pull(t, late_us, at_us);
    us = timeline_at(t, ts);
    if (us < t->last_us)
        us = t->last_us;
    t->last_us = us;
    return us;
}
