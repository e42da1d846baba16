/* test_ingest.c: the real ingest process, fed with real RTP over a real socket, losing some of it. */
#include "tests/unit/streamer/camera.h"
#include "tests/unit/streamer/stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <gst/rtp/gstrtpbuffer.h>
#include <string.h>
#include <unistd.h>

enum { LOSS_PERCENT = 5, SEED = 20240917, VIDEO_PACKETS = 600 };

#define SETUP(codec)                                                                                         \
    "{\"room\":\"khe-nhinh\",\"video\":{\"codec\":\"" codec "\",\"pt\":96,\"rtx_pt\":97,\"fmtp\":\"\"},"     \
    "\"audio\":{\"pt\":111},\"twcc_id\":3,\"latency_ms\":400}" /* patience for a slow test machine */

#define SHORT_OF_PATIENCE                                                                                    \
    "{\"room\":\"khe-nhinh\",\"video\":{\"codec\":\"VP8\",\"pt\":96,\"rtx_pt\":97,\"fmtp\":\"\"},"           \
    "\"audio\":{\"pt\":111},\"twcc_id\":3,\"latency_ms\":100}"

/* A phone on a bad line: what it sends is lost now and then, the first time as well as again. */
struct line {
    struct stand *child;
    GRand *dice;
    unsigned percent;
    unsigned late_ms; /* so long is a packet on its way… */
    unsigned pace_ms; /* …and each of a frame so much longer than the one before: a phone spreads them */
    bool stubborn;    /* what is lost is lost once more when it is sent again */
    uint8_t again[65536 / 8]; /* such repairs, by the picture's number */
    guint32 frame;            /* timestamp of the last packet sent, … */
    unsigned place;           /* …and how many of its frame went before it */
    GQueue on_the_way;
    unsigned enough; /* pictures' packets */
    unsigned sent[3], lost[3], came[3], differing;
    uint8_t back[3][65536 / 8]; /* which numbers came back */
    uint16_t newest;            /* picture's number */
    unsigned doubled;
    struct camera_heard heard;
};

struct in_flight {
    int64_t due_us;
    GstBuffer *packet;
};

static void line_deliver(struct line *l, GstBuffer *packet)
{
    GstMapInfo map;
    assert_true(gst_buffer_map(packet, &map, GST_MAP_READ));
    stand_send(l->child, PIPE_RTP, PIPE_NONE, map.data, map.size);
    gst_buffer_unmap(packet, &map);
}

static void line_arrive(struct line *l)
{
    struct in_flight *f;
    while ((f = g_queue_peek_head(&l->on_the_way)) && f->due_us <= g_get_monotonic_time()) {
        line_deliver(l, f->packet);
        gst_buffer_unref(f->packet);
        g_free(g_queue_pop_head(&l->on_the_way));
    }
}

static void line_clear(struct line *l)
{
    for (struct in_flight *f; (f = g_queue_pop_head(&l->on_the_way)); g_free(f))
        gst_buffer_unref(f->packet);
    g_rand_free(l->dice);
}

/* Whether a stubborn line loses a picture's repair: the first one of each packet. */
static bool line_loses_repair(struct line *l, GstRTPBuffer *repair)
{
    const uint8_t *original = gst_rtp_buffer_get_payload(repair); /* RFC 4588: its number comes first */
    unsigned seq = (unsigned)original[0] << 8 | original[1], bit = 1u << (seq % 8);
    bool first = !(l->again[seq / 8] & bit);
    l->again[seq / 8] = (uint8_t)(l->again[seq / 8] | bit);
    return first;
}

static void line_send(GstBuffer *packet, enum pipe_kind kind, void *data)
{
    struct line *l = data;
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    assert_true(gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp));
    bool repair = kind == PIPE_VIDEO && gst_rtp_buffer_get_payload_type(&rtp) == CAMERA_RTX_PT;
    bool lost = repair && l->stubborn ? line_loses_repair(l, &rtp)
                                      : (unsigned)g_rand_int_range(l->dice, 0, 100) < l->percent;
    guint32 frame = gst_rtp_buffer_get_timestamp(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    if (kind == PIPE_VIDEO && !repair) {
        l->place = frame == l->frame ? l->place + 1 : 0;
        l->frame = frame;
    }
    if (lost) {
        l->lost[kind] += !repair;
        return;
    }
    int64_t late_us = (l->late_ms + l->place * l->pace_ms) * INT64_C(1000);
    struct in_flight *f = g_new(struct in_flight, 1);
    *f = (struct in_flight){g_get_monotonic_time() + late_us, gst_buffer_ref(packet)};
    g_queue_push_tail(&l->on_the_way, f);
}

/* The payload of what comes back must be what the camera made, whichever way it came. */
static void line_take(struct line *l, const struct camera *camera, const struct stand_message *m)
{
    GstRTPBuffer got = GST_RTP_BUFFER_INIT, sent = GST_RTP_BUFFER_INIT;
    enum pipe_kind kind = m->head.kind;
    g_autoptr(GstBuffer) buffer = gst_buffer_new_memdup(m->bytes, m->head.length);
    assert_true(kind == PIPE_AUDIO || kind == PIPE_VIDEO);
    assert_true(gst_rtp_buffer_map(buffer, GST_MAP_READ, &got));
    uint16_t seq = gst_rtp_buffer_get_seq(&got);
    GstBuffer *original = camera_sent(camera, kind, seq);
    assert_non_null(original);
    assert_true(gst_rtp_buffer_map(original, GST_MAP_READ, &sent));
    unsigned length = gst_rtp_buffer_get_payload_len(&got);
    bool same = length == gst_rtp_buffer_get_payload_len(&sent) &&
                memcmp(gst_rtp_buffer_get_payload(&got), gst_rtp_buffer_get_payload(&sent), length) == 0 &&
                gst_rtp_buffer_get_timestamp(&got) == gst_rtp_buffer_get_timestamp(&sent) &&
                gst_rtp_buffer_get_payload_type(&got) == gst_rtp_buffer_get_payload_type(&sent) &&
                gst_rtp_buffer_get_ssrc(&got) == gst_rtp_buffer_get_ssrc(&sent) &&
                gst_rtp_buffer_get_marker(&got) == gst_rtp_buffer_get_marker(&sent);
    gst_rtp_buffer_unmap(&got);
    gst_rtp_buffer_unmap(&sent);
    l->differing += !same;
    l->doubled += l->back[kind][seq / 8] >> (seq % 8) & 1;
    l->back[kind][seq / 8] = (uint8_t)(l->back[kind][seq / 8] | 1 << (seq % 8));
    l->came[kind]++;
    if (kind == PIPE_VIDEO)
        l->newest = seq; /* they come in order */
}

/* Carries packets both ways until `done` says so. Returns the last PIPE_STATS text seen (yours). */
static char *line_run(struct line *l, struct camera *camera, bool (*done)(const struct line *l))
{
    static struct stand_message m;
    char *stats = NULL;
    int64_t end_us = g_get_monotonic_time() + 2 * STAND_PATIENCE_MS * INT64_C(1000);
    while (!done(l)) {
        assert_true(g_get_monotonic_time() < end_us);
        enum pipe_kind kind;
        GstBuffer *packet;
        while ((packet = camera_packet(camera, &kind))) {
            l->sent[kind]++;
            line_send(packet, kind, l);
            gst_buffer_unref(packet);
        }
        line_arrive(l);
        while (stand_read(l->child, &m, 2)) {
            if (m.head.type == PIPE_RTP)
                line_take(l, camera, &m);
            else if (m.head.type == PIPE_RTCP)
                camera_hear(camera, m.bytes, m.head.length, &l->heard, line_send, l);
            else if (m.head.type == PIPE_STATS) {
                g_free(stats);
                stats = g_strdup((const char *)m.bytes);
            }
        }
    }
    return stats;
}

static bool line_has_enough(const struct line *l)
{
    return l->came[PIPE_VIDEO] >= l->enough && l->came[PIPE_AUDIO] >= 150;
}

static bool line_has_pli(const struct line *l)
{
    return l->heard.plis > 0;
}

static void ingest_repairs(const char *setup, const char *codec, unsigned percent)
{
    struct stand child;
    struct stand_message m;
    const struct camera_shape shape = {codec, 640, 360, 50};
    struct camera *camera = camera_new(&shape);
    struct line l = {
        .child = &child, .dice = g_rand_new_with_seed(SEED), .percent = percent, .enough = VIDEO_PACKETS};
    stand_start(&child, INGEST, setup);
    stand_expect(&child, PIPE_READY, &m);
    g_autofree char *stats = line_run(&l, camera, line_has_enough);

    /* What is still on its way at the end counts as missing here, so the bound is not tighter. */
    unsigned missing = l.sent[PIPE_VIDEO] - l.came[PIPE_VIDEO];
    print_message("%s: sent %u, lost %u+%u, missing %u, nacks %u, twcc %u, reports %u, stats %s\n", codec,
                  l.sent[PIPE_VIDEO], l.lost[PIPE_VIDEO], l.lost[PIPE_AUDIO], missing, l.heard.nacks,
                  l.heard.twcc, l.heard.reports, stats);
    assert_int_equal(l.differing, 0);
    assert_int_equal(l.doubled, 0);
    assert_true(missing * 100 < l.sent[PIPE_VIDEO] * 3);
    assert_true(l.heard.twcc >= 20);
    assert_true(l.heard.reports >= 1);
    assert_non_null(stats);
    if (percent > 0) {
        assert_true(l.lost[PIPE_VIDEO] > 10);
        assert_true(l.heard.nacks >= 10);
        assert_null(strstr(stats, "\"recovered\":0,"));
    }
    l.heard.plis = 0;
    assert_true(stand_send(&child, PIPE_KEYFRAME, PIPE_VIDEO, NULL, 0));
    g_free(line_run(&l, camera, line_has_pli)); /* to have waited for it is the proof */
    assert_true(stand_send(&child, PIPE_END, PIPE_NONE, NULL, 0));
    assert_int_equal(stand_wait(&child), 0);
    camera_free(camera);
    line_clear(&l);
}

static void a_clean_line_brings_h264_back(void **state)
{
    (void)state;
    ingest_repairs(SETUP("H264"), "H264", 0);
}

static void a_bad_line_is_repaired_h264(void **state)
{
    (void)state;
    ingest_repairs(SETUP("H264"), "H264", LOSS_PERCENT);
}

static void a_bad_line_is_repaired_vp8(void **state)
{
    (void)state;
    ingest_repairs(SETUP("VP8"), "VP8", LOSS_PERCENT);
}

struct outcome { /* pictures' packets: sent, lost the first time, missing in the end */
    unsigned all, lost, missing;
};

/* What becomes of them once the child has had time to learn. */
static struct outcome line_outcome(struct line *l)
{
    struct stand child;
    struct stand_message m;
    const struct camera_shape shape = {"VP8", 640, 360, 50};
    struct camera *camera = camera_new(&shape);
    l->child = &child;
    l->dice = g_rand_new_with_seed(SEED);
    l->percent = LOSS_PERCENT;
    l->enough = 2 * VIDEO_PACKETS; /* a few seconds: it looks once a second */
    stand_start(&child, INGEST, SHORT_OF_PATIENCE);
    stand_expect(&child, PIPE_READY, &m);
    g_free(line_run(l, camera, line_has_enough));
    uint16_t from = l->newest;
    unsigned came = l->came[PIPE_VIDEO], lost = l->lost[PIPE_VIDEO];
    l->enough += VIDEO_PACKETS;
    g_autofree char *stats = line_run(l, camera, line_has_enough);
    struct outcome o = {.all = (uint16_t)(l->newest - from), .lost = l->lost[PIPE_VIDEO] - lost};
    o.missing = o.all - (l->came[PIPE_VIDEO] - came);
    print_message("%u ms each time: %u of %u lost, %u missing in the end, stats %s\n", l->late_ms, o.lost,
                  o.all, o.missing, stats);
    assert_int_equal(l->differing, 0);
    stand_kill(&child);
    camera_free(camera);
    line_clear(l);
    return o;
}

/* A field where each packet takes its time: what is asked for again comes later than the wait it begins with,
 * and that is how it learns to wait longer. */
static void a_long_line_is_waited_for(void **state)
{
    (void)state;
    struct line l = {.late_ms = 180};
    struct outcome o = line_outcome(&l);
    assert_true(o.missing * 100 < o.all * 2);
}

/* A frame's packets that come one after another are no reason to ask late: then nothing could be asked for
 * twice. Asked once, all of them stay missing; a machine that is busy may be too late for half, or for a
 * whole run. */
static void what_was_lost_twice_is_asked_for_twice(void **state)
{
    (void)state;
    bool came = false;
    for (int runs = 0; runs < 3 && !came; runs++) {
        struct line l = {.late_ms = 120, .pace_ms = 6, .stubborn = true};
        struct outcome o = line_outcome(&l);
        assert_true(o.lost > 10);
        came = o.missing * 4 < o.lost * 3;
    }
    assert_true(came);
}

static void a_keyframe_asked_before_the_first_packet_is_owed(void **state)
{
    (void)state;
    struct stand child;
    struct stand_message m;
    const struct camera_shape shape = {"H264", 320, 180, 500};
    struct line l = {.child = &child, .dice = g_rand_new_with_seed(SEED)};
    stand_start(&child, INGEST, SETUP("H264"));
    stand_expect(&child, PIPE_READY, &m);
    stand_send(&child, PIPE_KEYFRAME, PIPE_VIDEO, NULL, 0);
    struct camera *camera = camera_new(&shape);
    g_free(line_run(&l, camera, line_has_pli));
    stand_kill(&child);
    camera_free(camera);
    line_clear(&l);
}

/* Video packet `n` with a transport-wide number, and nothing in it a decoder could use. */
static size_t numbered_packet(uint8_t out[64], unsigned n, bool marker)
{
    const uint8_t made[] = {0x90,       (uint8_t)(marker << 7 | CAMERA_VIDEO_PT),
                            0,          (uint8_t)n,
                            0,          0,
                            0,          9,
                            0,          0,
                            0,          7,
                            0xbe,       0xde,
                            0,          1,
                            3 << 4 | 1, 0,
                            (uint8_t)n, 0,
                            0x10,       1,
                            2,          3};
    memcpy(out, made, sizeof made);
    return sizeof made;
}

/* The transport report in an RTCP compound; NULL: none. */
static const uint8_t *transport_report(const struct stand_message *m, size_t *size)
{
    for (size_t at = 0; at + 20 <= m->head.length; at += *size) {
        const uint8_t *p = m->bytes + at;
        *size = 4 * (1 + (size_t)(p[2] << 8 | p[3]));
        if (p[1] == 205 && (p[0] & 31) == 15)
            return p;
    }
    return NULL;
}

/* Chromium's first probes come while this process still starts: were they stamped when they are read, they
 * would all have come at once, tell nothing, and the estimate would grow by 8 % a second from 300 kb/s. */
static void transport_reports_tell_when_packets_came_to_the_relay(void **state)
{
    enum { COUNT = 5, STEP_US = 20000, DELTA_US = 250, HEAD = 20, CHUNK = 2 };
    (void)state;
    struct stand child;
    struct stand_message m;
    uint8_t packet[64];
    const uint8_t *report = NULL;
    size_t size = 0;
    int64_t first_us = g_get_monotonic_time() - 2 * G_USEC_PER_SEC;
    stand_start(&child, INGEST, SETUP("VP8"));
    for (unsigned n = 0; n < COUNT; n++) {
        size_t length = numbered_packet(packet, n, n == COUNT - 1);
        stand_send_at(&child, PIPE_RTP, PIPE_NONE, packet, length, first_us + n * STEP_US);
    }
    while (!report) {
        stand_expect(&child, PIPE_RTCP, &m);
        report = transport_report(&m, &size);
    }
    assert_int_equal(report[14] << 8 | report[15], COUNT);
    assert_true(size >= HEAD + CHUNK + COUNT);
    for (unsigned n = 1; n < COUNT; n++)
        assert_in_range(report[HEAD + CHUNK + n], STEP_US / DELTA_US - 1, STEP_US / DELTA_US + 1);
    stand_kill(&child);
}

static void the_sandbox_is_shut_when_it_says_ready(void **state)
{
    (void)state;
    struct stand child;
    struct stand_message m;
    stand_start(&child, INGEST, SETUP("VP8"));
    stand_expect(&child, PIPE_READY, &m);
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)child.pid);
    g_autofree char *status = NULL;
    assert_true(g_file_get_contents(path, &status, NULL, NULL));
    assert_non_null(strstr(status, "Seccomp:\t2\n"));
    assert_non_null(strstr(status, "NoNewPrivs:\t1\n"));
    stand_kill(&child);
}

static void garbage_is_thrown_away_and_pings_are_answered(void **state)
{
    (void)state;
    struct stand child;
    struct stand_message m;
    uint8_t noise[PIPE_PACKET_MAX];
    g_autoptr(GRand) dice = g_rand_new_with_seed(SEED);
    stand_start(&child, INGEST, SETUP("H264"));
    stand_expect(&child, PIPE_READY, &m);
    for (int i = 0; i < 2000; i++) {
        size_t length = (size_t)g_rand_int_range(dice, 1, sizeof noise);
        for (size_t b = 0; b < length; b++)
            noise[b] = (uint8_t)g_rand_int(dice);
        if (i % 4 == 0)
            assert_true(write(child.fd, noise, length) > 0); /* no head at all */
        else
            stand_send(&child, i % 4 == 1 ? PIPE_RTCP : PIPE_RTP, PIPE_NONE, noise, length);
        if (i % 4 == 2) { /* a header that is right, the rest not */
            noise[0] = (uint8_t)(0x80 | (noise[0] & 0x3f));
            noise[1] = CAMERA_VIDEO_PT;
            stand_send(&child, PIPE_RTP, PIPE_NONE, noise, length);
        }
        while (stand_read(&child, &m, 0))
            ;
    }
    while (!stand_send(&child, PIPE_PING, PIPE_NONE, NULL, 0))
        g_usleep(1000);
    stand_expect(&child, PIPE_PONG, &m);
    stand_send(&child, PIPE_END, PIPE_NONE, NULL, 0);
    assert_int_equal(stand_wait(&child), 0);
}

static void a_bad_setup_ends_it(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"room\":\"x\"}",
        "not json",
        "{\"room\":\"x\",\"video\":{\"codec\":\"AV1\",\"pt\":96}}",
        "{\"room\":\"x\",\"video\":{\"codec\":\"VP8\",\"pt\":0}}",
        "{\"room\":\"x\",\"video\":{\"codec\":\"VP8\",\"pt\":96},\"twcc_id\":15}",
        "{\"room\":\"x\",\"video\":{\"codec\":\"VP8\",\"pt\":96},\"audio\":{\"pt\":96}}",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct stand child;
        stand_start(&child, INGEST, bad[i]);
        assert_int_equal(stand_wait(&child), 2);
    }
}

static void it_ends_with_the_relay(void **state)
{
    (void)state;
    struct stand child;
    struct stand_message m;
    stand_start(&child, INGEST, SETUP("H264"));
    stand_expect(&child, PIPE_READY, &m);
    close(child.fd);
    child.fd = -1;
    assert_int_equal(stand_wait(&child), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_line_brings_h264_back),
        cmocka_unit_test(a_bad_line_is_repaired_h264),
        cmocka_unit_test(a_bad_line_is_repaired_vp8),
        cmocka_unit_test(a_long_line_is_waited_for),
        cmocka_unit_test(what_was_lost_twice_is_asked_for_twice),
        cmocka_unit_test(a_keyframe_asked_before_the_first_packet_is_owed),
        cmocka_unit_test(transport_reports_tell_when_packets_came_to_the_relay),
        cmocka_unit_test(the_sandbox_is_shut_when_it_says_ready),
        cmocka_unit_test(garbage_is_thrown_away_and_pings_are_answered),
        cmocka_unit_test(a_bad_setup_ends_it),
        cmocka_unit_test(it_ends_with_the_relay),
    };
    gst_init(NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
