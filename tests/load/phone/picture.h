/* picture.h: what the phone films: a ball that hops over a field under a clock with milliseconds (so that
 * delay can be read off two screens), or a file that plays round and round. */
#ifndef PHONE_PICTURE_H
#define PHONE_PICTURE_H

#include <gst/gst.h>
#include <stdint.h>

enum { PICTURE_WIDTH = 640, PICTURE_HEIGHT = 360, PICTURE_RATE = 25 };

/* Draws "HH:MM:SS.mmm" in seven-segment digits on the luma plane: no fonts are needed. */
void picture_clock(uint8_t *luma, int stride, int width, int height, int64_t wall_ms);

/* A pad probe for I420 buffers that draws the clock of now. */
GstPadProbeReturn picture_clock_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data);

/* Plays `file` for ever into the inter elements of the channels "picture" and "sound". NULL and `error` on
 * failure. */
GstElement *picture_player(const char *file, GError **error);
void picture_player_free(GstElement *player);

#endif
