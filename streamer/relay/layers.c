/* layers.c: names to numbers, and the two choices. */
#include "streamer/relay/layers.h"
#include "streamer/relay/rtp.h"

#include <string.h>

void layers_init(struct layers *l, const struct sdp_track *video)
{
    *l = (struct layers){.on = video->present && *video->rids[0],
                         .rid_id = video->rid_id,
                         .repaired_id = video->repaired_id,
                         .picture = LAYER_NONE,
                         .low = LAYER_NONE};
    memcpy(l->rids, video->rids, sizeof l->rids);
}

static bool layers_named(const struct layers *l, const uint8_t *bytes, size_t size, uint8_t id,
                         unsigned *layer)
{
    size_t length = 0;
    const uint8_t *name = id ? rtp_extension(bytes, size, id, &length) : NULL;
    for (unsigned i = 0; name && i < SDP_LAYERS; i++) {
        if (strlen(l->rids[i]) == length && memcmp(l->rids[i], name, length) == 0) {
            *layer = i;
            return true;
        }
    }
    return false;
}

bool layers_of(struct layers *l, const uint8_t *bytes, size_t size, uint32_t ssrc, unsigned *layer)
{
    for (unsigned i = 0; i < l->known_count; i++) {
        if (l->known[i].ssrc == ssrc) {
            *layer = l->known[i].layer;
            return true;
        }
    }
    if (l->known_count == SRTP_STREAMS || (!layers_named(l, bytes, size, l->rid_id, layer) &&
                                           !layers_named(l, bytes, size, l->repaired_id, layer)))
        return false;
    l->known[l->known_count].ssrc = ssrc;
    l->known[l->known_count++].layer = *layer;
    return true;
}

static bool layers_alive(const struct layers *l, int layer)
{
    return layer != LAYER_NONE && l->each[layer].heard_us &&
           l->clock_us - l->each[layer].heard_us < LAYER_SILENT_MS * INT64_C(1000);
}

/* Small enough for a weak link: half of the other one, or little by itself. */
static bool layers_is_low(const struct layers *l, unsigned layer)
{
    unsigned pixels = l->each[layer].pixels, other = l->each[SDP_LAYERS - 1 - layer].pixels;
    return pixels && (pixels <= LAYER_SMALL_PIXELS || (other && pixels <= other / 2));
}

unsigned layers_take(struct layers *l, unsigned layer, bool keyframe, unsigned pixels, int64_t now_us)
{
    int n = (int)layer;
    l->clock_us += CLAMP(now_us - l->taken_us, 1, LAYER_STEP_MS * INT64_C(1000));
    l->taken_us = now_us;
    l->each[layer].heard_us = l->clock_us;
    l->each[layer].keyed |= keyframe;
    if (keyframe && pixels)
        l->each[layer].pixels = pixels;
    if (keyframe && n != l->picture &&
        (!layers_alive(l, l->picture) || l->each[layer].pixels > l->each[l->picture].pixels))
        l->picture = n;
    if (keyframe && layers_is_low(l, layer))
        l->low = n;
    else if (keyframe && l->low == n)
        l->low = LAYER_NONE; /* it has grown */
    return (n == l->picture ? LAYER_PICTURE : 0U) | (n == l->low ? LAYER_LOW : 0U);
}

/* What it could be and is not, for want of a keyframe: the picture, if it is the largest there is; the low
 * one. */
static bool layers_waits(const struct layers *l, unsigned layer)
{
    unsigned other = SDP_LAYERS - 1 - layer;
    if (!layers_alive(l, (int)layer))
        return false;
    bool largest = !layers_alive(l, (int)other) || l->each[layer].pixels > l->each[other].pixels;
    return !l->each[layer].keyed || (largest && (int)layer != l->picture) ||
           (l->low == LAYER_NONE && layers_is_low(l, layer));
}

int layers_wanted(struct layers *l, int64_t now_us)
{
    if (!layers_alive(l, l->low))
        l->low = LAYER_NONE;
    for (unsigned i = 0; i < SDP_LAYERS; i++) {
        if (layers_waits(l, i) && now_us - l->asked_us >= LAYER_ASK_MS * INT64_C(1000)) {
            l->asked_us = now_us;
            return (int)i;
        }
    }
    return LAYER_NONE;
}
