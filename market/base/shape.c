/* shape.c: JSON to text. The same bytes as jansson's own compact form (a test holds the two together),
 * without its check for loops, its callback for each token and its look at each character: an order is
 * written four times, and that was a quarter of what the desk does for it. */
#include "market/base/shape.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

enum { USUAL = 4096, KEYS_USUAL = 32, NUMBER = 24 };

struct out {
    char *text; /* the caller's buffer, or the heap's once it was too small */
    size_t length, room;
    bool heap;
};

static char *reserve(struct out *out, size_t more)
{
    if (out->room - out->length < more) {
        size_t room = (out->length + more) * 2;
        char *text = out->heap ? g_realloc(out->text, room) : g_malloc(room);
        if (!out->heap)
            memcpy(text, out->text, out->length);
        *out = (struct out){text, out->length, room, true};
    }
    return out->text + out->length;
}

static void put(struct out *out, const char *bytes, size_t length)
{
    memcpy(reserve(out, length), bytes, length);
    out->length += length;
}

static void put_char(struct out *out, char c)
{
    *reserve(out, 1) = c;
    out->length++;
}

static void put_escaped(struct out *out, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at) {
        put(out, (const char[]){'\\', letters[at - plain]}, 2);
        return;
    }
    const char *digits = "0123456789ABCDEF";
    put(out, (const char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
}

static void put_text(struct out *out, const char *text, size_t length)
{
    put_char(out, '"');
    for (size_t from = 0, at = 0; from < length; from = at) {
        unsigned char c = 0;
        while (at < length && (c = (unsigned char)text[at]) >= 0x20 && c != '"' && c != '\\')
            at++;
        put(out, text + from, at - from);
        if (at < length) {
            put_escaped(out, c);
            at++;
        }
    }
    put_char(out, '"');
}

static void put_int(struct out *out, int64_t value)
{
    char digits[NUMBER], *end = digits + sizeof digits, *at = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    put(out, at, (size_t)(end - at));
}

static void put_real(struct out *out, const json_t *value)
{
    char digits[64];
    size_t length = json_dumpb(value, digits, sizeof digits, JSON_ENCODE_ANY);
    assert(length <= sizeof digits);
    put(out, digits, length);
}

static void put_value(struct out *out, const json_t *value, bool sorted);

static void put_member(struct out *out, const char *key, const json_t *value, bool sorted)
{
    if (out->text[out->length - 1] != '{')
        put_char(out, ',');
    put_text(out, key, strlen(key));
    put_char(out, ':');
    put_value(out, value, sorted);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_sorted(struct out *out, json_t *object)
{
    const char *usual[KEYS_USUAL] __attribute__((uninitialized));
    size_t count = json_object_size(object), i = 0;
    const char **keys = count > KEYS_USUAL ? g_new(const char *, count) : usual;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        keys[i++] = json_object_iter_key(at);
    if (count > 1)
        qsort(keys, count, sizeof *keys, by_key);
    for (i = 0; i < count; i++)
        put_member(out, keys[i], json_object_get(object, keys[i]), true);
    if (keys != usual)
        g_free(keys);
}

static void put_object(struct out *out, json_t *object, bool sorted)
{
    put_char(out, '{');
    if (sorted)
        put_sorted(out, object);
    for (void *at = sorted ? NULL : json_object_iter(object); at; at = json_object_iter_next(object, at))
        put_member(out, json_object_iter_key(at), json_object_iter_value(at), false);
    put_char(out, '}');
}

static void put_array(struct out *out, const json_t *array, bool sorted)
{
    put_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            put_char(out, ',');
        put_value(out, json_array_get(array, i), sorted);
    }
    put_char(out, ']');
}

/* Depth is bounded by jansson's own limit on reading (2048). */
static void put_value(struct out *out, const json_t *value, bool sorted)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, (json_t *)(uintptr_t)value, sorted);
        return;
    case JSON_ARRAY:
        put_array(out, value, sorted);
        return;
    case JSON_STRING:
        put_text(out, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        put_int(out, json_integer_value(value));
        return;
    case JSON_REAL:
        put_real(out, value);
        return;
    case JSON_TRUE:
        put(out, "true", 4);
        return;
    case JSON_FALSE:
        put(out, "false", 5);
        return;
    case JSON_NULL:
        put(out, "null", 4);
        return;
    }
}

char *shape_dump(const json_t *value, bool sorted)
{
    char usual[USUAL] __attribute__((uninitialized));
    struct out out = {.text = usual, .room = sizeof usual};
    put_value(&out, value, sorted);
    put_char(&out, '\0');
    char *text = g_malloc(out.length);
    memcpy(text, out.text, out.length);
    if (out.heap)
        g_free(out.text);
    return text;
}
