/* Goods that must not be sold again: refused at a door for what they are, or of an order cancelled as bad;
 * and the way back when a door's mark was a mistake. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *coded(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static char *placed(struct fixture *f, int64_t quantity)
{
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, quantity));
    char *code = g_strdup(json_string_value(json_object_get(json_object_get(body, "order"), "code")));
    json_decref(body);
    return code;
}

static char *confirmed(struct fixture *f, int64_t quantity)
{
    char *code = placed(f, quantity);
    expect_only(f, R_OK, "order.confirm", &f->farmer, coded(code));
    return code;
}

/* The order's stop, on a trip of its own that moves. */
static int64_t driven(struct fixture *f, const char *code)
{
    json_t *body = expect(f, R_CREATED, "trip.add", &f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Chiều"));
    int64_t trip = number(json_object_get(body, "trip"), "id");
    json_decref(body);
    body = expect(f, R_OK, "trip.arrange", &f->courier,
                  json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", code));
    int64_t stop = number(json_array_get(json_object_get(json_object_get(body, "trip"), "stops"), 0), "id");
    json_decref(body);
    for (int i = 0; i < 2; i++)
        expect_only(f, R_OK, "trip.move", &f->courier,
                    json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)trip, "to",
                              i ? "moving" : "loaded"));
    return stop;
}

static json_t *partial(struct fixture *f, int64_t stop, const char *reason, int64_t taken)
{
    return json_pack("{s:s,s:I,s:s,s:s,s:{s:s,s:s},s:[{s:I,s:I}]}", "key", fresh_key(), "id",
                     (json_int_t)stop, "to", "partial", "reason", reason, "proof", "kind", "signature",
                     "body", "M1 1L20 20", "lines", "lot", (json_int_t)f->lot[0], "quantity",
                     (json_int_t)taken);
}

static json_t *failed(int64_t stop, const char *reason)
{
    return json_pack("{s:s,s:I,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)stop, "to", "failed",
                     "reason", reason);
}

static json_t *undoing(int64_t stop)
{
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)stop);
}

static int64_t written_off(struct fixture *f)
{
    return look(f, "SELECT COALESCE(SUM(w.amount), 0) FROM writeoff w LEFT JOIN writeoff_back b ON"
                   " b.writeoff = w.id WHERE b.writeoff IS NULL");
}

static int64_t total(struct fixture *f)
{
    return look(f, "SELECT SUM(total) FROM lot");
}

static void what_was_refused_for_what_it_is_is_not_sold_again(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *reason;
        bool gone;
    } cases[] = {
        {"quality", true}, {"damaged", true}, {"spoiled", true}, {"refused", false}, {"missing", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *code = confirmed(f, 4000);
        int64_t left = available(f, 0), all = total(f), off = written_off(f);
        int64_t stop = driven(f, code);
        expect_only(f, R_OK, "stop.mark", &f->courier, partial(f, stop, cases[i].reason, 3000));
        assert_int_equal(available(f, 0), cases[i].gone ? left : left + 1000);
        assert_int_equal(total(f), cases[i].gone ? all - 1000 : all);
        assert_int_equal(written_off(f), cases[i].gone ? off + 1000 : off);
        assert_true(books_fit(f));
    }
    assert_int_equal(
        look(f, "SELECT COUNT(*) FROM stock WHERE kind = 'put' AND why IN ('quality', 'damaged', 'spoiled')"),
        3);
    assert_int_equal(
        look(f, "SELECT COUNT(*) FROM writeoff WHERE order_id IS NOT NULL AND ((reason = 'quality' AND"
                " bears = 'farmer') OR (reason = 'damaged' AND bears = 'courier') OR"
                " (reason = 'spoiled' AND bears = 'coop'))"),
        3);
}

static void the_undo_brings_back_what_was_written_off(void **state)
{
    struct fixture *f = *state;
    g_autofree char *code = confirmed(f, 4000);
    /* the rest is sold to others: what is undone must not need it */
    g_free(confirmed(f, available(f, 0)));
    int64_t all = total(f), stop = driven(f, code);
    expect_only(f, R_OK, "stop.mark", &f->courier, partial(f, stop, "quality", 0));
    assert_int_equal(available(f, 0), 0);
    assert_int_equal(total(f), all - 4000);
    expect_only(f, R_OK, "stop.undo", &f->courier, undoing(stop));
    assert_int_equal(available(f, 0), 0);
    assert_int_equal(total(f), all);
    assert_int_equal(written_off(f), 0);
    assert_int_equal(look(f, "SELECT SUM(amount) FROM stock WHERE why = 'quality'"), 0);
    expect_only(f, R_WRONG_MOMENT, "stop.undo", &f->courier, undoing(stop));
    /* and it is seen as taken back */
    json_t *body = expect(f, R_OK, "lot.spoiled", &f->farmer, json_pack("{s:s}", "slug", "khe-nhinh"));
    const json_t *first = json_array_get(json_object_get(body, "writeoffs"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "reason")), "quality");
    assert_true(number(first, "back_at") > 0);
    json_decref(body);
    /* once more, and now it stays */
    expect_only(f, R_OK, "stop.mark", &f->courier, partial(f, stop, "damaged", 1000));
    assert_int_equal(total(f), all - 3000);
    assert_true(books_fit(f));
}

static void goods_of_an_order_cancelled_as_bad_are_gone(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *why, *door;
        bool confirm, gone;
    } cases[] = {
        {"bad-goods", NULL, true, true},      {"bad-goods", NULL, false, true},
        {"no-answer", NULL, true, false},     {"other", "quality", true, true},
        {"no-answer", "damaged", true, true}, {"other", "not-home", true, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t left = available(f, 0), all = total(f);
        g_autofree char *code = cases[i].confirm ? confirmed(f, 2000) : placed(f, 2000);
        if (cases[i].door)
            expect_only(f, R_OK, "stop.mark", &f->courier, failed(driven(f, code), cases[i].door));
        assert_int_equal(total(f), all); /* it may be driven again */
        json_t *params = coded(code);
        json_object_set_new(params, "why", json_string(cases[i].why));
        expect_only(f, R_OK, "order.cancel", &f->farmer, params);
        assert_int_equal(available(f, 0), cases[i].gone ? left - 2000 : left);
        assert_int_equal(total(f), cases[i].gone ? all - 2000 : all);
        assert_true(books_fit(f));
    }
    assert_int_equal(look(f, "SELECT COUNT(*) FROM writeoff WHERE reason = 'bad-goods' AND bears = 'farmer'"),
                     2);
}

/* Who waits in line is not offered what nobody should eat. */
static void bad_goods_are_offered_to_nobody(void **state)
{
    struct fixture *f = *state;
    g_autofree char *code = confirmed(f, available(f, 0));
    expect_only(f, R_CREATED, "wait.join", &f->courier,
                json_pack("{s:s,s:s,s:I,s:i,s:s,s:s}", "key", fresh_key(), "stall", "khe-nhinh", "lot",
                          (json_int_t)f->lot[0], "quantity", 1000, "name", "Lò Văn Pó", "phone",
                          "0912000001"));
    json_t *params = coded(code);
    json_object_set_new(params, "why", json_string("bad-goods"));
    expect_only(f, R_OK, "order.cancel", &f->farmer, params);
    assert_int_equal(available(f, 0), 0);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM wait WHERE state = 'offered'"), 0);
    assert_true(books_fit(f));
}

/* A confirmed order of a kilogram, of which two were weighed and the buyer said yes. */
static char *agreed(struct fixture *f)
{
    char *code = confirmed(f, 1000);
    expect_only(f, R_OK, "order.weigh", &f->farmer,
                json_pack("{s:s,s:s,s:I,s:i}", "key", fresh_key(), "code", code, "lot", (json_int_t)f->lot[0],
                          "weighed", 2000));
    expect_only(f, R_OK, "order.extra", &f->buyer,
                json_pack("{s:s,s:s,s:I,s:s}", "key", fresh_key(), "code", code, "lot", (json_int_t)f->lot[0],
                          "answer", "accept"));
    return code;
}

/* What the buyer of an extra has and pays for: the scale's word at the door, not once more what was ordered.
 */
static void a_part_of_an_agreed_extra_is_what_the_buyer_took(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *reason; /* NULL: it spoiled at the stall */
        bool gone;
    } cases[] = {{"missing", false}, {"quality", true}, {NULL, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *code = agreed(f);
        int64_t left = available(f, 0);
        if (cases[i].reason)
            expect_only(f, R_OK, "stop.mark", &f->courier,
                        partial(f, driven(f, code), cases[i].reason, 1500));
        else
            expect_only(f, R_OK, "lot.spoil", &f->farmer,
                        json_pack("{s:s,s:I,s:i,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)f->lot[0],
                                  "amount", 500, "reason", "spoiled", "order", code));
        assert_int_equal(available(f, 0), cases[i].gone ? left : left + 500);
        json_t *body = expect(f, R_OK, "order.get", &f->buyer, json_pack("{s:s}", "code", code));
        const json_t *order = json_object_get(body, "order");
        const json_t *line = json_array_get(json_object_get(order, "lines"), 0);
        assert_int_equal(number(order, "total"), (f->price[0] * 1500 + 500) / 1000);
        assert_string_equal(json_string_value(json_object_get(line, "state")), "accepted");
        json_decref(body);
        assert_true(books_fit(f));
    }
}

/* Random doors: whatever is marked, taken back and cancelled, the lot is what was put there less what was
 * written off, and its ledger says the same. */
static void random_doors_add_up(void **state)
{
    struct fixture *f = *state;
    static const char *const reasons[] = {"quality", "damaged", "spoiled", "refused", "missing"};
    static const char *const whys[] = {"bad-goods", "other", "no-goods"};
    GRand *dice = g_rand_new_with_seed(20261);
    int64_t all = total(f);
    for (int round = 0; round < 40; round++) {
        int64_t quantity = g_rand_int_range(dice, 1, 4) * 500;
        if (available(f, 0) < quantity)
            break;
        g_autofree char *code = confirmed(f, quantity);
        int64_t stop = driven(f, code);
        int marks = g_rand_int_range(dice, 1, 4);
        bool over = false;
        int64_t taken = 0; /* what somebody has is not cancelled */
        for (int i = 0; i < marks && !over; i++) {
            const char *reason = reasons[g_rand_int_range(dice, 0, G_N_ELEMENTS(reasons))];
            bool whole = g_rand_int_range(dice, 0, 3) == 0;
            taken = whole ? 0 : g_rand_int_range(dice, 0, (gint32)quantity + 1);
            expect_only(f, R_OK, "stop.mark", &f->courier,
                        whole ? failed(stop, reason) : partial(f, stop, reason, taken));
            over = g_rand_int_range(dice, 0, 2) == 0;
            if (!over) {
                taken = 0;
                expect_only(f, R_OK, "stop.undo", &f->courier, undoing(stop));
            }
        }
        if (g_rand_int_range(dice, 0, 2)) {
            json_t *params = coded(code);
            json_object_set_new(params, "why", json_string(whys[g_rand_int_range(dice, 0, 3)]));
            expect_only(f, taken ? R_WRONG_MOMENT : R_OK, "order.cancel", &f->cadre, params);
        }
        assert_int_equal(total(f), all - written_off(f));
        assert_int_equal(look(f, "SELECT -COALESCE(SUM(amount), 0) FROM stock WHERE why IS NOT NULL"),
                         written_off(f));
        assert_int_equal(look(f, "SELECT COUNT(*) FROM lot WHERE available + held + sold <> total"), 0);
    }
    g_rand_free(dice);
    assert_true(written_off(f) > 0);
    assert_true(books_fit(f));
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_was_refused_for_what_it_is_is_not_sold_again),
        DESK_TEST(the_undo_brings_back_what_was_written_off),
        DESK_TEST(goods_of_an_order_cancelled_as_bad_are_gone),
        DESK_TEST(bad_goods_are_offered_to_nobody),
        DESK_TEST(a_part_of_an_agreed_extra_is_what_the_buyer_took),
        DESK_TEST(random_doors_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
