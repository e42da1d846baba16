/* Live sessions, what may be published and watched, and the journal that tells everybody. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *live_params(int64_t id, const char *reason)
{
    return json_pack("{s:s,s:I,s:s*}", "key", fresh_key(), "id", (json_int_t)id, "reason", reason);
}

static json_t *slug(void)
{
    return json_pack("{s:s}", "stall", "khe-nhinh");
}

static void expect_state(struct fixture *f, const char *state, bool approved)
{
    json_t *body = expect(f, R_OK, "stall.get", &f->stranger, slug());
    json_t *live = json_object_get(body, "live");
    if (!state)
        assert_true(json_is_null(live));
    else {
        assert_string_equal(text(live, "state"), state);
        assert_int_equal(json_is_true(json_object_get(live, "approved")), approved);
    }
    json_decref(body);
}

static int64_t the_live(struct fixture *f)
{
    return look(f, "SELECT id FROM live WHERE state <> 'ended'");
}

static void a_session_goes_its_way(void **state)
{
    struct fixture *f = *state;
    int64_t id = the_live(f); /* the demo's: planned and approved */
    expect_state(f, "planned", true);
    expect_only(f, R_WRONG_MOMENT, "live.pause", &f->cadre, live_params(id, "Chưa bắt đầu"));
    expect_only(f, R_WRONG_MOMENT, "live.grace_over", &f->system, json_pack("{s:I}", "live", (json_int_t)id));
    expect_only(f, R_OK, "live.publishing", &f->system, slug());
    expect_state(f, "live", true);
    expect_only(f, R_OK, "live.publishing", &f->system, slug()); /* told twice: fine */
    expect_only(f, R_BAD_FIELD, "live.pause", &f->cadre, live_params(id, NULL));
    expect_only(f, R_FORBIDDEN, "live.pause", &f->farmer, live_params(id, "x"));
    expect_only(f, R_OK, "live.pause", &f->cadre, live_params(id, "Hàng chưa rõ nguồn gốc"));
    expect_state(f, "paused", true);
    expect_only(f, R_OK, "live.publishing", &f->system,
                slug()); /* a phone that comes back does not undo a cadre's word */
    expect_state(f, "paused", true);
    expect_only(f, R_OK, "live.resume", &f->cadre, live_params(id, NULL));
    expect_only(f, R_WRONG_MOMENT, "live.resume", &f->cadre, live_params(id, NULL));
    expect_only(f, R_BAD_FIELD, "live.stop", &f->cadre, live_params(id, NULL));
    json_t *body = expect(f, R_OK, "live.stop", &f->cadre, live_params(id, "Bán hàng cấm"));
    assert_string_equal(text(json_object_get(body, "live"), "reason"), "Bán hàng cấm");
    assert_true(number(json_object_get(body, "live"), "ended_at") > 0);
    json_decref(body);
    expect_state(f, NULL, false);
    expect_only(f, R_WRONG_MOMENT, "live.stop", &f->cadre, live_params(id, "again"));
    expect_only(f, R_WRONG_MOMENT, "live.approve", &f->cadre, live_params(id, NULL));
    expect_only(f, R_NOT_LIVE, "live.publishing", &f->system, slug());
    body = expect(f, R_OK, "live.list", &f->cadre, json_pack("{s:s}", "state", "ended"));
    assert_int_equal(json_array_size(json_object_get(body, "lives")), 1);
    json_decref(body);
}

static void nobody_goes_live_without_approval(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_OK, "live.stop", &f->farmer,
                live_params(the_live(f), NULL)); /* one's own, without a word */
    expect_only(f, R_NOT_APPROVED, "live.allowed", &f->farmer,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish"));
    expect_only(f, R_NOT_LIVE, "live.allowed", &f->stranger,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "watch"));
    json_t *body =
        expect(f, R_CREATED, "live.plan", &f->farmer,
               json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "title", "Chiều nay"));
    int64_t id = number(json_object_get(body, "live"), "id");
    json_decref(body);
    body = expect(f, R_OK, "live.plan", &f->farmer,
                  json_pack("{s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh")); /* the one there is */
    assert_int_equal(number(json_object_get(body, "live"), "id"), id);
    json_decref(body);
    expect_only(f, R_NOT_APPROVED, "live.allowed", &f->farmer,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish"));
    expect_only(f, R_NOT_APPROVED, "live.publishing", &f->system, slug());
    body = expect(f, R_OK, "rooms.open", &f->system, NULL);
    assert_int_equal(json_array_size(json_object_get(body, "rooms")), 0);
    json_decref(body);
    expect_only(f, R_OK, "live.approve", &f->cadre, live_params(id, NULL));
    body = expect(f, R_OK, "live.allowed", &f->farmer,
                  json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish"));
    assert_string_equal(text(body, "room"), "khe-nhinh");
    assert_int_equal(number(json_object_get(body, "live"), "id"), id);
    json_decref(body);
    body = expect(f, R_OK, "rooms.open", &f->system, NULL);
    assert_string_equal(text(json_array_get(json_object_get(body, "rooms"), 0), "room"), "khe-nhinh");
    json_decref(body);
}

static void a_stall_that_closes_ends_its_session(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_OK, "live.publishing", &f->system, slug());
    expect_only(f, R_OK, "live.allowed", &f->stranger,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "watch"));
    expect_only(f, R_OK, "stall.change", &f->cadre,
                json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "state", "closed"));
    expect_state(f, NULL, false);
    expect_only(f, R_STALL_CLOSED, "live.allowed", &f->stranger,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "watch"));
    expect_only(f, R_STALL_CLOSED, "live.allowed", &f->farmer,
                json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish"));
    expect_only(f, R_STALL_CLOSED, "live.plan", &f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh"));
}

static void silence_ends_a_session_after_its_grace(void **state)
{
    struct fixture *f = *state;
    int64_t id = the_live(f);
    expect_only(f, R_OK, "live.publishing", &f->system, slug());
    expect_only(f, R_OK, "live.grace_over", &f->system, json_pack("{s:I}", "live", (json_int_t)id));
    expect_state(f, NULL, false);
}

/* --- the journal --- */

static json_t *rows_after(struct fixture *f, const struct who *who, const char *stall, int64_t mark,
                          int limit)
{
    return expect(f, R_OK, "journal.after", who,
                  json_pack("{s:s,s:I,s:i}", "stall", stall, "mark", (json_int_t)mark, "limit", limit));
}

static void who_comes_back_gets_what_was_missed(void **state)
{
    struct fixture *f = *state;
    json_t *snapshot = expect(f, R_OK, "stall.get", &f->buyer, slug());
    int64_t mark = number(snapshot, "mark");
    json_decref(snapshot);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    expect_only(f, R_CREATED, "order.place", &f->courier, order_params(f, NULL, 0, 1000));
    expect_only(f, R_OK, "live.publishing", &f->system, slug());
    json_t *body = rows_after(f, &f->buyer, "khe-nhinh", mark, 100);
    json_t *rows = json_object_get(body, "rows");
    assert_int_equal(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(number(json_array_get(rows, i), "id"), mark + 1 + (int64_t)i);
    assert_non_null(
        json_object_get(json_object_get(json_array_get(rows, 0), "body"), "order")); /* one's own, in full */
    assert_null(json_object_get(json_object_get(json_array_get(rows, 1), "body"),
                                "order")); /* somebody else's, as strangers see it */
    assert_string_equal(text(json_array_get(rows, 2), "kind"), "live.started");
    assert_int_equal(number(body, "mark"), mark + 3);
    json_decref(body);
    body = rows_after(f, &f->farmer, "khe-nhinh", mark + 1, 1);
    assert_true(json_is_true(json_object_get(body, "more")));
    assert_int_equal(number(body, "mark"), mark + 2);
    assert_non_null(
        json_object_get(json_object_get(json_array_get(json_object_get(body, "rows"), 0), "body"), "order"));
    json_decref(body);
    body = rows_after(f, &f->cadre, "*", 0, 1000);
    assert_int_equal(json_array_size(json_object_get(body, "rows")), mark + 3);
    assert_false(json_is_true(json_object_get(body, "too_old")));
    json_decref(body);
    expect_only(f, R_FORBIDDEN, "journal.after", &f->farmer, json_pack("{s:s,s:i}", "stall", "*", "mark", 0));
    expect_only(f, R_NOT_LOGGED_IN, "journal.after", &f->stranger,
                json_pack("{s:s,s:i}", "stall", "*", "mark", 0));
}

static void a_refused_command_leaves_no_trace_in_the_journal(void **state)
{
    struct fixture *f = *state;
    int64_t before = look(f, "SELECT MAX(id) FROM journal");
    json_t *params = order_params(f, NULL, 0, 1000);
    json_array_append_new(json_object_get(params, "lines"),
                          json_pack("{s:I,s:i,s:I}", "lot", (json_int_t)f->lot[4], "quantity", 51, "price",
                                    (json_int_t)f->price[4]));
    expect_only(f, R_SOLD_OUT, "order.place", &f->buyer, params);
    expect_only(f, R_OK, "check.write", &f->system, NULL);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM answer WHERE key = 'check-write-check'"), 0);
    assert_int_equal(look(f, "SELECT MAX(id) FROM journal"), before);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    assert_int_equal(look(f, "SELECT MAX(id) FROM journal"), before + 1);
    assert_true(books_fit(f));
}

static void the_overview_counts_today(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    json_t *body = expect(f, R_OK, "stats.overview", &f->cadre, NULL);
    assert_int_equal(number(body, "orders_today"), 1);
    assert_int_equal(number(body, "dong_today"), f->price[0]);
    assert_int_equal(number(body, "stalls"), 1);
    assert_int_equal(number(body, "lives"), 0);
    json_decref(body);
}

static void the_demo_may_be_made_twice(void **state)
{
    struct fixture *f = *state;
    json_t *again = desk_demo(f->desk, true);
    assert_non_null(again);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM stall"), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM live WHERE state <> 'ended'"), 1);
    struct who who = f->stranger;
    assert_true(desk_who_bearer(f->desk, text(json_object_get(again, "tokens"), "admin"), &who));
    assert_int_equal(who.roles, ROLE_ADMIN);
    assert_true(desk_who_bearer(f->desk, text(json_object_get(again, "tokens"), "farmer"), &who));
    assert_int_equal(who.roles, ROLE_FARMER);
    assert_int_equal(who.token_stall, 0);
    struct answer a = ask(f, "person.login", &f->stranger,
                          json_deep_copy(json_object_get(json_object_get(again, "people"), "buyer")));
    assert_int_equal(a.result, R_OK);
    answer_free(&a);
    json_decref(again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_goes_its_way),
        TEST(nobody_goes_live_without_approval),
        TEST(a_stall_that_closes_ends_its_session),
        TEST(silence_ends_a_session_after_its_grace),
        TEST(who_comes_back_gets_what_was_missed),
        TEST(a_refused_command_leaves_no_trace_in_the_journal),
        TEST(the_overview_counts_today),
        TEST(the_demo_may_be_made_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
