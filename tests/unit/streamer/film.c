/* film.c: ffprobe decodes every frame and counts. */
#include "tests/unit/streamer/film.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* What ffprobe says of these entries, line by line; to be freed. */
static char **film_ask(const char *path, const char *entries)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    int status = 0;
    const char *argv[] = {"ffprobe", "-v", "error", "-count_frames", "-show_entries", entries, "-of",
                          "csv=p=0", path, NULL};
    g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                 &error);
    assert_null(error);
    assert_int_equal(status, 0);
    return g_strsplit(out, "\n", -1);
}

void film_look(const char *path, struct film *film)
{
    g_auto(GStrv) lines = film_ask(path, "stream=codec_type,width,height,nb_read_frames");
    *film = (struct film){0};
    for (char **line = lines; *line; line++) {
        sscanf(*line, "video,%d,%d,%u", &film->width, &film->height, &film->pictures);
        sscanf(*line, "audio,%u", &film->sounds);
    }
}

double film_sound_after_ms(const char *path)
{
    g_auto(GStrv) lines = film_ask(path, "packet=codec_type,pts_time");
    double video_s = -1, audio_s = -1, s;
    for (char **line = lines; *line; line++) {
        if (sscanf(*line, "video,%lf", &s) == 1)
            video_s = MAX(video_s, s);
        if (sscanf(*line, "audio,%lf", &s) == 1)
            audio_s = MAX(audio_s, s);
    }
    assert_true(video_s > 0 && audio_s > 0);
    return 1000 * (audio_s - video_s);
}
