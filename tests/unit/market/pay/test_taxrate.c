/* Tax rates are settings of a day to come; what was settled before stays as it was. */
#include "tests/unit/market/pay/pay_bank.h"

#include "market/trade/taxrate.h"
#include "market/trade/vntime.h"

#define DAY INT64_C(86400000)

static enum result set_rates(struct pay_store *s, const char *day, int64_t goods, int64_t transport)
{
    struct taxrate rate = {.rates = tax_rates_2025};
    rate.rates.of[TAX_GOODS].vat = rate.rates.of[TAX_GOODS].income = goods;
    rate.rates.of[TAX_TRANSPORT].vat = rate.rates.of[TAX_TRANSPORT].income = transport;
    assert_true(vntime_read(day, &rate.starts_at));
    return COMMAND(s, taxrate_add(&s->trade, &rate));
}

static int64_t sell(struct pay_store *s, const char *body, int64_t total)
{
    g_autofree char *code = code_of(body);
    int64_t order = add_order(s, code, BUYER, total, "confirmed");
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    return order;
}

static json_t *settlement(struct pay_store *s, int64_t from_ms, int64_t to_ms)
{
    json_t *statement = NULL;
    assert_int_equal(settle_statement(&s->trade, FARMER, from_ms, to_ms, &statement), R_OK);
    return statement;
}

struct want {
    int64_t amount, vat, income;
};

static void assert_tax(json_t *statement, const struct want *want, size_t count)
{
    json_t *tax = json_object_get(statement, "tax");
    assert_int_equal(json_array_size(tax), count);
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(tax, i);
        assert_string_equal(json_string_value(json_object_get(row, "kind")), "goods");
        assert_int_equal(json_integer_value(json_object_get(row, "amount")), want[i].amount);
        assert_int_equal(json_integer_value(json_object_get(row, "vat")), want[i].vat);
        assert_int_equal(json_integer_value(json_object_get(row, "income")), want[i].income);
    }
}

static void rates_count_from_their_day_and_change_nothing_before(void **state)
{
    struct pay_store *s = *state; /* 2 May 2024, 04:46 in Vietnam */
    int64_t begin = s->trade.now_ms;
    int64_t old = sell(s, "7K2M9QD", 100000);
    s->trade.now_ms = begin + 1;
    json_t *before = settlement(s, 0, s->trade.now_ms);
    assert_tax(before, (struct want[]){{100000, 1000, 500}}, 1);
    assert_int_equal(set_rates(s, "2024-05-04", 300, 400), R_OK);
    s->trade.now_ms = begin + DAY; /* set, but not begun */
    sell(s, "AAAAAAA", 10000);
    json_t *meanwhile = settlement(s, 0, INT64_MAX);
    assert_tax(meanwhile, (struct want[]){{110000, 1100, 550}}, 1);
    s->trade.now_ms = begin + 3 * DAY;
    int64_t new = sell(s, "BBBBBBB", 50000);
    json_t *both = settlement(s, 0, INT64_MAX), *again = settlement(s, 0, begin + 1);
    assert_tax(both, (struct want[]){{110000, 1100, 550}, {50000, 1500, 1500}}, 2);
    for (const char *const *name = (const char *const[]){"tax", "rows", "earned", "closing", NULL}; *name;
         name++)
        assert_true(json_equal(json_object_get(before, *name), json_object_get(again, *name))); /* closed */
    /* What is taken back later offsets at the rates it was taxed at. */
    int64_t cancelled = begin + 4 * DAY;
    s->trade.now_ms = cancelled;
    for (int i = 0; i < 2; i++) {
        must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1",
                       ARG_INT(i ? new : old)));
        assert_int_equal(COMMAND(s, books_cancelled(&s->trade, i ? new : old)), R_OK);
    }
    json_t *offset = settlement(s, cancelled, INT64_MAX), *all = settlement(s, 0, INT64_MAX);
    assert_tax(offset, (struct want[]){{-100000, -1000, -500}, {-50000, -1500, -1500}}, 2);
    assert_tax(all, (struct want[]){{10000, 100, 50}}, 1);
    assert_sound(s);
    json_decref(before);
    json_decref(meanwhile);
    json_decref(both);
    json_decref(again);
    json_decref(offset);
    json_decref(all);
}

static void a_day_that_has_begun_keeps_its_rates(void **state)
{
    struct pay_store *s = *state;
    json_t *rates = NULL;
    static const char *const states[] = {"past", "replaced", "now", "next"};
    assert_int_equal(set_rates(s, "2024-05-01", 1, 1), R_BAD_FIELD);
    assert_int_equal(set_rates(s, "2024-05-02", 1, 1), R_BAD_FIELD); /* it is that day already */
    assert_int_equal(set_rates(s, "2024-05-03", 1, 1), R_OK);
    assert_int_equal(set_rates(s, "2024-05-03", 2, 2), R_OK); /* a slip, put right in time */
    s->trade.now_ms += DAY;
    assert_int_equal(set_rates(s, "2024-05-03", 3, 3), R_BAD_FIELD);
    assert_int_equal(set_rates(s, "2024-06-01", 4, 4), R_OK);
    assert_int_equal(taxrate_list(&s->trade, &rates), R_OK);
    assert_int_equal(json_array_size(rates), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(rates, i), "state")), states[i]);
    assert_true(json_is_null(json_object_get(json_array_get(rates, 0), "from")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(rates, 2), "from")), "2024-05-03");
    json_decref(rates);
    assert_true(store_mark(s->trade.store));
    assert_int_not_equal(store_run(s->trade.store, "UPDATE tax_rate SET goods_vat = $1", ARG_INT(9)),
                         STEP_DONE);
    assert_true(store_undo(s->trade.store));
    for (int count = 4; count <= TAXRATES_MAX; count++)
        assert_int_equal(set_rates(s, "2024-06-02", 5, 5), R_OK);
    assert_int_equal(set_rates(s, "2024-06-02", 5, 5), R_WRONG_MOMENT);
}

/* Services are settings like the others: kept as set, and what an unknown kind is counted at when they are
 * highest. */
static void services_have_rates_of_their_own(void **state)
{
    struct pay_store *s = *state;
    struct taxrate rate = {.rates = tax_rates_2025}, all[TAXRATES_MAX + 1];
    rate.rates.of[TAX_SERVICES].vat = 625;
    rate.rates.of[TAX_SERVICES].income = 5000;
    assert_true(vntime_read("2024-05-04", &rate.starts_at));
    assert_int_equal(COMMAND(s, taxrate_add(&s->trade, &rate)), R_OK);
    assert_int_equal(taxrate_load(&s->trade, all), 2);
    assert_int_equal(all[0].rates.of[TAX_SERVICES].vat, 500); /* the law's */
    assert_int_equal(all[1].rates.of[TAX_SERVICES].vat, 625);
    assert_int_equal(all[1].rates.of[TAX_SERVICES].income, 5000);
    struct tax taxes[TAX_KINDS];
    struct tax_line line = {.kind = TAX_UNKNOWN};
    assert_true(money_make(&line.amount, 10000));
    assert_true(tax_of(&all[1].rates, &line, 1, taxes));
    assert_int_equal(money_dong(taxes[TAX_UNKNOWN].vat), 625);
    assert_int_equal(money_dong(taxes[TAX_UNKNOWN].income), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rates_count_from_their_day_and_change_nothing_before, bank_setup,
                                        bank_teardown),
        cmocka_unit_test_setup_teardown(a_day_that_has_begun_keeps_its_rates, bank_setup, bank_teardown),
        cmocka_unit_test_setup_teardown(services_have_rates_of_their_own, bank_setup, bank_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
