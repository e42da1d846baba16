/* test_studio.c: the real studio process: posters and recordings made of real RTP, ended well and badly. */
#include "tests/unit/streamer/camera.h"
#include "tests/unit/streamer/film.h"
#include "tests/unit/streamer/stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POSTER_MS = 1000 };

/* A studio at work in a directory of its own. */
struct scene {
    struct stand child;
    struct camera *camera;
    char *dir, *recording;
    unsigned posters, opened, done, asked;
    unsigned sent[3];
    int mute_kind;  /* this kind is not passed on; 0: all are */
    bool until_key; /* the first pictures are lost, up to the next keyframe asked for */
    int late_ms;    /* sound reaches the studio so much after it was heard */
    GQueue late;    /* packets on their way, each with its time in pts */
    struct clock {  /* by kind: when timestamp `first` was heard or seen */
        bool known;
        uint32_t ssrc, first;
        int64_t first_us, length_us; /* and how long after it the newest one was */
    } clocks[3];
    int64_t reported_us;
    bool reports;
    char last_poster[64];
};

static void scene_start(struct scene *c, const struct camera_shape *shape, bool record)
{
    struct stand_message m;
    *c = (struct scene){.dir = g_dir_make_tmp("studio-XXXXXX", NULL)};
    assert_non_null(c->dir);
    g_autofree char *setup = g_strdup_printf(
        "{\"room\":\"khe-nhinh\",\"video\":{\"codec\":\"%s\",\"pt\":96,\"fmtp\":\"\"},\"audio\":{\"pt\":111},"
        "\"dir\":\"%s/khe-nhinh\",\"record\":%s,\"poster_ms\":%d}",
        shape->codec, c->dir, record ? "true" : "false", POSTER_MS);
    stand_start(&c->child, STUDIO, setup);
    stand_expect(&c->child, PIPE_READY, &m);
    c->camera = camera_new(shape);
}

static char *scene_path(const struct scene *c, const char *name)
{
    return g_build_filename(c->dir, "khe-nhinh", name, NULL);
}

static void scene_file(struct scene *c, const struct stand_message *m)
{
    json_t *file = json_loads((const char *)m->bytes, 0, NULL);
    const char *kind = json_string_value(json_object_get(file, "kind"));
    const char *name = json_string_value(json_object_get(file, "file"));
    const char *state = json_string_value(json_object_get(file, "state"));
    assert_non_null(kind);
    assert_non_null(name);
    assert_true(json_integer_value(json_object_get(file, "ms")) > 0);
    if (strcmp(kind, "poster") == 0) {
        c->posters++;
        g_strlcpy(c->last_poster, name, sizeof c->last_poster);
    } else if (strcmp(state, "open") == 0) {
        c->opened++;
        g_free(c->recording);
        c->recording = scene_path(c, name);
    } else {
        assert_string_equal(state, "done");
        c->done++;
    }
    json_decref(file);
}

static void scene_listen(struct scene *c, int wait_ms)
{
    static struct stand_message m;
    while (stand_read(&c->child, &m, wait_ms)) {
        if (m.head.type == PIPE_FILE)
            scene_file(c, &m);
        if (m.head.type == PIPE_KEYFRAME) {
            c->asked++;
            c->until_key = false;
            camera_keyframe(c->camera);
        }
    }
}

static uint32_t scene_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The phone's clock is its pipeline's: the moment in the first packet, moved so that it is never zero, which
 * in a report means "no clock". */
static void scene_note(struct clock *k, const uint8_t *packet, int64_t pts_us, int64_t rate)
{
    uint32_t timestamp = scene_u32(packet + 4);
    if (!k->known)
        *k = (struct clock){true, scene_u32(packet + 8), timestamp, pts_us + 1000000, 0};
    k->length_us = (int64_t)(timestamp - k->first) * 1000000 / rate;
}

static void scene_report(struct scene *c)
{
    static const int kinds[] = {PIPE_VIDEO, PIPE_AUDIO};
    uint8_t rtcp[2 * 28] = {0};
    int64_t now_us = g_get_monotonic_time();
    if (!c->reports || !c->clocks[PIPE_VIDEO].known || !c->clocks[PIPE_AUDIO].known ||
        now_us - c->reported_us < 500000)
        return;
    c->reported_us = now_us;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const struct clock *k = &c->clocks[kinds[i]];
        uint64_t us = (uint64_t)k->first_us;
        uint32_t words[] = {0x80c80006u, k->ssrc, (uint32_t)(us / 1000000),
                            (uint32_t)((us % 1000000 << 32) / 1000000), k->first};
        for (size_t w = 0; w < G_N_ELEMENTS(words); w++)
            for (size_t n = 0; n < 4; n++)
                rtcp[i * 28 + w * 4 + n] = (uint8_t)(words[w] >> (24 - 8 * n));
    }
    stand_send(&c->child, PIPE_RTCP, PIPE_NONE, rtcp, sizeof rtcp);
}

static void scene_send(struct scene *c, GstBuffer *packet, enum pipe_kind kind)
{
    GstMapInfo map;
    assert_true(gst_buffer_map(packet, &map, GST_MAP_READ));
    stand_send(&c->child, PIPE_RTP, kind, map.data, map.size);
    c->sent[kind]++;
    gst_buffer_unmap(packet, &map);
    gst_buffer_unref(packet);
}

static void scene_send_late(struct scene *c, bool all)
{
    GstBuffer *next;
    while ((next = g_queue_peek_head(&c->late)) &&
           (all || (int64_t)GST_BUFFER_PTS(next) <= g_get_monotonic_time()))
        scene_send(c, g_queue_pop_head(&c->late), PIPE_AUDIO);
}

static void scene_take(struct scene *c, GstBuffer *packet, enum pipe_kind kind)
{
    GstMapInfo map;
    assert_true(gst_buffer_map(packet, &map, GST_MAP_READ));
    scene_note(&c->clocks[kind], map.data, (int64_t)(GST_BUFFER_PTS(packet) / 1000),
               kind == PIPE_VIDEO ? 90000 : 48000);
    gst_buffer_unmap(packet, &map);
    if ((int)kind == c->mute_kind || (kind == PIPE_VIDEO && c->until_key)) {
        gst_buffer_unref(packet);
    } else if (kind == PIPE_AUDIO && c->late_ms) {
        packet = gst_buffer_make_writable(packet);
        GST_BUFFER_PTS(packet) = (GstClockTime)(g_get_monotonic_time() + c->late_ms * 1000);
        g_queue_push_tail(&c->late, packet);
    } else {
        scene_send(c, packet, kind);
    }
}

/* Films until `done`, feeding the studio as the relay would. */
static void scene_film(struct scene *c, bool (*done)(const struct scene *c))
{
    int64_t end_us = g_get_monotonic_time() + 2 * STAND_PATIENCE_MS * INT64_C(1000);
    while (!done(c)) {
        GstBuffer *packet;
        enum pipe_kind kind;
        assert_true(g_get_monotonic_time() < end_us);
        while ((packet = camera_packet(c->camera, &kind)))
            scene_take(c, packet, kind);
        scene_send_late(c, false);
        scene_report(c);
        scene_listen(c, 2);
    }
}

static void scene_end(struct scene *c)
{
    int64_t start_us = g_get_monotonic_time();
    assert_true(stand_send(&c->child, PIPE_END, PIPE_NONE, NULL, 0));
    while (c->done < c->opened && g_get_monotonic_time() - start_us < STAND_PATIENCE_MS * INT64_C(1000))
        scene_listen(c, 50);
    assert_int_equal(stand_wait(&c->child), 0);
}

static void scene_clear(struct scene *c)
{
    stand_kill(&c->child);
    camera_free(c->camera);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", c->dir);
    assert_int_equal(system(command), 0);
    g_free(c->dir);
    g_free(c->recording);
}

static bool scene_two_posters_and_seconds(const struct scene *c)
{
    return c->posters >= 2 && c->opened == 1 && c->sent[PIPE_AUDIO] + c->sent[PIPE_VIDEO] >= 1000;
}

static bool scene_three_seconds_of_pictures(const struct scene *c)
{
    return c->opened == 1 && c->sent[PIPE_VIDEO] >= 400;
}

static bool scene_several_fragments(const struct scene *c)
{
    return c->opened == 1 && c->sent[PIPE_VIDEO] >= 800 && c->sent[PIPE_AUDIO] >= 250;
}

static bool scene_a_poster(const struct scene *c)
{
    return c->posters >= 1;
}

static bool scene_five_posters(const struct scene *c)
{
    return c->posters >= 5;
}

static void scene_check_poster(const struct scene *c, int width, int height)
{
    g_autofree char *path = scene_path(c, c->last_poster);
    struct film film;
    film_look(path, &film);
    assert_int_equal(film.pictures, 1);
    assert_int_equal(film.width, width);
    assert_int_equal(film.height, height);
}

static void scene_check_recording(const struct scene *c, unsigned least_pictures)
{
    struct film film;
    assert_non_null(c->recording);
    film_look(c->recording, &film);
    print_message("%u pictures, %u pieces of sound; sent %u and %u packets\n", film.pictures, film.sounds,
                  c->sent[PIPE_VIDEO], c->sent[PIPE_AUDIO]);
    assert_true(film.pictures >= least_pictures);
    assert_true(film.sounds > film.pictures); /* fifty to twenty-five a second */
}

static void studio_films_to_a_clean_end(const char *codec)
{
    const struct camera_shape shape = {codec, 640, 360, 25};
    struct scene c;
    scene_start(&c, &shape, true);
    scene_film(&c, scene_two_posters_and_seconds);
    scene_check_poster(&c, 320, 180);
    scene_end(&c);
    assert_int_equal(c.done, 1);
    scene_check_recording(&c, 50);
    scene_clear(&c);
}

static void h264_is_recorded_and_pictured(void **state)
{
    (void)state;
    studio_films_to_a_clean_end("H264");
}

static void vp8_is_recorded_and_pictured(void **state)
{
    (void)state;
    studio_films_to_a_clean_end("VP8");
}

/* Long pictures between keyframes: what is safe must not wait for one. */
static void studio_is_killed(const char *codec)
{
    const struct camera_shape shape = {codec, 640, 360, 10000};
    struct scene c;
    scene_start(&c, &shape, true);
    scene_film(&c, scene_several_fragments);
    stand_kill(&c.child);
    scene_check_recording(&c, 25);
    scene_clear(&c);
}

static void a_killed_h264_recording_plays(void **state)
{
    (void)state;
    studio_is_killed("H264");
}

static void a_killed_vp8_recording_plays(void **state)
{
    (void)state;
    studio_is_killed("VP8");
}

static void a_recording_is_whole_when_the_relay_dies(void **state)
{
    (void)state;
    const struct camera_shape shape = {"H264", 640, 360, 25};
    struct scene c;
    scene_start(&c, &shape, true);
    scene_film(&c, scene_two_posters_and_seconds);
    close(c.child.fd);
    c.child.fd = -1;
    assert_int_equal(stand_wait(&c.child), 0);
    scene_check_recording(&c, 50);
    scene_clear(&c);
}

static void a_silent_microphone_does_not_stop_the_recording(void **state)
{
    (void)state;
    static const char *const codecs[] = {"H264", "VP8"};
    for (unsigned i = 0; i < G_N_ELEMENTS(codecs); i++) {
        const struct camera_shape shape = {codecs[i], 640, 360, 25};
        struct scene c;
        scene_start(&c, &shape, true);
        c.mute_kind = PIPE_AUDIO;
        scene_film(&c, scene_three_seconds_of_pictures);
        scene_end(&c);
        scene_check_recording(&c, 40);
        scene_clear(&c);
    }
}

static bool scene_eight_seconds_of_sound(const struct scene *c)
{
    return c->opened == 1 && c->sent[PIPE_AUDIO] >= 400;
}

/* How much further the sound lies behind the picture in the film than when they were heard and seen, in ms.
 * Sound came a quarter of a second late all the time. The last picture may be older than the last sound: an
 * encoder on a busy machine falls behind. */
static double film_of_late_sound(const char *codec, bool reports)
{
    const struct camera_shape shape = {codec, 320, 180, 25};
    struct scene c;
    scene_start(&c, &shape, true);
    c.late_ms = 250;
    c.reports = reports;
    scene_film(&c, scene_eight_seconds_of_sound);
    scene_send_late(&c, true);
    scene_end(&c);
    const struct clock *video = &c.clocks[PIPE_VIDEO], *audio = &c.clocks[PIPE_AUDIO];
    double heard_ms =
        (double)(audio->first_us + audio->length_us - video->first_us - video->length_us) / 1000;
    double after_ms = film_sound_after_ms(c.recording);
    print_message(
        "%s, %s reports: the last sound is %.0f ms after the last picture, and was heard %.0f ms after it\n",
        codec, reports ? "with" : "without", after_ms, heard_ms);
    scene_clear(&c);
    return after_ms - heard_ms;
}

static void lips_and_voice_are_together_although_sound_comes_late(void **state)
{
    (void)state;
    static const char *const codecs[] = {"H264", "VP8"};
    for (unsigned i = 0; i < G_N_ELEMENTS(codecs); i++)
        assert_true(fabs(film_of_late_sound(codecs[i], true)) < 100);
    assert_true(film_of_late_sound("H264", false) > 150); /* what arrival alone would make of it */
}

static void a_recording_survives_a_new_resolution(void **state)
{
    (void)state;
    const struct camera_shape wide = {"H264", 640, 360, 25}, small = {"H264", 320, 180, 25};
    struct scene c;
    scene_start(&c, &wide, true);
    scene_film(&c, scene_three_seconds_of_pictures);
    camera_free(c.camera);
    c.camera = camera_new(&small);
    c.sent[PIPE_VIDEO] = 0;
    scene_film(&c, scene_three_seconds_of_pictures);
    scene_end(&c);
    scene_check_recording(&c, 80);
    scene_clear(&c);
}

static void a_portrait_keeps_its_shape(void **state)
{
    (void)state;
    const struct camera_shape shape = {"VP8", 360, 640, 25};
    struct scene c;
    scene_start(&c, &shape, false);
    scene_film(&c, scene_a_poster);
    assert_int_equal(c.opened, 0);
    scene_check_poster(&c, 180, 320);
    scene_end(&c);
    scene_clear(&c);
}

static void only_the_newest_posters_are_kept(void **state)
{
    (void)state;
    const struct camera_shape shape = {"H264", 320, 240, 13};
    struct scene c;
    unsigned kept = 0, others = 0;
    scene_start(&c, &shape, false);
    scene_film(&c, scene_five_posters);
    scene_check_poster(&c, 320, 240);
    scene_end(&c);
    g_autofree char *path = scene_path(&c, "");
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
        *(g_str_has_suffix(name, ".jpg") ? &kept : &others) += 1;
    assert_int_equal(kept, 3);
    assert_int_equal(others, 0);
    scene_clear(&c);
}

static void a_picture_too_large_is_not_decoded(void **state)
{
    (void)state;
    const struct camera_shape shape = {"VP8", 2048, 64, 25};
    struct scene c;
    scene_start(&c, &shape, true);
    scene_film(&c, scene_three_seconds_of_pictures);
    assert_int_equal(c.posters, 0);
    scene_end(&c);
    scene_clear(&c);
}

static void a_missing_keyframe_is_asked_for(void **state)
{
    (void)state;
    const struct camera_shape shape = {"H264", 640, 360, 10000};
    struct scene c;
    scene_start(&c, &shape, true);
    /* Half a second later the camera's first keyframe is gone; the studio sees pictures it cannot use. */
    for (int i = 0; i < 25; i++) {
        GstBuffer *packet;
        enum pipe_kind kind;
        while ((packet = camera_packet(c.camera, &kind)))
            gst_buffer_unref(packet);
        g_usleep(20000);
    }
    scene_film(&c, scene_a_poster);
    assert_true(c.asked >= 1 && c.asked <= 3);
    scene_end(&c);
    scene_clear(&c);
}

static void the_sandbox_is_shut_when_it_says_ready(void **state)
{
    (void)state;
    const struct camera_shape shape = {"H264", 320, 180, 25};
    struct scene c;
    scene_start(&c, &shape, true);
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)c.child.pid);
    g_autofree char *status = NULL;
    assert_true(g_file_get_contents(path, &status, NULL, NULL));
    assert_non_null(strstr(status, "Seccomp:\t2\n"));
    assert_non_null(strstr(status, "NoNewPrivs:\t1\n"));
    scene_clear(&c);
}

/* What the transcode gave back. */
struct small {
    struct stand child;
    struct camera *camera;
    GHashTable *fed; /* RTP timestamps that went in */
    unsigned packets, strange, keyframes;
    size_t bytes;
    int64_t first_us;
};

static bool small_is_key(const char *codec, const uint8_t *p)
{
    return strcmp(codec, "VP8") == 0 ? (p[12] & 0x10) && !(p[13] & 1)
                                     : (p[12] & 0x1f) == 7 || (p[12] & 0x1f) == 24;
}

static void small_listen(struct small *k, const char *codec)
{
    static struct stand_message m;
    while (stand_read(&k->child, &m, 2)) {
        if (m.head.type != PIPE_RTP)
            continue;
        uint32_t timestamp;
        memcpy(&timestamp, m.bytes + 4, sizeof timestamp);
        if (!k->packets++)
            k->first_us = g_get_monotonic_time();
        k->bytes += m.head.length;
        k->strange += !g_hash_table_contains(k->fed, GUINT_TO_POINTER(timestamp));
        k->keyframes += small_is_key(codec, m.bytes);
    }
}

static void small_film(struct small *k, const char *codec, unsigned packets, unsigned keyframes)
{
    int64_t end_us = g_get_monotonic_time() + 2 * STAND_PATIENCE_MS * INT64_C(1000);
    while (k->packets < packets || k->keyframes < keyframes) {
        GstBuffer *packet;
        enum pipe_kind kind;
        assert_true(g_get_monotonic_time() < end_us);
        while ((packet = camera_packet(k->camera, &kind))) {
            GstMapInfo map;
            uint32_t timestamp;
            assert_true(gst_buffer_map(packet, &map, GST_MAP_READ));
            memcpy(&timestamp, map.data + 4, sizeof timestamp);
            if (kind == PIPE_VIDEO) {
                g_hash_table_add(k->fed, GUINT_TO_POINTER(timestamp));
                stand_send(&k->child, PIPE_RTP, kind, map.data, map.size);
            }
            gst_buffer_unmap(packet, &map);
            gst_buffer_unref(packet);
        }
        small_listen(k, codec);
    }
}

/* The same codec, the timestamps it was fed, a keyframe when asked, and not a file anywhere. */
static void made_small(const char *codec)
{
    struct small k = {.fed = g_hash_table_new(NULL, NULL)};
    struct stand_message m;
    g_autofree char *setup = g_strdup_printf(
        "{\"room\":\"x\",\"video\":{\"codec\":\"%s\",\"pt\":96,\"fmtp\":\"\"},\"low_kbps\":150}", codec);
    const struct camera_shape shape = {codec, 640, 360, 50};
    stand_start(&k.child, STUDIO, setup);
    stand_expect(&k.child, PIPE_READY, &m);
    k.camera = camera_new(&shape);
    small_film(&k, codec, 40, 1);
    unsigned keyframes = k.keyframes;
    assert_true(stand_send(&k.child, PIPE_KEYFRAME, PIPE_VIDEO, NULL, 0));
    small_film(&k, codec, 60, keyframes + 1);
    assert_int_equal(k.strange, 0);
    double seconds = (double)(g_get_monotonic_time() - k.first_us) / 1e6;
    print_message("%s: %.0f kb/s over %.1f s\n", codec, (double)k.bytes * 8 / 1000 / MAX(seconds, 1),
                  seconds);
    assert_true(stand_send(&k.child, PIPE_END, PIPE_NONE, NULL, 0));
    assert_int_equal(stand_wait(&k.child), 0);
    camera_free(k.camera);
    g_hash_table_unref(k.fed);
}

static void h264_is_made_small(void **state)
{
    (void)state;
    made_small("H264");
}

static void vp8_is_made_small(void **state)
{
    (void)state;
    made_small("VP8");
}

static void a_setup_without_a_directory_is_refused(void **state)
{
    (void)state;
    struct stand child;
    stand_start(&child, STUDIO, "{\"room\":\"x\",\"video\":{\"codec\":\"VP8\",\"pt\":96},\"record\":true}");
    assert_int_equal(stand_wait(&child), 2);
    stand_start(&child, STUDIO, "{\"room\":\"x\",\"audio\":{\"pt\":111},\"dir\":\"relative\"}");
    assert_int_equal(stand_wait(&child), 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h264_is_recorded_and_pictured),
        cmocka_unit_test(vp8_is_recorded_and_pictured),
        cmocka_unit_test(a_killed_h264_recording_plays),
        cmocka_unit_test(a_killed_vp8_recording_plays),
        cmocka_unit_test(a_recording_is_whole_when_the_relay_dies),
        cmocka_unit_test(a_silent_microphone_does_not_stop_the_recording),
        cmocka_unit_test(lips_and_voice_are_together_although_sound_comes_late),
        cmocka_unit_test(a_recording_survives_a_new_resolution),
        cmocka_unit_test(a_portrait_keeps_its_shape),
        cmocka_unit_test(only_the_newest_posters_are_kept),
        cmocka_unit_test(a_picture_too_large_is_not_decoded),
        cmocka_unit_test(a_missing_keyframe_is_asked_for),
        cmocka_unit_test(the_sandbox_is_shut_when_it_says_ready),
        cmocka_unit_test(h264_is_made_small),
        cmocka_unit_test(vp8_is_made_small),
        cmocka_unit_test(a_setup_without_a_directory_is_refused),
    };
    /* Recordings take most of the time, and most of that is waiting: ctest runs the parts beside each other.
     */
    const char *part = argc > 1 ? argv[1] : "all";
    if (strcmp(part, "killed") == 0)
        cmocka_set_test_filter("*killed*");
    else if (strcmp(part, "recordings") == 0)
        cmocka_set_test_filter("*record*");
    if (strcmp(part, "recordings") == 0)
        cmocka_set_skip_filter("*killed*");
    else if (strcmp(part, "others") == 0)
        cmocka_set_skip_filter("*record*");
    gst_init(NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
