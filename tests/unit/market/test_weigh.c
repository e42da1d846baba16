/* The scale: ordered weight, actual weight, and everything that follows from the difference. */
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

static json_t *first_line(const json_t *body)
{
    return json_array_get(json_object_get(json_object_get(body, "order"), "lines"), 0);
}

/* A confirmed order of the buyer's for `grams` of lot 0; its code, for g_free. */
static char *confirmed(struct fixture *f, int64_t grams)
{
    json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, grams));
    char *code = g_strdup(text(json_object_get(placed, "order"), "code"));
    json_decref(placed);
    expect_only(f, R_OK, "order.confirm", &f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "code", code));
    return code;
}

static json_t *weighing(struct fixture *f, const char *code, int64_t grams)
{
    return json_pack("{s:s,s:s,s:I,s:I,s:I}", "key", fresh_key(), "code", code, "lot", (json_int_t)f->lot[0],
                     "weighed", (json_int_t)grams, "at", (json_int_t)1700000000000);
}

static json_t *answering(struct fixture *f, const char *code, const char *answer)
{
    return json_pack("{s:s,s:s,s:I,s:s}", "key", fresh_key(), "code", code, "lot", (json_int_t)f->lot[0],
                     "answer", answer);
}

static json_t *coded(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static int64_t due(struct fixture *f, const char *code)
{
    json_t *body = expect(f, R_OK, "payment.get", &f->buyer, json_pack("{s:s}", "code", code));
    int64_t amount = number(json_object_get(body, "payment"), "due");
    json_decref(body);
    return amount;
}

static void the_price_follows_the_scale(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    g_autofree char *code = confirmed(f, 2000);
    json_t *body = expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 1850));
    assert_string_equal(text(first_line(body), "state"), "weighed");
    assert_int_equal(number(first_line(body), "quantity"), 2000);
    assert_int_equal(number(first_line(body), "weighed"), 1850);
    assert_int_equal(number(json_object_get(body, "order"), "total"), (f->price[0] * 1850 + 500) / 1000);
    json_decref(body);
    assert_int_equal(available(f, 0), before - 1850);
    assert_int_equal(due(f, code), (f->price[0] * 1850 + 500) / 1000);
    /* within the lot's tolerance it may be more; and it may be weighed again */
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 2200)));
    assert_int_equal(available(f, 0), before - 2200);
    assert_int_equal(due(f, code), (f->price[0] * 2200 + 500) / 1000);
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 0)));
    assert_int_equal(available(f, 0), before);
    assert_int_equal(due(f, code), 0);
    assert_true(books_fit(f));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM line_event"
                             " WHERE device_at = 1700000000000 AND length(key) >= 16 AND actor > 0"),
                     3);
}

static void an_extra_waits_for_the_buyer(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0), agreed = f->price[0] * 2;
    g_autofree char *code = confirmed(f, 2000);
    json_t *body = expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 2201));
    assert_string_equal(text(first_line(body), "state"), "extra");
    assert_int_equal(number(json_object_get(body, "order"), "total"), agreed);
    json_decref(body);
    assert_int_equal(available(f, 0), before - 2000);
    /* paid as agreed, and still it cannot be closed */
    expect_only(f, R_OK, "payment.cash", &f->farmer,
                json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "code", code, "amount", (json_int_t)agreed));
    json_t *problem = expect(f, R_WRONG_MOMENT, "order.close", &f->farmer, coded(code));
    assert_string_equal(text(problem, "reason"), "open-difference");
    json_decref(problem);
    expect_only(f, R_FORBIDDEN, "order.extra", &f->farmer, answering(f, code, "accept"));
    expect_only(f, R_UNKNOWN, "order.extra", &f->courier, answering(f, code, "accept"));
    body = expect(f, R_OK, "order.extra", &f->buyer, answering(f, code, "accept"));
    assert_string_equal(text(first_line(body), "state"), "accepted");
    json_decref(body);
    expect_only(f, R_WRONG_MOMENT, "order.extra", &f->buyer, answering(f, code, "decline"));
    int64_t extra = (f->price[0] * 2201 + 500) / 1000 - agreed;
    assert_int_equal(due(f, code), extra);
    problem = expect(f, R_WRONG_MOMENT, "order.close", &f->farmer, coded(code));
    assert_string_equal(text(problem, "reason"), "not-paid");
    assert_int_equal(number(problem, "due"), extra);
    json_decref(problem);
    expect_only(f, R_OK, "payment.cash", &f->farmer,
                json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "code", code, "amount", (json_int_t)extra));
    body = expect(f, R_OK, "order.close", &f->farmer, coded(code));
    assert_true(number(json_object_get(body, "order"), "closed_at") > 0);
    json_decref(body);
    /* what is closed stays */
    expect_only(f, R_WRONG_MOMENT, "order.close", &f->farmer, coded(code));
    expect_only(f, R_WRONG_MOMENT, "order.weigh", &f->farmer, weighing(f, code, 2000));
    expect_only(f, R_WRONG_MOMENT, "order.cancel", &f->farmer, coded(code));
    assert_int_equal(available(f, 0), before - 2201);
    assert_true(books_fit(f));
}

static void a_declined_extra_stays_with_the_farmer(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    g_autofree char *code = confirmed(f, 1000);
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 1500)));
    json_t *body = expect(f, R_OK, "order.extra", &f->buyer, answering(f, code, "decline"));
    assert_string_equal(text(first_line(body), "state"), "declined");
    assert_int_equal(number(json_object_get(body, "order"), "total"), f->price[0]);
    json_decref(body);
    assert_int_equal(available(f, 0), before - 1000);
    assert_true(books_fit(f));
}

static void what_was_paid_too_much_is_the_buyers_credit(void **state)
{
    struct fixture *f = *state;
    g_autofree char *code = confirmed(f, 3000);
    int64_t paid = f->price[0] * 3;
    expect_only(f, R_OK, "payment.cash", &f->farmer,
                json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "code", code, "amount", (json_int_t)paid));
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 2900)));
    int64_t rest = paid - (f->price[0] * 2900 + 500) / 1000;
    assert_int_equal(due(f, code), 0);
    assert_int_equal(look(f, "SELECT -balance FROM account WHERE kind = 'credit'"), rest);
    assert_int_equal(look(f, "SELECT amount FROM pay_task WHERE kind = 'over' AND closed_at IS NULL"), rest);
    expect_only(f, R_OK, "order.close", &f->farmer, coded(code));
    assert_true(books_fit(f));
}

static void a_weighed_order_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    g_autofree char *code = confirmed(f, 3000);
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 3200)));
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 2700)));
    expect_only(f, R_OK, "order.cancel", &f->farmer, coded(code));
    assert_int_equal(available(f, 0), before);
    assert_int_equal(
        look(f, "SELECT COALESCE(SUM(balance), 0) FROM account WHERE kind IN ('order', 'farmer', 'fees')"),
        0);
    assert_true(books_fit(f));
}

static void odd_weighings_are_refused(void **state)
{
    struct fixture *f = *state;
    json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    g_autofree char *early = g_strdup(text(json_object_get(placed, "order"), "code"));
    json_decref(placed);
    expect_only(f, R_WRONG_MOMENT, "order.weigh", &f->farmer,
                weighing(f, early, 1000)); /* not confirmed yet */
    g_autofree char *code = confirmed(f, 1000);
    expect_only(f, R_BAD_FIELD, "order.weigh", &f->farmer, weighing(f, code, -1));
    expect_only(f, R_BAD_FIELD, "order.weigh", &f->farmer, weighing(f, code, 1000001));
    expect_only(f, R_FORBIDDEN, "order.weigh", &f->buyer, weighing(f, code, 1000));
    expect_only(f, R_WRONG_MOMENT, "order.extra", &f->buyer, answering(f, code, "accept"));
    json_t *other = weighing(f, code, 1000);
    json_object_set_new(other, "lot", json_integer(f->lot[1]));
    expect_only(f, R_UNKNOWN, "order.weigh", &f->farmer, other);
    /* an extra that others have bought meanwhile cannot be promised to the buyer */
    json_decref(expect(f, R_OK, "order.weigh", &f->farmer, weighing(f, code, 1500)));
    expect_only(f, R_CREATED, "order.place", &f->courier, order_params(f, NULL, 0, available(f, 0)));
    json_t *problem = expect(f, R_SOLD_OUT, "order.extra", &f->buyer, answering(f, code, "accept"));
    assert_int_equal(number(problem, "available"), 0);
    json_decref(problem);
    expect_only(f, R_OK, "order.extra", &f->buyer, answering(f, code, "decline"));
    assert_true(books_fit(f));
}

static void the_same_key_weighs_once(void **state)
{
    struct fixture *f = *state;
    g_autofree char *code = confirmed(f, 2000);
    json_t *params = weighing(f, code, 1900);
    expect_only(f, R_OK, "order.weigh", &f->farmer, json_deep_copy(params));
    expect_only(f, R_OK, "order.weigh", &f->farmer, params);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM line_event"), 1);
    assert_true(books_fit(f));
}

/* Random weighings, answers, payments and cancellations from a fixed seed: stock, books and chain fit at the
 * end. */
static void whatever_happens_adds_up(void **state)
{
    struct fixture *f = *state;
    g_autoptr(GRand) dice = g_rand_new_with_seed(20240917);
    static const char *const answers[] = {"accept", "decline"};
    for (int i = 0; i < 40; i++) {
        g_autofree char *code = confirmed(f, g_rand_int_range(dice, 100, 500));
        for (int turn = g_rand_int_range(dice, 0, 6); turn > 0; turn--) {
            struct answer a;
            switch (g_rand_int_range(dice, 0, 4)) {
            case 0:
                a = ask(f, "order.extra", &f->buyer,
                        answering(f, code, answers[g_rand_int_range(dice, 0, 2)]));
                break;
            case 1:
                a = ask(f, "payment.cash", &f->farmer,
                        json_pack("{s:s,s:s,s:i}", "key", fresh_key(), "code", code, "amount",
                                  g_rand_int_range(dice, 1, 20000)));
                break;
            case 2:
                a = ask(f, turn == 1 ? "order.close" : "order.cancel", &f->farmer, coded(code));
                break;
            default:
                a = ask(f, "order.weigh", &f->farmer, weighing(f, code, g_rand_int_range(dice, 0, 700)));
            }
            assert_true(a.result == R_OK || a.result == R_WRONG_MOMENT || a.result == R_SOLD_OUT);
            answer_free(&a);
        }
    }
    assert_true(books_fit(f));
    assert_int_equal(look(f, "SELECT COALESCE(SUM(balance), 0) FROM account"), 0);
    assert_int_equal(
        look(f,
             "SELECT COUNT(*) FROM order_end e JOIN line_state s USING (order_id) WHERE s.state = 'extra'"),
        0);
    /* what is closed owes nothing and is owed nothing */
    assert_int_equal(
        look(f, "SELECT COUNT(*) FROM order_end e"
                " JOIN account a ON a.kind = 'order' AND a.subject = e.order_id WHERE a.balance <> 0"),
        0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_price_follows_the_scale),
        TEST(an_extra_waits_for_the_buyer),
        TEST(a_declined_extra_stays_with_the_farmer),
        TEST(what_was_paid_too_much_is_the_buyers_credit),
        TEST(a_weighed_order_can_be_cancelled),
        TEST(odd_weighings_are_refused),
        TEST(the_same_key_weighs_once),
        TEST(whatever_happens_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
