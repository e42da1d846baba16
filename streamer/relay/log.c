/* log.c: builds a line with jansson, so that a stranger's bytes can break no line, and writes it with one
 * write(2). */
#include "streamer/relay/log.h"
#include "streamer/relay/clock.h"

#include <glib.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static enum log_level log_least = LOG_INFO;

void log_quiet(enum log_level least)
{
    log_least = least;
}

static void log_write(const char *line, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDERR_FILENO, line, size);
        if (n <= 0)
            return; /* nobody listens: the relay goes on without a log */
        line += n;
        size -= (size_t)n;
    }
}

void log_event(enum log_level level, const char *event, const char *pairs, ...)
{
    static const char *const words[] = {"debug", "info", "warn", "error"};
    if (level < log_least)
        return;
    json_t *line = json_pack("{s:I, s:s, s:s, s:s}", "at", (json_int_t)(clock_wall_us() / 1000), "level",
                             words[level], "program", "relay", "event", event);
    if (pairs) {
        g_autofree char *format = g_strdup_printf("{%s}", pairs);
        va_list args;
        va_start(args, pairs);
        json_t *more = json_vpack_ex(NULL, 0, format, args);
        va_end(args);
        if (line && more)
            json_object_update(line, more);
        json_decref(more);
    }
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text) {
        g_autofree char *whole = g_strdup_printf("%s\n", text);
        log_write(whole, strlen(whole));
    }
    free(text);
    json_decref(line);
}
