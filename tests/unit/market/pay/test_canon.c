#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/canon.h"

static void each_language_writes_its_way(void **state)
{
    (void)state;
    static const char *const want[CANON_FORMS] = {
        [CANON_JS] = "{\"a\":{\"b\":null,\"c\":[1,true]},\"z\":\"đ/<\\n\\u0001\\\"😀\"}",
        [CANON_PHP] = "{\"a\":{\"b\":null,\"c\":[1,true]},\"z\":\"\\u0111\\/<\\n\\u0001\\\"\\ud83d\\ude00\"}",
        [CANON_PYTHON] =
            "{\"a\":{\"b\":null,\"c\":[1,true]},\"z\":\"\\u0111/<\\n\\u0001\\\"\\ud83d\\ude00\"}",
        [CANON_GO] = "{\"a\":{\"b\":null,\"c\":[1,true]},\"z\":\"đ/\\u003c\\n\\u0001\\\"😀\"}",
    };
    json_t *json =
        json_loads("{\"z\": \"đ/<\\n\\u0001\\\"😀\", \"a\": {\"c\": [1, true], \"b\": null}}", 0, NULL);
    assert_non_null(json);
    for (int form = 0; form < CANON_FORMS; form++) {
        g_autofree char *text = canon_write(json, (enum canon_form)form);
        assert_string_equal(text, want[form]);
    }
    json_decref(json);
}

static void numbers_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    json_t *json =
        json_loads("[1.0, 0.1, 1.5, -2.25, 9007199254740991, 0.30000000000000004, {}, []]", 0, NULL);
    g_autofree char *text = canon_write(json, CANON_JS);
    assert_string_equal(text, "[1,0.1,1.5,-2.25,9007199254740991,0.30000000000000004,{},[]]");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_writes_its_way),
        cmocka_unit_test(numbers_are_as_short_as_they_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
