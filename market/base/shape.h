/* shape.h: puts fields into a JSON object without a word too many. Texts are known to be valid UTF-8 by now.
 */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

static inline void shape_int(json_t *object, const char *name, int64_t value)
{
    json_object_set_new_nocheck(object, name, json_integer(value));
}
/* A time or reference: 0 is null. */
static inline void shape_id(json_t *object, const char *name, int64_t value)
{
    json_object_set_new_nocheck(object, name, value ? json_integer(value) : json_null());
}
/* NULL is null. */
static inline void shape_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new_nocheck(object, name, text ? json_string_nocheck(text) : json_null());
}
static inline void shape_bool(json_t *object, const char *name, bool value)
{
    json_object_set_new_nocheck(object, name, json_boolean(value));
}
/* TAKES value; NULL is null. */
static inline void shape_json(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value ? value : json_null());
}

/* Compact text of a JSON value, exactly as long as it needs to be; for g_free. Members in the order they were
 * set, or sorted by name. Not for numbers with a point that must be short: those come in 17 digits. */
char *shape_dump(const json_t *value, bool sorted);

static inline void shape_freep(json_t **value)
{
    json_decref(*value);
}
#define JSON __attribute__((cleanup(shape_freep))) json_t *

#endif
