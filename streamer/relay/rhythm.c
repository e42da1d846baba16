/* rhythm.c: a running mean of the steps, and one comparison. */
#include "streamer/relay/rhythm.h"
#include "streamer/relay/limits.h"

void rhythm_beat(struct rhythm *r, int64_t at_us)
{
    int64_t step_us = at_us - r->last_us;
    if (r->last_us && step_us < RHYTHM_SHORTEST_US)
        return; /* several at once, or one that was late: they say nothing about the next */
    if (!r->last_us || step_us > RHYTHM_LONGEST_US)
        r->step_us = 0;
    else
        r->step_us = r->step_us ? r->step_us + (step_us - r->step_us) / 8 : step_us;
    r->last_us = at_us;
}

int64_t rhythm_wait_us(const struct rhythm *r, int64_t since_us, int64_t most_us, int64_t now_us)
{
    int64_t next_us = r->last_us + r->step_us, end_us = since_us + most_us;
    if (!r->step_us || next_us > end_us)
        return 0;
    if (end_us > next_us + RHYTHM_SLACK_US)
        end_us = next_us + RHYTHM_SLACK_US;
    return end_us > now_us ? end_us : 0;
}
