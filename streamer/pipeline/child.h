/* child.h: the steps every child of the relay takes in the same order, so that none can be forgotten:
 * child_begin → (build the pipeline) → child_play → child_shut → the child's own loop → child_leave. Main
 * thread. */
#ifndef PIPELINE_CHILD_H
#define PIPELINE_CHILD_H

#include "streamer/pipeline/plugins.h"
#include "streamer/pipeline/sandbox.h"
#include "streamer/pipeline/setup.h"
#include "streamer/pipeline/wire.h"

#include <gst/gst.h>

/* Exit codes; the relay logs them and backs off from a child that keeps leaving with anything but 0. */
enum child_exit { CHILD_DONE = 0, CHILD_BROKEN = 1, CHILD_MISUSED = 2, CHILD_PIPELINE = 3 };

/* Reads the options, takes file descriptor 3, waits for PIPE_SETUP, shuts the files and starts GStreamer.
 * With
 * `--warm` it only prepares the plugin set and exits 0: a relay may run that once when it starts.
 * `makes_files`: the setup must name a directory; it is made and is the only place left to write. */
void child_begin(const char *program, int argc, char **argv, const struct plugin_set *set, bool makes_files,
                 struct wire *w, struct setup *s);

/* Loads the libraries of the whole set now, so that no code has to be mapped later. */
void child_load(const struct plugin_set *set);

/* Makes an element or leaves: a missing plugin is a broken installation, not a state to live in. */
GstElement *child_make(GstBin *into, const char *factory, const char *name);

/* Errors on the pipeline's bus end the process from whichever thread they come; nothing else is kept. */
void child_watch(GstElement *pipeline);

/* To PLAYING, or leave. */
void child_play(GstElement *pipeline);

/* Shuts the system calls and tells the relay that the child is ready. */
void child_shut(struct wire *w, enum sandbox_calls allow);

/* Ends the process at once and flushes nothing: what had to be written has been. Exit handlers of a dozen
 * libraries would run behind a shut sandbox with threads still alive, for nothing. */
void child_leave(enum child_exit code) __attribute__((noreturn));

#endif
