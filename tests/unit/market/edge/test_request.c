#include "unit.h"
#include "market/edge/request.h"

static enum result check(struct request_head head)
{
    int64_t length;
    const char *why;
    if (!head.method)
        head.method = "POST";
    if (!head.path)
        head.path = "/api/v1/login";
    if (!head.host)
        head.host = "localhost:8443";
    return request_check(&head, &length, &why);
}

TEST(one_framing_rule)
{
    UNUSED_STATE;
    static const char *const bad[] = {"-1",  "+2", "0x2", "2, 2", "4,  0", "9223372036854775809",
                                      "1e3", " ",  "",    "2 ",   "١"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(check((struct request_head){.content_length = bad[i]}), R_BAD_FIELD);
    assert_int_equal(check((struct request_head){.content_length = "0"}), R_OK);
    assert_int_equal(check((struct request_head){.content_length = "65536"}), R_OK);
    assert_int_equal(check((struct request_head){.transfer_encoding = "chunked"}), R_BAD_FIELD);
    assert_int_equal(check((struct request_head){.transfer_encoding = "identity"}), R_BAD_FIELD);
    assert_int_equal(check((struct request_head){.method = "GET", .content_length = "5"}), R_BAD_FIELD);
    assert_int_equal(check((struct request_head){.method = "GET", .content_length = "0"}), R_OK);
    assert_int_equal(check((struct request_head){.upgrade = "h2c"}), R_BAD_FIELD);
    assert_int_equal(check((struct request_head){.path = "*"}), R_UNKNOWN);
    assert_int_equal(check((struct request_head){.path = "http://x/"}), R_UNKNOWN);
}

TEST(a_host_is_a_host)
{
    UNUSED_STATE;
    static const char *const good[] = {"localhost", "localhost:8443", "127.0.0.1:1",
                                       "[::1]",     "[::1]:8443",     "cho.example.vn"};
    static const char *const bad[] = {"",       ":80",     "a b", "a,b",    "a/b",   "a@b",
                                      "a:0",    "a:65536", "a:",  "a:80x",  "[::1",  "[]",
                                      "[::1]x", "evil\"x", "a;b", "chợ.vn", "a\r\nb"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(request_host_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(request_host_ok(bad[i]));
    int64_t length;
    const char *why;
    const struct request_head none = {.method = "GET", .path = "/"};
    assert_int_equal(request_check(&none, &length, &why), R_BAD_FIELD);
    assert_string_equal(why, "Host");
}

TEST(only_our_own_pages_may_use_the_cookie)
{
    UNUSED_STATE;
    const char *host = "localhost:8443";
    assert_true(request_from_our_page("https://localhost:8443", NULL, host));
    assert_true(request_from_our_page("https://LOCALHOST:8443", "same-origin", host));
    assert_true(request_from_our_page(NULL, "same-origin", host));
    assert_false(request_from_our_page(NULL, NULL, host));
    assert_false(request_from_our_page("null", NULL, host));
    assert_false(request_from_our_page("https://evil.example", "same-origin", host));
    assert_false(request_from_our_page("https://localhost:8443", "cross-site", host));
    assert_false(request_from_our_page("http://localhost:8443", NULL, host));
    assert_false(request_from_our_page("https://localhost:8443.evil.example", NULL, host));
    assert_false(request_from_our_page("https://localhost", NULL, host));
    assert_false(request_from_our_page(NULL, "same-site", host));
}

TEST(media_types_are_exact)
{
    UNUSED_STATE;
    assert_true(request_type_is("application/sdp", "application/sdp"));
    assert_true(request_type_is("Application/SDP; charset=utf-8", "application/sdp"));
    assert_true(request_type_is("application/sdp ;x", "application/sdp"));
    assert_false(request_type_is("application/sdp-not", "application/sdp"));
    assert_false(request_type_is("text/application/sdp", "application/sdp"));
    assert_false(request_type_is(NULL, "application/sdp"));
}

TEST(cookies_sent_twice_are_none)
{
    UNUSED_STATE;
    char value[8];
    assert_true(request_cookie("a=1; __Host-sid=abc; lang=vi", "__Host-sid", value, sizeof value));
    assert_string_equal(value, "abc");
    assert_true(request_cookie("lang=en", "lang", value, sizeof value));
    assert_false(request_cookie("__Host-sid=abc; __Host-sid=def", "__Host-sid", value, sizeof value));
    assert_false(request_cookie("x__Host-sid=abc", "__Host-sid", value, sizeof value));
    assert_false(request_cookie("__Host-sid=", "__Host-sid", value, sizeof value));
    assert_false(request_cookie("__Host-sid=12345678", "__Host-sid", value, sizeof value));
    assert_false(request_cookie(NULL, "__Host-sid", value, sizeof value));
}

TEST(bearer_tokens_are_token68)
{
    UNUSED_STATE;
    char token[16];
    assert_true(request_bearer("Bearer abc-_.~+/=", token, sizeof token));
    assert_string_equal(token, "abc-_.~+/=");
    assert_true(request_bearer("bearer  abc", token, sizeof token));
    assert_string_equal(token, "abc");
    assert_false(request_bearer("Basic abc", token, sizeof token));
    assert_false(request_bearer("Bearer ", token, sizeof token));
    assert_false(request_bearer("Bearer a b", token, sizeof token));
    assert_false(request_bearer("Bearer a,b", token, sizeof token));
    assert_false(request_bearer("Bearer 1234567890123456", token, sizeof token));
}

TEST(the_language_asked_for_wins_then_the_kept_one_then_the_browsers)
{
    UNUSED_STATE;
    assert_string_equal(request_language("fr", "en", "vi"), "fr");
    assert_string_equal(request_language("de", "en", "vi"), "en");
    assert_string_equal(request_language(NULL, NULL, "de-DE, fr-CA;q=0.8, en"), "fr");
    assert_string_equal(request_language(NULL, NULL, "entrée"), "vi");
    assert_string_equal(request_language("", "", ""), "vi");
    assert_string_equal(request_language(NULL, NULL, NULL), "vi");
}

TEST(arguments_come_once_and_numbers_as_numbers)
{
    UNUSED_STATE;
    json_t *params = json_object();
    assert_true(request_argument(params, "before=12"));
    assert_true(request_argument(params, "state=open"));
    assert_true(request_argument(params, "stall=12"));
    assert_true(request_argument(params, "flag"));
    assert_false(request_argument(params, "before=13"));
    assert_false(request_argument(params, "=x"));
    assert_false(request_argument(params, "x=\xff"));
    assert_false(request_argument(params, "a234567890123456789012345678901234567890=1"));
    assert_int_equal(json_integer_value(json_object_get(params, "before")), 12);
    assert_string_equal(json_string_value(json_object_get(params, "stall")), "12");
    assert_string_equal(json_string_value(json_object_get(params, "flag")), "");
    assert_true(request_argument(params, "limit=1x"));
    assert_true(json_is_string(json_object_get(params, "limit"))); /* the desk says which field is bad */
    json_decref(params);
}

TEST(gzip_only_when_it_is_wanted)
{
    UNUSED_STATE;
    assert_true(request_takes_gzip("gzip, deflate, br"));
    assert_true(request_takes_gzip("br, GZIP;q=0.5"));
    assert_false(request_takes_gzip("gzip;q=0"));
    assert_false(request_takes_gzip("identity"));
    assert_false(request_takes_gzip("x-gzip"));
    assert_false(request_takes_gzip(NULL));
}

TEST(entity_tags_compare_as_they_should)
{
    UNUSED_STATE;
    assert_int_equal(etag_match(NULL, "\"a\""), ETAG_MISSING);
    assert_int_equal(etag_match("", "\"a\""), ETAG_MISSING);
    assert_int_equal(etag_match("*", "\"a\""), ETAG_ANY);
    assert_int_equal(etag_match("\"a\"", "\"a\""), ETAG_SAME);
    assert_int_equal(etag_match("\"x,y\", \"a\"", "\"a\""), ETAG_SAME);
    assert_int_equal(etag_match("W/\"a\"", "\"a\""), ETAG_OTHER); /* strong only */
    assert_int_equal(etag_match("a", "\"a\""), ETAG_OTHER);
    assert_int_equal(etag_match("\"aa\"", "\"a\""), ETAG_OTHER);
    assert_true(etag_none_match("W/\"a\"", "\"a\""));
    assert_true(etag_none_match("\"b\", \"a\"", "\"a\""));
    assert_true(etag_none_match("*", "\"a\""));
    assert_false(etag_none_match("\"b\"", "\"a\""));
    assert_false(etag_none_match("\"a", "\"a\""));
    assert_false(etag_none_match(NULL, "\"a\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_framing_rule),
        cmocka_unit_test(a_host_is_a_host),
        cmocka_unit_test(only_our_own_pages_may_use_the_cookie),
        cmocka_unit_test(media_types_are_exact),
        cmocka_unit_test(cookies_sent_twice_are_none),
        cmocka_unit_test(bearer_tokens_are_token68),
        cmocka_unit_test(the_language_asked_for_wins_then_the_kept_one_then_the_browsers),
        cmocka_unit_test(arguments_come_once_and_numbers_as_numbers),
        cmocka_unit_test(gzip_only_when_it_is_wanted),
        cmocka_unit_test(entity_tags_compare_as_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
