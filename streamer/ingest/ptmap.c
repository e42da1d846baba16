/* ptmap.c: caps by payload type. */
#include "streamer/ingest/ptmap.h"

#define TWCC_URI "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

static GstCaps *ptmap_base(const struct setup *s, unsigned pt, const char *media, const char *encoding,
                           int clock)
{
    GstCaps *caps = gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, media, "encoding-name",
                                        G_TYPE_STRING, encoding, "clock-rate", G_TYPE_INT, clock, "payload",
                                        G_TYPE_INT, (int)pt, NULL);
    if (s->twcc_id > 0) {
        g_autofree char *field = g_strdup_printf("extmap-%u", s->twcc_id);
        gst_caps_set_simple(caps, field, G_TYPE_STRING, TWCC_URI, NULL);
    }
    return caps;
}

GstCaps *ptmap_caps(const struct setup *s, unsigned pt)
{
    if (s->codec != SETUP_NO_VIDEO && pt == s->video_pt) {
        GstCaps *caps = ptmap_base(s, pt, "video", s->codec == SETUP_H264 ? "H264" : "VP8", 90000);
        gst_caps_set_simple(caps, "rtcp-fb-nack", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-nack-pli", G_TYPE_BOOLEAN,
                            TRUE, "rtcp-fb-ccm-fir", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-transport-cc",
                            G_TYPE_BOOLEAN, TRUE, NULL);
        return caps;
    }
    if (s->rtx_pt > 0 && pt == s->rtx_pt) {
        GstCaps *caps = ptmap_base(s, pt, "video", "RTX", 90000);
        g_autofree char *apt = g_strdup_printf("%u", s->video_pt);
        gst_caps_set_simple(caps, "apt", G_TYPE_STRING, apt, NULL);
        return caps;
    }
    if (s->audio && pt == s->audio_pt)
        return ptmap_base(s, pt, "audio", "OPUS", 48000);
    return NULL;
}

GstStructure *ptmap_rtx(const struct setup *s)
{
    if (s->codec == SETUP_NO_VIDEO || s->rtx_pt == 0)
        return NULL;
    g_autofree char *video_pt = g_strdup_printf("%u", s->video_pt);
    return gst_structure_new("application/x-rtp-pt-map", video_pt, G_TYPE_UINT, s->rtx_pt, NULL);
}
