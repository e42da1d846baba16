/* shape.c: JSON to text. The same bytes as jansson's own compact form (a test holds the two together),
 * without its check for loops, its callback for each token and its look at each character. */
#include "market/base/shape.h"

#include <assert.h>
#include <glib.h>
#include <string.h>
#include "market/base/jot.h"

enum { KEYS_USUAL = 32 };

static void put_real(struct jot *out, const json_t *value)
{
    char digits[64];
    size_t length = json_dumpb(value, digits, sizeof digits, JSON_ENCODE_ANY);
    assert(length <= sizeof digits);
    jot_put(out, digits, length);
}

static void put_value(struct jot *out, const json_t *value, bool sorted);

static void put_member(struct jot *out, const char *key, const json_t *value, bool sorted)
{
    jot_between(out);
    jot_string(out, key, strlen(key));
    jot_char(out, ':');
    put_value(out, value, sorted);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_sorted(struct jot *out, json_t *object)
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

static void put_object(struct jot *out, json_t *object, bool sorted)
{
    jot_char(out, '{');
    if (sorted)
        put_sorted(out, object);
    for (void *at = sorted ? NULL : json_object_iter(object); at; at = json_object_iter_next(object, at))
        put_member(out, json_object_iter_key(at), json_object_iter_value(at), false);
    jot_char(out, '}');
}

static void put_array(struct jot *out, const json_t *array, bool sorted)
{
    jot_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            jot_char(out, ',');
        put_value(out, json_array_get(array, i), sorted);
    }
    jot_char(out, ']');
}

/* Depth is bounded by jansson's own limit on reading (2048). */
static void put_value(struct jot *out, const json_t *value, bool sorted)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, (json_t *)(uintptr_t)value, sorted);
        return;
    case JSON_ARRAY:
        put_array(out, value, sorted);
        return;
    case JSON_STRING:
        jot_string(out, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        jot_number(out, json_integer_value(value));
        return;
    case JSON_REAL:
        put_real(out, value);
        return;
    case JSON_TRUE:
        jot_put(out, "true", 4);
        return;
    case JSON_FALSE:
        jot_put(out, "false", 5);
        return;
    case JSON_NULL:
        jot_put(out, "null", 4);
        return;
    }
}

char *shape_dump(const json_t *value, bool sorted)
{
    struct jot out __attribute__((uninitialized));
    jot_init(&out);
    put_value(&out, value, sorted);
    return jot_take(&out);
}
