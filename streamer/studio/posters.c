/* posters.c: keyframes to JPEG files. */
#include "streamer/studio/posters.h"
#include "streamer/pipeline/say.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEYS_TEXT_H264                                                                                       \
    "appsrc name=rtp ! rtph264depay wait-for-keyframe=true ! h264parse config-interval=-1 ! "                \
    "video/x-h264,stream-format=byte-stream,alignment=au ! identity drop-buffer-flags=delta-unit ! "         \
    "appsink name=keys sync=false async=false max-buffers=2 drop=true"
#define KEYS_TEXT_VP8                                                                                        \
    "appsrc name=rtp ! rtpvp8depay wait-for-keyframe=true ! identity drop-buffer-flags=delta-unit ! "        \
    "appsink name=keys sync=false async=false max-buffers=2 drop=true"
#define DECODE_TEXT                                                                                          \
    "appsrc name=frames format=time max-buffers=2 leaky-type=downstream ! %s ! videoconvertscale ! "         \
    "capsfilter name=size ! jpegenc quality=75 ! appsink name=out sync=false async=false max-buffers=2 "     \
    "drop=true"

void poster_fit(int width, int height, int *to_width, int *to_height)
{
    int longer = MAX(width, height);
    *to_width = MAX(2, (int)((int64_t)width * POSTER_SIDE / longer) & ~1);
    *to_height = MAX(2, (int)((int64_t)height * POSTER_SIDE / longer) & ~1);
}

/* A new size: believe it or not, and scale to what fits. */
static void posters_size(struct posters *p, GstCaps *caps)
{
    int width = 0, height = 0, to_width, to_height;
    const GstStructure *shape = gst_caps_get_structure(caps, 0);
    bool known =
        gst_structure_get_int(shape, "width", &width) && gst_structure_get_int(shape, "height", &height);
    if (known && width == p->width && height == p->height)
        return;
    p->width = width;
    p->height = height;
    p->sized_well =
        known && width >= 16 && height >= 16 && width <= POSTER_SOURCE_MAX && height <= POSTER_SOURCE_MAX;
    if (!p->sized_well) {
        say(SAY_WARN, "poster.size", "s:i, s:i", "width", width, "height", height);
        return;
    }
    poster_fit(width, height, &to_width, &to_height);
    g_autoptr(GstCaps) scaled = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width",
                                                    G_TYPE_INT, to_width, "height", G_TYPE_INT, to_height,
                                                    "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
    g_object_set(p->size, "caps", scaled, NULL);
}

bool posters_none(const struct posters *p)
{
    return __atomic_load_n(&p->decoded_us, __ATOMIC_RELAXED) == 0;
}

bool posters_due(struct posters *p, int64_t now_us)
{
    int64_t last_us = __atomic_load_n(&p->decoded_us, __ATOMIC_RELAXED);
    return last_us == 0 || now_us - last_us >= (int64_t)p->setup->poster_ms * 1000;
}

/* A keyframe came (thread of the keys line). */
static GstFlowReturn posters_key(GstAppSink *sink, gpointer data)
{
    struct posters *p = data;
    int64_t now_us = g_get_monotonic_time();
    g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(sink, 0);
    GstBuffer *frame = sample ? gst_sample_get_buffer(sample) : NULL;
    if (!frame || !posters_due(p, now_us))
        return GST_FLOW_OK;
    posters_size(p, gst_sample_get_caps(sample));
    if (!p->sized_well || gst_buffer_get_size(frame) > POSTER_FRAME_MAX) {
        __atomic_add_fetch(&p->refused, 1, __ATOMIC_RELAXED);
        return GST_FLOW_OK;
    }
    __atomic_store_n(&p->decoded_us, now_us, __ATOMIC_RELAXED);
    gst_app_src_push_sample(p->frames, sample);
    /* A decoder may hold a picture back for those that follow: none will. A still frame makes it give what it
     * has. */
    gst_element_send_event(GST_ELEMENT(p->frames), gst_video_event_new_still_frame(TRUE));
    return GST_FLOW_OK;
}

static void posters_forget_oldest(struct posters *p)
{
    g_autofree char *path = g_build_filename(p->setup->dir, p->files[0], NULL);
    unlink(path);
    g_free(p->files[0]);
    memmove(p->files, p->files + 1, sizeof p->files - sizeof p->files[0]);
    p->files[POSTER_KEEP] = NULL;
}

static void posters_remember(struct posters *p, const char *name)
{
    unsigned i = 0;
    while (i < POSTER_KEEP && p->files[i])
        i++;
    p->files[i] = g_strdup(name);
    if (i == POSTER_KEEP)
        posters_forget_oldest(p);
}

/* Under a passing name first: whoever opens the real name gets a whole picture. */
static bool posters_write(const struct posters *p, const char *name, const uint8_t *bytes, size_t length)
{
    g_autofree char *part = g_strdup_printf("%s/.poster.part", p->setup->dir);
    g_autofree char *path = g_build_filename(p->setup->dir, name, NULL);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return false;
    bool written = write(fd, bytes, length) == (ssize_t)length;
    written = close(fd) == 0 && written;
    if (written && rename(part, path) == 0)
        return true;
    unlink(part);
    return false;
}

/* A picture is ready (thread of the decode line). */
static GstFlowReturn posters_picture(GstAppSink *sink, gpointer data)
{
    struct posters *p = data;
    GstMapInfo map;
    int64_t wall_ms = g_get_real_time() / 1000 + (int64_t)p->setup->ahead_s * 1000;
    g_autofree char *name = g_strdup_printf("poster-%" G_GINT64_FORMAT ".jpg", wall_ms);
    g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(sink, 0);
    GstBuffer *picture = sample ? gst_sample_get_buffer(sample) : NULL;
    if (!picture || !gst_buffer_map(picture, &map, GST_MAP_READ))
        return GST_FLOW_OK;
    bool written = posters_write(p, name, map.data, map.size);
    gst_buffer_unmap(picture, &map);
    if (!written) {
        say(SAY_WARN, "poster.write", "s:s", "why", g_strerror(errno));
        return GST_FLOW_OK;
    }
    posters_remember(p, name);
    wire_send_json(p->wire, PIPE_FILE, "{s:s, s:s, s:I}", "kind", "poster", "file", name, "ms",
                   (json_int_t)wall_ms);
    return GST_FLOW_OK;
}

static int posters_by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a,
                  *(char *const *)b); /* milliseconds of equal length until the year 2286 */
}

/* Takes over what an earlier studio left in the directory. */
static void posters_adopt(struct posters *p)
{
    g_autoptr(GDir) dir = g_dir_open(p->setup->dir, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir))
        if (g_str_has_prefix(name, "poster-") && g_str_has_suffix(name, ".jpg"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, posters_by_name);
    for (guint i = 0; i < names->len; i++)
        posters_remember(p, g_ptr_array_index(names, i));
}

static void posters_sink(struct line *l, const char *name, GstFlowReturn (*out)(GstAppSink *, gpointer),
                         void *data)
{
    g_autoptr(GstElement) sink = line_part(l, name);
    GstAppSinkCallbacks callbacks = {.new_sample = out};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, data, NULL);
}

bool posters_start(struct posters *p, const struct setup *s, struct wire *w)
{
    bool h264 = s->codec == SETUP_H264;
    g_autofree char *decode =
        g_strdup_printf(DECODE_TEXT, h264 ? "avdec_h264 max-threads=1" : "vp8dec threads=1");
    *p = (struct posters){.setup = s, .wire = w};
    if (!line_build(&p->keys, h264 ? KEYS_TEXT_H264 : KEYS_TEXT_VP8, "keys") ||
        !line_build(&p->decode, decode, "decode"))
        return false;
    posters_adopt(p);
    p->rtp = line_rtp_source(&p->keys, "rtp", s, true);
    p->frames = GST_APP_SRC(line_part(&p->decode, "frames"));
    p->size = line_part(&p->decode, "size");
    posters_sink(&p->keys, "keys", posters_key, p);
    posters_sink(&p->decode, "out", posters_picture, p);
    return line_play(&p->decode) && line_play(&p->keys);
}

void posters_rtp(struct posters *p, const uint8_t *packet, size_t length, int64_t us)
{
    line_push(p->rtp, packet, length, us);
}

bool posters_broken(const struct posters *p)
{
    return line_state(&p->keys) != LINE_RUNS || line_state(&p->decode) != LINE_RUNS;
}

void posters_stop(struct posters *p)
{
    line_drop(&p->keys);
    line_drop(&p->decode);
    g_clear_object(&p->frames);
    g_clear_object(&p->size);
    for (unsigned i = 0; i <= POSTER_KEEP; i++)
        g_clear_pointer(&p->files[i], g_free);
}
