/* The messages of the link and of the pipe: frames, questions, a child's word. */
#include "streamer/pipe.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/child.h"
#include "streamer/relay/link.h"
#include "streamer/relay/question.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static ssize_t cut(const char *json, size_t claimed, json_t **o)
{
    uint8_t bytes[256] = {0};
    put32(bytes, (uint32_t)claimed);
    memcpy(bytes + 4, json, strlen(json));
    *o = NULL;
    return link_cut(bytes, 4 + strlen(json), o);
}

static void frames_are_cut_at_their_length(void **state)
{
    (void)state;
    json_t *o;
    assert_int_equal(cut("{\"t\":\"hello\"}xx", 13, &o), 17);
    assert_string_equal(json_string_value(json_object_get(o, "t")), "hello");
    json_decref(o);
    assert_int_equal(cut("{\"t\":1}", 8, &o), 0);
    assert_int_equal(cut("[1,2,3]", 7, &o), -1);
    assert_int_equal(cut("{\"t\":1,}", 8, &o), -1);
    assert_int_equal(cut("{}", 0, &o), -1);
    assert_int_equal(cut("{}", LINK_FRAME_MAX + 1, &o), -1);
    assert_int_equal(link_cut((const uint8_t *)"abc", 3, &o), 0);
}

static enum question_type type_of(const char *json)
{
    struct question q;
    json_t *o = json_loads(json, 0, NULL);
    assert_non_null(o);
    question_read(&q, o);
    json_decref(o);
    return q.type;
}

#define S32 "0123456789abcdef0123456789abcdef"

static void questions_must_be_complete(void **state)
{
    (void)state;
    assert_int_equal(type_of("{\"t\":\"hello\",\"v\":1}"), QUESTION_HELLO);
    assert_int_equal(type_of("{\"t\":\"room\",\"q\":1,\"room\":\"khe-nhinh\"}"), QUESTION_ROOM);
    assert_int_equal(type_of("{\"t\":\"room\",\"q\":1,\"room\":\"../etc\"}"), QUESTION_BAD);
    assert_int_equal(type_of("{\"t\":\"room\",\"q\":1,\"room\":\"\"}"), QUESTION_BAD);
    assert_int_equal(type_of("{\"t\":\"room\",\"room\":\"a\"}"), QUESTION_BAD);
    assert_int_equal(
        type_of("{\"t\":\"watch\",\"q\":1,\"room\":\"a\",\"session\":\"" S32 "\",\"sdp\":\"x\"}"),
        QUESTION_WATCH);
    assert_int_equal(type_of("{\"t\":\"watch\",\"q\":1,\"room\":\"a\",\"session\":\"" S32 "\"}"),
                     QUESTION_BAD);
    assert_int_equal(type_of("{\"t\":\"close\",\"q\":1,\"session\":\"short\"}"), QUESTION_BAD);
    assert_int_equal(type_of("{\"t\":\"what\",\"q\":1}"), QUESTION_UNKNOWN);
    assert_int_equal(type_of("{\"q\":1}"), QUESTION_UNKNOWN);
    assert_int_equal(type_of("{\"t\":7}"), QUESTION_UNKNOWN);
}

static bool pipe_ok(uint8_t type, uint8_t kind, size_t claimed, size_t size)
{
    uint8_t message[sizeof(struct pipe_head) + PIPE_TEXT_MAX + 100] = {0};
    struct pipe_head head = {.type = type, .kind = kind, .length = (uint16_t)claimed}, out;
    memcpy(message, &head, sizeof head);
    return pipe_check(message, sizeof head + size, &out);
}

static void a_childs_word_is_checked(void **state)
{
    (void)state;
    struct pipe_head head;
    assert_true(pipe_ok(PIPE_RTP, PIPE_VIDEO, 100, 100));
    assert_false(pipe_ok(PIPE_RTP, PIPE_NONE, 100, 100));
    assert_false(pipe_ok(PIPE_RTP, 3, 100, 100));
    assert_false(pipe_ok(PIPE_RTP, PIPE_VIDEO, 100, 99));
    assert_false(pipe_ok(PIPE_RTP, PIPE_VIDEO, 11, 11));
    assert_false(pipe_ok(PIPE_RTP, PIPE_VIDEO, PIPE_PACKET_MAX + 1, PIPE_PACKET_MAX + 1));
    assert_true(pipe_ok(PIPE_RTCP, PIPE_NONE, 12, 12));
    assert_false(pipe_ok(PIPE_RTCP, PIPE_NONE, 13, 13));
    assert_true(pipe_ok(PIPE_STATS, PIPE_NONE, PIPE_TEXT_MAX, PIPE_TEXT_MAX));
    assert_false(pipe_ok(PIPE_STATS, PIPE_NONE, PIPE_TEXT_MAX + 1, PIPE_TEXT_MAX + 1));
    assert_true(pipe_ok(PIPE_PONG, PIPE_NONE, 0, 0));
    assert_false(pipe_ok(PIPE_PONG, PIPE_NONE, 1, 1));
    assert_false(pipe_ok(PIPE_SETUP, PIPE_NONE, 2, 2)); /* only the relay says that */
    assert_false(pipe_ok(99, PIPE_NONE, 0, 0));
    assert_false(pipe_check((const uint8_t *)"", 0, &head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_cut_at_their_length),
        cmocka_unit_test(questions_must_be_complete),
        cmocka_unit_test(a_childs_word_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
