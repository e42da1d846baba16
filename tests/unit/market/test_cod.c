/* Refusals and caps of a phone number, at their edges. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/trade/cod.h"

#define DAY INT64_C(86400000)

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *coded(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

/* A confirmed order of a stranger with this number: each time another person. */
static char *confirmed_for(struct fixture *f, const char *phone, int64_t quantity)
{
    json_t *params = order_params(f, NULL, 0, quantity);
    json_object_set_new(params, "phone", json_string(phone));
    json_t *body = expect(f, R_CREATED, "order.place", &f->stranger, params);
    char *code = g_strdup(json_string_value(json_object_get(json_object_get(body, "order"), "code")));
    json_decref(body);
    expect_only(f, R_OK, "order.confirm", &f->farmer, coded(code));
    return code;
}

static int64_t new_trip(struct fixture *f)
{
    json_t *body = expect(f, R_CREATED, "trip.add", &f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Chiều"));
    int64_t trip = number(json_object_get(body, "trip"), "id");
    json_decref(body);
    return trip;
}

/* The reason for which the order may not go on a trip; "": it may, and `stop` is its number there. */
static char *taken_on(struct fixture *f, int64_t trip, const char *code, int64_t *stop)
{
    struct answer a =
        ask(f, "trip.arrange", &f->courier,
            json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", code));
    char *why = g_strdup("");
    if (a.result == R_OK)
        *stop = number(json_array_get(json_object_get(json_object_get(a.body, "trip"), "stops"), 0), "id");
    else
        g_free(why), why = g_strdup(json_string_value(json_object_get(a.body, "reason")));
    answer_free(&a);
    return why;
}

static void expect_taken(struct fixture *f, const char *code, const char *want)
{
    int64_t stop;
    g_autofree char *why = taken_on(f, new_trip(f), code, &stop);
    assert_string_equal(why, want);
}

static void fail_door(struct fixture *f, const char *phone, const char *reason)
{
    int64_t trip = new_trip(f), stop = 0;
    g_autofree char *code = confirmed_for(f, phone, 500), *why = taken_on(f, trip, code, &stop);
    assert_string_equal(why, "");
    for (int i = 0; i < 2; i++)
        expect_only(f, R_OK, "trip.move", &f->courier,
                    json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to",
                              i ? "moving" : "loaded"));
    expect_only(f, R_OK, "stop.mark", &f->courier,
                json_pack("{s:s,s:I,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)stop, "to", "failed",
                          "reason", reason));
    expect_only(f, R_OK, "order.cancel", &f->cadre, coded(code));
}

static void pay(struct fixture *f, const char *code)
{
    json_t *body = expect(f, R_OK, "payment.get", &f->cadre, json_pack("{s:s}", "code", code));
    int64_t due = number(json_object_get(body, "payment"), "due");
    json_decref(body);
    expect_only(f, R_OK, "payment.cash", &f->cadre,
                json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "code", code, "amount", (json_int_t)due));
}

static void three_refused_doors_of_a_number_make_it_pay_first(void **state)
{
    struct fixture *f = *state;
    static const char phone[] = "0912000111";
    int64_t start = 0;
    fail_door(f, phone, "not-home");
    fail_door(f, phone, "road"); /* nobody's fault at that door */
    fail_door(f, phone, "quality");
    fail_door(f, phone, "refused");
    g_autofree char *two = confirmed_for(f, phone, 500);
    expect_taken(f, two, ""); /* two are not three */
    clock_shift_ms(DAY);
    start += DAY;
    fail_door(f, "+84912000111", "no-answer"); /* the same number, written otherwise */
    g_autofree char *code = confirmed_for(f, phone, 500), *other = confirmed_for(f, "0912000222", 500);
    expect_taken(f, code, "cod-refusals");
    expect_taken(f, other, "");
    /* the courier's list says so before he tries */
    json_t *list = expect(f, R_OK, "trip.waiting", &f->courier, NULL);
    const json_t *row = json_array_get(json_object_get(list, "orders"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "pay_first")), "cod-refusals");
    json_decref(list);
    /* paid: it goes */
    pay(f, code);
    expect_taken(f, code, "");
    /* after ninety days the first two count no more */
    g_autofree char *later = confirmed_for(f, phone, 500);
    expect_taken(f, later, "cod-refusals");
    clock_shift_ms(codrule_first.days * DAY - DAY / 2);
    start += codrule_first.days * DAY - DAY / 2;
    expect_taken(f, later, "");
    clock_shift_ms(-start);
    assert_true(books_fit(f));
}

/* The word an order's page and the one before ordering have for it. */
static void expect_told(struct fixture *f, const struct who *who, const char *code, const char *want,
                        bool may)
{
    json_t *body = expect(f, R_OK, "payment.get", who, json_pack("{s:s}", "code", code));
    const json_t *cash = json_object_get(body, "cash");
    const char *said = json_string_value(json_object_get(cash, "pay_first"));
    assert_string_equal(said ? said : "", want);
    assert_int_equal(json_is_true(json_object_get(cash, "may")), may);
    json_decref(body);
}

static json_t *said(const char *code, const char *way)
{
    return json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "code", code, "way", way);
}

/* The buyer hears it before and after ordering, cannot say cash, and can once the office has; saying it again
 * does not take the office's word away. */
static void the_buyer_is_told_and_cannot_say_cash(void **state)
{
    struct fixture *f = *state;
    json_t *mine = expect(f, R_OK, "cod.mine", &f->stranger, NULL);
    json_t *cash = json_object_get(mine, "cash");
    assert_true(json_is_null(json_object_get(cash, "phone")));
    assert_int_equal(number(cash, "left"), codrule_first.owed_max);
    json_decref(mine);
    mine = expect(f, R_OK, "cod.mine", &f->buyer, NULL);
    cash = json_object_get(mine, "cash");
    g_autofree char *phone = g_strdup(json_string_value(json_object_get(cash, "phone")));
    assert_true(json_is_null(json_object_get(cash, "pay_first")));
    json_decref(mine);
    /* what somebody else owes under the number is not told */
    g_autofree char *others = confirmed_for(f, phone, 1000);
    mine = expect(f, R_OK, "cod.mine", &f->buyer, NULL);
    assert_int_equal(number(json_object_get(mine, "cash"), "left"), codrule_first.owed_max);
    json_decref(mine);
    assert_non_null(others);
    for (int i = 0; i < (int)codrule_first.refusals; i++)
        fail_door(f, phone, "refused");
    mine = expect(f, R_OK, "cod.mine", &f->buyer, NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(mine, "cash"), "pay_first")),
                        "cod-refusals");
    json_decref(mine);
    json_t *params = order_params(f, NULL, 0, 500);
    json_object_set_new(params, "phone", json_string(phone));
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, params);
    g_autofree char *code =
        g_strdup(json_string_value(json_object_get(json_object_get(body, "order"), "code")));
    json_decref(body);
    expect_told(f, &f->buyer, code, "cod-refusals", false); /* before the farmer's yes already */
    expect_told(f, &f->cadre, code, "cod-refusals", true);
    expect_only(f, R_WRONG_MOMENT, "order.pay_way", &f->buyer, said(code, "cash"));
    expect_only(f, R_OK, "order.pay_way", &f->buyer, said(code, "bank"));
    expect_only(f, R_OK, "order.pay_way", &f->cadre, said(code, "cash"));
    expect_told(f, &f->buyer, code, "", true);
    expect_only(f, R_OK, "order.pay_way", &f->buyer, said(code, "cash"));
    expect_told(f, &f->buyer, code, "", true);
    expect_only(f, R_OK, "order.confirm", &f->farmer, coded(code));
    expect_taken(f, code, "");
}

static void the_office_lets_an_order_go_by_name(void **state)
{
    struct fixture *f = *state;
    static const char phone[] = "0912000333";
    for (int i = 0; i < (int)codrule_first.refusals; i++)
        fail_door(f, phone, "refused");
    g_autofree char *code = confirmed_for(f, phone, 500);
    expect_taken(f, code, "cod-refusals");
    json_t *wish = json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "code", code, "way", "cash");
    expect_only(f, R_FORBIDDEN, "order.pay_way", &f->farmer, json_deep_copy(wish));
    json_object_set_new(wish, "key", json_string(fresh_key()));
    expect_only(f, R_OK, "order.pay_way", &f->cadre, wish);
    expect_taken(f, code, "");
}

/* Exactly the cap goes; a đồng more does not. */
static void a_number_owes_so_much_at_once_and_no_more(void **state)
{
    struct fixture *f = *state;
    static const char phone[] = "0912000444";
    expect_only(f, R_OK, "lot.change", &f->farmer,
                json_pack("{s:s,s:I,s:i,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "price",
                          1000000, "add", 100000));
    f->price[0] = 1000000;
    g_autofree char *most = confirmed_for(f, phone, 5000), *one = NULL;
    expect_taken(f, most, "");        /* 5.000.000 */
    one = confirmed_for(f, phone, 1); /* 1.000 more */
    expect_taken(f, one, "cod-cap");
    json_t *params = order_params(f, NULL, 0, 5001);
    json_object_set_new(params, "phone", json_string("0912000777"));
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, params);
    expect_told(f, &f->buyer, json_string_value(json_object_get(json_object_get(body, "order"), "code")),
                "cod-cap", false); /* not confirmed yet */
    json_decref(body);
    g_autofree char *other = confirmed_for(f, "0912000555", 5001);
    expect_taken(f, other, "cod-cap"); /* 5.001.000 in one order */
    pay(f, most);
    expect_taken(f, one, "");
    assert_true(books_fit(f));
}

/* A number that comes into bad standing while its order is planned does not block the trip it is on. */
static void what_is_on_a_trip_stays_there(void **state)
{
    struct fixture *f = *state;
    static const char phone[] = "0912000666";
    int64_t trip = new_trip(f), stop;
    g_autofree char *code = confirmed_for(f, phone, 500), *why = taken_on(f, trip, code, &stop);
    assert_string_equal(why, "");
    for (int i = 0; i < (int)codrule_first.refusals; i++)
        fail_door(f, phone, "refused");
    g_autofree char *again = taken_on(f, trip, code, &stop);
    assert_string_equal(again, "");
    g_autofree char *late = confirmed_for(f, phone, 500);
    expect_taken(f, late, "cod-refusals");
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        DESK_TEST(three_refused_doors_of_a_number_make_it_pay_first),
        DESK_TEST(the_buyer_is_told_and_cannot_say_cash),
        DESK_TEST(the_office_lets_an_order_go_by_name),
        DESK_TEST(a_number_owes_so_much_at_once_and_no_more),
        DESK_TEST(what_is_on_a_trip_stays_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
