/* tlv.h: the envelope of EMV QR codes: two digits of tag, two digits of length (1-99 characters), the value;
 * and the CRC that closes one. Knows nothing of banks. Pure; any thread. */
#ifndef TRADE_TLV_H
#define TRADE_TLV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tlv {
    int tag; /* 0-99 */
    const char *value;
    size_t size; /* 1-99 */
};

enum tlv_step { TLV_FIELD, TLV_END, TLV_BROKEN };

/* Takes the next field from *at, and moves *at behind it. `out` points into the text. Zero lengths and
 * lengths that run over `end` are TLV_BROKEN. */
enum tlv_step tlv_next(const char **at, const char *end, struct tlv *out);

/* Finds `tag` among the fields of a template; false when it is not there or the template is broken. */
bool tlv_find(const char *text, size_t size, int tag, struct tlv *out);

/* True when the whole text is fields, none twice. */
bool tlv_sound(const char *text, size_t size);

bool tlv_is(const struct tlv *field, const char *value);

/* Appends a field. `value` is 1-99 characters: anything else is our bug. */
void tlv_put(GString *out, int tag, const char *value);

/* CRC-16 of EMV: polynomial 1021, start FFFF, nothing reflected. "123456789" gives 29B1. */
uint16_t tlv_crc(const char *text, size_t size);

#endif
