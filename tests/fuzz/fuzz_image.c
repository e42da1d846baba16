/* Heads of pictures that strangers send: whatever is taken has one of three endings and a size that fits its
 * format. */
#include "market/edge/image.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct image image;
    if (!image_read(bytes, size, &image))
        return 0;
    assert(image.width > 0 && image.height > 0);
    bool jpg = strcmp(image.ending, "jpg") == 0, webp = strcmp(image.ending, "webp") == 0;
    assert(jpg || webp || strcmp(image.ending, "png") == 0);
    assert(!jpg || (image.width <= 0xffff && image.height <= 0xffff));
    assert(!webp || (image.width <= 1 << 24 && image.height <= 1 << 24));
    return 0;
}
