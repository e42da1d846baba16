/* tally.c: reads the "stats" structure of each rtpjitterbuffer. */
#include "streamer/ingest/tally.h"

void tally_init(struct tally *t)
{
    *t = (struct tally){0};
    g_mutex_init(&t->lock);
}

void tally_add(struct tally *t, GstElement *jitterbuffer)
{
    g_mutex_lock(&t->lock);
    if (t->count < TALLY_BUFFERS)
        t->buffers[t->count++] = gst_object_ref(jitterbuffer);
    g_mutex_unlock(&t->lock);
}

guint64 tally_field(const GstStructure *stats, const char *name)
{
    guint64 value = 0;
    return gst_structure_get_uint64(stats, name, &value) ? value : 0;
}

struct tally_sum tally_read(struct tally *t)
{
    struct tally_sum sum = {0};
    g_mutex_lock(&t->lock);
    for (unsigned i = 0; i < t->count; i++) {
        g_autoptr(GstStructure) stats = NULL;
        g_object_get(t->buffers[i], "stats", &stats, NULL);
        if (!stats)
            continue;
        sum.received += tally_field(stats, "num-pushed");
        sum.lost += tally_field(stats, "num-lost");
        sum.recovered += tally_field(stats, "rtx-success-count");
        sum.jitter_ms = MAX(sum.jitter_ms, tally_field(stats, "avg-jitter") / GST_MSECOND);
    }
    g_mutex_unlock(&t->lock);
    return sum;
}
