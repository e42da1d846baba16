/* What a buyer has good: spent once, never more than there is or is due, and as much less waits to be given
 * back. */
#include "tests/unit/market/pay/pay_bank.h"

static struct pay_order order_of(struct pay_store *s, int64_t id)
{
    struct pay_order order;
    assert_int_equal(books_order(&s->trade, id, &order), R_OK);
    return order;
}

/* An order of 50,000 đ that its buyer paid `more` too much for. */
static int64_t overpaid(struct pay_store *s, const char *body, int64_t more)
{
    struct receipt receipt;
    g_autofree char *code = code_of(body);
    int64_t id = add_order(s, code, BUYER, 50000, "placed");
    struct pay_order order = order_of(s, id);
    assert_int_equal(COMMAND(s, cash_collect(&s->trade, code, &order, dong(50000 + more), &receipt)), R_OK);
    return id;
}

static int64_t waits(struct pay_store *s, int64_t order)
{
    return store_int(s->trade.store,
                     "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM pay_task"
                     " WHERE order_id = $1 AND closed_at IS NULL AND kind IN ('over', 'late',"
                     " 'refund-due')",
                     order, -1);
}

static enum result use(struct pay_store *s, int64_t id, int64_t amount)
{
    struct pay_order order = order_of(s, id);
    return COMMAND(s, credit_use(&s->trade, &order, amount));
}

static void it_pays_up_to_what_is_due_and_good(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("5AVVQ21"), *other = code_of("5AVVQ22"), *third = code_of("5AVVQ23");
    int64_t first = overpaid(s, "7K2M9QD", 30000);
    int64_t small = add_order(s, code, BUYER, 8000, "placed");
    int64_t large = add_order(s, other, BUYER, 90000, "placed");
    int64_t foreign = add_order(s, third, OTHER_BUYER, 8000, "placed");
    assert_int_equal(use(s, small, 8001), R_WRONG_MOMENT);
    assert_int_equal(use(s, large, 30001), R_WRONG_MOMENT);
    assert_int_equal(use(s, foreign, 0), R_WRONG_MOMENT); /* another's is not good for it */
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -30000);
    assert_int_equal(use(s, small, 0), R_OK);
    assert_string_equal(state_of(s, small), "paid");
    assert_int_equal(use(s, small, 0), R_WRONG_MOMENT);
    assert_int_equal(waits(s, first), 22000);
    assert_int_equal(use(s, large, 2000), R_OK);
    assert_int_equal(use(s, large, 0), R_OK);
    assert_string_equal(state_of(s, large), "part");
    assert_int_equal(balance(s, ACCOUNT_ORDER, large), -22000);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), 0);
    assert_int_equal(waits(s, first), 0);
    assert_int_equal(use(s, large, 0), R_WRONG_MOMENT);
    assert_sound(s);
}

static void an_order_that_is_off_gives_it_back(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("5AVVQ21");
    int64_t first = overpaid(s, "7K2M9QD", 30000), id = add_order(s, code, BUYER, 20000, "placed");
    struct money in;
    assert_int_equal(use(s, id, 0), R_OK);
    assert_int_equal(credit_in(&s->trade, id, &in), R_OK);
    assert_int_equal(money_dong(in), 20000);
    must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(id)));
    assert_int_equal(COMMAND(s, books_cancelled(&s->trade, id)), R_OK);
    assert_int_equal(credit_in(&s->trade, id, &in), R_OK);
    assert_int_equal(money_dong(in), 0);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -30000);
    assert_int_equal(waits(s, first), 10000);
    assert_int_equal(waits(s, id), 20000);
    assert_int_equal(use(s, id, 0), R_WRONG_MOMENT);
    assert_sound(s);
}

static void what_moves_pays_what_is_due_and_the_rest_waits(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("5AVVQ21");
    overpaid(s, "7K2M9QD", 30000);
    int64_t into = add_order(s, code, BUYER, 12000, "placed");
    assert_int_equal(COMMAND(s, paytask_clear(&s->trade, 1, TASK_OVER)),
                     R_OK); /* it was in the orders that went */
    assert_int_equal(COMMAND(s, credit_move(&s->trade, into, dong(15000))), R_OK);
    assert_string_equal(state_of(s, into), "paid");
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -18000);
    assert_int_equal(waits(s, into), 3000);
    assert_sound(s);
}

/* Whoever waited longest is dealt with first: the newest shrink. */
static void the_newest_that_waits_shrinks(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("5AVVQ21");
    int64_t old = overpaid(s, "7K2M9QD", 10000), young = overpaid(s, "7K2M9QF", 10000);
    int64_t id = add_order(s, code, BUYER, 14000, "placed");
    assert_int_equal(use(s, id, 4000), R_OK);
    assert_int_equal(waits(s, old), 10000);
    assert_int_equal(waits(s, young), 6000);
    assert_int_equal(use(s, id, 0), R_OK);
    assert_int_equal(waits(s, old), 6000);
    assert_int_equal(waits(s, young), 0);
    assert_int_equal(COMMAND(s, credit_tasks(&s->trade, BUYER, "credit")), R_OK); /* nothing is too much */
    assert_int_equal(waits(s, old), 6000);
    assert_sound(s);
}

static void only_its_buyer_and_the_office_are_told(void **state)
{
    struct pay_store *s = *state;
    struct pay_order order = order_of(s, overpaid(s, "7K2M9QD", 30000));
    static const struct {
        int64_t person, roles;
        bool told;
    } askers[] = {{CADRE, ROLE_CADRE, true},
                  {BUYER, ROLE_BUYER, true},
                  {FARMER, ROLE_FARMER, false},
                  {OTHER_BUYER, ROLE_BUYER, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++) {
        s->trade.who.person = askers[i].person;
        s->trade.who.roles = (unsigned)askers[i].roles;
        json_t *said = credit_json(&s->trade, &order);
        assert_int_equal(json_is_object(said), askers[i].told);
        if (askers[i].told) {
            assert_int_equal(json_integer_value(json_object_get(said, "have")), 30000);
            assert_int_equal(json_integer_value(json_object_get(said, "use")), 0);
        }
        json_decref(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_pays_up_to_what_is_due_and_good),
        T(an_order_that_is_off_gives_it_back),
        T(what_moves_pays_what_is_due_and_the_rest_waits),
        T(the_newest_that_waits_shrinks),
        T(only_its_buyer_and_the_office_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
