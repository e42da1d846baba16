/* rendition.c: aim and turn. */
#include "streamer/relay/rendition.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/log.h"
#include "streamer/relay/small.h"

#include <string.h>

enum { SOUND_KBPS = 40, HEADS_KBPS = 20 }; /* Opus as phones send it; headers and seals of small packets */

static const char *const rendition_words[RENDITIONS] = {"audio", "low", "source"};

const char *rendition_word(enum rendition r)
{
    return rendition_words[r];
}

bool rendition_read(const char *word, enum rendition *ceiling)
{
    *ceiling = RENDITION_SOURCE;
    if (word && strcmp(word, "auto") == 0)
        return true;
    for (int i = 0; word && i < RENDITIONS; i++) {
        if (strcmp(word, rendition_words[i]) == 0) {
            *ceiling = (enum rendition)i;
            return true;
        }
    }
    return false;
}

void rendition_init(struct viewer *v, int64_t now_us)
{
    v->picture = &v->room->video;
    v->now = v->aim = v->ceiling = RENDITION_SOURCE;
    estimate_init(&v->estimate, now_us);
}

void rendition_want_keyframe(struct viewer *v, enum keyframe_reason reason, int64_t now_us)
{
    if (v->picture == &v->room->video)
        room_want_keyframe(v->room, reason, now_us);
    else
        small_want_keyframe(v->room, now_us);
}

static void rendition_tell(struct viewer *v)
{
    struct room_env *env = v->room->env;
    env->counters->rendition_switches++;
    log_event(LOG_INFO, "viewer.rendition", "s:s, s:s, s:i, s:i, s:i", "room", v->room->name, "is",
              rendition_word(v->now), "remb_kbps", (int)(v->estimate.remb / 1000), "lost",
              (int)v->estimate.lost, "rtt_ms", (int)(v->estimate.rtt_us / 1000));
    env->events->rendition_changed(env->events_arg, v->session, v->room, rendition_word(v->now));
}

/* Goes on in `t` at its keyframe, if there is a fresh one. Frames of one moment reach us at different times
 * in two renditions; what would lie before the last frame sent is moved just behind it, and the sender
 * reports move along, so that lips and voice stay together. */
static bool rendition_switch(struct viewer *v, struct track *t, int64_t now_us)
{
    struct lane *l = &v->video;
    const struct packet *key =
        gop_can_start(&t->gop, t->history) ? history_get(t->history, t->gop.key_index) : NULL;
    if (!key || now_us - t->gop.key_at_us > SWITCH_FRESH_MS * INT64_C(1000))
        return false;
    uint32_t timestamp = gop_squeeze(key, t->frame, t->timestamp);
    int32_t back = l->packets ? (int32_t)(l->timestamp + SWITCH_STEP_TICKS - timestamp) : 0;
    if (back > SWITCH_BACK_TICKS)
        return false;
    v->picture = t;
    l->key_after = 0;
    l->shift = back > 0 ? (uint32_t)back : 0;
    lane_jump(l, t->gop.key_index);
    l->edge_frame = t->frame;
    l->edge_timestamp = t->timestamp;
    return true;
}

static void rendition_became(struct viewer *v, enum rendition now, int64_t now_us)
{
    v->room->on[v->now]--; /* only who is ready becomes anything */
    v->now = now;
    v->room->on[now]++;
    rendition_tell(v);
    if (now == v->estimate.level)
        estimate_began(&v->estimate, now_us);
}

/* A transcode may take seconds to begin, and until then the source would go on flooding a link that cannot
 * carry it: sound alone in the meantime. */
static void rendition_relieve(struct viewer *v, int64_t now_us)
{
    bool floods = v->now > v->aim && v->estimate.level < v->now;
    if (!floods || now_us - v->aimed_us < SWITCH_RELIEVE_MS * INT64_C(1000))
        return;
    v->video.waiting = true;
    rendition_became(v, RENDITION_AUDIO, now_us);
}

void rendition_turn(struct viewer *v, int64_t now_us)
{
    struct room *r = v->room;
    struct track *t = v->aim == RENDITION_LOW ? &r->small.track : &r->video;
    if (v->aim == RENDITION_AUDIO) {
        v->video.waiting = true;
        rendition_became(v, v->aim, now_us);
        return;
    }
    if (rendition_switch(v, t, now_us)) {
        rendition_became(v, v->aim, now_us);
        return;
    }
    rendition_relieve(v, now_us);
    if (now_us - v->asked_us < SWITCH_ASK_MS * INT64_C(1000))
        return;
    v->asked_us = now_us;
    if (v->aim == RENDITION_LOW)
        small_want_keyframe(r, now_us);
    else
        room_want_keyframe(r, KEYFRAME_JOIN, now_us);
}

static struct estimate_need rendition_need(struct room *r, int64_t now_us)
{
    track_measure(&r->video, now_us);
    track_measure(&r->small.track, now_us);
    return (struct estimate_need){.kbps = {[RENDITION_AUDIO] = SOUND_KBPS,
                                           [RENDITION_LOW] = small_kbps(r) + SOUND_KBPS + HEADS_KBPS,
                                           [RENDITION_SOURCE] = r->video.kbps + SOUND_KBPS + HEADS_KBPS},
                                  .has_low = small_available(r)};
}

/* Without a low rendition the wish to save data leaves sound: silently to send five times as much would be
 * worse. */
static enum rendition rendition_within(const struct estimate_need *need, enum rendition r)
{
    return r == RENDITION_LOW && !need->has_low ? RENDITION_AUDIO : r;
}

void rendition_choose(struct viewer *v, int64_t now_us)
{
    if (!v->video.on || !v->ready)
        return;
    struct estimate_need need = rendition_need(v->room, now_us);
    enum rendition aim =
        v->room->state == ROOM_LIVE ? estimate_step(&v->estimate, &need, v->ceiling, now_us) : v->aim;
    aim = rendition_within(&need, MIN(aim, v->ceiling));
    if (aim == RENDITION_LOW || v->now == RENDITION_LOW) /* asked each second: this is what keeps it alive */
        small_want(v->room, now_us);
    if (aim == v->aim)
        return;
    if (aim == RENDITION_AUDIO && v->ceiling != RENDITION_AUDIO && !need.has_low)
        v->room->env->counters->low_missed++;
    v->aim = aim;
    v->aimed_us = now_us;
    v->asked_us = 0;
    if (v->video.packets == 0 &&
        aim != RENDITION_AUDIO) { /* nothing to switch from: any cached start will do */
        v->picture = aim == RENDITION_LOW ? &v->room->small.track : &v->room->video;
        v->video.waiting = true; /* a place that was found already is one of the other track's */
        v->video.key_after = 0;
        rendition_became(v, v->aim, now_us);
    }
}

void rendition_source_changed(struct room *r, int64_t now_us)
{
    for (guint i = 0; i < r->viewers->len; i++) {
        struct viewer *v = g_ptr_array_index(r->viewers, i);
        if (v->now == RENDITION_SOURCE)
            estimate_began(&v->estimate, now_us);
    }
    if (r->away)
        crew_room_source(r->env->crew, r);
}

void rendition_wish(struct viewer *v, enum rendition ceiling, int64_t now_us)
{
    v->ceiling = ceiling;
    rendition_choose(v, now_us);
}
