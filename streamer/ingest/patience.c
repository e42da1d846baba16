/* patience.c: time for two tries. */
#include "streamer/ingest/patience.h"
#include "streamer/ingest/tally.h"

/* REST: until the gap is noticed, and what one trip differs from another. RETRY: past the trip, so that what
 * is on its way is not asked for again. Up at once, down by a part of the way. */
enum { TRIES = 2, REST_MS = 80, RETRY_MS = 10, MISSED_PERCENT = 150, DOWN_PART = 16, STEP_MS = 20 };

unsigned patience_next(unsigned ms, unsigned least_ms, unsigned rtt_ms, bool missed)
{
    unsigned most_ms = MAX(least_ms, PATIENCE_MAX_MS);
    unsigned wish_ms = rtt_ms < most_ms ? CLAMP(TRIES * rtt_ms + REST_MS, least_ms, most_ms) : most_ms;
    if (missed)
        return MIN(MAX(wish_ms, ms * MISSED_PERCENT / 100), most_ms);
    if (rtt_ms == 0)
        return ms;
    return wish_ms >= ms ? wish_ms : ms - MAX((ms - wish_ms) / DOWN_PART, 1);
}

/* On a long line a packet is asked for again only when the first answer should have come, else all of it
 * comes three times; -1: GStreamer's own choice. */
static void patience_apply(const struct patience *p, GstElement *buffer)
{
    int retry_ms = p->ms > p->least_ms ? MAX((int)p->ms - REST_MS, 0) / TRIES + RETRY_MS : -1;
    g_object_set(buffer, "latency", p->ms, "rtx-min-retry-timeout", retry_ms, NULL);
}

void patience_init(struct patience *p, unsigned least_ms)
{
    *p = (struct patience){.least_ms = least_ms, .ms = least_ms};
    g_mutex_init(&p->lock);
}

void patience_add(struct patience *p, GstElement *jitterbuffer)
{
    g_mutex_lock(&p->lock);
    if (p->count < PATIENCE_BUFFERS) {
        p->buffers[p->count++] = gst_object_ref(jitterbuffer);
        patience_apply(p, jitterbuffer);
    }
    g_mutex_unlock(&p->lock);
}

static unsigned patience_look(struct patience *p, bool *missed)
{
    guint64 lost = 0, late = 0, rtt = 0;
    for (unsigned i = 0; i < p->count; i++) {
        g_autoptr(GstStructure) stats = NULL;
        g_object_get(p->buffers[i], "stats", &stats, NULL);
        if (!stats)
            continue;
        lost += tally_field(stats, "num-lost");
        late += tally_field(stats, "num-late");
        rtt = MAX(rtt, tally_field(stats, "rtx-rtt"));
    }
    *missed = lost > p->lost && late > p->late;
    p->lost = lost;
    p->late = late;
    return (unsigned)MIN(rtt / GST_MSECOND, PATIENCE_MAX_MS);
}

bool patience_follow(struct patience *p)
{
    bool missed;
    g_mutex_lock(&p->lock);
    unsigned before_ms = p->ms, rtt_ms = patience_look(p, &missed);
    p->ms = patience_next(p->ms, p->least_ms, rtt_ms, missed);
    for (unsigned i = 0; i < p->count && p->ms != before_ms; i++)
        patience_apply(p, p->buffers[i]);
    g_mutex_unlock(&p->lock);
    return p->ms / STEP_MS != before_ms / STEP_MS;
}
