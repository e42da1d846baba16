/* image.h: what a picture is, by its own bytes: JPEG, PNG or WebP, and its size. Only heads are read, nothing
 * is decoded. Pure. */
#ifndef EDGE_IMAGE_H
#define EDGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
    const char *ending;     /* "jpg", "png" or "webp"; static */
    uint32_t width, height; /* pixels, at least 1 each */
};

/* False: it is none of the three, or ends before it says its size. */
bool image_read(const uint8_t *bytes, size_t size, struct image *out);

#endif
