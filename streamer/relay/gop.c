/* gop.c: bookkeeping of one group of pictures. */
#include "streamer/relay/gop.h"

void gop_reset(struct gop *g)
{
    *g = (struct gop){0};
}

bool gop_see(struct gop *g, const struct packet *p)
{
    bool first = g->next_index == 0;
    if (!first && p->index != g->next_index)
        g->whole = false; /* a gap, or a straggler behind one: the pictures in between cannot be drawn */
    if (first || p->frame != g->frame) {
        g->frame = p->frame;
        g->frame_index = p->index;
    }
    if (p->index >= g->next_index)
        g->next_index = p->index + 1;
    if (!p->keyframe || (g->whole && g->key_frame == p->frame))
        return false;
    bool again = g->key_frame == p->frame && g->key_at_us != 0;
    g->whole = true;
    g->key_index = g->frame_index;
    g->key_frame = p->frame;
    g->key_at_us = p->at_us;
    return !again;
}

bool gop_can_start(const struct gop *g, const struct history *h)
{
    return g->whole && g->next_index - g->key_index <= GOP_PACKETS && g->key_index >= history_oldest(h);
}

uint32_t gop_squeeze(const struct packet *p, uint32_t edge_frame, uint32_t edge_timestamp)
{
    int32_t before = (int32_t)(edge_frame - p->frame);
    return before > 0 ? edge_timestamp - (uint32_t)before * GOP_SQUEEZE_TICKS : p->timestamp;
}
