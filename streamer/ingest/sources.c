/* sources.c: a short table; a phone has two to eight SSRCs, so a walk beats a hash. */
#include "streamer/ingest/sources.h"

static uint32_t read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool rtp_look(struct rtp_glance *g, const uint8_t *bytes, unsigned length)
{
    if (length < RTP_HEADER_BYTES || bytes[0] >> 6 != 2)
        return false;
    *g = (struct rtp_glance){.pt = bytes[1] & 0x7f, .ssrc = read_u32(bytes + 8)};
    return true;
}

bool sources_admit(struct sources *s, uint32_t ssrc, uint32_t layer)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->seen[i].ssrc == ssrc)
            return true;
    if (s->count == SOURCES_MAX)
        return false;
    s->seen[s->count].ssrc = ssrc;
    s->seen[s->count].layer = layer;
    __atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELEASE);
    return true;
}

uint32_t sources_layer(const struct sources *s, uint32_t ssrc)
{
    unsigned count = __atomic_load_n(&s->count, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < count; i++)
        if (s->seen[i].ssrc == ssrc)
            return s->seen[i].layer;
    return 0;
}
