/* sources.c: a short table; a phone has two to eight SSRCs, so a walk beats a hash. */
#include "streamer/ingest/sources.h"

bool sources_admit(struct sources *s, uint32_t ssrc, uint32_t layer, bool audio)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->seen[i].ssrc == ssrc)
            return true;
    if (s->count == SOURCES_MAX)
        return false;
    s->seen[s->count].ssrc = ssrc;
    s->seen[s->count].layer = layer;
    s->seen[s->count].audio = audio;
    __atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELEASE);
    return true;
}

static int sources_find(const struct sources *s, uint32_t ssrc)
{
    unsigned count = __atomic_load_n(&s->count, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < count; i++)
        if (s->seen[i].ssrc == ssrc)
            return (int)i;
    return -1;
}

bool sources_is_audio(const struct sources *s, uint32_t ssrc)
{
    int i = sources_find(s, ssrc);
    return i >= 0 && s->seen[i].audio;
}

uint32_t sources_layer(const struct sources *s, uint32_t ssrc)
{
    int i = sources_find(s, ssrc);
    return i >= 0 ? s->seen[i].layer : 0;
}
