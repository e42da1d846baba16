/* Holds: goods kept for an order that waits for its transfer go back on sale when their time is over, once.
 */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"

enum { MINUTE_MS = 60000 };

static json_t *keyed(const char *name, const char *value)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), name, value);
}

/* The stall's buyers pay by transfer. */
static void take_transfers(struct fixture *f)
{
    json_t *bank = expect(f, R_CREATED, "bank.add", &f->cadre,
                          json_pack("{s:s,s:s,s:s,s:s}", "key", fresh_key(), "bin", "970405", "number",
                                    "3600205123456", "holder", "HTX Khe Nhinh"));
    json_t *params = keyed("slug", "khe-nhinh");
    json_object_set(params, "account", json_object_get(bank, "id"));
    expect_only(f, R_OK, "payee.set", &f->cadre, params);
    json_decref(bank);
}

static int64_t number(const json_t *order, const char *name)
{
    return json_integer_value(json_object_get(order, name));
}

/* A new order for a kilogram; the whole answer, yours. */
static json_t *placed(struct fixture *f)
{
    return expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
}

static const char *code_of(const json_t *body)
{
    return json_string_value(json_object_get(json_object_get(body, "order"), "code"));
}

static json_t *now(struct fixture *f, const char *code)
{
    return expect(f, R_OK, "order.get", &f->buyer, json_pack("{s:s}", "code", code));
}

static bool is(struct fixture *f, const char *code, const char *state)
{
    json_t *body = now(f, code);
    bool same =
        strcmp(json_string_value(json_object_get(json_object_get(body, "order"), "state")), state) == 0;
    json_decref(body);
    return same;
}

static void wait_until_cancelled(struct fixture *f, const char *code)
{
    for (int i = 0; i < 600 && !is(f, code, "cancelled"); i++)
        g_usleep(50000);
    assert_true(is(f, code, "cancelled"));
}

static void the_timer_gives_the_goods_back_once(void **state)
{
    struct fixture *f = *state;
    take_transfers(f);
    int64_t before = available(f, 0);
    json_t *body = placed(f);
    json_t *order = json_object_get(body, "order");
    assert_int_equal(number(order, "expires_at"), number(order, "placed_at") + 10 * MINUTE_MS);
    clock_shift_ms(9 * MINUTE_MS);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    assert_true(is(f, code_of(body), "placed"));
    clock_shift_ms(MINUTE_MS + 1);
    wait_until_cancelled(f, code_of(body));
    json_t *after = now(f, code_of(body));
    assert_string_equal(json_string_value(json_object_get(json_object_get(after, "order"), "reason")),
                        "expired");
    assert_true(json_is_null(json_object_get(json_object_get(after, "order"), "expires_at")));
    json_decref(after);
    assert_int_equal(available(f, 0), before);
    for (int i = 0; i < 3; i++)
        expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    assert_int_equal(available(f, 0), before);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM stock WHERE kind = 'release'"), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM hold WHERE state = 'expired'"), 1);
    expect_only(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, keyed("code", code_of(body)));
    assert_true(books_fit(f));
    json_decref(body);
}

static void money_a_yes_or_a_no_ends_the_hold(void **state)
{
    struct fixture *f = *state;
    take_transfers(f);
    json_t *paid = placed(f), *confirmed = placed(f), *cancelled = placed(f);
    json_t *cash = keyed("code", code_of(paid));
    json_object_set_new(cash, "amount", json_integer(1));
    expect_only(f, R_OK, "payment.cash", &f->farmer, cash);
    expect_only(f, R_OK, "order.confirm", &f->farmer, keyed("code", code_of(confirmed)));
    expect_only(f, R_OK, "order.cancel", &f->buyer, keyed("code", code_of(cancelled)));
    json_t *body = now(f, code_of(paid));
    assert_true(json_is_null(json_object_get(json_object_get(body, "order"), "expires_at")));
    json_decref(body);
    clock_shift_ms(11 * MINUTE_MS);
    body = expect(f, R_OK, "hold.expire", &f->system, NULL);
    assert_int_equal(number(body, "expired"), 0);
    json_decref(body);
    assert_true(is(f, code_of(paid), "placed") && is(f, code_of(confirmed), "confirmed"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM hold WHERE state = 'over'"), 3);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM stock WHERE kind = 'release'"), 1);
    assert_true(books_fit(f));
    json_decref(paid);
    json_decref(confirmed);
    json_decref(cancelled);
}

static void *expire_again_and_again(void *data)
{
    struct fixture *f = data;
    for (int i = 0; i < 20; i++)
        expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    return NULL;
}

static void tell_of(struct fixture *f, int id, const char *code, int64_t amount)
{
    g_autofree char *text = g_strdup_printf(
        "{\"id\":%d,\"gateway\":\"Agribank\",\"transactionDate\":\"2026-05-02 08:01:02\",\"accountNumber\":"
        "\"3600205123456\",\"subAccount\":null,\"code\":null,\"content\":\"%s chuyen "
        "tien\",\"transferType\":\"in\","
        "\"transferAmount\":%" G_GINT64_FORMAT
        ",\"accumulated\":0,\"referenceCode\":\"FT%d\",\"description\":\"\"}",
        id, code, amount, id);
    g_autofree char *bytes = g_base64_encode((const guchar *)text, strlen(text));
    expect_only(f, R_OK, "hook.keep", &f->system,
                json_pack("{s:s,s:s,s:s}", "source", "sepay", "headers", "{}", "body", bytes));
    expect_only(f, R_OK, "hook.work", &f->system, NULL);
}

/* The deadline and the transfer come at the same time: one of them wins, and the money is the order's or the
 * buyer's. */
static void a_late_transfer_and_the_timer_have_one_winner(void **state)
{
    struct fixture *f = *state;
    enum { ORDERS = 12 };
    json_t *orders[ORDERS];
    pthread_t timer;
    int64_t before = available(f, 0), total = 0, moved = 0;
    take_transfers(f);
    for (int i = 0; i < ORDERS; i++) { /* their deadlines are half a minute apart */
        orders[i] = placed(f);
        total += number(json_object_get(orders[i], "order"), "total");
        clock_shift_ms(MINUTE_MS / 2);
        moved += MINUTE_MS / 2;
    }
    clock_shift_ms(10 * MINUTE_MS - moved - MINUTE_MS / 4);
    moved = 10 * MINUTE_MS - MINUTE_MS / 4;
    assert_int_equal(pthread_create(&timer, NULL, expire_again_and_again, f), 0);
    for (int i = 0; i < ORDERS; i++) { /* told before it, at it, after it */
        if (i % 3)
            clock_shift_ms(MINUTE_MS / 2);
        if (i % 3 == 2)
            expect_only(f, R_OK, "hold.expire", &f->system, NULL);
        tell_of(f, i + 1, code_of(orders[i]), number(json_object_get(orders[i], "order"), "total"));
        if (i % 3 == 0)
            clock_shift_ms(MINUTE_MS / 2);
        moved += MINUTE_MS / 2;
    }
    pthread_join(timer, NULL);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    /* Who was in time has paid, and only he has the goods; who was late has the money as credit. */
    int64_t kept = look(f, "SELECT COUNT(*) FROM orders WHERE state <> 'cancelled'"), one = total / ORDERS;
    assert_true(kept > 0 && kept < ORDERS);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'bank'"), total);
    assert_int_equal(look(f, "SELECT COALESCE(SUM(-balance), 0) FROM account WHERE kind = 'order'"),
                     kept * one);
    assert_int_equal(look(f, "SELECT COALESCE(SUM(-balance), 0) FROM account WHERE kind = 'credit'"),
                     (ORDERS - kept) * one);
    assert_int_equal(available(f, 0), before - kept * 1000);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM hold WHERE state = 'over'"), kept);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM hold WHERE state = 'expired'"), ORDERS - kept);
    assert_true(books_fit(f));
    clock_shift_ms(-moved);
    for (int i = 0; i < ORDERS; i++)
        json_decref(orders[i]);
}

static int64_t end_of(struct fixture *f, const char *code)
{
    json_t *body = now(f, code);
    int64_t end = number(json_object_get(body, "order"), "expires_at");
    json_decref(body);
    return end;
}

static int64_t due_of(struct fixture *f, const char *code, const char *name)
{
    json_t *body = expect(f, R_OK, "payment.get", &f->buyer, json_pack("{s:s}", "code", code));
    int64_t dong = number(json_object_get(body, "payment"), name);
    json_decref(body);
    return dong;
}

/* The buyer's phone wants to be told of the order. */
static void wake_phone(struct fixture *f, const char *code)
{
    g_autofree char *point = g_strnfill(86, 'A'), *p256dh = g_strconcat("B", point, NULL),
                    *auth = g_strnfill(22, 'A');
    json_t *params = keyed("code", code);
    json_object_set_new(params, "endpoint", json_string("https://push.example.com/1"));
    json_object_set_new(params, "p256dh", json_string(p256dh));
    json_object_set_new(params, "auth", json_string(auth));
    json_object_set_new(params, "lang", json_string("vi"));
    expect_only(f, R_CREATED, "push.add", &f->buyer, params);
}

/* How many messages with this word are due. */
static size_t messages(struct fixture *f, const char *word)
{
    size_t i, count = 0;
    json_t *message, *body = expect(f, R_OK, "push.due", &f->system, NULL);
    json_array_foreach(json_object_get(body, "messages"), i, message) count +=
        strcmp(json_string_value(json_object_get(message, "word")), word) == 0;
    json_decref(body);
    return count;
}

/* Four fifths came by transfer: the goods wait two hours from then, once; then all of it is to be given back.
 */
static void a_part_makes_it_longer_once_and_is_given_back(void **state)
{
    struct fixture *f = *state;
    take_transfers(f);
    int64_t before = available(f, 0);
    json_t *body = placed(f), *whole = placed(f);
    const char *code = code_of(body);
    int64_t total = number(json_object_get(body, "order"), "total");
    wake_phone(f, code);
    assert_int_equal(messages(f, "short"), 0);
    clock_shift_ms(9 * MINUTE_MS);
    tell_of(f, 1, code, total - 2000);
    tell_of(f, 2, code_of(whole), total - 2000);
    int64_t end = end_of(f, code);
    assert_true(end >= number(json_object_get(body, "order"), "placed_at") + (9 + 120) * MINUTE_MS);
    assert_int_equal(due_of(f, code, "due"), 2000);
    assert_int_equal(messages(f, "short"), 1);
    assert_int_equal(look(f, "SELECT amount FROM pay_task WHERE kind = 'under' AND closed_at IS NULL"), 2000);
    clock_shift_ms(119 * MINUTE_MS);
    tell_of(f, 3, code, 1000); /* a second part changes nothing about the end */
    assert_int_equal(end_of(f, code), end);
    tell_of(f, 4, code_of(whole), 2000); /* all of it: it has no end any more */
    assert_int_equal(end_of(f, code_of(whole)), 0);
    expect_only(f, R_OK, "hold.expire", &f->system, NULL);
    assert_true(is(f, code, "placed"));
    clock_shift_ms(2 * MINUTE_MS);
    wait_until_cancelled(f, code);
    assert_int_equal(available(f, 0), before - 1000);
    assert_int_equal(due_of(f, code, "due"), 0);
    assert_int_equal(due_of(f, code, "returned"), total - 1000);
    assert_int_equal(look(f, "SELECT amount FROM pay_task WHERE kind = 'refund-due' AND closed_at IS NULL"),
                     total - 1000);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM pay_task WHERE kind = 'under' AND closed_at IS NULL"), 0);
    assert_true(is(f, code_of(whole), "placed"));
    assert_true(books_fit(f));
    clock_shift_ms(-130 * MINUTE_MS);
    json_decref(body);
    json_decref(whole);
}

static void a_restart_forgets_no_deadline(void **state)
{
    struct fixture *f = *state;
    take_transfers(f);
    int64_t before = available(f, 0);
    json_t *body = placed(f);
    fixture_reopen(f);
    clock_shift_ms(11 * MINUTE_MS);
    wait_until_cancelled(f, code_of(body));
    assert_int_equal(available(f, 0), before);
    assert_true(books_fit(f));
    json_decref(body);
}

static void who_pays_in_cash_waits_without_an_end(void **state)
{
    struct fixture *f = *state;
    json_t *body = placed(f);
    assert_true(json_is_null(json_object_get(json_object_get(body, "order"), "expires_at")));
    json_decref(body);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM hold"), 0);
    take_transfers(f);
    json_t *params = keyed("slug", "khe-nhinh");
    json_object_set_new(params, "hold_minutes", json_integer(0));
    expect_only(f, R_OK, "stall.change", &f->farmer, params);
    body = placed(f);
    assert_true(json_is_null(json_object_get(json_object_get(body, "order"), "expires_at")));
    json_decref(body);
    params = keyed("slug", "khe-nhinh");
    json_object_set_new(params, "hold_minutes", json_integer(30));
    json_t *changed = expect(f, R_OK, "stall.change", &f->farmer, params);
    assert_int_equal(number(json_object_get(changed, "stall"), "hold_minutes"), 30);
    json_decref(changed);
    body = placed(f);
    json_t *order = json_object_get(body, "order");
    assert_int_equal(number(order, "expires_at"), number(order, "placed_at") + 30 * MINUTE_MS);
    json_decref(body);
    params = keyed("slug", "khe-nhinh");
    json_object_set_new(params, "hold_minutes", json_integer(1441));
    expect_only(f, R_BAD_FIELD, "stall.change", &f->farmer, params);
}

static void many_run_out_together(void **state)
{
    struct fixture *f = *state;
    take_transfers(f);
    int64_t before = available(f, 3);
    for (int i = 0; i < 150; i++)
        expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 3, 100));
    assert_int_equal(available(f, 3), before - 15000);
    clock_shift_ms(11 * MINUTE_MS);
    for (int i = 0; i < 600 && available(f, 3) != before; i++)
        g_usleep(50000);
    assert_int_equal(available(f, 3), before);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM stock WHERE kind = 'release'"), 150);
    assert_true(books_fit(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_timer_gives_the_goods_back_once),
        TEST(money_a_yes_or_a_no_ends_the_hold),
        TEST(a_part_makes_it_longer_once_and_is_given_back),
        TEST(a_late_transfer_and_the_timer_have_one_winner),
        TEST(a_restart_forgets_no_deadline),
        TEST(who_pays_in_cash_waits_without_an_end),
        TEST(many_run_out_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
