/* recorder.c: the life of takes. */
#include "streamer/studio/recorder.h"

void recorder_init(struct recorder *r, const struct setup *s, struct wire *w)
{
    *r = (struct recorder){.setup = s, .wire = w};
}

static bool recorder_open(struct recorder *r, int64_t us)
{
    if (r->take)
        return true;
    if (us < r->retry_us)
        return false;
    r->take = take_open(r->setup, r->wire, us);
    if (!r->take)
        r->retry_us = us + RECORDER_RETRY_S * INT64_C(1000000);
    return r->take != NULL;
}

void recorder_video(struct recorder *r, const uint8_t *packet, size_t length, int64_t us)
{
    if (recorder_open(r, us))
        take_video(r->take, packet, length, us);
}

/* Sound alone opens a file only where there is no picture to wait for. */
void recorder_audio(struct recorder *r, const uint8_t *packet, size_t length, int64_t us)
{
    if (r->take || (r->setup->codec == SETUP_NO_VIDEO && recorder_open(r, us)))
        take_audio(r->take, packet, length, us);
}

static void recorder_retire(struct recorder *r)
{
    take_close(r->ending); /* two at a time would mean ten seconds were not enough for the first */
    r->ending = r->take;
    r->take = NULL;
    take_end(r->ending);
}

void recorder_tick(struct recorder *r, int64_t now_us)
{
    if (r->ending && take_over(r->ending)) {
        take_close(r->ending);
        r->ending = NULL;
    }
    if (!r->take)
        return;
    if (take_over(r->take)) { /* it broke: nobody asked it to end */
        take_close(r->take);
        r->take = NULL;
        r->retry_us = now_us + RECORDER_RETRY_S * INT64_C(1000000);
    } else if (now_us - r->take->last_us > RECORDER_SILENT_S * INT64_C(1000000) ||
               now_us - r->take->start_us > RECORDER_LONG_S * INT64_C(1000000))
        recorder_retire(r);
}

bool recorder_wants_keyframe(const struct recorder *r)
{
    return r->take && r->take->video && !take_rolls(r->take);
}

bool recorder_finish(struct recorder *r)
{
    r->retry_us = INT64_MAX;
    if (r->take)
        take_end(r->take);
    return (!r->take || take_over(r->take)) && (!r->ending || take_over(r->ending));
}

void recorder_abandon(struct recorder *r)
{
    struct take *takes[] = {r->take, r->ending};
    r->take = r->ending = NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(takes); i++)
        take_close(takes[i]);
}
