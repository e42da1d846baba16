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

void film_look(const char *path, struct film *film)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    int status = 0;
    const char *argv[] = {"ffprobe",
                          "-v",
                          "error",
                          "-count_frames",
                          "-show_entries",
                          "stream=codec_type,width,height,nb_read_frames",
                          "-of",
                          "csv=p=0",
                          path,
                          NULL};
    *film = (struct film){0};
    g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                 &error);
    assert_null(error);
    assert_int_equal(status, 0);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    for (char **line = lines; *line; line++) {
        sscanf(*line, "video,%d,%d,%u", &film->width, &film->height, &film->pictures);
        sscanf(*line, "audio,%u", &film->sounds);
    }
}
