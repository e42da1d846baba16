#include "unit.h"
#include "market/edge/frame.h"
#include "streamer/link.h"

static GByteArray *frame_of(const char *json)
{
    GByteArray *in = g_byte_array_new();
    const uint8_t head[4] = {0, 0, (uint8_t)(strlen(json) >> 8), (uint8_t)strlen(json)};
    g_byte_array_append(in, head, 4);
    g_byte_array_append(in, (const guint8 *)json, (guint)strlen(json));
    return in;
}

TEST(what_is_put_comes_out_however_it_is_cut)
{
    UNUSED_STATE;
    json_t *message = json_pack("{s:s,s:s}", "t", "room", "room", "khe-nhinh"), *got = NULL;
    g_autoptr(GByteArray) out = g_byte_array_new();
    assert_true(frame_put(out, message));
    assert_true(frame_put(out, message));
    g_autoptr(GByteArray) in = g_byte_array_new();
    int seen = 0;
    for (guint i = 0; i < out->len; i++) {
        g_byte_array_append(in, out->data + i, 1);
        assert_true(frame_next(in, &got));
        if (got) {
            assert_true(json_equal(got, message));
            json_decref(got);
            seen++;
        }
    }
    assert_int_equal(seen, 2);
    assert_int_equal(in->len, 0);
    json_decref(message);
}

TEST(what_is_no_link_talk_is_refused)
{
    UNUSED_STATE;
    static const char *const bad[] = {"[]",
                                      "1",
                                      "{}",
                                      "{\"t\":1}",
                                      "{\"t\":\"a\",\"t\":\"b\"}",
                                      "{\"t\":\"a\"",
                                      "\xff\xfe",
                                      "{\"t\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        g_autoptr(GByteArray) in = frame_of(bad[i]);
        json_t *got = NULL;
        assert_false(frame_next(in, &got));
        assert_null(got);
    }
}

TEST(an_empty_or_endless_frame_is_refused_before_it_is_there)
{
    UNUSED_STATE;
    static const uint8_t heads[][4] = {{0, 0, 0, 0}, {0, 0x20, 0, 1}, {0xff, 0xff, 0xff, 0xff}, {0x80, 0, 0, 0}};
    for (size_t i = 0; i < 4; i++) {
        g_autoptr(GByteArray) in = g_byte_array_new();
        json_t *got = NULL;
        g_byte_array_append(in, heads[i], 4);
        assert_false(frame_next(in, &got));
    }
}

TEST(a_message_too_long_is_not_put)
{
    UNUSED_STATE;
    g_autofree char *text = g_strnfill(LINK_FRAME_MAX, 'x');
    json_t *message = json_pack("{s:s,s:s}", "t", "publish", "sdp", text);
    g_autoptr(GByteArray) out = g_byte_array_new();
    assert_false(frame_put(out, message));
    assert_int_equal(out->len, 0);
    json_decref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_comes_out_however_it_is_cut),
        cmocka_unit_test(what_is_no_link_talk_is_refused),
        cmocka_unit_test(an_empty_or_endless_frame_is_refused_before_it_is_there),
        cmocka_unit_test(a_message_too_long_is_not_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
