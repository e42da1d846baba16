/* line.h: a pipeline that may fail without taking the process along: posters and the recording must not end
 * each other. What its bus says is kept in one word that any thread may read. */
#ifndef STUDIO_LINE_H
#define STUDIO_LINE_H

#include "streamer/pipeline/setup.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdbool.h>

enum line_state { LINE_RUNS, LINE_ENDED, LINE_BROKEN };

struct line {
    GstElement *pipeline; /* NULL: there is none */
    int state;            /* enum line_state, atomic */
};

/* Builds a pipeline from a fixed text and watches its bus. False, with a line in the log, when that fails. */
bool line_build(struct line *l, const char *text, const char *name);
GstElement *line_part(struct line *l, const char *name); /* yours to unref; the part must exist */
GstAppSrc *line_rtp_source(struct line *l, const char *name, const struct setup *s,
                           bool video); /* the line's */
bool line_play(struct line *l);
enum line_state line_state(const struct line *l);
void line_drop(struct line *l); /* stops it and forgets it; not from its own threads */

/* Wraps bytes for an appsrc, with a time in microseconds of the line's clock. */
void line_push(GstAppSrc *source, const uint8_t *bytes, size_t length, int64_t us);

#endif
