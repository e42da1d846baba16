/* setup.c: strict reader of PIPE_SETUP. The relay made it, but out of a stranger's SDP: numbers are checked
 * again. */
#include "streamer/pipeline/setup.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

/* A whole number in `least`…`most`, or `otherwise` when the member is absent. False when it is anything else.
 */
static bool setup_number(json_t *object, const char *name, unsigned least, unsigned most, unsigned otherwise,
                         unsigned *out)
{
    json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) {
        *out = otherwise;
        return true;
    }
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < least || number > most)
        return false;
    *out = (unsigned)number;
    return true;
}

static bool setup_text(json_t *object, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text && g_strlcpy(out, text, size) < size;
}

/* A phone may say its parameter sets in the SDP only (RFC 6184 §8.1). */
static void setup_sprop(struct setup *s, const char *fmtp)
{
    static const char name[] = "sprop-parameter-sets=";
    const char *found = fmtp ? strstr(fmtp, name) : NULL;
    if (!found)
        return;
    const char *value = found + strlen(name);
    size_t length = strcspn(value, "; \r\n");
    if (length < sizeof s->sprop)
        memcpy(s->sprop, value, length);
}

static const char *setup_video(struct setup *s, json_t *video)
{
    const char *codec = json_string_value(json_object_get(video, "codec"));
    if (!codec)
        return "video without codec";
    if (strcmp(codec, "H264") == 0)
        s->codec = SETUP_H264;
    else if (strcmp(codec, "VP8") == 0)
        s->codec = SETUP_VP8;
    else
        return "codec is neither H264 nor VP8";
    if (!setup_number(video, "pt", 1, 127, 0, &s->video_pt) || s->video_pt == 0)
        return "video pt";
    if (!setup_number(video, "rtx_pt", 0, 127, 0, &s->rtx_pt) || s->rtx_pt == s->video_pt)
        return "rtx pt";
    setup_sprop(s, json_string_value(json_object_get(video, "fmtp")));
    return NULL;
}

static const char *setup_fill(struct setup *s, json_t *root)
{
    json_t *video = json_object_get(root, "video"), *audio = json_object_get(root, "audio");
    if (!setup_text(root, "room", s->room, sizeof s->room))
        return "room";
    if (json_is_object(video)) {
        const char *why = setup_video(s, video);
        if (why)
            return why;
    }
    if (json_is_object(audio)) {
        s->audio = true;
        if (!setup_number(audio, "pt", 1, 127, 0, &s->audio_pt) || s->audio_pt == 0)
            return "audio pt";
    }
    if (s->codec == SETUP_NO_VIDEO && !s->audio)
        return "neither video nor audio";
    if (s->audio && s->codec != SETUP_NO_VIDEO && (s->audio_pt == s->video_pt || s->audio_pt == s->rtx_pt))
        return "the same pt twice";
    if (!setup_number(root, "twcc_id", 0, 14, 0, &s->twcc_id))
        return "twcc_id";
    if (!setup_number(root, "latency_ms", 0, SETUP_LATENCY_MAX_MS, SETUP_LATENCY_MS, &s->latency_ms))
        return "latency_ms";
    if (!setup_number(root, "poster_ms", 0, 3600 * 1000, SETUP_POSTER_MS, &s->poster_ms))
        return "poster_ms";
    if (!setup_number(root, "ahead_s", 0, SETUP_AHEAD_MAX_S, 0, &s->ahead_s))
        return "ahead_s";
    if (!setup_number(root, "low_kbps", 0, SETUP_LOW_MAX_KBPS, 0, &s->low_kbps))
        return "low_kbps";
    if (s->low_kbps > 0 && s->codec == SETUP_NO_VIDEO)
        return "low_kbps without video";
    if (s->poster_ms > 0 && s->poster_ms < SETUP_POSTER_MIN_MS)
        s->poster_ms = SETUP_POSTER_MIN_MS;
    if (json_object_get(root, "dir") && (!setup_text(root, "dir", s->dir, sizeof s->dir) || s->dir[0] != '/'))
        return "dir";
    s->record = json_is_true(json_object_get(root, "record"));
    return NULL;
}

bool setup_read(struct setup *s, const uint8_t *text, size_t length, const char **why)
{
    struct setup made = {0};
    json_t *root = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *wrong = json_is_object(root) ? setup_fill(&made, root) : "not a JSON object";
    json_decref(root);
    if (wrong) {
        *why = wrong;
        return false;
    }
    *s = made;
    return true;
}
