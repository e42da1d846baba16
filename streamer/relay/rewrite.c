/* rewrite.c: two offsets, set anew at each switch. Losses of the source stay visible as gaps. A source whose
 * clock leaps begins a new time, not a new stream: what viewers and later sources go by must not be at its
 * mercy. */
#include "streamer/relay/rewrite.h"

enum {
    REWRITE_JUMP = 3000, /* a step this wide is not loss: the source began again */
    REWRITE_LEAP_S =
        2, /* a timestamp so far before the newest one, or so much later than time has passed, is wrong */
};

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

/* Where time goes on. */
static uint32_t rewrite_next(const struct rewrite *r, int64_t at_us)
{
    uint32_t passed = rewrite_passed(r, at_us), least = r->clock / 50;
    if (r->time == REWRITE_LED && r->lead->started)
        return r->lead->timestamp + rewrite_passed(r->lead, at_us);
    return r->started ? r->timestamp + (passed > least ? passed : least) : r->timestamp;
}

static void rewrite_begin(struct rewrite *r, uint32_t ssrc, uint16_t sequence, uint32_t timestamp,
                          int64_t at_us)
{
    uint32_t next = r->time == REWRITE_ECHO ? timestamp : rewrite_next(r, at_us);
    r->index += r->started;
    r->started = true;
    r->fresh = false;
    r->ssrc = ssrc;
    r->source = r->source_first = (UINT64_C(1) << 16) + sequence;
    r->index_first = r->index;
    r->shift = next - timestamp;
}

/* Packets that waited somewhere come late and all at once: then time has passed and they are not ahead of it.
 */
static bool rewrite_leaps(const struct rewrite *r, uint32_t timestamp, int64_t at_us)
{
    int64_t step = (int32_t)(timestamp + r->shift - r->timestamp),
            leap = INT64_C(1) * r->clock * REWRITE_LEAP_S;
    return r->time != REWRITE_ECHO && (step < -leap || step > leap + rewrite_passed(r, at_us));
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
    bool leaps = rewrite_leaps(r, timestamp, at_us);
    if (source < r->source_first || (leaps && step < 0))
        return false;
    if (leaps)
        r->shift = rewrite_next(r, at_us) - timestamp;
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

void rewrite_skip(struct rewrite *r, uint32_t ssrc, uint16_t sequence)
{
    int16_t step = (int16_t)(sequence - (uint16_t)r->source);
    if (r->fresh || ssrc != r->ssrc || step <= 0 || step > REWRITE_JUMP)
        return;
    r->source += (uint64_t)step;
    r->source_first++;
    r->index += (uint64_t)step - 1;
}

uint32_t rewrite_timestamp(const struct rewrite *r, uint32_t timestamp)
{
    return timestamp + r->shift;
}
