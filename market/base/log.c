/* log.c: formats a line, writes it with one write(2) so that lines of several threads do not mix. */
#include "market/base/log.h"

#include <glib.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#include "market/base/clock.h"

static _Atomic int lowest_level = LOG_LEVEL_INFO;

/* Fields whose value is never written, whatever the caller thought. */
static const char *const secrets[] = {"password", "secret", "token",        "cookie",
                                      "code",     "place",  "authorization"};

static void append_escaped(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (g_unichar_isprint(c) && g_unichar_type(c) != G_UNICODE_FORMAT)
            g_string_append_unichar(out, c);
        else if (c < 0x10000)
            g_string_append_printf(out, "\\u%04x", c);
        else /* as JSON wants it: a surrogate pair */
            g_string_append_printf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                                   0xDC00 + ((c - 0x10000) & 0x3FF));
    }
    g_string_append_c(out, '"');
}

static void append_field(GString *out, const struct log_field *field)
{
    g_string_append_c(out, ',');
    append_escaped(out, field->name);
    g_string_append_c(out, ':');
    if (!field->text) {
        g_string_append_printf(out, "%" G_GINT64_FORMAT, field->number);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
        if (strcmp(field->name, secrets[i]) == 0) {
            g_string_append(out, "\"***\"");
            return;
        }
    }
    size_t length = strlen(field->text);
    if (strcmp(field->name, "phone") == 0 && length > 3)
        g_string_append_printf(out, "\"***%s\"",
                               g_utf8_validate(field->text + length - 3, 3, NULL) ? field->text + length - 3
                                                                                  : "");
    else
        append_escaped(out, field->text);
}

char *log_format(int64_t at_ms, enum log_level level, const char *event, const struct log_field *fields,
                 size_t count)
{
    static const char *const words[] = {"debug", "info", "warn", "error"};
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(at_ms / 1000);
    g_autofree char *stamp = at ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%S") : g_strdup("");
    GString *out = g_string_sized_new(256);
    g_string_append_printf(out, "{\"at\":\"%s.%03dZ\",\"level\":\"%s\",\"event\":", stamp,
                           (int)(at_ms % 1000), words[level]);
    append_escaped(out, event);
    for (size_t i = 0; i < count; i++)
        append_field(out, &fields[i]);
    g_string_append_c(out, '}');
    return g_string_free(out, FALSE);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    g_autofree char *line = log_format(clock_wall_ms(), level, event, fields, count);
    g_autofree char *whole = g_strconcat(line, "\n", NULL);
    ssize_t written = write(STDERR_FILENO, whole, strlen(whole));
    (void)written; /* nowhere left to complain */
}

void log_set_level(enum log_level lowest)
{
    atomic_store(&lowest_level, (int)lowest);
}
