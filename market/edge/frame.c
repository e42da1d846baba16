/* frame.c: the relay link's frames. Edge thread; pure. */
#include "market/edge/frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "streamer/link.h"

bool frame_next(GByteArray *in, json_t **message)
{
    *message = NULL;
    if (in->len < 4)
        return true;
    uint32_t length =
        (uint32_t)in->data[0] << 24 | (uint32_t)in->data[1] << 16 | (uint32_t)in->data[2] << 8 | in->data[3];
    if (length == 0 || length > LINK_FRAME_MAX)
        return false;
    if (in->len - 4 < length)
        return true;
    json_t *got = json_loadb((const char *)in->data + 4, length, JSON_REJECT_DUPLICATES, NULL);
    g_byte_array_remove_range(in, 0, length + 4);
    if (!json_is_object(got) || !json_is_string(json_object_get(got, "t"))) {
        json_decref(got);
        return false;
    }
    *message = got;
    return true;
}

bool frame_put(GByteArray *out, const json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    bool fits = length > 0 && length <= LINK_FRAME_MAX;
    if (fits) {
        const uint8_t head[4] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                                 (uint8_t)length};
        g_byte_array_append(out, head, sizeof head);
        g_byte_array_append(out, (const guint8 *)text, (guint)length);
    }
    free(text);
    return fits;
}
