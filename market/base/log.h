/* log.h: one JSON object per line on stderr: {"at":"…Z","level":"info","event":"login.refused", …}. Any
 * thread. Values are escaped, so nobody's name can forge a line. Never give it passwords, tokens, cookies,
 * places where people live or whole bodies; names of fields that look like such things are blacked out, phone
 * numbers keep their last three digits. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_field {
    const char *name;
    const char *text; /* NULL: `number` counts */
    int64_t number;
};

static inline const char *log_or_empty(const char *text)
{
    return text ? text : "";
}

/* log_line(LOG_LEVEL_INFO, "stall.opened", LOG_TEXT("slug", slug), LOG_NUMBER("lots", n)); */
#define LOG_TEXT(name_, value) ((struct log_field){.name = (name_), .text = log_or_empty(value)})
#define LOG_NUMBER(name_, value) ((struct log_field){.name = (name_), .number = (value)})
#define log_line(level, event, ...)                                                                          \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__},                                     \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);
void log_set_level(enum log_level lowest); /* lines below it are dropped; default info */
/* The line without its end, for tests and for log_write; new string for g_free. */
char *log_format(int64_t at_ms, enum log_level level, const char *event, const struct log_field *fields,
                 size_t count);

#endif
