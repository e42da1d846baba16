#include "unit.h"
#include <glib.h>
#include <libwebsockets.h>
#include "market/edge/message.h"

static struct desk_event event_of(json_t *open, json_t *full)
{
    return (struct desk_event){.id = 7,
                               .at_ms = 99,
                               .slug = "khe-nhinh",
                               .person = 3,
                               .kind = "order.placed",
                               .open = open,
                               .full = full};
}

static json_t *read_back(const struct message *message)
{
    return json_loadb((const char *)message->text, message->length, 0, NULL);
}

TEST(a_row_has_a_form_for_each_audience)
{
    UNUSED_STATE;
    json_t *open = json_pack("{s:i}", "quantity", 1500), *full = json_pack("{s:s}", "phone", "+84912345678");
    struct desk_event event = event_of(open, full);
    struct row *row = row_new(&event, true);
    json_t *one = read_back(row->open), *other = read_back(row->full);
    assert_int_equal(json_integer_value(json_object_get(one, "id")), 7);
    assert_string_equal(json_string_value(json_object_get(one, "t")), "row");
    assert_true(json_equal(json_object_get(one, "body"), open));
    assert_true(json_equal(json_object_get(other, "body"), full));
    assert_null(row->body); /* the edge itself needs orders for nothing */
    json_decref(one);
    json_decref(other);
    row_unref(row);
    json_decref(open);
    json_decref(full);
}

TEST(the_same_body_is_serialised_once)
{
    UNUSED_STATE;
    json_t *body = json_object();
    struct desk_event event = event_of(body, body);
    struct row *row = row_new(&event, true);
    assert_ptr_equal(row->open, row->full);
    row_unref(row_ref(row));
    assert_int_equal(row->open->refs, 2);
    row_unref(row);
    json_decref(body);
}

TEST(when_nobody_watches_only_what_the_edge_needs_is_kept)
{
    UNUSED_STATE;
    json_t *body = json_pack("{s:{s:i}}", "live", "id", 4);
    struct desk_event event = event_of(body, NULL);
    event.kind = "live.ended";
    struct row *row = row_new(&event, false);
    assert_null(row->open);
    assert_true(json_equal(row->body, body));
    row_unref(row);
    json_decref(body);
}

TEST(what_the_desk_has_written_is_not_written_again)
{
    UNUSED_STATE;
    json_t *body = json_object();
    struct desk_event event = event_of(body, NULL);
    event.open_text = "{\"lots\":[]}";
    struct row *row = row_new(&event, true);
    json_t *back = read_back(row->open);
    assert_true(json_is_array(json_object_get(json_object_get(back, "body"), "lots")));
    row_unref(row);
    json_decref(back);
    json_decref(body);
}

TEST(a_row_that_is_only_text_has_both_forms)
{
    UNUSED_STATE;
    struct desk_event event = event_of(NULL, NULL);
    event.open_text = "{\"quantity\":1500}";
    event.full_text = "{\"phone\":\"+84912345678\"}";
    struct row *row = row_new(&event, true);
    json_t *one = read_back(row->open), *other = read_back(row->full);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "body"), "quantity")), 1500);
    assert_string_equal(json_string_value(json_object_get(json_object_get(other, "body"), "phone")),
                        "+84912345678");
    json_decref(one);
    json_decref(other);
    row_unref(row);
    event.open_text = NULL; /* strangers see nothing of it */
    row = row_new(&event, true);
    assert_null(row->open);
    assert_non_null(row->full);
    row_unref(row);
    row_unref(row_new(&event, false));
}

TEST(a_reply_cannot_be_forged_by_its_id)
{
    UNUSED_STATE;
    struct message *message = message_reply("1\",\"status\":500,\"x\":\"", 201, "{\"order\":{}}");
    json_t *back = read_back(message);
    assert_string_equal(json_string_value(json_object_get(back, "t")), "reply");
    assert_string_equal(json_string_value(json_object_get(back, "id")), "1\",\"status\":500,\"x\":\"");
    assert_int_equal(json_integer_value(json_object_get(back, "status")), 201);
    assert_true(json_is_object(json_object_get(json_object_get(back, "body"), "order")));
    json_decref(back);
    message_unref(message);
}

TEST(there_is_room_for_the_frame_header)
{
    UNUSED_STATE;
    struct message *message = message_new(json_pack("{s:s}", "t", "bye"));
    memset(message->text - LWS_PRE, 0xff, LWS_PRE);
    assert_int_equal(message->length, strlen("{\"t\":\"bye\"}"));
    message_unref(message_ref(message));
    message_unref(message);
    message_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_has_a_form_for_each_audience),
        cmocka_unit_test(the_same_body_is_serialised_once),
        cmocka_unit_test(when_nobody_watches_only_what_the_edge_needs_is_kept),
        cmocka_unit_test(what_the_desk_has_written_is_not_written_again),
        cmocka_unit_test(a_row_that_is_only_text_has_both_forms),
        cmocka_unit_test(a_reply_cannot_be_forged_by_its_id),
        cmocka_unit_test(there_is_room_for_the_frame_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
