/* From the village to the door: fees, trips, stops, proofs, cash, undo. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/trade/fee.h"
#include "market/trade/pace.h"
#include "market/trade/proof.h"
#include "market/trade/stop.h"

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void a_fee_counts_each_kilogram_begun(void **state)
{
    (void)state;
    const struct fee_rate rate = {.base = 10000, .included = 3000, .per_kg = 2000};
    static const struct {
        int64_t grams, dong;
    } cases[] = {{0, 10000}, {3000, 10000}, {3001, 12000}, {4000, 12000}, {4001, 14000}};
    struct money amount;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(fee_of(&amount, &rate, cases[i].grams));
        assert_int_equal(money_dong(amount), cases[i].dong);
    }
    assert_false(fee_of(&amount, &rate, -1));
    assert_false(fee_of(&amount, &(struct fee_rate){0, 0, INT64_MAX}, 5000));
}

static void a_trip_comes_by_at_its_own_pace(void **state)
{
    (void)state;
    struct pace p = {.moved_ms = 1000, .last_ms = 1000};
    assert_int_equal(pace_expected(&p, 5000), 0); /* nothing is known yet */
    p = (struct pace){.moved_ms = 0, .last_ms = 600, .done = 2, .ahead = 1};
    assert_int_equal(pace_expected(&p, 700), 1200);
    assert_int_equal(pace_expected(&p, 9000), 9000); /* late already: any moment */
    assert_int_equal(pace_moment(500, 100, 900), 500);
    assert_int_equal(pace_moment(50, 100, 900), 900); /* a phone with a wrong clock */
    assert_int_equal(pace_moment(901, 100, 900), 900);
}

static void proofs_look_like_what_they_are(void **state)
{
    (void)state;
    assert_true(proof_fits(PROOF_CODE, "0042"));
    assert_false(proof_fits(PROOF_CODE, "42"));
    assert_false(proof_fits(PROOF_CODE, "00a2"));
    assert_true(proof_fits(PROOF_PHOTO, "/9j/4AAQ"));
    assert_false(proof_fits(PROOF_PHOTO, "PHN2Zz4="));
    assert_true(proof_fits(PROOF_SIGNATURE, "M1 2L30 40L50 60"));
    assert_false(proof_fits(PROOF_SIGNATURE, "M1 2\" onload=\""));
    assert_string_equal(stop_reason("refused")->bears, "buyer");
    assert_null(stop_reason("because"));
}

/* --- a real desk --- */

static int64_t make_zone(struct fixture *f, int64_t *point)
{
    json_t *body = expect(f, R_OK, "zone.set", &f->cadre,
                          json_pack("{s:s,s:s,s:i,s:i,s:i,s:i}", "key", fresh_key(), "name", "Mường Xén",
                                    "base", 10000, "included", 3000, "per_kg", 2000, "courier_points", 7000));
    int64_t zone = number(json_object_get(body, "zone"), "id");
    json_decref(body);
    body = expect(f, R_OK, "point.set", &f->cadre,
                  json_pack("{s:s,s:I,s:s,s:s}", "key", fresh_key(), "zone", (json_int_t)zone, "name",
                            "Quán chị Hà", "place", "Ngã ba cầu Mường Xén"));
    *point = number(json_object_get(body, "point"), "id");
    json_decref(body);
    return zone;
}

static json_t *with_delivery(json_t *params, int64_t zone, int64_t point, int64_t fee)
{
    json_t *delivery = json_pack("{s:I,s:I}", "zone", (json_int_t)zone, "fee", (json_int_t)fee);
    if (point)
        json_object_set_new(delivery, "point", json_integer(point));
    json_object_set_new(params, "delivery", delivery);
    return params;
}

/* A confirmed order of 4 kg with a fee of 12,000 đ; its code, for g_free. */
static char *confirmed(struct fixture *f, int64_t zone)
{
    json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer,
                            with_delivery(order_params(f, NULL, 0, 4000), zone, 0, 12000));
    char *code = g_strdup(text(json_object_get(placed, "order"), "code"));
    json_decref(placed);
    expect_only(f, R_OK, "order.confirm", &f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "code", code));
    return code;
}

static int64_t due(struct fixture *f, const char *code)
{
    json_t *body = expect(f, R_OK, "payment.get", &f->buyer, json_pack("{s:s}", "code", code));
    int64_t amount = number(json_object_get(body, "payment"), "due");
    json_decref(body);
    return amount;
}

/* A trip that moves, with these orders; its stops' ids. */
static int64_t moving_trip(struct fixture *f, const char *one, const char *two, int64_t stops[2])
{
    json_t *body = expect(f, R_CREATED, "trip.add", &f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Chiều"));
    int64_t trip = number(json_object_get(body, "trip"), "id");
    json_decref(body);
    body = expect(
        f, R_OK, "trip.arrange", &f->courier,
        json_pack("{s:s,s:I,s:[s,s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", one, two));
    json_t *list = json_object_get(json_object_get(body, "trip"), "stops");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++)
        stops[i] = number(json_array_get(list, i), "id");
    json_decref(body);
    for (int i = 0; i < 2; i++)
        expect_only(f, R_OK, "trip.move", &f->courier,
                    json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to",
                              i ? "moving" : "loaded"));
    return trip;
}

static json_t *marking(int64_t stop, const char *to, json_t *more)
{
    json_t *params = json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)stop, "to", to);
    if (more)
        json_object_update(params, more);
    json_decref(more);
    return params;
}

static json_t *signature(int64_t collected)
{
    return json_pack("{s:{s:s,s:s},s:I}", "proof", "kind", "signature", "body", "M1 1L20 20", "collected",
                     (json_int_t)collected);
}

static char *door_code(struct fixture *f, const char *code)
{
    json_t *body = expect(f, R_OK, "delivery.get", &f->buyer, json_pack("{s:s}", "code", code));
    char *digits = g_strdup(text(json_object_get(body, "delivery"), "code"));
    json_decref(body);
    return digits;
}

static void the_fee_is_a_line_of_its_own(void **state)
{
    struct fixture *f = *state;
    int64_t point, zone = make_zone(f, &point);
    int64_t goods = (f->price[0] * 4000 + 500) / 1000;
    /* another fee than the page showed: the buyer is asked */
    json_t *body = expect(f, R_PRICE_CHANGED, "order.place", &f->buyer,
                          with_delivery(order_params(f, NULL, 0, 4000), zone, point, 10000));
    assert_int_equal(number(body, "fee"), 12000);
    json_decref(body);
    expect_only(f, R_BAD_FIELD, "order.place", &f->buyer,
                with_delivery(order_params(f, NULL, 0, 4000), zone, 999, 12000));
    body = expect(f, R_CREATED, "order.place", &f->buyer,
                  with_delivery(order_params(f, NULL, 0, 4000), zone, point, 12000));
    const json_t *order = json_object_get(body, "order"), *delivery = json_object_get(order, "delivery");
    assert_int_equal(number(order, "total"), goods + 12000);
    assert_int_equal(number(delivery, "amount"), 12000);
    assert_string_equal(text(delivery, "point_name"), "Quán chị Hà");
    json_t *again = expect(f, R_OK, "order.get", &f->buyer, json_pack("{s:s}", "code", text(order, "code")));
    assert_true(json_equal(json_object_get(again, "order"), order));
    json_decref(again);
    expect_only(f, R_OK, "order.confirm", &f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "code", text(order, "code")));
    assert_int_equal(due(f, text(order, "code")), goods + 12000);
    json_decref(body);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'delivery' AND subject = 0"), -12000);
    assert_true(books_fit(f));
}

static void a_trip_ends_when_every_door_and_every_dong_is_explained(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    int64_t trip = moving_trip(f, one, two, stops), total = due(f, one);
    expect_only(f, R_WRONG_MOMENT, "trip.move", &f->courier,
                json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to", "closed"));
    expect_only(f, R_BAD_FIELD, "stop.mark", &f->courier,
                marking(stops[0], "delivered", NULL)); /* no proof */
    expect_only(f, R_OK, "stop.mark", &f->courier, marking(stops[0], "delivered", signature(total)));
    assert_int_equal(due(f, one), 0);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'cash'"), total);
    expect_only(f, R_WRONG_MOMENT, "stop.mark", &f->courier,
                marking(stops[0], "failed", json_pack("{s:s}", "reason", "refused")));
    expect_only(f, R_BAD_FIELD, "stop.mark", &f->courier,
                marking(stops[1], "failed", json_pack("{s:s}", "reason", "because")));
    expect_only(f, R_OK, "stop.mark", &f->courier, marking(stops[1], "delivered", signature(total - 5000)));
    json_t *body =
        expect(f, R_WRONG_MOMENT, "trip.move", &f->courier,
               json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to", "closed"));
    assert_string_equal(text(body, "reason"), "cash-missing");
    assert_int_equal(number(body, "due"), 5000);
    json_decref(body);
    expect_only(f, R_NO_CONTENT, "trip.spot", &f->courier,
                json_pack("{s:I,s:i,s:i}", "id", (json_int_t)trip, "lat", 19400000, "lon", 104150000));
    expect_only(f, R_OK, "trip.move", &f->courier,
                json_pack("{s:s,s:I,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to", "closed",
                          "note", "mai trả"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM trip_spot"), 0);
    /* 70 % of two fees is the driver's */
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'delivery' AND subject > 0"), -16800);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'delivery' AND subject = 0"), -7200);
    /* driving is taxed apart from goods: 3 % and 1.5 % */
    body =
        expect(f, R_OK, "settlement.get", &f->cadre, json_pack("{s:I}", "id", (json_int_t)f->courier.person));
    const json_t *tax = json_array_get(json_object_get(json_object_get(body, "settlement"), "tax"), 0);
    assert_int_equal(json_array_size(json_object_get(json_object_get(body, "settlement"), "tax")), 1);
    assert_string_equal(text(tax, "kind"), "transport");
    assert_int_equal(number(tax, "amount"), 16800);
    assert_int_equal(number(tax, "vat"), 504);
    assert_int_equal(number(tax, "income"), 252);
    json_decref(body);
    assert_true(books_fit(f));
}

static void the_four_digits_open_and_wrong_ones_are_counted(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    moving_trip(f, one, two, stops);
    g_autofree char *digits = door_code(f, one);
    char wrong[5] = "0000";
    wrong[0] = digits[0] == '0' ? '1' : '0';
    json_t *others = expect(f, R_OK, "delivery.get", &f->farmer, json_pack("{s:s}", "code", one));
    assert_true(json_is_null(json_object_get(json_object_get(others, "delivery"), "code")));
    json_decref(others);
    json_t *body = expect(
        f, R_OK, "stop.mark", &f->courier,
        marking(stops[0], "delivered", json_pack("{s:{s:s,s:s}}", "proof", "kind", "code", "body", wrong)));
    assert_string_equal(text(body, "refused"), "wrong-code");
    assert_int_equal(number(json_object_get(body, "stop"), "tries_left"), 4);
    json_decref(body);
    body = expect(
        f, R_OK, "stop.mark", &f->courier,
        marking(stops[0], "delivered", json_pack("{s:{s:s,s:s}}", "proof", "kind", "code", "body", digits)));
    assert_true(json_is_null(json_object_get(body, "refused")));
    assert_string_equal(text(json_object_get(body, "stop"), "state"), "delivered");
    json_decref(body);
    g_autofree char *second = door_code(f, two);
    wrong[0] = second[0] == '0' ? '1' : '0';
    for (int i = 0; i < 6; i++) /* after five guesses it is over, also for the right digits */
        expect_only(
            f, i < 5 ? R_OK : R_WRONG_MOMENT, "stop.mark", &f->courier,
            marking(stops[1], "delivered",
                    json_pack("{s:{s:s,s:s}}", "proof", "kind", "code", "body", i < 5 ? wrong : second)));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM trip_event WHERE word = 'wrong-code'"), 6);
}

static void what_was_pressed_by_mistake_is_taken_back(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    moving_trip(f, one, two, stops);
    int64_t total = due(f, one), left = available(f, 0), less = total - (f->price[0] * 1000 + 500) / 1000;
    json_t *more = signature(less);
    json_object_set_new(more, "reason", json_string("refused"));
    json_object_set_new(more, "lines",
                        json_pack("[{s:I,s:i}]", "lot", (json_int_t)f->lot[0], "quantity", 3000));
    expect_only(f, R_OK, "stop.mark", &f->courier, marking(stops[0], "partial", more));
    assert_int_equal(due(f, one), 0);
    assert_int_equal(available(f, 0), left + 1000);
    expect_only(f, R_OK, "stop.undo", &f->courier,
                json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)stops[0]));
    assert_int_equal(due(f, one), total);
    assert_int_equal(available(f, 0), left);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'cash'"), 0);
    expect_only(f, R_WRONG_MOMENT, "stop.undo", &f->courier,
                json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)stops[0]));
    assert_true(books_fit(f));
}

/* What was still missing before the cash that was a mistake is missing again: the office's list has it, and
 * whoever looks at the order is told. */
static void the_money_of_a_mistake_is_missing_again(void **state)
{
    struct fixture *f = *state;
    static const char missing[] = "SELECT COALESCE(SUM(amount), 0) FROM pay_task"
                                  " WHERE kind = 'under' AND closed_at IS NULL";
    static const char told[] = "SELECT COUNT(*) FROM journal WHERE kind = 'payment.changed'";
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    moving_trip(f, one, two, stops);
    int64_t rest = due(f, one) - 1000;
    expect_only(f, R_OK, "payment.cash", &f->farmer,
                json_pack("{s:s,s:s,s:i}", "key", fresh_key(), "code", one, "amount", 1000));
    assert_int_equal(look(f, missing), rest);
    for (int i = 0; i < 2; i++) { /* all of the rest, and then a part of it */
        expect_only(f, R_OK, "stop.mark", &f->courier,
                    marking(stops[0], "delivered", signature(rest - i * 500)));
        assert_int_equal(look(f, missing), i * 500);
        int64_t before = look(f, told);
        expect_only(f, R_OK, "stop.undo", &f->courier,
                    json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)stops[0]));
        assert_int_equal(due(f, one), rest);
        assert_int_equal(look(f, missing), rest);
        assert_int_equal(look(f, told), before + 1);
    }
    assert_true(books_fit(f));
}

static void another_trip_gives_no_more_guesses(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    g_autofree char *digits = NULL;
    for (int trip = 0; trip < 2; trip++) {
        moving_trip(f, one, two, stops);
        if (!trip)
            digits = door_code(f, one);
        char wrong[5] = "0000";
        wrong[0] = digits[0] == '0' ? '1' : '0';
        for (int i = 0; i < 3 - trip; i++) {
            json_t *body =
                expect(f, R_OK, "stop.mark", &f->courier,
                       marking(stops[0], "delivered",
                               json_pack("{s:{s:s,s:s}}", "proof", "kind", "code", "body", wrong)));
            assert_int_equal(number(json_object_get(body, "stop"), "tries_left"), 4 - i - 3 * trip);
            json_decref(body);
        }
        for (int i = 0; !trip && i < 2; i++)
            expect_only(f, R_OK, "stop.mark", &f->courier,
                        marking(stops[i], "failed", json_pack("{s:s}", "reason", "vehicle")));
    }
    expect_only(
        f, R_WRONG_MOMENT, "stop.mark", &f->courier,
        marking(stops[0], "delivered", json_pack("{s:{s:s,s:s}}", "proof", "kind", "code", "body", digits)));
}

static void a_courier_touches_his_own_trips_only(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone);
    int64_t trip = moving_trip(f, one, two, stops);
    struct who other = f->courier;
    other.person = f->farmer.person;
    expect_only(f, R_UNKNOWN, "trip.get", &other, json_pack("{s:I}", "id", (json_int_t)trip));
    expect_only(f, R_UNKNOWN, "stop.mark", &other, marking(stops[0], "arrived", NULL));
    expect_only(f, R_UNKNOWN, "stop.proofs", &other, json_pack("{s:I}", "id", (json_int_t)stops[0]));
    /* an order is on one trip at a time */
    json_t *body = expect(f, R_CREATED, "trip.add", &f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Hai"));
    int64_t second = number(json_object_get(body, "trip"), "id");
    json_decref(body);
    body = expect(f, R_WRONG_MOMENT, "trip.arrange", &f->courier,
                  json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)second, "orders", one));
    assert_string_equal(text(body, "reason"), "on-a-trip");
    json_decref(body);
    /* after a failed stop it may go on another */
    expect_only(f, R_OK, "stop.mark", &f->courier,
                marking(stops[0], "failed", json_pack("{s:s}", "reason", "not-home")));
    expect_only(f, R_OK, "trip.arrange", &f->courier,
                json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)second, "orders", one));
}

/* Cash is booked by who has the order on board; to other couriers it does not exist. */
static void only_who_carries_an_order_collects_for_it(void **state)
{
    struct fixture *f = *state;
    int64_t stops[2], point, zone = make_zone(f, &point);
    g_autofree char *one = confirmed(f, zone), *two = confirmed(f, zone), *three = confirmed(f, zone);
    struct who other = f->courier;
    other.person = f->farmer.person + 1000;
#define CASH(code, amount)                                                                                   \
    json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "code", code, "amount", (json_int_t)(amount))
    expect_only(f, R_UNKNOWN, "payment.cash", &f->courier, CASH(one, 1000)); /* on no trip */
    int64_t trip = moving_trip(f, one, two, stops), total = due(f, one);
    expect_only(f, R_UNKNOWN, "payment.cash", &other, CASH(one, 1000));
    expect_only(f, R_UNKNOWN, "payment.cash", &f->courier, CASH(three, 1000));
    expect_only(f, R_UNKNOWN, "payment.get", &f->courier, json_pack("{s:s}", "code", three));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM entry WHERE kind = 'cash'"), 0);
    expect_only(f, R_OK, "payment.cash", &f->courier, CASH(one, 1000));
    expect_only(f, R_OK, "payment.cash", &f->farmer, CASH(three, 1000));
    expect_only(f, R_OK, "payment.cash", &f->cadre, CASH(three, 1000));
    expect_only(f, R_OK, "stop.mark", &f->courier, marking(stops[0], "delivered", signature(total - 2000)));
    expect_only(f, R_OK, "payment.cash", &f->courier, CASH(one, 1000)); /* a neighbour had the change */
    assert_int_equal(due(f, one), 0);
    expect_only(f, R_OK, "stop.mark", &f->courier,
                marking(stops[1], "failed", json_pack("{s:s}", "reason", "not-home")));
    expect_only(f, R_UNKNOWN, "payment.cash", &f->courier, CASH(two, 1000)); /* it goes back */
    expect_only(f, R_OK, "trip.move", &f->courier,
                json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to", "closed"));
    expect_only(f, R_UNKNOWN, "payment.cash", &f->courier, CASH(one, 1000));
#undef CASH
    assert_true(books_fit(f));
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fee_counts_each_kilogram_begun),
        cmocka_unit_test(a_trip_comes_by_at_its_own_pace),
        cmocka_unit_test(proofs_look_like_what_they_are),
        DESK_TEST(the_fee_is_a_line_of_its_own),
        DESK_TEST(a_trip_ends_when_every_door_and_every_dong_is_explained),
        DESK_TEST(the_four_digits_open_and_wrong_ones_are_counted),
        DESK_TEST(what_was_pressed_by_mistake_is_taken_back),
        DESK_TEST(the_money_of_a_mistake_is_missing_again),
        DESK_TEST(another_trip_gives_no_more_guesses),
        DESK_TEST(a_courier_touches_his_own_trips_only),
        DESK_TEST(only_who_carries_an_order_collects_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
