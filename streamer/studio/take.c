/* take.c: builds the muxing pipeline and holds sound and picture together. */
#include "streamer/studio/take.h"
#include "streamer/pipeline/rtp.h"
#include "streamer/pipeline/say.h"
#include "streamer/studio/moof.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

enum {
    SOUND_FRAME_US = 20 * 1000,
    SOUND_LATE_US = 60 * 1000, /* sound older than what is written by this much is dropped */
    SOUND_MISSING_US =
        400 * 1000, /* after this the gap is filled with silence, or the muxer would wait for ever */
    SOUND_FILLED_US = 200 * 1000, /* …up to this far behind the picture */
    SOUND_FILL_MOST = 500,        /* frames at a time: ten seconds */
    SOUND_AFTER_US =
        20 * 1000, /* Chromium cannot play a WebM whose sound starts with or before the picture */
};

/* config-interval and the probe on caps: a change of resolution would make the muxer write a corrupt file if
 * it saw the new caps; with the parameter sets in band players follow it. buffer-mode=2: unbuffered, nothing
 * is lost. */
#define VIDEO_H264                                                                                           \
    "appsrc name=video ! rtph264depay wait-for-keyframe=true ! h264parse config-interval=-1 ! "              \
    "video/x-h264,stream-format=avc,alignment=au ! identity name=picture ! mux.video_0 "
#define VIDEO_VP8                                                                                            \
    "appsrc name=video ! rtpvp8depay wait-for-keyframe=true ! identity name=picture ! mux.video_0 "
#define AUDIO "appsrc name=audio ! rtpopusdepay ! opusparse ! identity name=sound ! mux.audio_0 "
#define FILE_PART " ! filesink name=file buffer-mode=2 sync=false async=false "

static char *take_text(const struct setup *s)
{
    const char *video = s->codec == SETUP_H264 ? VIDEO_H264 : s->codec == SETUP_VP8 ? VIDEO_VP8 : "";
    const char *mux = s->codec == SETUP_VP8 ? "webmmux name=mux streamable=true"
                                            : "mp4mux name=mux fragment-duration=2000 "
                                              "fragment-mode=first-moov-then-finalise";
    return g_strconcat(mux, FILE_PART, video, s->audio ? AUDIO : "", NULL);
}

static void take_tell(struct take *t, const char *state)
{
    wire_send_json(t->wire, PIPE_FILE, "{s:s, s:s, s:I, s:s}", "kind", "recording", "file", t->name, "ms",
                   (json_int_t)t->wall_ms, "state", state);
}

static void take_roll(struct take *t, int64_t at_ns)
{
    int64_t none = -1;
    if (__atomic_compare_exchange_n(&t->rolling_ns, &none, at_ns, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        take_tell(t, "open");
}

/* The parser may leave a picture without a time where the stream was cut; mp4mux would end the file for it.
 */
static GstBuffer *take_dated(struct take *t, GstBuffer *picture)
{
    GstClockTime at = GST_BUFFER_PTS(picture);
    if (!GST_CLOCK_TIME_IS_VALID(at)) {
        at = t->picture_ns + GST_MSECOND;
        picture = gst_buffer_make_writable(picture);
        GST_BUFFER_PTS(picture) = GST_BUFFER_DTS(picture) = at;
    }
    t->picture_ns = at;
    return picture;
}

static GstPadProbeReturn take_picture(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct take *t = data;
    (void)pad;
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        info->data = take_dated(t, GST_PAD_PROBE_INFO_BUFFER(info));
        take_roll(t, (int64_t)t->picture_ns);
        return GST_PAD_PROBE_OK;
    }
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_CAPS || t->setup->codec != SETUP_H264)
        return GST_PAD_PROBE_OK;
    bool first = !t->caps_seen;
    t->caps_seen = true;
    return first ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* Between muxer and file. */
static GstPadProbeReturn take_fragment(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    static const uint8_t type[4] = {'m', 'o', 'o', 'f'};
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    GstMapInfo map;
    (void)pad, (void)data;
    if (gst_buffer_memcmp(buffer, sizeof type, type, sizeof type) != 0)
        return GST_PAD_PROBE_OK;
    buffer = gst_buffer_make_writable(buffer);
    info->data = buffer;
    if (gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) {
        moof_mend(map.data, map.size);
        gst_buffer_unmap(buffer, &map);
    }
    return GST_PAD_PROBE_OK;
}

static void take_probe(struct take *t, const char *part, GstPadProbeType type, GstPadProbeCallback probe)
{
    g_autoptr(GstElement) element = line_part(&t->line, part);
    g_autoptr(GstPad) pad = gst_element_get_static_pad(element, "src");
    gst_pad_add_probe(pad, type, probe, t, NULL);
}

struct take *take_open(const struct setup *s, struct wire *w, int64_t now_us)
{
    struct take *t = g_new0(struct take, 1);
    g_autofree char *text = take_text(s);
    t->setup = s;
    t->wire = w;
    t->wall_ms = g_get_real_time() / 1000 + (int64_t)s->ahead_s * 1000;
    t->name = g_strdup_printf("recording-%" G_GINT64_FORMAT ".%s", t->wall_ms,
                              s->codec == SETUP_VP8 ? "webm" : "mp4");
    t->path = g_build_filename(s->dir, t->name, NULL);
    t->start_us = t->last_us = now_us;
    t->rolling_ns = -1;
    if (!line_build(&t->line, text, "take")) {
        take_close(t);
        return NULL;
    }
    g_autoptr(GstElement) file = line_part(&t->line, "file");
    g_object_set(file, "location", t->path, NULL);
    if (s->codec != SETUP_NO_VIDEO) {
        t->video = line_rtp_source(&t->line, "video", s, true);
        take_probe(t, "picture", GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                   take_picture);
    }
    if (s->codec != SETUP_VP8)
        take_probe(t, "mux", GST_PAD_PROBE_TYPE_BUFFER, take_fragment);
    if (s->audio)
        t->audio = line_rtp_source(&t->line, "audio", s, false);
    if (!line_play(&t->line)) {
        take_close(t);
        return NULL;
    }
    return t;
}

bool take_rolls(const struct take *t)
{
    return __atomic_load_n(&t->rolling_ns, __ATOMIC_ACQUIRE) >= 0;
}

/* Sound with our own numbers, since silence may stand between. */
static void take_sound(struct take *t, uint8_t *packet, size_t length, int64_t us)
{
    packet[2] = (uint8_t)(t->audio_seq >> 8);
    packet[3] = (uint8_t)t->audio_seq;
    t->audio_seq++;
    t->sound_end_us = us + SOUND_FRAME_US;
    line_push(t->audio, packet, length, us - t->start_us);
}

/* One 20 ms frame of Opus silence (CELT, stereo), for a microphone that is off. */
static void take_silence(struct take *t, int64_t us)
{
    uint8_t packet[RTP_HEADER_BYTES + 3] = {0x80, (uint8_t)t->setup->audio_pt};
    static const uint8_t silence[3] = {0xfc, 0xff, 0xfe};
    memcpy(packet + RTP_HEADER_BYTES, silence, sizeof silence);
    take_sound(t, packet, sizeof packet, us);
}

static void take_fill(struct take *t, int64_t picture_us)
{
    int64_t rolling_ns = __atomic_load_n(&t->rolling_ns, __ATOMIC_ACQUIRE);
    if (!t->audio || rolling_ns < 0)
        return;
    if (t->sound_end_us == 0)
        t->sound_end_us = t->start_us + rolling_ns / 1000 + SOUND_AFTER_US;
    if (picture_us - t->sound_end_us < SOUND_MISSING_US)
        return;
    for (int i = 0; i < SOUND_FILL_MOST && t->sound_end_us < picture_us - SOUND_FILLED_US; i++)
        take_silence(t, t->sound_end_us);
}

void take_video(struct take *t, const uint8_t *packet, size_t length, int64_t us)
{
    if (t->phase == TAKE_ENDS || !t->video)
        return;
    t->last_us = us;
    take_fill(t, us);
    line_push(t->video, packet, length, us - t->start_us);
}

void take_audio(struct take *t, const uint8_t *packet, size_t length, int64_t us)
{
    if (t->phase == TAKE_ENDS || !t->audio || length > PIPE_PACKET_MAX)
        return;
    int64_t rolling_ns = __atomic_load_n(&t->rolling_ns, __ATOMIC_ACQUIRE);
    if (!t->video && rolling_ns < 0) {
        take_roll(t, 0);
        rolling_ns = 0;
    }
    int64_t from_us = t->sound_end_us > 0 ? t->sound_end_us - SOUND_LATE_US
                                          : t->start_us + rolling_ns / 1000 + SOUND_AFTER_US;
    if (rolling_ns < 0 || us < from_us)
        return;
    uint8_t own[PIPE_PACKET_MAX];
    memcpy(own, packet, length);
    t->last_us = t->video ? t->last_us : us;
    take_sound(t, own, length, us);
}

void take_end(struct take *t)
{
    if (t->phase == TAKE_ENDS)
        return;
    t->phase = TAKE_ENDS;
    if (t->video)
        gst_app_src_end_of_stream(t->video);
    if (t->audio)
        gst_app_src_end_of_stream(t->audio);
}

bool take_over(const struct take *t)
{
    return line_state(&t->line) != LINE_RUNS;
}

void take_close(struct take *t)
{
    if (!t)
        return;
    bool ended = line_state(&t->line) == LINE_ENDED;
    line_drop(&t->line);
    if (take_rolls(t)) {
        take_tell(t, ended ? "done" : "broken");
        say(ended ? SAY_INFO : SAY_WARN, "take.closed", "s:s, s:b", "file", t->name, "whole", ended);
    } else
        unlink(t->path);
    g_free(t->name);
    g_free(t->path);
    g_free(t);
}
