/* sources.h: which SSRCs a phone may use. rtpbin makes a jitter buffer and two threads for each new SSRC, so
 * a hostile phone must not choose how many. Also remembers of each what it carries and the simulcast layer
 * the relay gave with it. Pure; the reading thread writes, GStreamer's threads ask. */
#ifndef INGEST_SOURCES_H
#define INGEST_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

enum { SOURCES_MAX = 16 };

struct sources {
    unsigned count; /* published with release order after the slot is filled */
    struct {
        uint32_t ssrc;
        uint32_t layer;
        bool audio;
    } seen[SOURCES_MAX];
};

/* True for a known SSRC and for a new one while there is room. */
bool sources_admit(struct sources *s, uint32_t ssrc, uint32_t layer, bool audio);

bool sources_is_audio(const struct sources *s, uint32_t ssrc);  /* false when unknown */
uint32_t sources_layer(const struct sources *s, uint32_t ssrc); /* 0 when unknown */

#endif
