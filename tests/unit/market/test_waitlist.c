/* The line of those who wait for a lot, and orders that become one. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"

enum { MINUTE_MS = 60000 };

static json_t *place_in_line(struct fixture *f, int lot, int64_t quantity, const char *phone)
{
    return json_pack("{s:s,s:s,s:I,s:I,s:s,s:s}", "key", fresh_key(), "stall", "khe-nhinh", "lot", (json_int_t)f->lot[lot],
                     "quantity", (json_int_t)quantity, "name", "Người chờ", "phone", phone);
}

static json_t *keyed(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static char *text_of(const json_t *body, const char *object, const char *name)
{
    return g_strdup(json_string_value(json_object_get(json_object_get(body, object), name)));
}

/* Everything there is of the lot, ordered by the buyer; the order's code. */
static char *sell_all(struct fixture *f, int lot)
{
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, lot, available(f, lot)));
    char *code = text_of(body, "order", "code");
    json_decref(body);
    return code;
}

/* The order a waiting person was offered; NULL: none. By the courier's and cadre's own list. */
static char *offered(struct fixture *f, const struct who *who)
{
    char *code = NULL;
    json_t *body = expect(f, R_OK, "wait.list", who, json_object());
    json_t *waits = json_object_get(body, "waits");
    if (json_array_size(waits))
        code = g_strdup(json_string_value(json_object_get(json_array_get(waits, 0), "order")));
    json_decref(body);
    return code;
}

static void who_waits_is_offered_in_turn_before_anybody_else(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_WRONG_MOMENT, "wait.join", &f->courier, place_in_line(f, 0, 1000, "0912000001")); /* it can be ordered */
    g_free(sell_all(f, 0));
    expect_only(f, R_CREATED, "wait.join", &f->courier, place_in_line(f, 0, 2000, "0912000001"));
    expect_only(f, R_ALREADY, "wait.join", &f->courier, place_in_line(f, 0, 2000, "0912000001"));
    expect_only(f, R_CREATED, "wait.join", &f->cadre, place_in_line(f, 0, 1000, "0912000002"));
    json_t *body = expect(f, R_OK, "wait.list", &f->cadre, json_object());
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(body, "waits"), 0), "ahead")), 1);
    json_decref(body);
    /* Two kilograms come back: all of it is kept for the first, in the same transaction. */
    expect_only(f, R_OK, "lot.change", &f->farmer, json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "add", 2000));
    assert_int_equal(available(f, 0), 0);
    g_autofree char *offer = offered(f, &f->courier);
    assert_non_null(offer);
    body = expect(f, R_OK, "order.get", &f->courier, json_pack("{s:s}", "code", offer));
    assert_true(json_is_true(json_object_get(json_object_get(body, "order"), "offer")));
    assert_true(json_integer_value(json_object_get(json_object_get(body, "order"), "expires_at")) > clock_wall_ms());
    json_decref(body);
    expect_only(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, keyed(offer)); /* the buyer has not said yes */
    expect_only(f, R_OK, "order.cancel", &f->courier, keyed(offer));           /* and says no */
    g_autofree char *next = offered(f, &f->cadre);
    assert_non_null(next);
    assert_int_equal(available(f, 0), 1000); /* nobody in line can do with the rest */
    expect_only(f, R_OK, "order.take", &f->cadre, keyed(next));
    expect_only(f, R_WRONG_MOMENT, "order.take", &f->cadre, keyed(next));
    expect_only(f, R_OK, "order.confirm", &f->farmer, keyed(next));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'declined'"), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'taken'"), 1);
    assert_true(books_fit(f));
}

/* It could never be their turn: they are told before they wait. */
static void who_has_all_one_may_have_does_not_wait_for_more(void **state)
{
    struct fixture *f = *state;
    g_free(sell_all(f, 0));
    g_autofree char *held = g_strdup_printf("SELECT held FROM lot WHERE id = %d", (int)f->lot[0]);
    int64_t had = look(f, held);
    expect_only(f, R_OK, "lot.change", &f->farmer, json_pack("{s:s,s:I,s:I}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "limit", (json_int_t)had));
    json_t *body = expect(f, R_LIMIT, "wait.join", &f->buyer, place_in_line(f, 0, 1000, "0912000001"));
    assert_int_equal(json_integer_value(json_object_get(body, "had")), had);
    json_decref(body);
    expect_only(f, R_CREATED, "wait.join", &f->courier, place_in_line(f, 0, 1000, "0912000002"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait"), 1);
}

static void an_offer_without_an_answer_goes_to_the_next(void **state)
{
    struct fixture *f = *state;
    g_autofree char *first = sell_all(f, 0);
    expect_only(f, R_CREATED, "wait.join", &f->courier, place_in_line(f, 0, 1000, "0912000001"));
    expect_only(f, R_CREATED, "wait.join", &f->cadre, place_in_line(f, 0, 1000, "0912000002"));
    json_t *weighed = keyed(first);
    json_object_set_new(weighed, "lot", json_integer(f->lot[0]));
    json_object_set_new(weighed, "weighed", json_integer(look(f, "SELECT quantity FROM order_line ORDER BY order_id DESC LIMIT 1") - 1000));
    expect_only(f, R_OK, "order.confirm", &f->farmer, keyed(first));
    expect_only(f, R_OK, "order.weigh", &f->farmer, weighed); /* a kilogram less was there to weigh, for now */
    g_autofree char *offer = offered(f, &f->courier);
    assert_non_null(offer);
    clock_shift_ms(11 * MINUTE_MS);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    g_autofree char *next = offered(f, &f->cadre);
    assert_non_null(next);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'expired'"), 1);
    assert_int_equal(available(f, 0), 0);
    expect_only(f, R_OK, "order.take", &f->cadre, keyed(next));
    clock_shift_ms(60 * MINUTE_MS);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL); /* pays in cash: kept without an end */
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'taken'"), 1);
    assert_true(books_fit(f));
}

static void who_leaves_the_line_is_not_asked(void **state)
{
    struct fixture *f = *state;
    g_autofree char *first = sell_all(f, 0);
    json_t *body = expect(f, R_CREATED, "wait.join", &f->courier, place_in_line(f, 0, 1000, "0912000001"));
    json_t *leave = json_pack("{s:s,s:O}", "key", fresh_key(), "id", json_object_get(json_object_get(body, "wait"), "id"));
    json_decref(body);
    expect_only(f, R_UNKNOWN, "wait.leave", &f->cadre, json_deep_copy(leave));
    expect_only(f, R_OK, "wait.leave", &f->courier, leave);
    expect_only(f, R_OK, "order.cancel", &f->buyer, keyed(first));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'left'"), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders WHERE state = 'placed'"), 0);
    assert_true(books_fit(f));
}

static json_t *merge(const char *one, const char *two)
{
    return json_pack("{s:s,s:[s,s]}", "key", fresh_key(), "orders", one, two);
}

static char *order_of(struct fixture *f, int lot, int64_t quantity)
{
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, lot, quantity));
    char *code = text_of(body, "order", "code");
    json_decref(body);
    return code;
}

static void two_orders_become_one(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    g_autofree char *one = order_of(f, 0, 1000), *two = order_of(f, 0, 500), *three = order_of(f, 1, 2000);
    expect_only(f, R_WRONG_MOMENT, "order.merge", &f->buyer, merge(one, one));
    expect_only(f, R_FORBIDDEN, "order.merge", &f->farmer, merge(one, two));
    json_t *params = merge(one, three);
    json_array_append_new(json_object_get(params, "orders"), json_string(two));
    json_t *body = expect(f, R_OK, "order.merge", &f->buyer, params);
    json_t *order = json_object_get(body, "order"), *lines = json_object_get(order, "lines");
    g_autofree char *whole = text_of(body, "order", "code");
    assert_int_equal(json_array_size(lines), 2);
    assert_int_equal(json_integer_value(json_object_get(order, "total")), f->price[0] * 3 / 2 + f->price[1] * 2);
    json_decref(body);
    assert_int_equal(available(f, 0), before - 1500);
    body = expect(f, R_OK, "order.get", &f->buyer, json_pack("{s:s}", "code", one));
    g_autofree char *into = text_of(body, "order", "merged_into");
    assert_string_equal(into, whole);
    json_decref(body);
    assert_true(books_fit(f));
    /* The farmer's yes is for all of it; what he has said yes to is not merged any more. */
    expect_only(f, R_OK, "order.confirm", &f->farmer, keyed(whole));
    g_autofree char *late = order_of(f, 0, 1000);
    body = expect(f, R_WRONG_MOMENT, "order.merge", &f->buyer, merge(whole, late));
    assert_string_equal(json_string_value(json_object_get(body, "reason")), "not-open");
    json_decref(body);
    /* Nor what was ordered at another price. */
    expect_only(f, R_OK, "lot.change", &f->farmer, json_pack("{s:s,s:I,s:I}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "price", (json_int_t)f->price[0] + 1000));
    f->price[0] += 1000;
    g_autofree char *dear = order_of(f, 0, 1000);
    body = expect(f, R_WRONG_MOMENT, "order.merge", &f->buyer, merge(late, dear));
    assert_string_equal(json_string_value(json_object_get(body, "reason")), "prices-differ");
    json_decref(body);
    assert_true(books_fit(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_waits_is_offered_in_turn_before_anybody_else),
        TEST(who_has_all_one_may_have_does_not_wait_for_more),
        TEST(an_offer_without_an_answer_goes_to_the_next),
        TEST(who_leaves_the_line_is_not_asked),
        TEST(two_orders_become_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
