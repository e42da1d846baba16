#include "unit.h"
#include <string.h>
#include "market/edge/image.h"

/* What a phone's JPEG begins with: application data, a table, then the frame of 800 × 600. */
static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0,    4,    1,    2, 0xff, 0xc4, 0,
                               3,    9,    0xff, 0xff, 0xc2, 0,    11,   8, 2,    0x58, 3,
                               0x20, 1,    1,    0x11, 0,    0xff, 0xda, 0, 2};
static const uint8_t png[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0, 0,
                              13,   'I',  'H', 'D', 'R',  0,    0,    3,    0x20, 0, 0,
                              2,    0x58, 8,   2,   0,    0,    0,    1,    2,    3, 4};

static void is(const uint8_t *bytes, size_t size, const char *ending, uint32_t width, uint32_t height)
{
    struct image image;
    assert_true(image_read(bytes, size, &image));
    assert_string_equal(image.ending, ending);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
}

static void is_none(const void *bytes, size_t size)
{
    struct image image;
    assert_false(image_read(bytes, size, &image));
}

/* The chunk's name and what follows its size, 30 bytes in all. */
static void webp(uint8_t out[30], const char *chunk, const uint8_t *data, size_t size)
{
    memset(out, 0, 30);
    memcpy(out, "RIFF\x16\0\0\0WEBP", 12);
    memcpy(out + 12, chunk, 4);
    memcpy(out + 20, data, size);
}

TEST(each_kind_says_its_size)
{
    UNUSED_STATE;
    uint8_t bytes[30];
    is(jpeg, sizeof jpeg, "jpg", 800, 600);
    is(png, sizeof png, "png", 800, 600);
    webp(bytes, "VP8 ", (const uint8_t[]){0, 0, 0, 0x9d, 1, 0x2a, 0x20, 0x43, 0x58, 0x82}, 10);
    is(bytes, sizeof bytes, "webp", 800, 600); /* the upper two bits are how it is to be scaled */
    webp(bytes, "VP8L", (const uint8_t[]){0x2f, 0x1f, 0xc3, 0x95, 0}, 5);
    is(bytes, sizeof bytes, "webp", 800, 600);
    webp(bytes, "VP8X", (const uint8_t[]){0, 0, 0, 0, 0x1f, 3, 0, 0x57, 2, 0}, 10);
    is(bytes, sizeof bytes, "webp", 800, 600);
}

TEST(what_is_cut_off_or_something_else_is_none)
{
    UNUSED_STATE;
    for (size_t size = 0; size < 26; size++)
        is_none(jpeg, size);
    for (size_t size = 0; size < sizeof png; size++)
        is_none(png, size);
    is_none("GIF89a\1\0\1\0", 10);
    is_none("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 40);
    is_none("RIFF\x16\0\0\0WEBPALPH\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 30);
    is_none("\xff\xd8\xff\xda\0\2", 6);              /* the picture's data before its size */
    is_none("\xff\xd8\xff\xe0\xff\xff\0\0", 8);      /* a segment longer than the file */
    is_none("\xff\xd8\xff\xe0\0\0\xff\xe0\0\0", 10); /* one that is shorter than its own length */
}

TEST(a_side_of_nothing_is_none)
{
    UNUSED_STATE;
    uint8_t flat[sizeof png];
    memcpy(flat, png, sizeof png);
    flat[22] = flat[23] = 0;
    is_none(flat, sizeof flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_says_its_size),
        cmocka_unit_test(what_is_cut_off_or_something_else_is_none),
        cmocka_unit_test(a_side_of_nothing_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
