/* tally.h: what the jitter buffers counted, summed over all streams of the phone, also those that are gone.
 */
#ifndef INGEST_TALLY_H
#define INGEST_TALLY_H

#include <gst/gst.h>

enum { TALLY_BUFFERS = 16 };

struct tally {
    GMutex lock;
    GstElement *buffers[TALLY_BUFFERS]; /* strong references; SOURCES_MAX bounds how many there can be */
    unsigned count;
};

/* Since the start; `jitter_ms` is now, of the worst stream. */
struct tally_sum {
    guint64 received, lost, recovered;
    guint64 jitter_ms;
};

/* A number in the statistics of a jitter buffer; 0 when it has no such. */
guint64 tally_field(const GstStructure *stats, const char *name);

void tally_init(struct tally *t);
void tally_add(struct tally *t, GstElement *jitterbuffer); /* any thread */
struct tally_sum tally_read(struct tally *t);              /* any thread */

#endif
