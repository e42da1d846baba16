#include "unit.h"
#include <glib.h>
#include <jansson.h>
#include "market/edge/escape.h"

static void html(const char *in, const char *want)
{
    g_autoptr(GString) out = g_string_new(NULL);
    escape_html(out, in);
    assert_string_equal(out->str, want);
}

TEST(html_cannot_be_broken_out_of)
{
    UNUSED_STATE;
    html("Rau cải", "Rau cải");
    html("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    html("\" onload='x' &", "&quot; onload=&#39;x&#39; &amp;");
    html("a\nb\x01", "a b ");
}

TEST(a_script_element_cannot_be_ended_or_begun_by_data)
{
    UNUSED_STATE;
    const char *name = "</script><!--<script>&\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7";
    json_t *body = json_pack("{s:s}", "name", name);
    char *json = json_dumps(body, JSON_COMPACT);
    g_autoptr(GString) out = g_string_new(NULL);
    escape_script(out, json);
    assert_null(strpbrk(out->str, "<>&"));
    assert_null(strstr(out->str, "\xe2\x80\xa8"));
    assert_null(strstr(out->str, "\xe2\x80\xa9"));
    json_t *back = json_loads(out->str, 0, NULL);
    assert_true(json_equal(body, back)); /* and it still says the same */
    json_decref(back);
    json_decref(body);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_cannot_be_broken_out_of),
        cmocka_unit_test(a_script_element_cannot_be_ended_or_begun_by_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
