/* patience.h: how long a jitter buffer waits for a packet that is missing. What is asked for again comes a
 * round trip later at the earliest, so the wait follows the phone's: on a line of 150 ms a wait of 100
 * repairs nothing, and each lost packet costs every viewer the picture until the next keyframe. Only what is
 * behind a gap waits; a line that loses nothing is not slower for it. Pictures only: Opus conceals a lost
 * packet better than a wait that long. */
#ifndef INGEST_PATIENCE_H
#define INGEST_PATIENCE_H

#include <gst/gst.h>
#include <stdbool.h>

enum { PATIENCE_BUFFERS = 16, PATIENCE_MAX_MS = 500 };

struct patience {
    GMutex lock;
    GstElement *buffers[PATIENCE_BUFFERS]; /* strong references; SOURCES_MAX bounds how many there can be */
    unsigned count;
    unsigned least_ms, ms; /* the wait without a known round trip, and the present one */
    guint64 lost, late;    /* as last seen, of all buffers */
};

/* The wait that follows `ms`. `rtt_ms`: how long it takes on average until an asked packet comes, 0 when it
 * is not known; it is counted from the last of several wishes, and so may be too short. `missed`: packets
 * were given up that came after all. Pure. */
unsigned patience_next(unsigned ms, unsigned least_ms, unsigned rtt_ms, bool missed);

void patience_init(struct patience *p, unsigned least_ms);
/* A jitter buffer of pictures; from now on it waits as the others do. Any thread. */
void patience_add(struct patience *p, GstElement *jitterbuffer);
/* Each second: looks what the buffers counted. True: the wait is another now. Any thread. */
bool patience_follow(struct patience *p);

#endif
