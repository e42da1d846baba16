/* frame.h: the relay link's frames (streamer/link.h): 4 bytes of length, big-endian, then one JSON object. */
#ifndef EDGE_FRAME_H
#define EDGE_FRAME_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Takes the next whole frame off the front of `in`. True: *message is the caller's (NULL when none is
 * complete yet). False: the bytes are no link talk (length 0 or too long, no JSON object, no "t"); the
 * connection must be closed. */
bool frame_next(GByteArray *in, json_t **message);
/* Appends a frame. False when the message is longer than a frame may be (nothing is appended). */
bool frame_put(GByteArray *out, const json_t *message);

#endif
