/* setup.h: a PIPE_SETUP message (pipe.h gives its JSON) as a struct. Pure: bytes in, struct out. */
#ifndef PIPELINE_SETUP_H
#define PIPELINE_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setup_codec { SETUP_NO_VIDEO, SETUP_H264, SETUP_VP8 };

enum {
    SETUP_LATENCY_MS = 100,
    SETUP_LATENCY_MAX_MS = 1000,
    SETUP_POSTER_MS = 4000,
    SETUP_POSTER_MIN_MS = 500,
    SETUP_LOW_MAX_KBPS = 2000,
    SETUP_AHEAD_MAX_S = 1000000000
};

struct setup {
    char room[33];
    enum setup_codec codec;
    unsigned video_pt, rtx_pt; /* rtx_pt 0: none */
    char sprop[512];           /* H.264: sprop-parameter-sets of the fmtp, "" when absent or too long */
    bool audio;                /* Opus, when there is any */
    unsigned audio_pt;
    unsigned twcc_id;    /* 1…14; 0: the phone did not offer it */
    unsigned latency_ms; /* of the jitter buffer */
    char dir[256];       /* studio only; absolute, "" when not given */
    bool record;
    unsigned poster_ms;
    unsigned ahead_s;  /* studio only: the time files are named in is ahead of the machine's */
    unsigned low_kbps; /* studio only: transcode to this and do nothing else; 0: no */
};

/* False, with `why` pointing to constant words, when the text is no setup; `s` is written only on success. */
bool setup_read(struct setup *s, const uint8_t *text, size_t length, const char **why);

#endif
