/* ptmap.h: what rtpbin must know about a payload type. The caps decide which feedback the phone gets: without
 * the rtcp-fb fields no PLI is sent, without the extmap field no transport-wide report, and Chromium stays at
 * 0.4 Mb/s. */
#ifndef INGEST_PTMAP_H
#define INGEST_PTMAP_H

#include "streamer/pipeline/setup.h"

#include <gst/gst.h>

/* Yours to free; NULL for a payload type that the answer did not hold. Any thread. */
GstCaps *ptmap_caps(const struct setup *s, unsigned pt);

/* For rtprtxreceive: which RTX payload type repairs which (RFC 4588 §8.6). NULL when there is no RTX. */
GstStructure *ptmap_rtx(const struct setup *s);

#endif
