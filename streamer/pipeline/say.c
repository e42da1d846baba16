/* say.c: builds a line with jansson, so that a stranger's bytes can break no line, and writes it with one
 * write(2). */
#include "streamer/pipeline/say.h"

#include <glib.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static char say_program[16] = "child";
static char say_room[64] = "";

void say_as(const char *program, const char *room)
{
    g_strlcpy(say_program, program, sizeof say_program);
    g_strlcpy(say_room, room, sizeof say_room);
}

void say(enum say_level level, const char *event, const char *pairs, ...)
{
    static const char *const words[] = {"info", "warn", "error"};
    json_t *line =
        json_pack("{s:I, s:s, s:s, s:s, s:i}", "at", (json_int_t)(g_get_real_time() / 1000), "level",
                  words[level], "program", say_program, "event", event, "pid", (int)getpid());
    if (line && say_room[0])
        json_object_set_new(line, "room", json_string(say_room));
    if (line && pairs) {
        g_autofree char *format = g_strdup_printf("{%s}", pairs);
        va_list args;
        va_start(args, pairs);
        json_t *more = json_vpack_ex(NULL, 0, format, args);
        va_end(args);
        if (more)
            json_object_update(line, more);
        json_decref(more);
    }
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text) {
        g_autofree char *whole = g_strdup_printf("%s\n", text);
        ssize_t written = write(STDERR_FILENO, whole, strlen(whole));
        (void)written; /* nobody listens: the child goes on without a log */
    }
    free(text);
    json_decref(line);
}
