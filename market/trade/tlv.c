/* tlv.c: see tlv.h. */
#include "market/trade/tlv.h"

#include <assert.h>
#include <string.h>

static int two_digits(const char *p)
{
    if (!g_ascii_isdigit(p[0]) || !g_ascii_isdigit(p[1]))
        return -1;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

enum tlv_step tlv_next(const char **at, const char *end, struct tlv *out)
{
    const char *p = *at;
    if (p == end)
        return TLV_END;
    if (end - p < 5)
        return TLV_BROKEN;
    int tag = two_digits(p), size = two_digits(p + 2);
    if (tag < 0 || size <= 0 || end - (p + 4) < size)
        return TLV_BROKEN;
    *out = (struct tlv){.tag = tag, .value = p + 4, .size = (size_t)size};
    *at = p + 4 + size;
    return TLV_FIELD;
}

bool tlv_find(const char *text, size_t size, int tag, struct tlv *out)
{
    const char *at = text, *end = text + size;
    struct tlv field;
    while (tlv_next(&at, end, &field) == TLV_FIELD)
        if (field.tag == tag) {
            *out = field;
            return true;
        }
    return false;
}

bool tlv_sound(const char *text, size_t size)
{
    bool seen[100] = {false};
    const char *at = text, *end = text + size;
    struct tlv field;
    enum tlv_step step;
    while ((step = tlv_next(&at, end, &field)) == TLV_FIELD) {
        if (seen[field.tag])
            return false;
        seen[field.tag] = true;
    }
    return step == TLV_END;
}

bool tlv_is(const struct tlv *field, const char *value)
{
    return field->size == strlen(value) && memcmp(field->value, value, field->size) == 0;
}

void tlv_put(GString *out, int tag, const char *value)
{
    size_t size = strlen(value);
    assert(tag >= 0 && tag <= 99 && size >= 1 && size <= 99);
    g_string_append_printf(out, "%02d%02zu%s", tag, size, value);
}

uint16_t tlv_crc(const char *text, size_t size)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned)(unsigned char)text[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1 & 0xffff;
    }
    return (uint16_t)crc;
}
