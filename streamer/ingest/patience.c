/* patience.c: time for two tries. */
#include "streamer/ingest/patience.h"

/* REST: until the gap is noticed, and what one trip differs from another. A change smaller than STEP is none.
 */
enum { TRIES = 2, REST_MS = 50, STEP_MS = 20 };

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
        g_object_set(jitterbuffer, "latency", p->ms, NULL);
    }
    g_mutex_unlock(&p->lock);
}

bool patience_follow(struct patience *p, unsigned rtt_ms)
{
    unsigned most_ms = MAX(p->least_ms, PATIENCE_MAX_MS);
    unsigned ms = rtt_ms < most_ms ? CLAMP(TRIES * rtt_ms + REST_MS, p->least_ms, most_ms) : most_ms;
    if (rtt_ms == 0 || ABS((int)ms - (int)p->ms) < STEP_MS)
        return false;
    g_mutex_lock(&p->lock);
    p->ms = ms;
    for (unsigned i = 0; i < p->count; i++)
        g_object_set(p->buffers[i], "latency", ms, NULL);
    g_mutex_unlock(&p->lock);
    return true;
}
