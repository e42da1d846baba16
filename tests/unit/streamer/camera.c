/* camera.c: encoders, payloaders, history. */
#include "tests/unit/streamer/camera.h"

#include <gst/app/gstappsink.h>
#include <gst/rtp/gstrtcpbuffer.h>
#include <gst/rtp/gstrtpbuffer.h>
#include <string.h>

enum { HISTORY = 65536, VIDEO_SSRC = 0x11111111, AUDIO_SSRC = 0x22222222, RTX_SSRC = 0x33333333 };

struct camera {
    GstElement *pipeline, *encoder;
    GstAppSink *sinks[3]; /* by enum pipe_kind */
    GstBuffer **history[3];
    uint16_t twcc_seq, rtx_seq;
};

static char *camera_text(const struct camera_shape *shape)
{
    bool h264 = strcmp(shape->codec, "H264") == 0;
    g_autofree char *encoder =
        h264 ? g_strdup_printf(
                   "x264enc name=encoder tune=zerolatency speed-preset=ultrafast bitrate=900 threads=1 "
                   "key-int-max=%u ! video/x-h264,profile=constrained-baseline ! "
                   "rtph264pay config-interval=-1 aggregate-mode=zero-latency",
                   shape->key_frames)
             : g_strdup_printf("vp8enc name=encoder deadline=1 cpu-used=8 target-bitrate=900000 threads=1 "
                               "keyframe-max-dist=%u ! rtpvp8pay picture-id-mode=15-bit",
                               shape->key_frames);
    return g_strdup_printf(
        "videotestsrc is-live=true pattern=zone-plate kx2=20 ky2=20 kt=1 ! "
        "video/x-raw,format=I420,width=%u,height=%u,framerate=25/1 ! "
        "queue ! %s pt=%d ssrc=%u mtu=1150 ! appsink name=video sync=false async=false max-buffers=2000 "
        "audiotestsrc is-live=true wave=ticks samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! "
        "queue ! opusenc ! "
        "rtpopuspay pt=%d ssrc=%u ! appsink name=audio sync=false async=false max-buffers=2000",
        shape->width, shape->height, encoder, CAMERA_VIDEO_PT, (unsigned)VIDEO_SSRC, CAMERA_AUDIO_PT,
        (unsigned)AUDIO_SSRC);
}

struct camera *camera_new(const struct camera_shape *shape)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = camera_text(shape);
    struct camera *c = g_new0(struct camera, 1);
    c->pipeline = gst_parse_launch(text, &error);
    g_assert_no_error(error);
    c->encoder = gst_bin_get_by_name(GST_BIN(c->pipeline), "encoder");
    c->sinks[PIPE_AUDIO] = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(c->pipeline), "audio"));
    c->sinks[PIPE_VIDEO] = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(c->pipeline), "video"));
    c->history[PIPE_AUDIO] = g_new0(GstBuffer *, HISTORY);
    c->history[PIPE_VIDEO] = g_new0(GstBuffer *, HISTORY);
    gst_element_set_state(c->pipeline, GST_STATE_PLAYING);
    return c;
}

void camera_free(struct camera *c)
{
    if (!c)
        return;
    gst_element_set_state(c->pipeline, GST_STATE_NULL);
    for (int kind = PIPE_AUDIO; kind <= PIPE_VIDEO; kind++) {
        for (int i = 0; i < HISTORY; i++)
            gst_clear_buffer(&c->history[kind][i]);
        g_free(c->history[kind]);
        gst_object_unref(c->sinks[kind]);
    }
    gst_object_unref(c->encoder);
    gst_object_unref(c->pipeline);
    g_free(c);
}

/* Every transmission has a number of its own, a repeated one too. */
static GstBuffer *camera_number(struct camera *c, GstBuffer *packet)
{
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    uint8_t number[2] = {(uint8_t)(c->twcc_seq >> 8), (uint8_t)c->twcc_seq};
    GstBuffer *own = gst_buffer_copy_deep(packet);
    c->twcc_seq++;
    g_assert_true(gst_rtp_buffer_map(own, GST_MAP_READWRITE, &rtp));
    g_assert_true(gst_rtp_buffer_add_extension_onebyte_header(&rtp, CAMERA_TWCC_ID, number, sizeof number));
    gst_rtp_buffer_unmap(&rtp);
    return own;
}

GstBuffer *camera_packet(struct camera *c, enum pipe_kind *kind)
{
    for (int k = PIPE_AUDIO; k <= PIPE_VIDEO; k++) {
        g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(c->sinks[k], 0);
        if (!sample)
            continue;
        GstBuffer *packet = gst_sample_get_buffer(sample);
        GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
        g_assert_true(gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp));
        uint16_t seq = gst_rtp_buffer_get_seq(&rtp);
        gst_rtp_buffer_unmap(&rtp);
        gst_buffer_replace(&c->history[k][seq], packet);
        *kind = (enum pipe_kind)k;
        GstBuffer *own = camera_number(c, packet);
        GST_BUFFER_PTS(own) =
            gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                        GST_BUFFER_PTS(packet)); /* x264enc counts from 1000 h */
        return own;
    }
    return NULL;
}

GstBuffer *camera_sent(const struct camera *c, enum pipe_kind kind, uint16_t seq)
{
    return c->history[kind][seq];
}

/* RFC 4588 §4: the payload is the original number and the original payload, under RTX's own SSRC, PT and
 * numbers. */
static GstBuffer *camera_rtx(struct camera *c, GstBuffer *original)
{
    GstRTPBuffer from = GST_RTP_BUFFER_INIT, to = GST_RTP_BUFFER_INIT;
    g_assert_true(gst_rtp_buffer_map(original, GST_MAP_READ, &from));
    unsigned length = gst_rtp_buffer_get_payload_len(&from);
    GstBuffer *packet = gst_rtp_buffer_new_allocate(length + 2, 0, 0);
    g_assert_true(gst_rtp_buffer_map(packet, GST_MAP_READWRITE, &to));
    uint16_t seq = gst_rtp_buffer_get_seq(&from);
    uint8_t *payload = gst_rtp_buffer_get_payload(&to);
    payload[0] = (uint8_t)(seq >> 8);
    payload[1] = (uint8_t)seq;
    memcpy(payload + 2, gst_rtp_buffer_get_payload(&from), length);
    gst_rtp_buffer_set_payload_type(&to, CAMERA_RTX_PT);
    gst_rtp_buffer_set_ssrc(&to, RTX_SSRC);
    gst_rtp_buffer_set_seq(&to, c->rtx_seq++);
    gst_rtp_buffer_set_timestamp(&to, gst_rtp_buffer_get_timestamp(&from));
    gst_rtp_buffer_set_marker(&to, gst_rtp_buffer_get_marker(&from));
    gst_rtp_buffer_unmap(&from);
    gst_rtp_buffer_unmap(&to);
    GstBuffer *numbered = camera_number(c, packet);
    gst_buffer_unref(packet);
    return numbered;
}

static void camera_repeat(struct camera *c, uint32_t ssrc, uint16_t seq,
                          void (*send)(GstBuffer *packet, enum pipe_kind kind, void *data), void *data)
{
    enum pipe_kind kind = ssrc == VIDEO_SSRC ? PIPE_VIDEO : PIPE_AUDIO;
    GstBuffer *original = c->history[kind][seq];
    if (!original)
        return;
    /* Chromium repeats Opus as it was, video by RTX. */
    g_autoptr(GstBuffer) again = kind == PIPE_VIDEO ? camera_rtx(c, original) : camera_number(c, original);
    send(again, kind, data);
}

/* RFC 4585 §6.2.1: pairs of a number and a mask of the sixteen after it. */
static void camera_nack(struct camera *c, GstRTCPPacket *packet, struct camera_heard *heard,
                        void (*send)(GstBuffer *packet, enum pipe_kind kind, void *data), void *data)
{
    uint32_t ssrc = gst_rtcp_packet_fb_get_media_ssrc(packet);
    const uint8_t *fci = gst_rtcp_packet_fb_get_fci(packet);
    for (unsigned i = 0; i < gst_rtcp_packet_fb_get_fci_length(packet); i++, fci += 4) {
        uint16_t seq = (uint16_t)(fci[0] << 8 | fci[1]);
        unsigned mask = (unsigned)(fci[2] << 8 | fci[3]) << 1 | 1;
        for (unsigned bit = 0; mask >> bit; bit++)
            if (mask >> bit & 1) {
                heard->nacks++;
                camera_repeat(c, ssrc, (uint16_t)(seq + bit), send, data);
            }
    }
}

void camera_hear(struct camera *c, const uint8_t *rtcp, size_t length, struct camera_heard *heard,
                 void (*send)(GstBuffer *packet, enum pipe_kind kind, void *data), void *data)
{
    GstRTCPBuffer compound = GST_RTCP_BUFFER_INIT;
    GstRTCPPacket packet;
    g_autoptr(GstBuffer) buffer = gst_buffer_new_memdup(rtcp, length);
    g_assert_true(gst_rtcp_buffer_map(buffer, GST_MAP_READ, &compound));
    bool more = gst_rtcp_buffer_get_first_packet(&compound, &packet);
    for (; more; more = gst_rtcp_packet_move_to_next(&packet)) {
        GstRTCPType type = gst_rtcp_packet_get_type(&packet);
        if (type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR)
            heard->reports++;
        if (type != GST_RTCP_TYPE_RTPFB && type != GST_RTCP_TYPE_PSFB)
            continue;
        GstRTCPFBType feedback = gst_rtcp_packet_fb_get_type(&packet);
        if (type == GST_RTCP_TYPE_PSFB && feedback == GST_RTCP_PSFB_TYPE_PLI)
            heard->plis++;
        else if (type == GST_RTCP_TYPE_RTPFB && feedback == GST_RTCP_RTPFB_TYPE_TWCC)
            heard->twcc++;
        else if (type == GST_RTCP_TYPE_RTPFB && feedback == GST_RTCP_RTPFB_TYPE_NACK)
            camera_nack(c, &packet, heard, send, data);
    }
    gst_rtcp_buffer_unmap(&compound);
}

void camera_keyframe(struct camera *c)
{
    GstStructure *please =
        gst_structure_new("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME, GST_CLOCK_TIME_NONE,
                          "all-headers", G_TYPE_BOOLEAN, TRUE, "count", G_TYPE_UINT, 0, NULL);
    gst_element_send_event(c->encoder, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, please));
}
