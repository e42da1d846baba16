/* jot.c: see jot.h. */
#include "market/base/jot.h"

#include <glib.h>
#include <string.h>

enum { NUMBER = 24 };

void jot_init(struct jot *jot)
{
    jot->text = jot->room;
    jot->length = 0;
    jot->size = sizeof jot->room;
    jot->heap = false;
}

void jot_done(struct jot *jot)
{
    if (jot->heap)
        g_free(jot->text);
}

char *jot_take(struct jot *jot)
{
    jot_char(jot, '\0');
    char *text = g_malloc(jot->length);
    memcpy(text, jot->text, jot->length);
    jot_done(jot);
    return text;
}

static char *reserve(struct jot *jot, size_t more)
{
    if (G_UNLIKELY(jot->size - jot->length < more)) {
        size_t size = (jot->length + more) * 2;
        char *text = jot->heap ? g_realloc(jot->text, size) : g_malloc(size);
        if (!jot->heap)
            memcpy(text, jot->text, jot->length);
        jot->text = text;
        jot->size = size;
        jot->heap = true;
    }
    return jot->text + jot->length;
}

void jot_put(struct jot *jot, const char *bytes, size_t length)
{
    memcpy(reserve(jot, length), bytes, length);
    jot->length += length;
}

void jot_char(struct jot *jot, char c)
{
    *reserve(jot, 1) = c;
    jot->length++;
}

static void put_escaped(struct jot *jot, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at) {
        jot_put(jot, (const char[]){'\\', letters[at - plain]}, 2);
        return;
    }
    const char *digits = "0123456789ABCDEF";
    jot_put(jot, (const char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
}

void jot_string(struct jot *jot, const char *text, size_t length)
{
    jot_char(jot, '"');
    for (size_t from = 0, at = 0; from < length; from = at) {
        unsigned char c = 0;
        while (at < length && (c = (unsigned char)text[at]) >= 0x20 && c != '"' && c != '\\')
            at++;
        jot_put(jot, text + from, at - from);
        if (at < length) {
            put_escaped(jot, c);
            at++;
        }
    }
    jot_char(jot, '"');
}

void jot_number(struct jot *jot, int64_t value)
{
    char digits[NUMBER], *end = digits + sizeof digits, *at = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    jot_put(jot, at, (size_t)(end - at));
}

void jot_between(struct jot *jot)
{
    char last = jot->length ? jot->text[jot->length - 1] : '{';
    if (last != '{' && last != '[')
        jot_char(jot, ',');
}

static void put_name(struct jot *jot, const char *name)
{
    jot_between(jot);
    jot_char(jot, '"');
    jot_put(jot, name, strlen(name));
    jot_put(jot, "\":", 2);
}

static void put_word(struct jot *jot, const char *name, const char *word)
{
    put_name(jot, name);
    jot_put(jot, word, strlen(word));
}

void jot_int(struct jot *jot, const char *name, int64_t value)
{
    put_name(jot, name);
    jot_number(jot, value);
}

void jot_id(struct jot *jot, const char *name, int64_t value)
{
    if (value)
        jot_int(jot, name, value);
    else
        put_word(jot, name, "null");
}

void jot_text(struct jot *jot, const char *name, const char *text)
{
    if (!text) {
        put_word(jot, name, "null");
        return;
    }
    put_name(jot, name);
    jot_string(jot, text, strlen(text));
}

void jot_bool(struct jot *jot, const char *name, bool value)
{
    put_word(jot, name, value ? "true" : "false");
}

void jot_json(struct jot *jot, const char *name, const char *json)
{
    put_word(jot, name, json ? json : "null");
}
