/* estimate.c: what is reported is gathered into looks of half a second and more; a look is bad, severe, clean
 * or neither; two bad ones in a row or a severe one mean a step down, a clean while means a step up. */
#include "streamer/relay/estimate.h"
#include "streamer/relay/limits.h"

#include <glib.h>

/* Of 256: 40, 15, 10 and 8 %. Resending repairs a few percent, and what the air loses does not get less when
 * less is sent: a steady 5 % must neither cost the picture nor keep it away (draft-ietf-rmcat-gcc-02, 6,
 * backs off above 10 % too). */
enum { LOST_SEVERE = 102, LOST_BAD = 38, LOST_SOME = 26, LOST_CLEAN = 20 };

void estimate_init(struct estimate *e, int64_t now_us)
{
    *e = (struct estimate){.level = RENDITION_SOURCE,
                           .changed_us = now_us,
                           .look.since_us = now_us,
                           .patience_us = ESTIMATE_PATIENCE_MS * INT64_C(1000)};
}

/* What was reported up to here is about something else than what is sent from now on. */
static void estimate_anew(struct estimate *e, int64_t now_us)
{
    e->changed_us = now_us;
    e->remb = e->remb_most = 0;
    e->look = (struct estimate_look){.since_us = now_us};
}

void estimate_began(struct estimate *e, int64_t now_us)
{
    estimate_anew(e, now_us);
}

void estimate_remb(struct estimate *e, uint64_t bits_per_second)
{
    e->remb = bits_per_second;
    e->remb_most = MAX(e->remb_most, bits_per_second);
}

void estimate_report(struct estimate *e, uint32_t expected, uint8_t lost, uint32_t rtt_us)
{
    struct estimate_look *l = &e->look;
    expected = MIN(expected, ESTIMATE_LOOK_PACKETS_MAX);
    l->reported = true;
    l->expected += expected;
    l->lost += (uint64_t)expected * lost;
    if (rtt_us)
        l->rtt_us = l->rtt_us ? MIN(l->rtt_us, rtt_us) : rtt_us;
}

/* Is there enough to judge by? Then it becomes the newest loss and round trip, and the next look begins. A
 * browser in doubt reports five times a second, about three packets of a low picture each time: one of them
 * lost would be a third. And the shortest trip of a look is that of a queue, not of one packet's bad luck. */
static bool estimate_looked(struct estimate *e, int64_t now_us)
{
    struct estimate_look *l = &e->look;
    int64_t age_us = now_us - l->since_us;
    bool enough = l->expected >= ESTIMATE_LOOK_PACKETS || age_us >= ESTIMATE_LOOK_MAX_MS * INT64_C(1000);
    if (!l->reported || !enough || age_us < ESTIMATE_LOOK_MS * INT64_C(1000))
        return false;
    e->lost = (uint8_t)(l->lost / MAX(l->expected, 1));
    if (l->rtt_us) {
        e->rtt_us = l->rtt_us;
        /* The shortest is the way without queues; it creeps up, for a phone may move to a longer way. */
        bool shorter = !e->rtt_base_us || e->rtt_us < e->rtt_base_us;
        e->rtt_base_us = shorter ? e->rtt_us : e->rtt_base_us + (e->rtt_us - e->rtt_base_us) / 64;
    }
    *l = (struct estimate_look){.since_us = now_us};
    return true;
}

static bool estimate_queue(const struct estimate *e, uint32_t more_us)
{
    return e->rtt_us > e->rtt_base_us + more_us;
}

/* REMB against what is sent; sound alone has none. A browser lets it grow slowly from what came before, so
 * after a step up it may be low without meaning anything: only one that has fallen is a complaint. And one
 * that losses or a longer trip bear out: mere jitter makes a browser's REMB fall as well, on a line with room
 * for five pictures, and it stays down there. */
static bool estimate_remb_below(const struct estimate *e, unsigned kbps, unsigned percent)
{
    bool fell = e->remb < e->remb_most / 100 * 95;
    bool borne_out = e->lost > LOST_CLEAN || estimate_queue(e, ESTIMATE_QUEUE_MS * 1000 / 2);
    return fell && borne_out && e->level != RENDITION_AUDIO && e->remb < (uint64_t)kbps * 10 * percent;
}

static bool estimate_severe(const struct estimate *e, unsigned kbps)
{
    return e->lost >= LOST_SEVERE || estimate_remb_below(e, kbps, 40);
}

static bool estimate_bad(const struct estimate *e, unsigned kbps)
{
    return e->lost >= LOST_BAD || (e->lost >= LOST_SOME && estimate_queue(e, ESTIMATE_QUEUE_MS * 1000 / 4)) ||
           estimate_queue(e, ESTIMATE_QUEUE_MS * 1000) || estimate_remb_below(e, kbps, 85);
}

static bool estimate_clean(const struct estimate *e)
{
    return e->lost <= LOST_CLEAN && !estimate_queue(e, ESTIMATE_QUEUE_MS * 1000 / 2);
}

static void estimate_down(struct estimate *e, bool has_low, int64_t now_us)
{
    if (e->trial) /* the trial failed: the next one is further away */
        e->patience_us = MIN(2 * e->patience_us, ESTIMATE_PATIENCE_MAX_MS * INT64_C(1000));
    e->level = e->level == RENDITION_SOURCE && has_low ? RENDITION_LOW : RENDITION_AUDIO;
    e->trial = false;
    e->bad = 0;
    e->clean_us = 0;
    estimate_anew(e, now_us);
}

static void estimate_up(struct estimate *e, bool has_low, int64_t now_us)
{
    e->level = e->level == RENDITION_AUDIO && has_low ? RENDITION_LOW : RENDITION_SOURCE;
    e->trial = true;
    e->clean_us = 0;
    estimate_anew(e, now_us);
}

/* REMB cannot say much more than what is received; where it does, the next step has less to prove. */
static int64_t estimate_patience(const struct estimate *e, const struct estimate_need *need)
{
    bool roomy = e->remb > (uint64_t)need->kbps[RENDITION_SOURCE] * 1200;
    return roomy ? e->patience_us / 2 : e->patience_us;
}

enum rendition estimate_step(struct estimate *e, const struct estimate_need *need, enum rendition ceiling,
                             int64_t now_us)
{
    int64_t age_us = now_us - e->changed_us;
    unsigned kbps = need->kbps[MIN(e->level, ceiling)];
    if (e->level == RENDITION_LOW && !need->has_low)
        e->level = RENDITION_AUDIO; /* until the link has shown more */
    if (e->trial && age_us > ESTIMATE_TRIAL_MS * INT64_C(1000)) {
        e->trial = false; /* it held */
        e->patience_us = ESTIMATE_PATIENCE_MS * INT64_C(1000);
    }
    if (age_us <
        ESTIMATE_SETTLE_MS * INT64_C(1000)) /* it is about queues of before that are still emptying */
        e->look = (struct estimate_look){.since_us = now_us};
    int64_t since_us = e->look.since_us;
    if (!estimate_looked(e, now_us))
        return MIN(e->level, ceiling);
    bool severe = estimate_severe(e, kbps);
    e->bad = severe || estimate_bad(e, kbps) ? e->bad + 1 : 0;
    if (!estimate_clean(e))
        e->clean_us = 0;
    else if (!e->clean_us)
        e->clean_us = since_us; /* sound alone is reported every five seconds: twice that would be long */
    if (e->level != RENDITION_AUDIO && (e->bad >= 2 || severe)) {
        e->level = MIN(e->level, ceiling);
        if (e->level != RENDITION_AUDIO)
            estimate_down(e, need->has_low, now_us);
    } else if (e->level < RENDITION_SOURCE && e->clean_us &&
               now_us - e->clean_us >= estimate_patience(e, need)) {
        estimate_up(e, need->has_low, now_us);
    }
    return MIN(e->level, ceiling);
}
