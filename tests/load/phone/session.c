/* session.c: webrtcbin as a WHIP publisher. */
#include "tests/load/phone/session.h"
#include "tests/load/phone/picture.h"

#include <gst/sdp/sdp.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { SILENCE_MS = 2500, CONNECT_MS = 10000, VIDEO_PT = 96, AUDIO_PT = 111 };

struct session {
    GstElement *pipeline, *webrtc;
    GMutex lock;
    GCond changed;
    bool wants_offer, gathered; /* under the lock, like the rest */
    enum session_state state;
    int64_t heard_ms; /* when the last RTCP came; when the answer did, before that */
    char *offer;
};

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void session_turn(struct session *s, enum session_state to)
{
    g_mutex_lock(&s->lock);
    if (s->state != SESSION_LOST)
        s->state = to;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->lock);
}

static void session_on_negotiation(GstElement *webrtc, gpointer data)
{
    (void)webrtc;
    struct session *s = data;
    g_mutex_lock(&s->lock);
    s->wants_offer = true;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->lock);
}

static void session_on_gathering(GstElement *webrtc, GParamSpec *spec, gpointer data)
{
    (void)spec;
    struct session *s = data;
    GstWebRTCICEGatheringState gathering;
    g_object_get(webrtc, "ice-gathering-state", &gathering, NULL);
    g_mutex_lock(&s->lock);
    s->gathered = gathering == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->lock);
}

static void session_on_connection(GstElement *webrtc, GParamSpec *spec, gpointer data)
{
    (void)spec;
    GstWebRTCPeerConnectionState state;
    g_object_get(webrtc, "connection-state", &state, NULL);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
        session_turn(data, SESSION_CONNECTED);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
        state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED ||
        state == GST_WEBRTC_PEER_CONNECTION_STATE_DISCONNECTED)
        session_turn(data, SESSION_LOST);
}

static GstPadProbeReturn session_on_rtcp(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    (void)pad, (void)info;
    struct session *s = data;
    g_mutex_lock(&s->lock);
    s->heard_ms = now_ms();
    g_mutex_unlock(&s->lock);
    return GST_PAD_PROBE_OK;
}

static void session_on_pad(GstElement *rtpbin, GstPad *pad, gpointer data)
{
    (void)rtpbin;
    if (g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtcp_sink_"))
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, session_on_rtcp,
                          data, NULL);
}

static GstBusSyncReply session_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    (void)bus;
    g_autoptr(GError) error = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "%s: %s\n", GST_OBJECT_NAME(GST_MESSAGE_SRC(message)), error->message);
        session_turn(data, SESSION_LOST);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static char *session_text(const struct session_shape *shape)
{
    g_autofree char *film =
        shape->file ? g_strdup("intervideosrc channel=picture timeout=5000000000")
                    : g_strdup_printf("videotestsrc is-live=true pattern=%s background-color=0xff2e7d32 "
                                      "foreground-color=0xfff9a825",
                                      shape->pattern);
    const char *sound = shape->file
                            ? "interaudiosrc channel=sound"
                            : "audiotestsrc is-live=true wave=sine freq=440 volume=0.1 samplesperbuffer=960";
    const char *encoder =
        shape->vp8 ? "vp8enc deadline=1 cpu-used=8 target-bitrate=900000 keyframe-max-dist=60 threads=1 "
                     "error-resilient=default end-usage=cbr ! rtpvp8pay picture-id-mode=15-bit"
                   : "x264enc tune=zerolatency speed-preset=ultrafast bitrate=900 key-int-max=60 threads=1 ! "
                     "video/x-h264,profile=constrained-baseline ! "
                     "rtph264pay config-interval=-1 aggregate-mode=zero-latency";
    return g_strdup_printf(
        "webrtcbin name=webrtc bundle-policy=max-bundle "
        "%s ! video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 ! identity name=clock ! "
        "queue max-size-buffers=5 leaky=downstream ! %s mtu=1150 pt=%d ! "
        "application/x-rtp,media=video,encoding-name=%s,payload=%d ! webrtc. "
        "%s ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! queue ! opusenc "
        "bitrate=64000 ! "
        "rtpopuspay pt=%d ! application/x-rtp,media=audio,encoding-name=OPUS,payload=%d ! webrtc. ",
        film, PICTURE_WIDTH, PICTURE_HEIGHT, PICTURE_RATE, encoder, VIDEO_PT, shape->vp8 ? "VP8" : "H264",
        VIDEO_PT, sound, AUDIO_PT, AUDIO_PT);
}

/* libnice leaves the loopback out, and from another address nobody on 127.0.0.1 can be answered. Naming one
 * address turns its own search off, so all are named. */
static void session_addresses(struct session *s)
{
    GObject *ice = NULL;
    struct ifaddrs *first = NULL;
    g_object_get(s->webrtc, "ice-agent", &ice, NULL);
    if (ice && getifaddrs(&first) == 0)
        for (struct ifaddrs *a = first; a; a = a->ifa_next) {
            char text[INET_ADDRSTRLEN];
            gboolean added = FALSE;
            if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || !(a->ifa_flags & IFF_UP))
                continue;
            const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)a->ifa_addr;
            if (inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text))
                g_signal_emit_by_name(ice, "add-local-ip-address", text, &added);
        }
    if (first)
        freeifaddrs(first);
    g_clear_object(&ice);
}

/* Both streams only go out; lost video is sent again. */
static void session_directions(struct session *s)
{
    g_autoptr(GArray) transceivers = NULL;
    g_signal_emit_by_name(s->webrtc, "get-transceivers", &transceivers);
    for (guint i = 0; transceivers && i < transceivers->len; i++)
        g_object_set(g_array_index(transceivers, GObject *, i), "direction",
                     GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack", TRUE, NULL);
}

struct session *session_new(const struct session_shape *shape)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = session_text(shape);
    struct session *s = g_new0(struct session, 1);
    g_mutex_init(&s->lock);
    g_cond_init(&s->changed);
    s->heard_ms = now_ms();
    s->pipeline = gst_parse_launch(text, &error);
    if (!s->pipeline || error) {
        fprintf(stderr, "cannot build the camera: %s\n", error ? error->message : "");
        s->state = SESSION_LOST;
        return s;
    }
    s->webrtc = gst_bin_get_by_name(GST_BIN(s->pipeline), "webrtc");
    g_autoptr(GstBus) bus = gst_pipeline_get_bus(GST_PIPELINE(s->pipeline));
    g_autoptr(GstElement) clock = gst_bin_get_by_name(GST_BIN(s->pipeline), "clock");
    g_autoptr(GstElement) rtpbin = gst_bin_get_by_name(GST_BIN(s->webrtc), "rtpbin");
    g_autoptr(GstPad) drawn = gst_element_get_static_pad(clock, "src");
    gst_bus_set_sync_handler(bus, session_bus, s, NULL);
    if (!shape->file)
        gst_pad_add_probe(drawn, GST_PAD_PROBE_TYPE_BUFFER, picture_clock_probe, NULL, NULL);
    if (rtpbin)
        g_signal_connect(rtpbin, "pad-added", G_CALLBACK(session_on_pad), s);
    session_directions(s);
    session_addresses(s);
    g_signal_connect(s->webrtc, "on-negotiation-needed", G_CALLBACK(session_on_negotiation), s);
    g_signal_connect(s->webrtc, "notify::ice-gathering-state", G_CALLBACK(session_on_gathering), s);
    g_signal_connect(s->webrtc, "notify::connection-state", G_CALLBACK(session_on_connection), s);
    gst_element_set_state(s->pipeline, GST_STATE_PLAYING);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    if (s->pipeline)
        gst_element_set_state(s->pipeline, GST_STATE_NULL);
    g_clear_object(&s->webrtc);
    g_clear_object(&s->pipeline);
    g_free(s->offer);
    g_mutex_clear(&s->lock);
    g_cond_clear(&s->changed);
    g_free(s);
}

static bool session_await(struct session *s, const bool *flag, int wait_ms)
{
    int64_t end_us = g_get_monotonic_time() + wait_ms * INT64_C(1000);
    g_mutex_lock(&s->lock);
    while (!*flag && s->state != SESSION_LOST && g_cond_wait_until(&s->changed, &s->lock, end_us))
        ;
    bool came = *flag;
    g_mutex_unlock(&s->lock);
    return came;
}

const char *session_offer(struct session *s, int wait_ms)
{
    if (!session_await(s, &s->wants_offer, wait_ms))
        return NULL;
    g_autoptr(GstWebRTCSessionDescription) offer = NULL;
    g_autoptr(GstPromise) made = gst_promise_new();
    g_signal_emit_by_name(s->webrtc, "create-offer", NULL, made);
    const GstStructure *reply =
        gst_promise_wait(made) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply(made) : NULL;
    if (!reply || !gst_structure_get(reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL))
        return NULL;
    g_autoptr(GstPromise) set = gst_promise_new();
    g_signal_emit_by_name(s->webrtc, "set-local-description", offer, set);
    gst_promise_wait(set);
    session_await(s, &s->gathered, wait_ms); /* without candidates it works as well: the server learns them */
    g_autoptr(GstWebRTCSessionDescription) local = NULL;
    g_object_get(s->webrtc, "local-description", &local, NULL);
    if (!local)
        return NULL;
    g_free(s->offer);
    s->offer = gst_sdp_message_as_text(local->sdp);
    return s->offer;
}

bool session_answer(struct session *s, const char *sdp)
{
    GstSDPMessage *message;
    if (gst_sdp_message_new_from_text(sdp, &message) != GST_SDP_OK)
        return false;
    g_autoptr(GstWebRTCSessionDescription) answer =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message);
    g_autoptr(GstPromise) set = gst_promise_new();
    g_mutex_lock(&s->lock);
    s->heard_ms = now_ms();
    if (s->state == SESSION_STARTING)
        s->state = SESSION_OFFERED;
    g_mutex_unlock(&s->lock);
    g_signal_emit_by_name(s->webrtc, "set-remote-description", answer, set);
    const GstStructure *reply =
        gst_promise_wait(set) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply(set) : NULL;
    return !reply || !gst_structure_has_field(reply, "error");
}

enum session_state session_state(struct session *s, enum session_state known, int wait_ms)
{
    int64_t end_us = g_get_monotonic_time() + wait_ms * INT64_C(1000);
    g_mutex_lock(&s->lock);
    while (s->state == known && g_cond_wait_until(&s->changed, &s->lock, end_us))
        ;
    int limit_ms = s->state == SESSION_CONNECTED ? SILENCE_MS : CONNECT_MS;
    if (now_ms() - s->heard_ms > limit_ms)
        s->state = SESSION_LOST;
    enum session_state state = s->state;
    g_mutex_unlock(&s->lock);
    return state;
}
