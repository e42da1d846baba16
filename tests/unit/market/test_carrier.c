/* Delivery companies: their lists read, matched to what was handed to them, paid on, and what does not fit
 * shown. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/trade/remit.h"

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* --- reading --- */

static enum remit_reason read_text(const char *csv, GArray **lines, size_t *bad_row)
{
    struct sheet *sheet = NULL;
    assert_int_equal(sheet_read(csv, strlen(csv), &sheet), SHEET_OK);
    enum remit_reason reason = remit_read(sheet, lines, bad_row);
    sheet_free(sheet);
    return reason;
}

static void a_list_is_found_by_its_titles(void **state)
{
    (void)state;
    GArray *lines = NULL;
    size_t bad;
    const char *csv = "Công ty giao hàng,,,\n\nSTT,Mã vận đơn,Ngày giao,Tiền thu hộ (VND),Tổng phí\n"
                      "1,ghn-0012 a,02/05/2024,\"120,000\",\"-15,500\"\n2,GHN0013B,03/05/2024,0,\"5,500\"\n"
                      ",Tổng cộng,,\"120,000\",\"21,000\"\n";
    assert_int_equal(read_text(csv, &lines, &bad), REMIT_OK);
    assert_int_equal(lines->len, 2);
    const struct remit_line *line = &g_array_index(lines, struct remit_line, 0);
    assert_string_equal(line->tracking, "GHN0012A");
    assert_int_equal(money_dong(line->cod), 120000);
    assert_int_equal(money_dong(line->fee), 15500);
    assert_true(line->day_ms > 0);
    assert_int_equal(money_dong(g_array_index(lines, struct remit_line, 1).cod), 0);
    g_array_unref(lines);
}

static void what_is_odd_in_a_list_is_named_with_its_row(void **state)
{
    (void)state;
    static const struct {
        const char *csv;
        enum remit_reason reason;
        size_t row;
    } cases[] = {
        {"a,b\n1,2\n", REMIT_NO_HEADER, 0},
        {"tracking,cod\n", REMIT_NO_ROWS, 0},
        {"tracking,cod\nAB12,1000\nCD34,\n", REMIT_BAD_ROW, 3},
        {"tracking,cod\nAB12,-1000\n", REMIT_BAD_ROW, 2},
        {"tracking,cod\nAB12,1000.5\n", REMIT_BAD_ROW, 2},
        {"tracking,cod\nA1,1000\n", REMIT_BAD_ROW, 2},
        {"tracking,cod\nAB12,1000\nab-12,1000\n", REMIT_TWICE, 3},
        {"tracking;cod;date\nAB12;1000;32/01/2024\n", REMIT_BAD_ROW, 2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GArray *lines = NULL;
        size_t bad;
        assert_int_equal(read_text(cases[i].csv, &lines, &bad), cases[i].reason);
        assert_int_equal(bad, cases[i].row);
        assert_null(lines);
    }
    g_autoptr(GString) big = g_string_new("tracking,cod\n");
    for (int i = 0; i <= REMIT_ROWS; i++)
        g_string_append_printf(big, "AB%06d,1000\n", i);
    GArray *lines = NULL;
    size_t bad;
    assert_int_equal(read_text(big->str, &lines, &bad), REMIT_TOO_MANY);
}

/* --- a real desk --- */

static char *confirmed(struct fixture *f, int64_t quantity)
{
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, quantity));
    char *code = g_strdup(text(json_object_get(body, "order"), "code"));
    json_decref(body);
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

static int64_t make_carrier(struct fixture *f, const char *name)
{
    json_t *body =
        expect(f, R_OK, "carrier.set", &f->cadre, json_pack("{s:s,s:s}", "key", fresh_key(), "name", name));
    int64_t id = number(json_array_get(json_object_get(body, "carriers"), 0), "id");
    json_decref(body);
    return id;
}

static json_t *handing(int64_t carrier, const char *code, const char *tracking)
{
    return json_pack("{s:s,s:I,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)carrier, "order", code,
                     "tracking", tracking);
}

static json_t *listing(int64_t carrier, const char *csv)
{
    g_autofree char *file = g_base64_encode((const guchar *)csv, strlen(csv));
    return json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)carrier, "file", file);
}

static void expect_counts(struct fixture *f, int64_t carrier, const char *csv, int64_t booked, int64_t known,
                          int64_t changed, int64_t unknown)
{
    json_t *body = expect(f, R_OK, "carrier.remit", &f->cadre, listing(carrier, csv));
    const json_t *counts = json_object_get(body, "counts");
    assert_int_equal(number(counts, "booked"), booked);
    assert_int_equal(number(counts, "known"), known);
    assert_int_equal(number(counts, "changed"), changed);
    assert_int_equal(number(counts, "unknown"), unknown);
    json_decref(body);
}

static json_t *report(struct fixture *f, int64_t carrier)
{
    json_t *body =
        expect(f, R_OK, "carrier.report", &f->cadre, json_pack("{s:I}", "id", (json_int_t)carrier));
    json_t *out = json_incref(json_object_get(body, "report"));
    json_decref(body);
    return out;
}

static int64_t owed(struct fixture *f)
{
    return look(f, "SELECT COALESCE(SUM(balance), 0) FROM account WHERE kind = 'carrier'");
}

static void a_list_pays_the_orders_that_were_handed_over(void **state)
{
    struct fixture *f = *state;
    int64_t carrier = make_carrier(f, "Giao Nhanh");
    g_autofree char *one = confirmed(f, 2000), *two = confirmed(f, 1000), *three = confirmed(f, 3000);
    int64_t total = due(f, one), less = due(f, two) - 1000;
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, one, "gn-0001"));
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, two, "GN0002"));
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, three, "GN0003"));
    g_autofree char *csv = g_strdup_printf("tracking,cod,fee\nGN-0001,%" G_GINT64_FORMAT
                                           ",3000\ngn0002,%" G_GINT64_FORMAT ",3000\nGN9999,7000,0\n",
                                           total, less);
    expect_counts(f, carrier, csv, 2, 0, 0, 1);
    assert_int_equal(due(f, one), 0);
    assert_int_equal(due(f, two), 1000);
    assert_int_equal(owed(f), total + less - 6000);
    /* told again, and told otherwise: nothing more */
    expect_counts(f, carrier, csv, 0, 2, 0, 1);
    expect_counts(f, carrier, "tracking,cod,fee\nGN0001,1000,3000\n", 0, 0, 1, 0);
    assert_int_equal(owed(f), total + less - 6000);
    json_t *seen = report(f, carrier);
    const json_t *day = json_array_get(json_object_get(seen, "days"), 0);
    assert_int_equal(number(day, "expected"), total + less + 1000 + due(f, three));
    assert_int_equal(number(day, "collected"), total + less);
    assert_int_equal(number(day, "fees"), 6000);
    assert_int_equal(number(day, "remitted"), 0);
    const char *what[] = {"less", "waiting", "unknown"};
    json_t *differences = json_object_get(seen, "differences");
    assert_int_equal(json_array_size(differences), 3);
    for (size_t w = 0; w < 3; w++) {
        bool found = false;
        for (size_t i = 0; i < 3; i++)
            found |= strcmp(text(json_array_get(differences, i), "what"), what[w]) == 0;
        assert_true(found);
    }
    json_decref(seen);
    assert_true(books_fit(f));
}

static void a_line_waits_for_the_order_it_is_for(void **state)
{
    struct fixture *f = *state;
    int64_t carrier = make_carrier(f, "Giao Nhanh");
    g_autofree char *code = confirmed(f, 2000);
    int64_t total = due(f, code);
    g_autofree char *csv = g_strdup_printf("tracking,cod\nGN0001,%" G_GINT64_FORMAT "\n", total);
    expect_counts(f, carrier, csv, 0, 0, 0, 1);
    assert_int_equal(owed(f), 0);
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, code, "GN0001"));
    assert_int_equal(due(f, code), 0);
    assert_int_equal(owed(f), total);
    expect_counts(f, carrier, csv, 0, 1, 0, 0);
    assert_true(books_fit(f));
}

/* The payout comes as one transfer: with the fees and what was put away by name, nothing is left. */
static void the_payout_clears_what_the_carrier_owes(void **state)
{
    struct fixture *f = *state;
    int64_t carrier = make_carrier(f, "Giao Nhanh");
    g_autofree char *code = confirmed(f, 2000);
    int64_t total = due(f, code);
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, code, "GN0001"));
    g_autofree char *csv = g_strdup_printf("tracking,cod,fee\nGN0001,%" G_GINT64_FORMAT ",3000\n", total);
    expect_counts(f, carrier, csv, 1, 0, 0, 0);
    expect_only(f, R_CREATED, "bank.add", &f->cadre,
                json_pack("{s:s,s:s,s:s,s:s}", "key", fresh_key(), "bin", "970405", "number", "3600205123456",
                          "holder", "HTX"));
    g_autofree char *bank =
        g_strdup_printf("date,credit,description\n02/05/2024,%" G_GINT64_FORMAT ",Giao Nhanh doi soat\n",
                        total - 3000 - 5500);
    expect_only(f, R_OK, "statement.import", &f->cadre, listing(1, bank));
    int64_t task = look(f, "SELECT id FROM pay_task WHERE kind = 'unmatched'");
    expect_only(f, R_UNKNOWN, "payment.decide", &f->cadre,
                json_pack("{s:s,s:I,s:s,s:i}", "key", fresh_key(), "id", (json_int_t)task, "outcome",
                          "carrier", "carrier", 99));
    expect_only(f, R_OK, "payment.decide", &f->cadre,
                json_pack("{s:s,s:I,s:s,s:I}", "key", fresh_key(), "id", (json_int_t)task, "outcome",
                          "carrier", "carrier", (json_int_t)carrier));
    assert_int_equal(owed(f), 5500);
    json_t *left = json_pack("{s:s,s:I,s:i,s:s}", "key", fresh_key(), "id", (json_int_t)carrier, "amount",
                             5500, "reason", "phí chuyển tiền");
    expect_only(f, R_FORBIDDEN, "carrier.difference", &f->cadre, json_deep_copy(left));
    json_object_set_new(left, "key", json_string(fresh_key()));
    expect_only(f, R_OK, "carrier.difference", &f->admin, left);
    assert_int_equal(owed(f), 0);
    assert_int_equal(look(f, "SELECT balance FROM account WHERE kind = 'writeoff'"), 5500);
    json_t *seen = report(f, carrier);
    int64_t remitted = 0, put_away = 0;
    size_t i;
    json_t *day;
    json_array_foreach(json_object_get(seen, "days"), i, day)
    {
        remitted += number(day, "remitted");
        put_away += number(day, "put_away");
    }
    assert_int_equal(remitted, total - 8500);
    assert_int_equal(put_away, 5500);
    assert_int_equal(json_array_size(json_object_get(seen, "differences")), 0);
    json_decref(seen);
    assert_true(books_fit(f));
}

static void refused(struct fixture *f, const char *reason, const char *name, json_t *params)
{
    json_t *body = expect(f, R_WRONG_MOMENT, name, &f->cadre, params);
    assert_string_equal(text(body, "reason"), reason);
    json_decref(body);
}

static void an_order_goes_one_way_at_a_time(void **state)
{
    struct fixture *f = *state;
    int64_t carrier = make_carrier(f, "Giao Nhanh");
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    refused(f, "not-confirmed", "carrier.hand",
            handing(carrier, text(json_object_get(body, "order"), "code"), "GN0000"));
    json_decref(body);
    g_autofree char *one = confirmed(f, 1000), *two = confirmed(f, 1000);
    expect_only(f, R_BAD_FIELD, "carrier.hand", &f->cadre, handing(carrier, one, "--------"));
    expect_only(f, R_UNKNOWN, "carrier.hand", &f->cadre, handing(99, one, "GN0001"));
    expect_only(f, R_CREATED, "carrier.hand", &f->cadre, handing(carrier, one, "GN0001"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM trip_wait"), 1);
    refused(f, "with-carrier", "carrier.hand", handing(carrier, one, "GN0002"));
    expect_only(f, R_ALREADY, "carrier.hand", &f->cadre, handing(carrier, two, "GN0001"));
    body = expect(f, R_CREATED, "trip.add", &f->courier,
                  json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Chiều"));
    int64_t trip = number(json_object_get(body, "trip"), "id");
    json_decref(body);
    refused(f, "with-carrier", "trip.arrange",
            json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", one));
    expect_only(f, R_OK, "trip.arrange", &f->courier,
                json_pack("{s:s,s:I,s:[s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", two));
    refused(f, "on-a-trip", "carrier.hand", handing(carrier, two, "GN0002"));
    /* it came back: it waits for a trip again */
    json_t *back =
        json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)carrier, "tracking", "gn 0001");
    expect_only(f, R_OK, "carrier.returned", &f->cadre, json_deep_copy(back));
    json_object_set_new(back, "key", json_string(fresh_key()));
    expect_only(f, R_WRONG_MOMENT, "carrier.returned", &f->cadre, back);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM trip_wait"), 1);
    expect_only(
        f, R_OK, "trip.arrange", &f->courier,
        json_pack("{s:s,s:I,s:[s,s]}", "key", fresh_key(), "id", (json_int_t)trip, "orders", two, one));
    assert_true(books_fit(f));
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_found_by_its_titles),
        cmocka_unit_test(what_is_odd_in_a_list_is_named_with_its_row),
        DESK_TEST(a_list_pays_the_orders_that_were_handed_over),
        DESK_TEST(a_line_waits_for_the_order_it_is_for),
        DESK_TEST(the_payout_clears_what_the_carrier_owes),
        DESK_TEST(an_order_goes_one_way_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
