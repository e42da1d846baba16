/* Which paths are pictures of lots: what a backup may have written below media/. The rest is in
 * tests/fault/restore. */
#include "desk_fixture.h"
#include "market/trade/album.h"

#define HASH "0123456789abcdef0123456789abcdef"

static void only_a_lots_picture_is_one(void **state)
{
    (void)state;
    char slug[33];
    const char *name = NULL;
    assert_true(album_path("/media/khe-nhinh/lot-7-" HASH ".jpg", slug, &name));
    assert_string_equal(slug, "khe-nhinh");
    assert_string_equal(name, "lot-7-" HASH ".jpg");
    assert_true(album_path("/media/a/lot-123456789012345678-" HASH ".webp", slug, &name));
    static const char *const others[] = {"",
                                         "/media/",
                                         "/media/a",
                                         "/media//lot-7-" HASH ".jpg",
                                         "/media/../lot-7-" HASH ".jpg",
                                         "/media/A/lot-7-" HASH ".jpg",
                                         "/media/abcdefghijklmnopqrstuvwxyzabcdefg/lot-7-" HASH ".jpg",
                                         "/media/a/../lot-7-" HASH ".jpg",
                                         "/media/a/lot-/" HASH ".jpg",
                                         "/media/a/lot-7-" HASH "0.jpg",
                                         "/media/a/lot-7-" HASH ".svg",
                                         "/media/a/lot-7-" HASH ".jpg/",
                                         "/media/a/lot-7-" HASH,
                                         "/media/a/lot--" HASH ".jpg",
                                         "/media/a/lot-1234567890123456789-" HASH ".jpg",
                                         "/media/a/poster.jpg",
                                         "media/a/lot-7-" HASH ".jpg"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        assert_false(album_path(others[i], slug, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_a_lots_picture_is_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
