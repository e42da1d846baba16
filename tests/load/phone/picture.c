/* picture.c: the clock and the player. */
#include "tests/load/phone/picture.h"

#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

enum { LIT = 235, SHADE = 16, DIGIT = 14, TALL = 26, THICK = 4, GAP = 6, MARGIN = 12 };

/* Segments, lowest bit first: top, upper right, lower right, bottom, lower left, upper left, middle. */
static const uint8_t segments[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};

struct canvas {
    uint8_t *luma;
    int stride, width, height;
};

static void canvas_fill(const struct canvas *c, int x, int y, int w, int h, uint8_t value)
{
    for (int row = MAX(y, 0); row < MIN(y + h, c->height); row++)
        for (int column = MAX(x, 0); column < MIN(x + w, c->width); column++)
            c->luma[(ptrdiff_t)row * c->stride + column] = value;
}

static void canvas_digit(const struct canvas *c, int x, int y, int digit)
{
    const int half = TALL / 2;
    const int boxes[7][4] = {
        {0, 0, DIGIT, THICK},
        {DIGIT - THICK, 0, THICK, half},
        {DIGIT - THICK, half, THICK, half},
        {0, TALL - THICK, DIGIT, THICK},
        {0, half, THICK, half},
        {0, 0, THICK, half},
        {0, half - THICK / 2, DIGIT, THICK},
    };
    for (int s = 0; s < 7; s++)
        if (segments[digit] >> s & 1)
            canvas_fill(c, x + boxes[s][0], y + boxes[s][1], boxes[s][2], boxes[s][3], LIT);
}

void picture_clock(uint8_t *luma, int stride, int width, int height, int64_t wall_ms)
{
    const struct canvas c = {luma, stride, width, height};
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(wall_ms / 1000);
    char text[16];
    snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", g_date_time_get_hour(now), g_date_time_get_minute(now),
             g_date_time_get_second(now), (int)(wall_ms % 1000));
    int x = MARGIN, y = MARGIN;
    canvas_fill(&c, x - GAP, y - GAP, (int)strlen(text) * (DIGIT + GAP) + GAP, TALL + 2 * GAP, SHADE);
    for (const char *t = text; *t; t++, x += DIGIT + GAP) {
        if (*t >= '0' && *t <= '9')
            canvas_digit(&c, x, y, *t - '0');
        else
            canvas_fill(&c, x + DIGIT / 2 - THICK / 2, y + TALL - THICK, THICK, THICK, LIT);
        if (*t == ':')
            canvas_fill(&c, x + DIGIT / 2 - THICK / 2, y + TALL / 3, THICK, THICK, LIT);
    }
}

GstPadProbeReturn picture_clock_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    (void)pad, (void)data;
    GstVideoInfo shape;
    GstVideoFrame frame;
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    GstBuffer *buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = buffer;
    if (caps && gst_video_info_from_caps(&shape, caps) &&
        gst_video_frame_map(&frame, &shape, buffer, GST_MAP_READWRITE)) {
        picture_clock(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0), GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0),
                      GST_VIDEO_FRAME_WIDTH(&frame), GST_VIDEO_FRAME_HEIGHT(&frame),
                      g_get_real_time() / 1000);
        gst_video_frame_unmap(&frame);
    }
    return GST_PAD_PROBE_OK;
}

static void player_branch(GstElement *player, GstPad *pad, const char *text)
{
    GstElement *branch = gst_parse_bin_from_description(text, TRUE, NULL);
    g_assert(branch);
    gst_bin_add(GST_BIN(player), branch);
    gst_element_sync_state_with_parent(branch);
    g_autoptr(GstPad) into = gst_element_get_static_pad(branch, "sink");
    gst_pad_link(pad, into);
}

static void player_pad(GstElement *decoder, GstPad *pad, gpointer data)
{
    GstElement *player = data;
    g_autoptr(GstCaps) caps = gst_pad_query_caps(pad, NULL);
    const char *media = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    (void)decoder;
    if (g_str_has_prefix(media, "video/") && !g_object_get_data(G_OBJECT(player), "video")) {
        g_object_set_data(G_OBJECT(player), "video", player);
        player_branch(player, pad,
                      "queue ! videoconvert ! videoscale ! videorate ! "
                      "video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! "
                      "intervideosink channel=picture async=false");
    } else if (g_str_has_prefix(media, "audio/") && !g_object_get_data(G_OBJECT(player), "audio")) {
        g_object_set_data(G_OBJECT(player), "audio", player);
        player_branch(player, pad,
                      "queue ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! "
                      "interaudiosink channel=sound async=false");
    }
}

/* At the end: back to the start, from another thread since a flushing seek waits for this one. */
static void player_rewind(GstElement *player, gpointer data)
{
    (void)data;
    gst_element_seek_simple(player, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, 0);
}

static GstBusSyncReply player_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    (void)bus;
    g_autoptr(GError) error = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
        gst_element_call_async(data, player_rewind, NULL, NULL);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "the file cannot be played: %s\n", error->message);
        _Exit(2); /* there is nothing else to show */
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

GstElement *picture_player(const char *file, GError **error)
{
    GstElement *player = gst_parse_launch("filesrc name=file ! decodebin name=decoder", error);
    if (!player)
        return NULL;
    g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(player), "file");
    g_autoptr(GstElement) decoder = gst_bin_get_by_name(GST_BIN(player), "decoder");
    g_autoptr(GstBus) bus = gst_pipeline_get_bus(GST_PIPELINE(player));
    g_object_set(source, "location", file, NULL);
    g_signal_connect(decoder, "pad-added", G_CALLBACK(player_pad), player);
    gst_bus_set_sync_handler(bus, player_bus, player, NULL);
    gst_element_set_state(player, GST_STATE_PLAYING);
    return player;
}

void picture_player_free(GstElement *player)
{
    if (!player)
        return;
    gst_element_set_state(player, GST_STATE_NULL);
    gst_object_unref(player);
}
