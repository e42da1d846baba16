/* rewrite.c: two offsets, set anew at each switch. Losses of the source stay visible as gaps. */
#include "streamer/relay/rewrite.h"

enum { REWRITE_JUMP = 3000 }; /* a step this wide is not loss: the source began again */

void rewrite_init(struct rewrite *r, uint32_t clock, uint64_t index, uint32_t timestamp)
{
    *r = (struct rewrite){.clock = clock, .fresh = true, .index = index, .timestamp = timestamp};
}

void rewrite_switch(struct rewrite *r)
{
    r->fresh = true;
}

static uint32_t rewrite_passed(const struct rewrite *r, int64_t at_us)
{
    int64_t passed_us = at_us > r->at_us ? at_us - r->at_us : 0;
    return (uint32_t)((uint64_t)passed_us * r->clock / 1000000);
}

static void rewrite_begin(struct rewrite *r, uint32_t ssrc, uint16_t sequence, uint32_t timestamp,
                          int64_t at_us)
{
    uint32_t next = r->timestamp;
    if (r->started) {
        uint32_t passed = rewrite_passed(r, at_us), least = r->clock / 50;
        next += passed > least ? passed : least;
        r->index++;
    }
    if (r->time == REWRITE_ECHO)
        next = timestamp;
    else if (r->time == REWRITE_LED && r->lead->started)
        next = r->lead->timestamp + rewrite_passed(r->lead, at_us);
    r->started = true;
    r->fresh = false;
    r->ssrc = ssrc;
    r->source = r->source_first = (UINT64_C(1) << 16) + sequence;
    r->index_first = r->index;
    r->shift = next - timestamp;
}

bool rewrite_packet(struct rewrite *r, uint32_t ssrc, uint16_t sequence, uint32_t timestamp, int64_t at_us,
                    uint64_t *index, uint32_t *out_timestamp)
{
    int16_t step = (int16_t)(sequence - (uint16_t)r->source);
    if (r->fresh || ssrc != r->ssrc || step > REWRITE_JUMP || step < -REWRITE_JUMP) {
        rewrite_begin(r, ssrc, sequence, timestamp, at_us);
        step = 0;
    }
    uint64_t source = r->source + (uint64_t)(int64_t)step;
    if (source < r->source_first)
        return false;
    *index = r->index_first + (source - r->source_first);
    *out_timestamp = timestamp + r->shift;
    if (step >= 0) {
        r->source = source;
        r->index = *index;
        r->timestamp = *out_timestamp;
        r->at_us = at_us;
    }
    return true;
}

uint32_t rewrite_timestamp(const struct rewrite *r, uint32_t timestamp)
{
    return timestamp + r->shift;
}
