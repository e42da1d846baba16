/* moof.c: walks moof → traf → tfhd, trun. */
#include "streamer/studio/moof.h"

#include <stdbool.h>
#include <string.h>

enum { BOX_HEAD = 8, FULL_HEAD = 12, TFHD_DEFAULT_SIZE = 0x10, TRUN_SIZE = 0x200 };

struct box {
    uint8_t *at;
    size_t length; /* with its head */
};

static uint32_t read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The box at the start of `bytes`; false when it does not fit. */
static bool box_read(struct box *box, uint8_t *bytes, size_t length)
{
    if (length < BOX_HEAD)
        return false;
    *box = (struct box){bytes, read_u32(bytes)};
    return box->length >= BOX_HEAD && box->length <= length;
}

static bool box_is(const struct box *box, const char *type)
{
    return memcmp(box->at + 4, type, 4) == 0;
}

static uint32_t box_flags(const struct box *box)
{
    return box->length >= FULL_HEAD ? read_u32(box->at + 8) & 0xffffff : 0;
}

static unsigned traf_mend(const struct box *traf)
{
    struct box inner;
    unsigned mended = 0;
    bool has_size = false;
    for (size_t at = BOX_HEAD; box_read(&inner, traf->at + at, traf->length - at); at += inner.length) {
        if (box_is(&inner, "tfhd"))
            has_size = box_flags(&inner) & TFHD_DEFAULT_SIZE;
        if (box_is(&inner, "trun") && !has_size && !(box_flags(&inner) & TRUN_SIZE)) {
            memcpy(inner.at + 4, "free", 4);
            mended++;
        }
    }
    return mended;
}

unsigned moof_mend(uint8_t *bytes, size_t length)
{
    struct box moof, inner;
    unsigned mended = 0;
    if (!box_read(&moof, bytes, length) || !box_is(&moof, "moof"))
        return 0;
    for (size_t at = BOX_HEAD; box_read(&inner, moof.at + at, moof.length - at); at += inner.length)
        if (box_is(&inner, "traf"))
            mended += traf_mend(&inner);
    return mended;
}
