/* moof.h: mends the movie fragments that mp4mux 1.22 writes. A run of a single sample that looks like the
 * fragment's first gets no size of its own, though the fragment has dropped the default size; readers then
 * refuse the rest of the file (FFmpeg) or of the track (GStreamer). Only files that were never finished show
 * it. Pure. */
#ifndef STUDIO_MOOF_H
#define STUDIO_MOOF_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` is written to the file next. Turns such runs into free space of the same length: one sample is
 * missing instead of all that follow. Returns how many; 0 for anything that is no "moof" box (ISO/IEC
 * 14496-12 §8.8). */
unsigned moof_mend(uint8_t *bytes, size_t length);

#endif
