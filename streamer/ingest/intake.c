/* intake.c: builds and feeds the pipeline. Every setting here was measured; see README.md before changing
 * one. */
#include "streamer/ingest/intake.h"
#include "streamer/ingest/ptmap.h"
#include "streamer/pipeline/child.h"
#include "streamer/pipeline/rtp.h"
#include "streamer/pipeline/say.h"

#include <gst/app/gstappsink.h>
#include <stdio.h>

/* 0, the default, makes 1.22 budget RTCP so low that it refuses most NACKs; nothing near this is ever sent.
 */
static const double RTCP_BANDWIDTH = 20e6;
static const guint64 RTCP_INTERVAL = GST_SECOND; /* default 5 s: receiver reports come too late to steer by */
enum { STREAMS_MAX = INTAKE_OUTLETS, RTX_DELAY_MS = 20 };
static const GstClockTime HEAD_START = 60 * GST_SECOND; /* packets older than the pipeline have a time too */

static void intake_forward(struct intake *in, GstAppSink *sink, enum pipe_type type, enum pipe_kind kind,
                           uint32_t layer)
{
    g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(sink, 0);
    GstBuffer *buffer = sample ? gst_sample_get_buffer(sample) : NULL;
    GstMapInfo map;
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    if (map.size <= PIPE_PACKET_MAX)
        wire_send(in->wire, type, kind, layer, map.data, map.size);
    gst_buffer_unmap(buffer, &map);
}

static GstFlowReturn intake_rtcp_out(GstAppSink *sink, gpointer data)
{
    intake_forward(data, sink, PIPE_RTCP, PIPE_NONE, 0);
    return GST_FLOW_OK;
}

static void sink_ask_keyframe(GstElement *sink)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");
    GstStructure *please =
        gst_structure_new("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME, GST_CLOCK_TIME_NONE,
                          "all-headers", G_TYPE_BOOLEAN, FALSE, "count", G_TYPE_UINT, 0, NULL);
    gst_pad_push_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, please));
}

static GstFlowReturn outlet_out(GstAppSink *sink, gpointer data)
{
    struct outlet *o = data;
    intake_forward(o->intake, sink, PIPE_RTP, o->kind, o->layer);
    if (o->kind == PIPE_VIDEO && __atomic_exchange_n(&o->intake->keyframe_owed, false, __ATOMIC_RELAXED))
        sink_ask_keyframe(GST_ELEMENT(sink));
    return GST_FLOW_OK;
}

/* An appsink that hands over each buffer at once, from the thread that brings it. */
static GstElement *intake_sink(struct intake *in, GstFlowReturn (*out)(GstAppSink *, gpointer), gpointer data)
{
    GstElement *sink = child_make(GST_BIN(in->pipeline), "appsink", NULL);
    GstAppSinkCallbacks callbacks = {.new_sample = out};
    g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, data, NULL);
    return sink;
}

static GstAppSrc *intake_source(struct intake *in, const char *media, const char *pad)
{
    GstElement *source = child_make(GST_BIN(in->pipeline), "appsrc", NULL);
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple(media);
    g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", (guint64)0, "caps", caps,
                 NULL);
    if (!gst_element_link_pads(source, "src", in->rtpbin, pad)) {
        say(SAY_ERROR, "ingest.link", "s:s", "pad", pad); /* without the rtp plugin rtpbin has no such pad */
        child_leave(CHILD_BROKEN);
    }
    return GST_APP_SRC(source);
}

static GstCaps *intake_pt_map(GstElement *rtpbin, guint session, guint pt, gpointer data)
{
    (void)rtpbin, (void)session;
    const struct intake *in = data;
    return ptmap_caps(in->setup, pt);
}

/* rtpbin wants a bin whose pads are named after the session. */
static GstElement *intake_rtx(GstElement *rtpbin, guint session, gpointer data)
{
    (void)rtpbin;
    const struct intake *in = data;
    g_autoptr(GstStructure) map = ptmap_rtx(in->setup);
    if (!map)
        return NULL;
    GstElement *bin = gst_bin_new(NULL);
    GstElement *receive = child_make(GST_BIN(bin), "rtprtxreceive", NULL);
    g_object_set(receive, "payload-type-map", map, NULL);
    static const char *const sides[] = {"sink", "src"};
    for (unsigned i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_autoptr(GstPad) inner = gst_element_get_static_pad(receive, sides[i]);
        g_autofree char *name = g_strdup_printf("%s_%u", sides[i], session);
        gst_element_add_pad(bin, gst_ghost_pad_new(name, inner));
    }
    return bin;
}

static void intake_new_buffer(GstElement *rtpbin, GstElement *jitterbuffer, guint session, guint ssrc,
                              gpointer data)
{
    (void)rtpbin, (void)session;
    struct intake *in = data;
    /* faststart: else the first packet waits for `latency`. rtx-next-seqnum: else a phone that pauses for
     * longer than `latency` has its next packets declared lost before they come, and dropped when they do.
     * rtx-delay: else it follows the jitter, which a phone's pacing makes large: a missing packet of a frame
     * was asked for 60 to 180 ms after the gap was seen, and there was never time for a second try. */
    g_object_set(jitterbuffer, "faststart-min-packets", 1, "rtx-next-seqnum", FALSE, "rtx-delay",
                 RTX_DELAY_MS, NULL);
    tally_add(&in->tally, jitterbuffer);
    if (!sources_is_audio(&in->sources, ssrc))
        patience_add(&in->patience, jitterbuffer);
}

static struct outlet *intake_free_outlet(struct intake *in)
{
    for (unsigned i = 0; i < INTAKE_OUTLETS; i++)
        if (!in->outlets[i].sink)
            return &in->outlets[i];
    return NULL;
}

/* A stream was recognised: pad recv_rtp_src_SESSION_SSRC_PT. */
static void intake_pad_added(GstElement *rtpbin, GstPad *pad, gpointer data)
{
    (void)rtpbin;
    struct intake *in = data;
    unsigned session, ssrc, pt;
    g_autofree char *name = gst_pad_get_name(pad);
    if (sscanf(name, "recv_rtp_src_%u_%u_%u", &session, &ssrc, &pt) != 3)
        return;
    g_mutex_lock(&in->lock);
    struct outlet *o = intake_free_outlet(in);
    if (o) {
        o->intake = in;
        o->kind = in->setup->audio && pt == in->setup->audio_pt ? PIPE_AUDIO : PIPE_VIDEO;
        o->layer = sources_layer(&in->sources, ssrc);
        o->sink = intake_sink(in, outlet_out, o);
    }
    g_mutex_unlock(&in->lock);
    if (!o)
        return; /* unlinked: rtpbin throws the stream away */
    g_autoptr(GstPad) into = gst_element_get_static_pad(o->sink, "sink");
    gst_element_sync_state_with_parent(o->sink);
    GstPadLinkReturn linked = gst_pad_link(pad, into);
    g_object_set_data(G_OBJECT(pad), "outlet", o);
    say(SAY_INFO, "ingest.stream", "s:s, s:i, s:i, s:b", "kind", o->kind == PIPE_AUDIO ? "audio" : "video",
        "pt", (int)pt, "layer", (int)o->layer, "linked", linked == GST_PAD_LINK_OK);
}

/* The stream said BYE or fell silent for long. */
static void intake_pad_removed(GstElement *rtpbin, GstPad *pad, gpointer data)
{
    (void)rtpbin;
    struct intake *in = data;
    struct outlet *o = g_object_get_data(G_OBJECT(pad), "outlet");
    if (!o)
        return;
    g_mutex_lock(&in->lock);
    GstElement *sink = g_steal_pointer(&o->sink);
    g_mutex_unlock(&in->lock);
    gst_element_set_state(sink, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(in->pipeline), sink);
}

static void intake_session(struct intake *in)
{
    g_autoptr(GObject) session = NULL;
    g_signal_emit_by_name(in->rtpbin, "get-internal-session", 0, &session);
    if (!session) {
        say(SAY_ERROR, "ingest.session", NULL);
        child_leave(CHILD_BROKEN);
    }
    g_object_set(session, "bandwidth", RTCP_BANDWIDTH, "rtcp-reduced-size", TRUE, "rtcp-min-interval",
                 RTCP_INTERVAL, "probation", 0, NULL);
}

/* The pipeline counts from before its own start and never counts anew, so that the time of a packet is the
 * time it came to the relay, also of those that waited in the socket for us: the phone's estimate of its
 * uplink is made of these. */
static void intake_clock(struct intake *in)
{
    g_autoptr(GstClock) clock = gst_system_clock_obtain(); /* CLOCK_MONOTONIC, as the relay's */
    in->began = gst_clock_get_time(clock) - HEAD_START;
    gst_pipeline_use_clock(GST_PIPELINE(in->pipeline), clock);
    gst_element_set_start_time(in->pipeline, GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(in->pipeline, in->began);
}

static GstBuffer *intake_buffer(const struct intake *in, const struct pipe_head *head, const uint8_t *packet)
{
    GstBuffer *buffer = gst_buffer_new_memdup(packet, head->length);
    GstClockTime came = head->at_us * GST_USECOND;
    GST_BUFFER_DTS(buffer) = came > in->began ? came - in->began : 0;
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer);
    return buffer;
}

void intake_build(struct intake *in, const struct setup *setup, struct wire *wire)
{
    *in = (struct intake){.setup = setup, .wire = wire};
    g_mutex_init(&in->lock);
    tally_init(&in->tally);
    patience_init(&in->patience, setup->latency_ms);
    in->pipeline = gst_pipeline_new("intake");
    intake_clock(in);
    child_watch(in->pipeline);
    in->rtpbin = child_make(GST_BIN(in->pipeline), "rtpbin", NULL);
    gst_util_set_object_arg(G_OBJECT(in->rtpbin), "rtp-profile", "avpf"); /* before any pad is asked for */
    g_object_set(in->rtpbin, "do-retransmission", TRUE, "do-lost", TRUE, "latency", setup->latency_ms,
                 "autoremove", TRUE, "max-streams", STREAMS_MAX, NULL);
    g_signal_connect(in->rtpbin, "request-pt-map", G_CALLBACK(intake_pt_map), in);
    g_signal_connect(in->rtpbin, "request-aux-receiver", G_CALLBACK(intake_rtx), in);
    g_signal_connect(in->rtpbin, "new-jitterbuffer", G_CALLBACK(intake_new_buffer), in);
    g_signal_connect(in->rtpbin, "pad-added", G_CALLBACK(intake_pad_added), in);
    g_signal_connect(in->rtpbin, "pad-removed", G_CALLBACK(intake_pad_removed), in);
    in->rtp = intake_source(in, "application/x-rtp", "recv_rtp_sink_0");
    in->rtcp = intake_source(in, "application/x-rtcp", "recv_rtcp_sink_0");
    GstElement *feedback = intake_sink(in, intake_rtcp_out, in);
    if (!gst_element_link_pads(in->rtpbin, "send_rtcp_src_0", feedback, "sink")) {
        say(SAY_ERROR, "ingest.link", "s:s", "pad", "send_rtcp_src_0");
        child_leave(CHILD_BROKEN);
    }
    intake_session(in);
}

void intake_rtp(struct intake *in, const struct pipe_head *head, const uint8_t *packet)
{
    const struct setup *s = in->setup;
    struct rtp_glance look;
    bool readable = rtp_look(&look, packet, head->length);
    bool video = readable && s->codec != SETUP_NO_VIDEO &&
                 (look.pt == s->video_pt || (s->rtx_pt && look.pt == s->rtx_pt));
    bool audio = readable && !video && s->audio && look.pt == s->audio_pt;
    if (!(video || audio) || !sources_admit(&in->sources, look.ssrc, head->layer, audio)) {
        in->refused++;
        return;
    }
    gst_app_src_push_buffer(in->rtp, intake_buffer(in, head, packet));
}

void intake_rtcp(struct intake *in, const struct pipe_head *head, const uint8_t *packet)
{
    gst_app_src_push_buffer(in->rtcp, intake_buffer(in, head, packet));
}

/* The events are pushed without our lock: on their way up they take rtpbin's, which pad-added is called
 * under. */
void intake_keyframe(struct intake *in, uint32_t layer)
{
    GstElement *sinks[INTAKE_OUTLETS];
    unsigned count = 0;
    g_mutex_lock(&in->lock);
    for (unsigned i = 0; i < INTAKE_OUTLETS; i++) {
        const struct outlet *o = &in->outlets[i];
        if (o->sink && o->kind == PIPE_VIDEO && o->layer == layer)
            sinks[count++] = gst_object_ref(o->sink);
    }
    g_mutex_unlock(&in->lock);
    if (count == 0)
        __atomic_store_n(&in->keyframe_owed, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < count; i++) {
        sink_ask_keyframe(sinks[i]);
        gst_object_unref(sinks[i]);
    }
}
