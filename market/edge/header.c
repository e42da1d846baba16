/* header.c: see header.h. */
#include "market/edge/header.h"

#include <glib.h>
#include <string.h>

char *header_copy(struct lws *wsi, enum lws_token_indexes token)
{
    int length = lws_hdr_total_length(wsi, token);
    if (length <= 0)
        return NULL;
    int size = length + 32;
    char *value = g_malloc0((gsize)size);
    if (lws_hdr_copy(wsi, value, size, token) < 0)
        g_clear_pointer(&value, g_free);
    return value;
}

char *header_copy_custom(struct lws *wsi, const char *name)
{
    int name_length = (int)strlen(name), length = lws_hdr_custom_length(wsi, name, name_length);
    if (length <= 0)
        return NULL;
    char *value = g_malloc0((gsize)length + 1);
    if (lws_hdr_custom_copy(wsi, value, length + 1, name, name_length) < 0)
        g_clear_pointer(&value, g_free);
    return value;
}
