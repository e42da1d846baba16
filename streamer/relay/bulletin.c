/* bulletin.c: one function a message. */
#include "streamer/relay/bulletin.h"
#include "streamer/relay/rendition.h"
#include "streamer/relay/small.h"

#include <string.h>

enum { FILE_NAME_MAX = 128 };

json_t *bulletin_session(const char *session, const struct room *r, bool watch, const char *state,
                         const char *why)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "t", "session", "session", session, "room", r->name,
                          "kind", watch ? "watch" : "publish", "state", state);
    if (strcmp(state, "gone") == 0)
        json_object_set_new(o, "why", json_string(why));
    return o;
}

/* What the picture's renditions cost just now, in kb/s; 0: not made at the moment. */
static json_t *bulletin_layers(struct room *r, int64_t now_us)
{
    bool live = r->state == ROOM_LIVE;
    track_measure(&r->video, now_us);
    track_measure(&r->small.track, now_us);
    return json_pack("{s:i, s:i}", "source", live ? (int)r->video.kbps : 0, "low",
                     live && (r->small.layered || r->small.child) ? (int)small_kbps(r) : 0);
}

json_t *bulletin_room(struct room *r, int64_t now_us)
{
    struct audience a = room_audience(r);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:i, s:{s:i, s:i}, s:s, s:s, s:I}", "t", "room", "room", r->name, "state",
                  room_state_word(r), "viewers", (int)a.viewers, "uplink", "kbps", (int)r->kbps,
                  "lost_permille", (int)r->lost_permille, "video", sdp_codec_name(r->video.codec), "low",
                  small_word(r), "since", (json_int_t)r->state_wall_ms);
    json_t *on = json_object();
    for (int i = 0; i < RENDITIONS; i++)
        json_object_set_new(on, rendition_word((enum rendition)i), json_integer((json_int_t)a.on[i]));
    json_object_set_new(o, "renditions", on);
    json_object_set_new(o, "layers", bulletin_layers(r, now_us));
    return o;
}

json_t *bulletin_rendition(const char *session, const struct room *r, const char *rendition)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "t", "rendition", "session", session, "room", r->name,
                     "rendition", rendition);
}

json_t *bulletin_file(const char *room, const char *json)
{
    json_t *o = json_loads(json, 0, NULL), *said = NULL;
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const char *file = json_string_value(json_object_get(o, "file"));
    json_int_t ms = json_integer_value(json_object_get(o, "ms"));
    bool known = kind && (strcmp(kind, "poster") == 0 || strcmp(kind, "recording") == 0);
    if (known && file && *file && *file != '.' && !strchr(file, '/') && strlen(file) <= FILE_NAME_MAX) {
        g_autofree char *path = g_strdup_printf("%s/%s", room, file);
        said = json_pack("{s:s, s:s, s:s, s:s, s:I}", "t", "file", "room", room, "kind", kind, "file", path,
                         "ms", ms);
    }
    json_decref(o);
    return said;
}

static void bulletin_add_counter(void *arg, const char *name, uint64_t value)
{
    json_object_set_new(arg, name, json_integer((json_int_t)value));
}

static json_t *bulletin_stages(const struct meter *m)
{
    json_t *o = json_object();
    for (unsigned i = 0; i < METER_COUNT; i++)
        json_object_set_new(o, meter_word((enum meter_stage)i), json_integer((json_int_t)m->stage_us[i]));
    return o;
}

static json_t *bulletin_queue(const struct meter *m)
{
    json_t *bounds = json_array(), *counts = json_array();
    for (unsigned i = 0; i <= METER_QUEUE_BOUNDS; i++) {
        if (i < METER_QUEUE_BOUNDS)
            json_array_append_new(bounds, json_integer(meter_queue_bounds_us[i]));
        json_array_append_new(counts, json_integer((json_int_t)m->queue[i]));
    }
    return json_pack("{s:o, s:o, s:I}", "bounds_us", bounds, "counts", counts, "sum_us",
                     (json_int_t)m->queue_us);
}

json_t *bulletin_stats(unsigned rooms, unsigned viewers, const struct counters *sum)
{
    json_t *counters = json_object();
    counters_each(sum, bulletin_add_counter, counters);
    return json_pack("{s:i, s:i, s:o, s:o, s:o}", "rooms", (int)rooms, "viewers", (int)viewers, "counters",
                     counters, "stage_us", bulletin_stages(&sum->meter), "queue",
                     bulletin_queue(&sum->meter));
}
