/* image.c: see image.h. */
#include "market/edge/image.h"

#include <string.h>

static uint32_t big16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t big32(const uint8_t *b)
{
    return big16(b) << 16 | big16(b + 2);
}

static uint32_t little16(const uint8_t *b)
{
    return (uint32_t)b[1] << 8 | b[0];
}

static uint32_t little24(const uint8_t *b)
{
    return (uint32_t)b[2] << 16 | little16(b);
}

/* Start of frame: C0 to CF, but for the tables and the reserved one among them. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Segment after segment up to the one that says the size. */
static bool jpeg(const uint8_t *b, size_t size, struct image *out)
{
    if (size < 4 || b[0] != 0xff || b[1] != 0xd8)
        return false;
    for (size_t at = 2; at + 4 <= size;) {
        if (b[at] != 0xff)
            return false;
        if (b[at + 1] == 0xff) { /* fill */
            at++;
            continue;
        }
        size_t length = big16(b + at + 2);
        if (length < 2 || b[at + 1] == 0xda || b[at + 1] == 0xd9 || length > size - at - 2)
            return false;
        if (is_frame(b[at + 1])) {
            if (length < 8)
                return false;
            *out = (struct image){"jpg", big16(b + at + 7), big16(b + at + 5)};
            return true;
        }
        at += 2 + length;
    }
    return false;
}

static bool png(const uint8_t *b, size_t size, struct image *out)
{
    static const uint8_t first[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                                      0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    if (size < 33 || memcmp(b, first, sizeof first) != 0)
        return false;
    *out = (struct image){"png", big32(b + 16), big32(b + 20)};
    return true;
}

static bool webp(const uint8_t *b, size_t size, struct image *out)
{
    if (size < 30 || memcmp(b, "RIFF", 4) != 0 || memcmp(b + 8, "WEBP", 4) != 0)
        return false;
    out->ending = "webp";
    if (!memcmp(b + 12, "VP8 ", 4) && !memcmp(b + 23, "\x9d\x01\x2a", 3)) {
        out->width = little16(b + 26) & 0x3fff;
        out->height = little16(b + 28) & 0x3fff;
    } else if (!memcmp(b + 12, "VP8L", 4) && b[20] == 0x2f) {
        uint32_t bits = little16(b + 21) | little16(b + 23) << 16;
        out->width = (bits & 0x3fff) + 1;
        out->height = (bits >> 14 & 0x3fff) + 1;
    } else if (!memcmp(b + 12, "VP8X", 4)) {
        out->width = little24(b + 24) + 1;
        out->height = little24(b + 27) + 1;
    } else {
        return false;
    }
    return true;
}

bool image_read(const uint8_t *bytes, size_t size, struct image *out)
{
    return (jpeg(bytes, size, out) || png(bytes, size, out) || webp(bytes, size, out)) && out->width > 0 &&
           out->height > 0;
}
