/* canon.c: see canon.h. */
#include "market/trade/canon.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put_escaped(GString *out, gunichar c)
{
    if (c > 0xffff) {
        c -= 0x10000;
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
    } else {
        g_string_append_printf(out, "\\u%04x", c);
    }
}

static bool is_escaped(gunichar c, enum canon_form form)
{
    if (c < 0x20)
        return true;
    switch (form) {
    case CANON_PHP:
    case CANON_PYTHON:
        return c > 0x7f;
    case CANON_GO:
        return c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029;
    case CANON_JS:
    case CANON_FORMS:
        return false;
    }
    return false;
}

static void put_text(GString *out, const char *text, enum canon_form form)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    g_string_append_c(out, '"');
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        const char *at = c < 0x80 ? strchr(plain, (int)c) : NULL;
        if (at)
            g_string_append_printf(out, "\\%c", letters[at - plain]);
        else if (c == '/' && form == CANON_PHP)
            g_string_append(out, "\\/");
        else if (is_escaped(c, form))
            put_escaped(out, c);
        else
            g_string_append_unichar(out, c);
    }
    g_string_append_c(out, '"');
}

/* The shortest digits that read back as the same number; whole numbers without a point. */
static void put_real(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (value == floor(value) && fabs(value) < 1e21) {
        g_string_append_printf(out, "%.0f", value);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        char how[8];
        g_snprintf(how, sizeof how, "%%.%dg", digits);
        g_ascii_formatd(text, sizeof text, how, value);
        if (!(g_ascii_strtod(text, NULL) < value) && !(g_ascii_strtod(text, NULL) > value))
            break;
    }
    g_string_append(out, text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *canon_keys(json_t *object)
{
    GPtrArray *keys = g_ptr_array_new();
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        g_ptr_array_add(keys, (char *)(uintptr_t)json_object_iter_key(at));
    if (keys->len)
        qsort(keys->pdata, keys->len, sizeof *keys->pdata, by_name);
    return keys;
}

static void put_value(GString *out, json_t *value, enum canon_form form);

static void put_object(GString *out, json_t *object, enum canon_form form)
{
    g_autoptr(GPtrArray) keys = canon_keys(object);
    g_string_append_c(out, '{');
    for (guint i = 0; i < keys->len; i++) {
        if (i)
            g_string_append_c(out, ',');
        put_text(out, keys->pdata[i], form);
        g_string_append_c(out, ':');
        put_value(out, json_object_get(object, keys->pdata[i]), form);
    }
    g_string_append_c(out, '}');
}

static void put_array(GString *out, json_t *array, enum canon_form form)
{
    g_string_append_c(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            g_string_append_c(out, ',');
        put_value(out, json_array_get(array, i), form);
    }
    g_string_append_c(out, ']');
}

/* Depth is bounded by jansson's own limit on reading (2048). */
static void put_value(GString *out, json_t *value, enum canon_form form)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value, form);
        return;
    case JSON_ARRAY:
        put_array(out, value, form);
        return;
    case JSON_STRING:
        put_text(out, json_string_value(value), form);
        return;
    case JSON_INTEGER:
        g_string_append_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return;
    case JSON_REAL:
        put_real(out, json_real_value(value));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        g_string_append(out, json_is_true(value) ? "true" : "false");
        return;
    case JSON_NULL:
        g_string_append(out, "null");
        return;
    }
}

char *canon_write(json_t *value, enum canon_form form)
{
    GString *out = g_string_sized_new(512);
    put_value(out, value, form);
    return g_string_free(out, FALSE);
}
