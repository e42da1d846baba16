/* fields.c: strict reading of JSON objects. */
#include "market/base/fields.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

void fields_open(struct fields *f, json_t *in)
{
    f->in = in;
    f->bad = f->why = NULL;
    f->asked_count = f->found = f->owned_count = 0;
    if (!json_is_object(in))
        fields_refuse(f, "", "a JSON object is expected");
}

void fields_refuse(struct fields *f, const char *name, const char *why)
{
    if (f->bad)
        return;
    f->bad = name;
    f->why = why;
}

/* Looks a field up and remembers that it is known here. NULL when absent or null. */
static json_t *ask(struct fields *f, const char *name)
{
    json_t *value = json_object_get(f->in, name);
    bool again = false;
    for (int i = 0; i < f->asked_count && !again; i++)
        again = strcmp(f->asked[i], name) == 0;
    if (!again) {
        assert(f->asked_count < FIELDS_MAX);
        f->asked[f->asked_count++] = name;
        f->found += value != NULL;
    }
    return json_is_null(value) ? NULL : value;
}

bool fields_close(struct fields *f)
{
    if (f->bad || (size_t)f->found == json_object_size(f->in))
        return !f->bad;
    const char *name;
    json_t *value;
    json_object_foreach(f->in, name, value)
    {
        bool known = false;
        for (int i = 0; i < f->asked_count && !known; i++)
            known = strcmp(f->asked[i], name) == 0;
        if (!known)
            fields_refuse(f, name, "this field is not known here");
    }
    return false;
}

void fields_free(struct fields *f)
{
    while (f->owned_count)
        g_free(f->owned[--f->owned_count]);
}

bool field_given(struct fields *f, const char *name)
{
    return ask(f, name) != NULL;
}

static int64_t read_int(struct fields *f, const char *name, const json_t *value, int64_t min, int64_t max)
{
    if (!json_is_integer(value)) {
        fields_refuse(f, name, "a whole number is expected");
        return min;
    }
    int64_t n = json_integer_value(value);
    if (n < min || n > max) {
        fields_refuse(f, name, "the number is outside the allowed range");
        return min;
    }
    return n;
}

int64_t field_int(struct fields *f, const char *name, int64_t min, int64_t max)
{
    return read_int(f, name, ask(f, name), min, max);
}

int64_t field_int_or(struct fields *f, const char *name, int64_t min, int64_t max, int64_t standard)
{
    const json_t *value = ask(f, name);
    return value ? read_int(f, name, value, min, max) : standard;
}

int64_t field_number_or(struct fields *f, const char *name, int64_t min, int64_t max, int64_t standard)
{
    const json_t *value = ask(f, name);
    if (!json_is_string(value))
        return value ? read_int(f, name, value, min, max) : standard;
    int64_t n = standard;
    if (!g_ascii_string_to_signed(json_string_value(value), 10, min, max, &n, NULL))
        fields_refuse(f, name, "a whole number within the allowed range is expected");
    return n;
}

const char *field_text_or(struct fields *f, const char *name, enum text_kind kind, size_t min, size_t max,
                          const char *standard)
{
    const json_t *value = ask(f, name);
    if (!value)
        return standard;
    char *clean = json_string_length(value) <= max * 4 + 64
                      ? text_clean(json_string_value(value), kind, min, max)
                      : NULL;
    if (!clean || strlen(json_string_value(value)) != json_string_length(value)) {
        g_free(clean);
        fields_refuse(f, name, "text of the allowed length without control characters is expected");
        return "";
    }
    assert(f->owned_count < FIELDS_MAX);
    return f->owned[f->owned_count++] = clean;
}

const char *field_text(struct fields *f, const char *name, enum text_kind kind, size_t min, size_t max)
{
    const char *text = field_text_or(f, name, kind, min, max, NULL);
    if (!text)
        fields_refuse(f, name, "this field is needed");
    return text ? text : "";
}

const char *field_raw(struct fields *f, const char *name, size_t min, size_t max)
{
    const json_t *value = ask(f, name);
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length < min || length > max ||
        strlen(json_string_value(value)) != length) {
        fields_refuse(f, name, value ? "text of the allowed length is expected" : "this field is needed");
        return "";
    }
    return json_string_value(value);
}

int field_word(struct fields *f, const char *name, const char *const *words)
{
    const char *text = json_string_value(ask(f, name));
    for (int i = 0; text && words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    fields_refuse(f, name, "one of the listed words is expected");
    return -1;
}

json_t *field_array(struct fields *f, const char *name, size_t min, size_t max)
{
    json_t *value = ask(f, name);
    if (json_is_array(value) && json_array_size(value) >= min && json_array_size(value) <= max)
        return value;
    fields_refuse(f, name, "a list of the allowed length is expected");
    return NULL;
}

const char *field_key(struct fields *f)
{
    const char *key = field_raw(f, "key", 16, 64);
    for (const char *p = key; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '_' && *p != '-')
            fields_refuse(f, "key", "only letters, digits, _ and - are allowed");
    return key;
}
