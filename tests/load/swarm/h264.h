/* h264.h: small synthetic H.264 that real decoders take: constrained baseline, 640x360, a grey picture over
 * which a stripe of noise moves. Raw (I_PCM) macroblocks make frames as big as wanted without an encoder.
 * Pure. */
#ifndef SWARM_H264_H
#define SWARM_H264_H

#include <stddef.h>
#include <stdint.h>

#define H264_NAL_ROOM (32 * 1024)
#define H264_STAMP 15 /* bytes of a time stamp, see h264_stamp_write() */

/* Each writes one NAL unit without start code, emulation prevention done, and returns its length. */
size_t h264_sps(uint8_t *out);
size_t h264_pps(uint8_t *out);
/* `raw`: macroblocks of 384 bytes, at the end of the picture; `idr`: counts key frames. */
size_t h264_key(uint8_t *out, unsigned int idr, unsigned int raw);
/* `number`: frames since the key frame, from 1; `stamp_us` can be read back with h264_stamp_find(). */
size_t h264_delta(uint8_t *out, unsigned int number, unsigned int raw, int64_t stamp_us);

/* A mark and a time in 15 bytes none of which is zero. Also used inside the synthetic Opus packets. */
void h264_stamp_write(uint8_t out[H264_STAMP], int64_t us);
/* The first stamp within `length` bytes, or -1. */
int64_t h264_stamp_find(const uint8_t *bytes, size_t length);

#endif
