#include "unit.h"
#include <glib.h>
#include "market/edge/page.h"

TEST(marks_are_filled_and_the_language_is_the_askers)
{
    UNUSED_STATE;
    g_autofree char *page = page_fill(
        "<!doctype html><html lang=\"vi\"><head><!--og--></head><body lang=\"x\"><!--state--></body></html>",
        "fr", "<meta>", "<script>{}</script>");
    assert_string_equal(page, "<!doctype html><html lang=\"fr\"><head><meta></head><body "
                              "lang=\"x\"><script>{}</script></body></html>");
}

TEST(what_is_filled_in_is_not_searched_for_marks)
{
    UNUSED_STATE;
    g_autofree char *page = page_fill("<html lang=\"vi\"><!--og-->|<!--state-->", "en", "<!--state-->",
                                      "<!--og--><html lang=\"vi\">");
    assert_string_equal(page, "<html lang=\"en\"><!--state-->|<!--og--><html lang=\"vi\">");
}

TEST(a_template_without_marks_stays_itself)
{
    UNUSED_STATE;
    g_autofree char *page = page_fill("<p>Chợ</p>", "en", "x", "y");
    assert_string_equal(page, "<p>Chợ</p>");
}

TEST(preview_tags_are_escaped)
{
    UNUSED_STATE;
    g_autofree char *og =
        page_og("Rau \"ngon\" <b>", "a & b", "https://localhost/s/x", "https://localhost/p.jpg");
    assert_non_null(strstr(og, "content=\"Rau &quot;ngon&quot; &lt;b&gt;\""));
    assert_non_null(strstr(og, "content=\"a &amp; b\""));
    assert_non_null(strstr(og, "og:image"));
    assert_null(strstr(og, "<b>"));
    g_autofree char *bare = page_og("x", NULL, "https://localhost/", NULL);
    assert_null(strstr(bare, "og:image"));
    assert_null(strstr(bare, "og:description"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_filled_and_the_language_is_the_askers),
        cmocka_unit_test(what_is_filled_in_is_not_searched_for_marks),
        cmocka_unit_test(a_template_without_marks_stays_itself),
        cmocka_unit_test(preview_tags_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
