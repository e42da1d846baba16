/* Flash prices, harvest lots, origin and papers, write-offs: what a farmer says of a lot beside price and
 * amount. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/trade/certificate.h"
#include "market/trade/why.h"

enum { MINUTE_MS = 60000 };

static json_t *about_lot(struct fixture *f, int lot)
{
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->lot[lot]);
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* An order for one lot at this price. */
static json_t *at_price(struct fixture *f, int lot, int64_t quantity, int64_t price)
{
    json_t *params = order_params(f, NULL, lot, quantity);
    json_object_set_new(json_array_get(json_object_get(params, "lines"), 0), "price", json_integer(price));
    return params;
}

static void start_flash(struct fixture *f, int64_t price, int64_t amount, int64_t limit)
{
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "price", json_integer(price));
    json_object_set_new(params, "amount", json_integer(amount));
    json_object_set_new(params, "minutes", json_integer(10));
    if (limit)
        json_object_set_new(params, "limit", json_integer(limit));
    expect_only(f, R_OK, "lot.flash", &f->farmer, params);
}

static char *code_of(const json_t *body)
{
    return g_strdup(json_string_value(json_object_get(json_object_get(body, "order"), "code")));
}

static json_t *to_order(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static void a_flash_price_has_its_own_amount_and_its_end(void **state)
{
    struct fixture *f = *state;
    int64_t flash = f->price[0] / 2;
    start_flash(f, flash, 3000, 0);
    expect_only(f, R_ALREADY, "lot.flash", &f->farmer,
                json_pack("{s:s,s:I,s:I,s:i,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "price",
                          (json_int_t)flash, "amount", 1, "minutes", 1));
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, at_price(f, 0, 2000, flash));
    assert_int_equal(number(json_object_get(body, "order"), "total"), flash * 2);
    g_autofree char *code = code_of(body);
    json_decref(body);
    /* One kilogram is left of it: two are not to be had, and the buyer is told the price now. */
    body = expect(f, R_PRICE_CHANGED, "order.place", &f->buyer, at_price(f, 0, 2000, flash));
    assert_int_equal(number(body, "price"), f->price[0]);
    assert_int_equal(number(body, "flash_left"), 1000);
    json_decref(body);
    /* Whoever is shown the lot's own price pays that, beside the flash. */
    expect_only(f, R_CREATED, "order.place", &f->buyer, at_price(f, 0, 1000, f->price[0]));
    assert_int_equal(look(f, "SELECT taken FROM flash"), 2000);
    /* What is cancelled can be had at the flash price again, once. */
    expect_only(f, R_OK, "order.cancel", &f->buyer, to_order(code));
    assert_int_equal(look(f, "SELECT taken FROM flash"), 0);
    expect_only(f, R_CREATED, "order.place", &f->buyer, at_price(f, 0, 3000, flash));
    body = expect(f, R_PRICE_CHANGED, "order.place", &f->buyer, at_price(f, 0, 1, flash));
    assert_int_equal(number(body, "flash_left"), 0);
    json_decref(body);
    clock_shift_ms(10 * MINUTE_MS);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM flash WHERE ended_at IS NOT NULL"), 1);
    expect_only(f, R_PRICE_CHANGED, "order.place", &f->buyer, at_price(f, 0, 1, flash));
    assert_true(books_fit(f));
}

static void a_flash_price_has_a_limit_for_each_buyer(void **state)
{
    struct fixture *f = *state;
    int64_t flash = f->price[0] - 1000;
    start_flash(f, flash, 50000, 2000);
    expect_only(f, R_CREATED, "order.place", &f->buyer, at_price(f, 0, 1500, flash));
    json_t *body = expect(f, R_LIMIT, "order.place", &f->buyer, at_price(f, 0, 1000, flash));
    assert_int_equal(number(body, "limit"), 2000);
    assert_int_equal(number(body, "had"), 1500);
    assert_int_equal(number(body, "price"), f->price[0]);
    json_decref(body);
    assert_int_equal(look(f, "SELECT taken FROM flash"), 1500);
    expect_only(f, R_CREATED, "order.place", &f->buyer, at_price(f, 0, 500, flash));
    expect_only(f, R_OK, "lot.flash_end", &f->farmer, about_lot(f, 0));
    expect_only(f, R_WRONG_MOMENT, "lot.flash_end", &f->farmer, about_lot(f, 0));
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "price", json_integer(f->price[0]));
    json_object_set_new(params, "amount", json_integer(1));
    json_object_set_new(params, "minutes", json_integer(1));
    expect_only(f, R_BAD_FIELD, "lot.flash", &f->farmer, params);
    assert_true(books_fit(f));
}

static json_t *new_harvest(struct fixture *f, int64_t pick_at, int64_t until)
{
    (void)f;
    return json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:I,s:I}", "key", fresh_key(), "slug", "khe-nhinh", "name",
                     "Mận hái thứ Sáu", "unit", "kg", "price", 20000, "amount", 10000, "pick_at",
                     (json_int_t)pick_at, "order_until", (json_int_t)until);
}

static void a_harvest_lot_is_ordered_before_it_is_picked(void **state)
{
    struct fixture *f = *state;
    int64_t now = clock_wall_ms();
    expect_only(f, R_BAD_FIELD, "lot.add", &f->farmer, new_harvest(f, now - 1, now - 2));
    expect_only(f, R_BAD_FIELD, "lot.add", &f->farmer, new_harvest(f, now + MINUTE_MS, now + 2 * MINUTE_MS));
    json_t *body = expect(f, R_CREATED, "lot.add", &f->farmer,
                          new_harvest(f, now + 60 * MINUTE_MS, now + 30 * MINUTE_MS));
    json_t *lot = json_object_get(body, "lot");
    assert_int_equal(number(json_object_get(lot, "harvest"), "pick_at"), now + 60 * MINUTE_MS);
    f->lot[4] = number(lot, "id");
    f->price[4] = 20000;
    json_decref(body);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 4, 6000));
    clock_shift_ms(31 * MINUTE_MS);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    expect_only(f, R_SOLD_OUT, "order.place", &f->buyer, order_params(f, NULL, 4, 1000));
    /* Less was picked than was ordered: what is missing is said, the rest is right. */
    json_t *picked = about_lot(f, 4);
    json_object_set_new(picked, "amount", json_integer(5000));
    body = expect(f, R_OK, "lot.picked", &f->farmer, picked);
    assert_int_equal(number(body, "missing"), 1000);
    lot = json_object_get(body, "lot");
    assert_int_equal(number(lot, "available"), 0);
    assert_string_equal(json_string_value(json_object_get(lot, "state")), "open");
    assert_true(number(json_object_get(lot, "harvest"), "picked_at") > 0);
    json_decref(body);
    picked = about_lot(f, 4);
    json_object_set_new(picked, "amount", json_integer(5000));
    expect_only(f, R_WRONG_MOMENT, "lot.picked", &f->farmer, picked);
    assert_true(books_fit(f));
}

static json_t *paper(struct fixture *f, const void *bytes, size_t size)
{
    g_autofree char *file = g_base64_encode(bytes, size);
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "kind", json_string("vietgap"));
    json_object_set_new(params, "file", json_string(file));
    return params;
}

static void papers_are_what_their_bytes_say(void **state)
{
    struct fixture *f = *state;
    static const char pdf[] = "%PDF-1.4 giấy chứng nhận", html[] = "<html><script>alert(1)</script>";
    static const unsigned char jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F'};
    assert_string_equal(certificate_type((const unsigned char *)pdf, sizeof pdf), "application/pdf");
    assert_string_equal(certificate_type(jpeg, sizeof jpeg), "image/jpeg");
    assert_null(certificate_type(jpeg, 2));
    assert_null(certificate_type((const unsigned char *)html, sizeof html));
    json_t *body = expect(f, R_CREATED, "certificate.add", &f->farmer, paper(f, pdf, sizeof pdf));
    json_t *asked = json_pack("{s:O}", "id", json_object_get(body, "id"));
    json_t *file = expect(f, R_OK, "certificate.file", &f->stranger, json_incref(asked));
    assert_string_equal(json_string_value(json_object_get(file, "type")), "application/pdf");
    json_decref(file);
    expect_only(f, R_UNSUPPORTED, "certificate.add", &f->farmer, paper(f, html, sizeof html));
    g_autofree guchar *big = g_malloc0(CERTIFICATE_BYTES_MAX + 1);
    memcpy(big, jpeg, sizeof jpeg);
    expect_only(f, R_TOO_BIG, "certificate.add", &f->farmer, paper(f, big, CERTIFICATE_BYTES_MAX + 1));
    for (int i = 1; i < CERTIFICATES_MAX; i++)
        expect_only(f, R_CREATED, "certificate.add", &f->farmer, paper(f, jpeg, sizeof jpeg));
    expect_only(f, R_LIMIT, "certificate.add", &f->farmer, paper(f, jpeg, sizeof jpeg));
    json_t *away = about_lot(f, 0);
    json_object_set(away, "certificate", json_object_get(body, "id"));
    expect_only(f, R_OK, "certificate.remove", &f->farmer, away);
    expect_only(f, R_UNKNOWN, "certificate.file", &f->stranger, asked);
    json_decref(body);
}

static void everybody_may_ask_where_a_lot_comes_from(void **state)
{
    struct fixture *f = *state;
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "plot", json_string("Nương sau nhà"));
    json_object_set_new(params, "picked_at", json_integer(clock_wall_ms() - MINUTE_MS));
    expect_only(f, R_OK, "lot.origin", &f->farmer, params);
    params = about_lot(f, 0);
    json_object_set_new(params, "moment", json_integer(0));
    expect_only(f, R_BAD_FIELD, "lot.origin", &f->farmer, params); /* not on the air */
    expect_only(f, R_OK, "live.publishing", &f->system, json_pack("{s:s}", "slug", "khe-nhinh"));
    params = about_lot(f, 0);
    json_object_set_new(params, "moment", json_integer(0));
    expect_only(f, R_OK, "lot.origin", &f->farmer, params);
    json_t *body = expect(f, R_OK, "lot.from", &f->stranger, json_pack("{s:I}", "id", (json_int_t)f->lot[0]));
    json_t *origin = json_object_get(body, "origin");
    assert_string_equal(json_string_value(json_object_get(origin, "plot")), "Nương sau nhà");
    assert_true(number(origin, "moment_at") >= number(origin, "live_from") && number(origin, "live") > 0);
    json_decref(body);
    expect_only(f, R_UNKNOWN, "lot.from", &f->stranger, json_pack("{s:i}", "id", 999999));
    body = expect(f, R_OK, "lot.labels", &f->farmer, json_pack("{s:I}", "lot", (json_int_t)f->lot[0]));
    json_t *label = json_array_get(json_object_get(body, "labels"), 0);
    assert_non_null(strstr(json_string_value(json_object_get(label, "svg")), "<svg"));
    assert_non_null(strstr(json_string_value(json_object_get(label, "url")), "/o/"));
    json_decref(body);
}

static json_t *about_live(int64_t live, const char *reason)
{
    return json_pack("{s:s,s:I,s:s*}", "key", fresh_key(), "id", (json_int_t)live, "reason", reason);
}

static int64_t shown_moment(struct fixture *f)
{
    json_t *body = expect(f, R_OK, "lot.from", &f->stranger, json_pack("{s:I}", "id", (json_int_t)f->lot[0]));
    const int64_t moment = number(json_object_get(body, "origin"), "moment_at");
    json_decref(body);
    return moment;
}

static void a_session_that_was_held_up_is_shown_by_no_lot(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_OK, "live.publishing", &f->system, json_pack("{s:s}", "slug", "khe-nhinh"));
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "moment", json_integer(0));
    expect_only(f, R_OK, "lot.origin", &f->farmer, params);
    assert_true(shown_moment(f) > 0);
    const int64_t live = look(f, "SELECT MAX(id) FROM live"), at = clock_wall_ms();
    expect_only(f, R_OK, "live.pause", &f->cadre, about_live(live, "Hàng cấm"));
    assert_int_equal(shown_moment(f), 0);
    expect_only(f, R_OK, "live.resume", &f->cadre, about_live(live, NULL));
    assert_true(shown_moment(f) > 0);
    expect_only(f, R_OK, "live.stop", &f->cadre, about_live(live, "Hàng cấm"));
    assert_int_equal(shown_moment(f), 0);
    params = about_lot(f, 0);
    json_object_set_new(params, "moment", json_integer(at));
    expect_only(f, R_BAD_FIELD, "lot.origin", &f->farmer, params);
}

static void what_spoiled_is_written_off_with_a_reason(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    json_t *params = about_lot(f, 0);
    json_object_set_new(params, "amount", json_integer(700));
    json_object_set_new(params, "reason", json_string("pests"));
    json_object_set_new(params, "at", json_integer(12345));
    expect_only(f, R_OK, "lot.spoil", &f->farmer, params);
    assert_int_equal(available(f, 0), before - 700);
    assert_int_equal(
        look(f, "SELECT device_at FROM writeoff WHERE bears = 'farmer' AND reason = 'pests' AND key <> ''"),
        12345);
    /* In an order: its buyer gets and pays less, and the goods are not on sale again. */
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 2000));
    g_autofree char *code = code_of(body);
    json_decref(body);
    params = about_lot(f, 0);
    json_object_set_new(params, "amount", json_integer(500));
    json_object_set_new(params, "reason", json_string("on-the-way"));
    json_object_set_new(params, "order", json_string(code));
    expect_only(f, R_WRONG_MOMENT, "lot.spoil", &f->farmer, json_deep_copy(params));
    expect_only(f, R_OK, "order.confirm", &f->farmer, to_order(code));
    expect_only(f, R_OK, "lot.spoil", &f->farmer, params);
    assert_int_equal(available(f, 0), before - 700 - 2000);
    assert_int_equal(look(f, "SELECT total FROM orders ORDER BY id DESC LIMIT 1"), f->price[0] * 3 / 2);
    params = about_lot(f, 0);
    json_object_set_new(params, "amount", json_integer(1501));
    json_object_set_new(params, "reason", json_string("spoiled"));
    json_object_set_new(params, "order", json_string(code));
    expect_only(f, R_SOLD_OUT, "lot.spoil", &f->farmer, params);
    params = about_lot(f, 0);
    json_object_set_new(params, "amount", json_integer(1));
    json_object_set_new(params, "reason", json_string("changed-mind"));
    expect_only(f, R_BAD_FIELD, "lot.spoil", &f->farmer, params);
    body = expect(f, R_OK, "lot.spoiled", &f->cadre, json_pack("{s:s}", "slug", "khe-nhinh"));
    assert_int_equal(json_array_size(json_object_get(body, "writeoffs")), 2);
    json_decref(body);
    assert_true(books_fit(f));
}

static void an_order_moves_for_a_coded_reason_that_somebody_bears(void **state)
{
    struct fixture *f = *state;
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    g_autofree char *code = code_of(body);
    json_decref(body);
    json_t *params = to_order(code);
    json_object_set_new(params, "why", json_string("no-goods")); /* the farmer's word, not a buyer's */
    expect_only(f, R_BAD_FIELD, "order.cancel", &f->buyer, params);
    params = to_order(code);
    json_object_set_new(params, "at", json_integer(777));
    expect_only(f, R_OK, "order.confirm", &f->farmer, params);
    params = to_order(code);
    json_object_set_new(params, "why", json_string("weather"));
    json_object_set_new(params, "reason", json_string("Mưa to"));
    json_object_set_new(params, "at", json_integer(888));
    body = expect(f, R_OK, "order.cancel", &f->farmer, params);
    assert_string_equal(json_string_value(json_object_get(json_object_get(body, "order"), "why")), "weather");
    json_decref(body);
    assert_int_equal(look(f, "SELECT device_at FROM order_event WHERE state = 'confirmed'"), 777);
    assert_int_equal(
        look(
            f,
            "SELECT device_at FROM order_event WHERE state = 'cancelled' AND bears = 'farmer' AND actor > 0 AND key <> '' AND at_ms > 0"),
        888);
    assert_string_equal(why_find("no-answer")->bears, "buyer");
    assert_null(why_find("because"));
    params = order_params(f, NULL, 0, 1000); /* a phone that was without network when it was pressed */
    json_object_set_new(params, "at", json_integer(999));
    expect_only(f, R_CREATED, "order.place", &f->buyer, params);
    assert_int_equal(look(f, "SELECT device_at FROM order_event WHERE state = 'placed'"), 999);
    assert_true(books_fit(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flash_price_has_its_own_amount_and_its_end),
        TEST(a_flash_price_has_a_limit_for_each_buyer),
        TEST(a_harvest_lot_is_ordered_before_it_is_picked),
        TEST(papers_are_what_their_bytes_say),
        TEST(everybody_may_ask_where_a_lot_comes_from),
        TEST(a_session_that_was_held_up_is_shown_by_no_lot),
        TEST(what_spoiled_is_written_off_with_a_reason),
        TEST(an_order_moves_for_a_coded_reason_that_somebody_bears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
