/* header.c: see header.h. */
#include "market/edge/header.h"

#include <glib.h>
#include <string.h>
#include "market/edge/limits.h"

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
    for (int i = 0; value && i < length; i++)
        if (!value[i])
            value[i] = '?'; /* it ends nothing */
    return value;
}

static bool is_text(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

int header_bytes(struct lws *wsi)
{
    int bytes = 0;
    for (int token = 0; token < WSI_TOKEN_COUNT; token++)
        bytes += MAX(lws_hdr_total_length(wsi, (enum lws_token_indexes)token), 0);
    return bytes;
}

bool header_clean(struct lws *wsi)
{
    static char value[HEADERS_ROOM + 1]; /* the edge's one thread */
    for (int token = 0; token < WSI_TOKEN_COUNT; token++) {
        if (lws_hdr_total_length(wsi, (enum lws_token_indexes)token) <= 0)
            continue;
        int length;
        for (int i = 0; (length = lws_hdr_copy_fragment(wsi, value, sizeof value,
                                                        (enum lws_token_indexes)token, i)) != -1;
             i++) {
            if (length < 0 || !is_text(value, (size_t)length))
                return false;
        }
    }
    return true;
}
