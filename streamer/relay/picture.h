/* picture.h: how large a picture is, as the first packet of its keyframe tells: the one thing that tells a
 * phone's simulcast layers apart, whatever it calls them. Pure. */
#ifndef RELAY_PICTURE_H
#define RELAY_PICTURE_H

#include "streamer/relay/rtp.h"

/* Width times height of the picture that a packet's payload opens (VP8: RFC 7741 and 6386 9.1; H.264: the
 * sequence parameter set, ITU-T H.264 7.3.2.1.1); 0: it does not say. At most 2^28. */
unsigned picture_pixels(enum rtp_codec codec, const uint8_t *payload, size_t size);

#endif
