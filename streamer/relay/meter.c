/* meter.c: sums of differences. */
#include "streamer/relay/meter.h"
#include "streamer/relay/clock.h"

const uint32_t meter_queue_bounds_us[METER_QUEUE_BOUNDS] = {1000,  2000,  5000,   10000,
                                                            20000, 50000, 100000, 500000};

enum meter_stage meter_enter(struct meter *m, enum meter_stage stage)
{
    enum meter_stage before = m->stage;
    int64_t now_us = clock_us();
    if (m->since_us)
        m->stage_us[before] += (uint64_t)(now_us - m->since_us);
    m->since_us = now_us;
    m->stage = stage;
    return before;
}

void meter_queue(struct meter *m, int64_t from_us)
{
    int64_t us = m->since_us > from_us ? m->since_us - from_us : 0;
    unsigned at = 0;
    while (at < METER_QUEUE_BOUNDS && us > meter_queue_bounds_us[at])
        at++;
    m->queue[at]++;
    m->queue_us += (uint64_t)us;
}

void meter_add(struct meter *sum, const struct meter *m)
{
    for (unsigned i = 0; i < METER_COUNT; i++)
        sum->stage_us[i] += m->stage_us[i];
    for (unsigned i = 0; i <= METER_QUEUE_BOUNDS; i++)
        sum->queue[i] += m->queue[i];
    sum->queue_us += m->queue_us;
}

const char *meter_word(enum meter_stage stage)
{
    static const char *const words[] = {
#define X(stage, word) #word,
        METER_STAGES(X)
#undef X
    };
    return words[stage];
}
