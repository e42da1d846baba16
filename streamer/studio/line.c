/* line.c: building, watching and feeding of a pipeline. */
#include "streamer/studio/line.h"
#include "streamer/pipeline/say.h"

static GstBusSyncReply line_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    struct line *l = data;
    g_autoptr(GError) error = NULL;
    g_autofree char *debug = NULL;
    (void)bus;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, &debug);
        say(SAY_ERROR, "studio.error", "s:s, s:s, s:s?", "element", GST_OBJECT_NAME(GST_MESSAGE_SRC(message)),
            "why", error->message, "debug", debug);
        g_atomic_int_set(&l->state, LINE_BROKEN);
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
        g_atomic_int_compare_and_exchange(&l->state, LINE_RUNS, LINE_ENDED);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

bool line_build(struct line *l, const char *text, const char *name)
{
    g_autoptr(GError) error = NULL;
    l->state = LINE_RUNS;
    l->pipeline = gst_parse_launch_full(text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    if (!l->pipeline) {
        say(SAY_ERROR, "studio.build", "s:s, s:s", "line", name, "why", error->message);
        return false;
    }
    g_autoptr(GstBus) bus = gst_pipeline_get_bus(GST_PIPELINE(l->pipeline));
    gst_bus_set_sync_handler(bus, line_bus, l, NULL);
    return true;
}

GstElement *line_part(struct line *l, const char *name)
{
    GstElement *part = gst_bin_get_by_name(GST_BIN(l->pipeline), name);
    g_assert(part);
    return part;
}

GstAppSrc *line_rtp_source(struct line *l, const char *name, const struct setup *s, bool video)
{
    g_autoptr(GstElement) part = line_part(l, name);
    g_autoptr(GstCaps) caps =
        video ? gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name",
                                    G_TYPE_STRING, s->codec == SETUP_H264 ? "H264" : "VP8", "clock-rate",
                                    G_TYPE_INT, 90000, "payload", G_TYPE_INT, (int)s->video_pt, NULL)
              : gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, "audio", "encoding-name",
                                    G_TYPE_STRING, "OPUS", "clock-rate", G_TYPE_INT, 48000, "payload",
                                    G_TYPE_INT, (int)s->audio_pt, NULL);
    if (video && s->sprop[0])
        gst_caps_set_simple(caps, "sprop-parameter-sets", G_TYPE_STRING, s->sprop, NULL);
    /* Bounded, and never blocking the reading thread: a disk that stands still costs the recording, nothing
     * else. */
    g_object_set(part, "format", GST_FORMAT_TIME, "caps", caps, "max-bytes", (guint64)(8 << 20), NULL);
    gst_util_set_object_arg(G_OBJECT(part), "leaky-type", "upstream");
    return GST_APP_SRC(part);
}

bool line_play(struct line *l)
{
    if (gst_element_set_state(l->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return true;
    g_atomic_int_set(&l->state, LINE_BROKEN);
    return false;
}

enum line_state line_state(const struct line *l)
{
    return (enum line_state)g_atomic_int_get(&l->state);
}

void line_drop(struct line *l)
{
    if (!l->pipeline)
        return;
    gst_element_set_state(l->pipeline, GST_STATE_NULL);
    gst_clear_object(&l->pipeline);
}

void line_push(GstAppSrc *source, const uint8_t *bytes, size_t length, int64_t us)
{
    GstBuffer *buffer = gst_buffer_new_memdup(bytes, length);
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = us > 0 ? (GstClockTime)us * GST_USECOND : 0;
    gst_app_src_push_buffer(source, buffer);
}
