/* shrink.c: RTP → decoder → 320 pixels → encoder → RTP. The reading thread feeds, GStreamer's threads work
 * and write to the relay. */
#include "streamer/studio/shrink.h"
#include "streamer/pipeline/child.h"
#include "streamer/pipeline/rtp.h"
#include "streamer/pipeline/say.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>

#define DECODE_H264                                                                                          \
    "appsrc name=rtp ! rtph264depay wait-for-keyframe=true ! h264parse ! avdec_h264 max-threads=1"
#define DECODE_VP8 "appsrc name=rtp ! rtpvp8depay wait-for-keyframe=true ! vp8dec threads=1"
#define SCALE                                                                                                \
    " ! identity name=thin ! videoconvertscale ! capsfilter name=size ! queue max-size-buffers=2 "           \
    "max-size-bytes=0 max-size-time=0 leaky=downstream ! "
/* zerolatency: one frame in, one frame out. The buffer of half a second holds a keyframe's bits together. */
#define ENCODE_H264                                                                                          \
    "x264enc name=encoder tune=zerolatency speed-preset=veryfast threads=1 bitrate=%u "                      \
    "vbv-buf-capacity=500 key-int-max=%u ! video/x-h264,profile=constrained-baseline,"                       \
    "stream-format=byte-stream ! rtph264pay pt=%u mtu=1200 config-interval=-1 aggregate-mode=zero-latency"
#define ENCODE_VP8                                                                                           \
    "vp8enc name=encoder deadline=1 cpu-used=8 threads=1 end-usage=cbr lag-in-frames=0 "                     \
    "target-bitrate=%u000 keyframe-max-dist=%u error-resilient=default ! rtpvp8pay pt=%u mtu=1200"
#define OUT " ! appsink name=out sync=false async=false enable-last-sample=false"

enum { TICK_MS = 200, KEY_FIRST_MS = 1000 };

struct shrink {
    const struct setup *setup;
    struct wire *wire;
    struct line line;
    GstAppSrc *rtp;
    GstElement *size, *encoder;
    struct shrink_clock clock; /* the reading thread's; `first` is set before anything comes out */
    int width, height;         /* of the source */
    GstClockTime next;         /* frames before this one are left out */
    bool any;                  /* something came out */
    int64_t heard_us, asked_us;
};

uint64_t shrink_ns(struct shrink_clock *c, uint32_t timestamp)
{
    if (!c->started)
        *c = (struct shrink_clock){.started = true, .first = timestamp, .last = timestamp};
    c->ticks += (int32_t)(timestamp - c->last);
    c->last = timestamp;
    return c->ticks > 0 ? (uint64_t)c->ticks * 100000 / 9 : 0;
}

uint32_t shrink_timestamp(const struct shrink_clock *c, uint64_t ns)
{
    return c->first + (uint32_t)((ns * 9 + 99999) / 100000); /* shrink_ns cuts, so this rounds up */
}

static GstFlowReturn shrink_out(GstAppSink *sink, gpointer data)
{
    struct shrink *k = data;
    uint8_t packet[PIPE_PACKET_MAX];
    g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(sink, 0);
    GstBuffer *buffer = sample ? gst_sample_get_buffer(sample) : NULL;
    gsize size = buffer ? gst_buffer_get_size(buffer) : 0;
    /* Running time: x264enc moves its stamps up by a thousand hours, and the segment with them. */
    GstClockTime at = buffer ? gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                                           GST_BUFFER_PTS(buffer))
                             : GST_CLOCK_TIME_NONE;
    if (size < 12 || size > sizeof packet || !GST_CLOCK_TIME_IS_VALID(at))
        return GST_FLOW_OK;
    gst_buffer_extract(buffer, 0, packet, size);
    uint32_t timestamp = g_htonl(shrink_timestamp(&k->clock, at));
    memcpy(packet + 4, &timestamp, sizeof timestamp);
    wire_send(k->wire, PIPE_RTP, PIPE_VIDEO, 0, packet, size);
    __atomic_store_n(&k->any, true, __ATOMIC_RELAXED);
    return GST_FLOW_OK;
}

/* The phone was turned, or the first picture: the longer side becomes SHRINK_SIDE. */
static void shrink_resize(struct shrink *k, GstCaps *caps)
{
    int width = 0, height = 0;
    const GstStructure *shape = gst_caps_get_structure(caps, 0);
    bool known = gst_structure_get_int(shape, "width", &width) &&
                 gst_structure_get_int(shape, "height", &height) && width >= 16 && height >= 16 &&
                 width <= SHRINK_SOURCE_MAX && height <= SHRINK_SOURCE_MAX;
    if (!known || (width == k->width && height == k->height))
        return;
    k->width = width;
    k->height = height;
    int longer = MAX(width, height), side = MIN(longer, SHRINK_SIDE);
    g_autoptr(GstCaps) scaled = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width",
                                                    G_TYPE_INT, MAX(16, width * side / longer & ~1), "height",
                                                    G_TYPE_INT, MAX(16, height * side / longer & ~1),
                                                    "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
    g_object_set(k->size, "caps", scaled, NULL);
}

/* Before the scaler: sizes are noted, and of 30 frames a second half are left out. */
static GstPadProbeReturn shrink_thin(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    struct shrink *k = data;
    (void)pad;
    if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
        GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
        GstCaps *caps;
        if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
            gst_event_parse_caps(event, &caps);
            shrink_resize(k, caps);
        }
        return GST_PAD_PROBE_OK;
    }
    GstClockTime at = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
    if (GST_CLOCK_TIME_IS_VALID(at) && at < k->next && k->next - at < GST_SECOND)
        return GST_PAD_PROBE_DROP;
    if (GST_CLOCK_TIME_IS_VALID(at))
        k->next = at + GST_SECOND / SHRINK_FPS - GST_SECOND / 100; /* frames come unevenly */
    return GST_PAD_PROBE_OK;
}

static void shrink_build(struct shrink *k)
{
    bool h264 = k->setup->codec == SETUP_H264;
    g_autofree char *encode =
        h264 ? g_strdup_printf(ENCODE_H264, k->setup->low_kbps, SHRINK_KEY_FRAMES, k->setup->video_pt)
             : g_strdup_printf(ENCODE_VP8, k->setup->low_kbps, SHRINK_KEY_FRAMES, k->setup->video_pt);
    g_autofree char *text = g_strconcat(h264 ? DECODE_H264 : DECODE_VP8, SCALE, encode, OUT, NULL);
    if (!line_build(&k->line, text, "shrink"))
        child_leave(CHILD_BROKEN);
    k->rtp = line_rtp_source(&k->line, "rtp", k->setup, true);
    k->size = line_part(&k->line, "size");
    k->encoder = line_part(&k->line, "encoder");
    g_autoptr(GstElement) thin = line_part(&k->line, "thin"), out = line_part(&k->line, "out");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(thin, "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, shrink_thin, k,
                      NULL);
    GstAppSinkCallbacks callbacks = {.new_sample = shrink_out};
    gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, k, NULL);
}

static void shrink_rtp(struct shrink *k, const struct pipe_head *head, const uint8_t *packet)
{
    struct rtp_glance look;
    if (!rtp_look(&look, packet, head->length) || look.pt != k->setup->video_pt)
        return;
    k->heard_us = g_get_monotonic_time();
    GstBuffer *buffer = gst_buffer_new_memdup(packet, head->length);
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = shrink_ns(&k->clock, look.timestamp);
    gst_app_src_push_buffer(k->rtp, buffer);
}

static void shrink_keyframe(struct shrink *k)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(k->encoder, "src");
    gst_pad_send_event(pad, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

/* Fed in the middle of a group of pictures nothing can be drawn: then the phone has to help. */
static void shrink_tick(struct shrink *k)
{
    int64_t now_us = g_get_monotonic_time();
    if (line_state(&k->line) != LINE_RUNS)
        child_leave(CHILD_PIPELINE);
    bool dry = k->heard_us && !__atomic_load_n(&k->any, __ATOMIC_RELAXED);
    if (dry && now_us - k->asked_us > KEY_FIRST_MS * INT64_C(1000)) {
        if (k->asked_us) /* the first time only begins the wait */
            wire_send(k->wire, PIPE_KEYFRAME, PIPE_VIDEO, 0, NULL, 0);
        k->asked_us = now_us;
    }
}

static void shrink_take(struct shrink *k, const struct pipe_head *head, const uint8_t *bytes)
{
    switch ((enum pipe_type)head->type) {
    case PIPE_RTP:
        shrink_rtp(k, head, bytes);
        break;
    case PIPE_KEYFRAME:
        shrink_keyframe(k);
        break;
    case PIPE_PING:
        wire_send(k->wire, PIPE_PONG, PIPE_NONE, 0, NULL, 0);
        break;
    case PIPE_END:
        child_leave(CHILD_DONE);
    case PIPE_RTCP:
    case PIPE_SETUP:
    case PIPE_READY:
    case PIPE_PONG:
    case PIPE_STATS:
    case PIPE_FILE:
        break;
    }
}

void shrink_run(const struct setup *s, struct wire *w)
{
    static struct shrink k;
    static uint8_t bytes[PIPE_TEXT_MAX];
    struct pipe_head head;
    k.setup = s;
    k.wire = w;
    shrink_build(&k);
    if (!line_play(&k.line))
        child_leave(CHILD_PIPELINE);
    child_shut(w, SANDBOX_MEDIA);
    say(SAY_INFO, "shrink.ready", "s:i", "kbps", (int)s->low_kbps);
    wire_patience(w, TICK_MS);
    for (;;) {
        enum wire_got got = wire_read(w, &head, bytes);
        if (got == WIRE_END)
            child_leave(CHILD_DONE);
        if (got == WIRE_MESSAGE)
            shrink_take(&k, &head, bytes);
        shrink_tick(&k);
    }
}
