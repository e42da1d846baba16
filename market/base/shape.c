/* shape.c: JSON to text. */
#include "market/base/shape.h"

#include <glib.h>
#include <string.h>

enum { USUAL = 4096 };

char *shape_dump(const json_t *value, size_t flags)
{
    char usual[USUAL];
    size_t length = json_dumpb(value, usual, sizeof usual, flags | JSON_COMPACT | JSON_ENCODE_ANY);
    char *text = g_malloc(length + 1);
    if (length <= sizeof usual)
        memcpy(text, usual, length);
    else
        json_dumpb(value, text, length, flags | JSON_COMPACT | JSON_ENCODE_ANY);
    text[length] = '\0';
    return text;
}
