#include "tests/unit/market/pay/pay_bank.h"

static void a_notice_is_booked_once_however_often_it_comes(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *memo = g_strdup_printf("MBVCB.1.2.%s.CT tu A", code);
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    assert_string_equal(state_of(s, order), "expected");
    assert_int_equal(take(s, BANK_SEPAY, "1", 50000, memo, "FT1"), BANK_MATCHED);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take(s, BANK_SEPAY, "1", 50000, memo, "FT1"), BANK_REPEATED);
    assert_string_equal(state_of(s, order), "paid");
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 50000);
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), -50000);
    assert_sound(s);
}

static void the_same_movement_in_two_ways_is_joined(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *wrapped = g_strdup_printf("IBFT %s FT99", code);
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    assert_int_equal(take(s, BANK_SEPAY, "1", 50000, code, "FT1"), BANK_MATCHED);
    assert_int_equal(take(s, BANK_STATEMENT, "a", 50000, wrapped, "5243 - 11"),
                     BANK_JOINED); /* by its words */
    assert_int_equal(take(s, BANK_CASSO, "a", 50000, "no words in common", "ft 1"),
                     BANK_JOINED); /* by the bank's number */
    assert_int_equal(take(s, BANK_STATEMENT, "b", 50000, "somebody else", ""), BANK_UNSURE);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 100000);
    assert_string_equal(state_of(s, order), "paid");
    assert_sound(s);
}

/* Paid twice, the same sum with the same words: the messenger tells of the one, the statement first of the
 * other. */
static void two_movements_with_numbers_of_one_form_are_two(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *first = g_strdup_printf("%s FT24123000017", code),
                    *second = g_strdup_printf("%s FT24123000018", code);
    add_order(s, code, BUYER, 50000, "placed");
    assert_int_equal(take(s, BANK_SEPAY, "1", 50000, first, "FT24123000017"), BANK_MATCHED);
    assert_int_equal(take(s, BANK_STATEMENT, "a", 50000, second, "FT24123000018"), BANK_MATCHED);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 100000);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -50000);
    assert_int_equal(take(s, BANK_STATEMENT, "b", 50000, first, "FT24123000017"), BANK_JOINED);
    assert_int_equal(take(s, BANK_SEPAY, "2", 50000, second, "FT24123000018"), BANK_JOINED);
    assert_int_equal(take(s, BANK_CASSO, "c", 50000, code, "5243 - 11"),
                     BANK_JOINED); /* numbered otherwise */
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 100000);
    assert_sound(s);
}

static void the_banks_number_twice_from_one_source_is_looked_at(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    assert_int_equal(take(s, BANK_SEPAY, "1", 50000, code, "FT1"), BANK_MATCHED);
    assert_int_equal(take(s, BANK_SEPAY, "2", 50000, code, "FT1"), BANK_REVIEW);
    assert_int_equal(take(s, BANK_SEPAY, "3", 50000, code, "FT1"), BANK_REVIEW);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 50000);
    assert_sound(s);
    assert_int_equal(COMMAND(s, bankbook_join(&s->trade, task_of(s, "duplicate"))), R_OK);
    assert_int_equal(COMMAND(s, bankbook_assign(&s->trade, task_of(s, "duplicate"), order)), R_OK);
    assert_int_equal(task_of(s, "duplicate"), 0);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 100000);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -50000); /* it was a second transfer after all */
    assert_sound(s);
}

static void under_and_over_are_put_where_they_belong(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    take(s, BANK_SEPAY, "1", 20000, code, "");
    assert_string_equal(state_of(s, order), "part");
    assert_true(task_of(s, "under") > 0);
    take(s, BANK_SEPAY, "2", 29999, code, "");
    assert_string_equal(state_of(s, order), "part");
    take(s, BANK_SEPAY, "3", 11, code, "");
    assert_string_equal(state_of(s, order), "paid");
    assert_int_equal(task_of(s, "under"), 0);
    assert_true(task_of(s, "over") > 0);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -10);
    assert_sound(s);
}

static void money_for_a_cancelled_order_is_the_buyers(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "confirmed");
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    take(s, BANK_SEPAY, "1", 20000, code, "");
    must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(order)));
    assert_int_equal(COMMAND(s, books_cancelled(&s->trade, order)), R_OK);
    assert_string_equal(state_of(s, order), "returned");
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), 0);
    assert_int_equal(balance(s, ACCOUNT_FARMER, FARMER), 0);
    assert_true(task_of(s, "refund-due") > 0);
    take(s, BANK_SEPAY, "2", 50000, code, "");
    assert_true(task_of(s, "late") > 0);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -70000);
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), 0);
    assert_sound(s);
}

static void the_charge_follows_the_scale(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "confirmed"), starts;
    assert_int_equal(COMMAND(s, payee_set(&s->trade, STALL, COOP, 1000, &starts)), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    take(s, BANK_SEPAY, "1", 50000, code, "");
    must(store_run(s->trade.store, "UPDATE orders SET total = 45001 WHERE id = $1", ARG_INT(order)));
    for (int again = 0; again < 2; again++)
        assert_int_equal(COMMAND(s, books_changed(&s->trade, order)), R_OK);
    assert_string_equal(state_of(s, order), "paid");
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -4999);
    assert_int_equal(balance(s, ACCOUNT_FARMER, FARMER) + balance(s, ACCOUNT_FEES, 0), -45001);
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), 0);
    must(store_run(s->trade.store, "UPDATE orders SET total = 60000 WHERE id = $1", ARG_INT(order)));
    assert_int_equal(COMMAND(s, books_changed(&s->trade, order)), R_OK);
    assert_string_equal(state_of(s, order), "part");
    assert_true(task_of(s, "under") > 0);
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), 14999);
    must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(order)));
    assert_int_equal(COMMAND(s, books_cancelled(&s->trade, order)), R_OK);
    assert_int_equal(balance(s, ACCOUNT_FARMER, FARMER), 0);
    assert_int_equal(balance(s, ACCOUNT_FEES, 0), 0);
    assert_int_equal(balance(s, ACCOUNT_ORDER, order), 0);
    assert_int_equal(balance(s, ACCOUNT_CREDIT, BUYER), -50000);
    assert_int_equal(task_of(s, "under"), 0);
    assert_sound(s);
}

static void unknown_money_waits_for_a_person(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *slip = g_strdup(code), *both = NULL,
                    *other = code_of("AAAAAAA");
    slip[5] = slip[5] == '4' ? '5' : '4';
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    add_order(s, other, OTHER_BUYER, 1000, "placed");
    assert_int_equal(take(s, BANK_SEPAY, "1", 50000, slip, ""), BANK_UNSURE);
    assert_int_equal(balance(s, ACCOUNT_SUSPENSE, 0), -50000);
    json_t *list = NULL;
    assert_int_equal(paytask_list(&s->trade, "unmatched", 0, 10, &list), R_OK);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "near")), code);
    json_decref(list);
    int64_t task = task_of(s, "unmatched");
    assert_int_equal(COMMAND(s, bankbook_assign(&s->trade, task, order)), R_OK);
    assert_int_equal(COMMAND(s, bankbook_assign(&s->trade, task, order)), R_WRONG_MOMENT);
    assert_int_equal(COMMAND(s, bankbook_assign(&s->trade, 999, order)), R_UNKNOWN);
    assert_int_equal(balance(s, ACCOUNT_SUSPENSE, 0), 0);
    assert_string_equal(state_of(s, order), "paid");
    both = g_strdup_printf("%s %s", code, other);
    assert_int_equal(take(s, BANK_SEPAY, "2", 50000, both, ""), BANK_UNSURE);
    assert_sound(s);
}

static void foreign_accounts_are_left_alone(void **state)
{
    struct pay_store *s = *state;
    enum bank_verdict verdict;
    struct bank_event *e = event_of(BANK_SEPAY, "1", 5, "x", "");
    bank_event_set(&e->account, "999999");
    assert_int_equal(COMMAND(s, bankbook_take(&s->trade, 0, e, &verdict)), R_OK);
    assert_int_equal(verdict, BANK_FOREIGN);
    bank_event_free(e);
    assert_sound(s);
}

static void refunds_need_two_people(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order_id = add_order(s, code, BUYER, 50000, "placed"), id = 0;
    struct pay_order order;
    take(s, BANK_SEPAY, "1", 80000, code, "");
    assert_int_equal(books_order(&s->trade, order_id, &order), R_OK);
    assert_int_equal(COMMAND(s, refund_grant(&s->trade, &order, dong(30001), "paid too much", &id)),
                     R_WRONG_MOMENT);
    assert_int_equal(COMMAND(s, refund_grant(&s->trade, &order, dong(30000), "paid too much", &id)), R_OK);
    assert_int_equal(task_of(s, "over"), 0);
    assert_int_equal(COMMAND(s, refund_pay(&s->trade, id, false, "FT5")), R_FORBIDDEN);
    s->trade.who.person = ADMIN;
    assert_int_equal(COMMAND(s, refund_pay(&s->trade, id, false, "FT5")), R_OK);
    assert_int_equal(COMMAND(s, refund_pay(&s->trade, id, false, "FT5")), R_WRONG_MOMENT);
    assert_int_equal(balance(s, ACCOUNT_SUSPENSE, 0), -30000);
    assert_int_equal(take(s, BANK_SEPAY, "2", -30000, "hoan tien", "FT5"),
                     BANK_OUTGOING); /* the bank shows it */
    assert_int_equal(balance(s, ACCOUNT_SUSPENSE, 0), 0);
    assert_int_equal(balance(s, ACCOUNT_REFUND, id), 0);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 50000);
    json_t *json = refund_json(&s->trade, id);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "paid");
    json_decref(json);
    assert_sound(s);
}

/* What leaves the account is never money in, whatever its words say, and is known by the number somebody
 * wrote down. */
static void what_leaves_the_account_is_matched_and_never_money_in(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *other = code_of("8H3N0RE");
    int64_t order_id = add_order(s, code, BUYER, 50000, "confirmed"), id = 0, payout = 0;
    int64_t unpaid = add_order(s, other, BUYER, 30000, "confirmed");
    struct pay_order order;
    assert_int_equal(books_order(&s->trade, order_id, &order), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order_id)), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, unpaid)), R_OK);
    take(s, BANK_SEPAY, "1", 80000, code, "");
    /* an order's code and just what is due, but going out: the order stays unpaid */
    assert_int_equal(take(s, BANK_SEPAY, "2", -30000, other, "FT0"), BANK_OUTGOING);
    assert_string_equal(state_of(s, unpaid), "expected");
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 50000);
    int64_t stray = task_of(s, "out");
    assert_int_not_equal(stray, 0);
    assert_int_equal(COMMAND(s, paytask_close(&s->trade, stray, "seen", "phí")), R_OK);
    /* marked first, shown then: by the number inside the bank's words */
    assert_int_equal(COMMAND(s, refund_grant(&s->trade, &order, dong(20000), "paid too much", &id)), R_OK);
    s->trade.who.person = ADMIN;
    assert_int_equal(COMMAND(s, refund_pay(&s->trade, id, false, "ft-24123 001")), R_OK);
    assert_int_equal(take(s, BANK_SEPAY, "3", -20000, "CT tu 113366668888 FT24123001 hoan tien", ""),
                     BANK_OUTGOING);
    assert_int_equal(task_of(s, "out"), 0);
    json_t *json = refund_json(&s->trade, id);
    assert_int_equal(json_integer_value(json_object_get(json, "bank_at")), INT64_C(1714600000000));
    json_decref(json);
    /* the same once more is another movement: a person decides */
    assert_int_equal(take(s, BANK_SEPAY, "4", -20000, "FT24123001", "FT-Z"), BANK_OUTGOING);
    assert_int_not_equal(task_of(s, "out"), 0);
    assert_int_equal(COMMAND(s, paytask_close(&s->trade, task_of(s, "out"), "seen", "lần hai")), R_OK);
    /* shown first, marked then: another amount or another number is not it */
    assert_int_equal(take(s, BANK_SEPAY, "5", -40000, "tra ba con", "FT77001"), BANK_OUTGOING);
    assert_int_not_equal(task_of(s, "out"), 0);
    assert_int_equal(COMMAND(s, settle_pay(&s->trade, FARMER, dong(1000),
                                           &(struct payout_way){false, COOP, 0, "FT77001"}, &payout)),
                     R_OK);
    assert_int_equal(COMMAND(s, settle_pay(&s->trade, FARMER, dong(4000),
                                           &(struct payout_way){false, COOP, 0, "FT77009"}, &payout)),
                     R_OK);
    assert_int_not_equal(task_of(s, "out"), 0);
    assert_int_equal(COMMAND(s, settle_pay(&s->trade, FARMER, dong(40000),
                                           &(struct payout_way){false, COOP, 0, "FT77001"}, &payout)),
                     R_OK);
    assert_int_equal(task_of(s, "out"), 0);
    assert_int_equal(store_int(s->trade.store, "SELECT COUNT(*) FROM bank_paid WHERE payout = $1", payout, 0),
                     1);
    assert_sound(s);
}

/* Of a refund its order's code says as much; two that could be it are nobody's guess. */
static void a_refund_is_known_by_its_orders_code_and_two_alike_are_not_guessed(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order_id = add_order(s, code, BUYER, 50000, "placed"), id[3];
    struct pay_order order;
    take(s, BANK_SEPAY, "1", 80000, code, "");
    assert_int_equal(books_order(&s->trade, order_id, &order), R_OK);
    for (int i = 0; i < 3; i++) {
        s->trade.who.person = CADRE;
        assert_int_equal(COMMAND(s, refund_grant(&s->trade, &order, dong(i ? 10000 : 5000), "thừa", &id[i])),
                         R_OK);
        s->trade.who.person = ADMIN;
        assert_int_equal(COMMAND(s, refund_pay(&s->trade, id[i], false, "chuyển khoản")), R_OK);
    }
    g_autofree char *words = g_strdup_printf("hoan tien %s GD 174242", code);
    assert_int_equal(take(s, BANK_SEPAY, "2", -5000, words, "FT1"), BANK_OUTGOING);
    assert_int_equal(task_of(s, "out"), 0);
    assert_int_equal(take(s, BANK_SEPAY, "3", -10000, words, "FT2"), BANK_OUTGOING);
    assert_int_not_equal(task_of(s, "out"), 0);
    assert_int_equal(store_int(s->trade.store, "SELECT COUNT(*) FROM bank_paid WHERE event > $1", 0, 0), 1);
    assert_sound(s);
}

static void cash_goes_from_hand_to_hand(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t id = add_order(s, code, BUYER, 50000, "confirmed"), handover = 0;
    struct pay_order order;
    struct receipt receipt;
    assert_int_equal(books_order(&s->trade, id, &order), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, id)), R_OK);
    s->trade.who.person = COURIER;
    assert_int_equal(COMMAND(s, cash_collect(&s->trade, "key-of-the-phone", &order, dong(50000), &receipt)),
                     R_OK);
    assert_int_equal(COMMAND(s, cash_collect(&s->trade, "key-of-the-phone", &order, dong(50000), &receipt)),
                     R_ALREADY);
    assert_string_equal(state_of(s, id), "cash");
    assert_int_equal(COMMAND(s, cash_give(&s->trade, CADRE, dong(50001), &handover)), R_WRONG_MOMENT);
    assert_int_equal(COMMAND(s, cash_give(&s->trade, COURIER, dong(1), &handover)), R_FORBIDDEN);
    assert_int_equal(COMMAND(s, cash_give(&s->trade, CADRE, dong(50000), &handover)), R_OK);
    int64_t again = 0;
    assert_int_equal(COMMAND(s, cash_give(&s->trade, CADRE, dong(1), &again)),
                     R_WRONG_MOMENT); /* all of it is offered */
    assert_int_equal(COMMAND(s, cash_take(&s->trade, handover, dong(50000), "")), R_FORBIDDEN);
    s->trade.who.person = CADRE;
    assert_int_equal(COMMAND(s, cash_take(&s->trade, handover, dong(49000), "")), R_BAD_FIELD);
    assert_int_equal(COMMAND(s, cash_take(&s->trade, handover, dong(49000), "one note is false")), R_OK);
    assert_int_equal(COMMAND(s, cash_take(&s->trade, handover, dong(49000), "one note is false")),
                     R_WRONG_MOMENT);
    assert_int_equal(balance(s, ACCOUNT_CASH, COURIER), 1000);
    assert_int_equal(balance(s, ACCOUNT_CASH, CADRE), 49000);
    json_t *report = NULL;
    assert_int_equal(cash_report(&s->trade, COURIER, 0, INT64_MAX, &report), R_OK);
    json_t *row = json_array_get(report, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "collected")), 50000);
    assert_int_equal(json_integer_value(json_object_get(row, "remitted")), 49000);
    assert_int_equal(json_integer_value(json_object_get(row, "balance")), 1000);
    json_decref(report);
    /* Paid in at the bank: unknown money until a person says whose cash it was. */
    take(s, BANK_SEPAY, "1", 49000, "nop tien mat", "");
    assert_int_equal(COMMAND(s, bankbook_banked(&s->trade, task_of(s, "unmatched"), ACCOUNT_CASH, CADRE)),
                     R_OK);
    assert_int_equal(balance(s, ACCOUNT_CASH, CADRE), 0);
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP), 49000);
    assert_int_equal(balance(s, ACCOUNT_SUSPENSE, 0), 0);
    assert_sound(s);
}

static enum result pay_by_bank(struct pay_store *s, int64_t farmer, int64_t account, int64_t to)
{
    int64_t payout = 0;
    const struct payout_way way = {.account = account, .to = to, .reference = "FT9"};
    return COMMAND(s, settle_pay(&s->trade, farmer, dong(1000), &way, &payout));
}

static void a_payout_goes_from_the_coops_account_to_the_farmers_own(void **state)
{
    struct pay_store *s = *state;
    struct bank_account_request second = {"970405", "3600205123456", "LO THI", FARMER};
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "confirmed"), id;
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    assert_int_equal(pay_by_bank(s, FARMER, OWN, OWN), R_BAD_FIELD);
    assert_int_equal(pay_by_bank(s, FARMER, 999, OWN), R_BAD_FIELD);
    assert_int_equal(pay_by_bank(s, FARMER, COOP, COOP), R_BAD_FIELD);
    assert_int_equal(pay_by_bank(s, OTHER_BUYER, COOP, OWN), R_WRONG_MOMENT); /* nothing is written down */
    assert_int_equal(pay_by_bank(s, FARMER, COOP, 0), R_OK);                  /* there is only one */
    assert_int_equal(COMMAND(s, bank_account_add(&s->trade, &second, &id)), R_OK);
    assert_int_equal(pay_by_bank(s, FARMER, COOP, 0), R_BAD_FIELD);
    assert_int_equal(pay_by_bank(s, FARMER, COOP, id), R_OK);
    assert_int_equal(store_int(s->trade.store, "SELECT COUNT(*) FROM payout WHERE $1 = 0", 0, 0), 2);
    assert_int_equal(store_int(s->trade.store, "SELECT paid_to FROM payout WHERE id = $1", 2, 0), id);
    assert_int_equal(balance(s, ACCOUNT_FARMER, FARMER), -48000);
    assert_sound(s);
}

static void farmers_are_settled_with(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD"), *code2 = code_of("AAAAAAA");
    int64_t one = add_order(s, code, BUYER, 100000, "confirmed"),
            two = add_order(s, code2, BUYER, 50000, "confirmed"), starts, payout = 0;
    assert_int_equal(COMMAND(s, payee_set(&s->trade, STALL, COOP, 500, &starts)),
                     R_OK); /* 5 % for the co-op */
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, one)), R_OK);
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, two)), R_OK);
    take(s, BANK_SEPAY, "1", 100000, code, "");
    assert_string_equal(state_of(s, one), "paid");
    assert_int_equal(balance(s, ACCOUNT_FEES, 0), -7500);
    assert_int_equal(COMMAND(s, settle_pay(&s->trade, FARMER, dong(142501),
                                           &(struct payout_way){false, COOP, 0, "FT9"}, &payout)),
                     R_WRONG_MOMENT);
    assert_int_equal(COMMAND(s, settle_pay(&s->trade, FARMER, dong(95000),
                                           &(struct payout_way){false, COOP, 0, "FT9"}, &payout)),
                     R_OK);
    assert_int_equal(store_int(s->trade.store, "SELECT paid_to FROM payout WHERE id = $1", payout, 0), OWN);
    assert_string_equal(state_of(s, one), "settled");
    assert_string_equal(state_of(s, two), "expected");
    must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(one)));
    assert_int_equal(COMMAND(s, books_cancelled(&s->trade, one)), R_OK);
    json_t *statement = NULL;
    assert_int_equal(settle_statement(&s->trade, FARMER, 0, INT64_MAX, &statement), R_OK);
    static const struct {
        const char *name;
        int64_t value;
    } want[] = {{"opening", 0},      {"earned", 142500}, {"paid", 95000},    {"taken_back", 95000},
                {"closing", -47500}, {"payable", 0},     {"clawback", 47500}};
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
        assert_int_equal(json_integer_value(json_object_get(statement, want[i].name)), want[i].value);
    g_autofree char *csv = settle_csv(statement);
    assert_non_null(strstr(csv, "\"payout\""));
    assert_non_null(strstr(csv, code));
    json_decref(statement);
    statement = json_pack("{s:[{s:I,s:s,s:n,s:s,s:i,s:i}]}", "rows", "at", (json_int_t)0, "kind", "payout",
                          "order", "words", "=say \"yes\" \"", "amount", -95000, "balance", 0);
    g_autofree char *odd = settle_csv(statement);
    assert_string_equal(
        strchr(odd, '\n') + 1,
        "\"01/01/1970 07:00\",\"payout\",\"\",\"'=say \"\"yes\"\" \"\"\",\"-95000\",\"0\"\r\n");
    json_object_set_new(json_array_get(json_object_get(statement, "rows"), 0), "words",
                        json_string("-1+HYPERLINK(1)")); /* begins like a number and is none */
    g_autofree char *counted = settle_csv(statement);
    assert_non_null(strstr(counted, "\"'-1+HYPERLINK(1)\""));
    json_decref(statement);
    assert_sound(s);
}

static void money_into_the_farmers_own_account_counts_as_paid_out(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    struct money amount;
    enum bank_verdict verdict;
    int64_t order = add_order(s, code, BUYER, 100000, "confirmed");
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    struct bank_event *e = event_of(BANK_SEPAY, "1", 100000, code, ""),
                      *wages = event_of(BANK_SEPAY, "2", 900000, "luong", "");
    bank_event_set(&e->account, "21510003078427");
    bank_event_set(&wages->account, "21510003078427");
    assert_int_equal(COMMAND(s, bankbook_take(&s->trade, 0, e, &verdict)), R_OK);
    assert_int_equal(COMMAND(s, bankbook_take(&s->trade, 0, wages, &verdict)), R_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(COMMAND(s, settle_direct(&s->trade, FARMER, &amount)), R_OK);
        assert_int_equal(money_dong(amount), i ? 0 : 100000);
    }
    assert_int_equal(balance(s, ACCOUNT_FARMER, FARMER), 0);
    assert_string_equal(state_of(s, order), "settled");
    bank_event_free(e);
    bank_event_free(wages);
    assert_sound(s);
}

static void an_order_shows_how_to_pay_it(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t id = add_order(s, code, BUYER, 50000, "placed"), starts = 0;
    struct pay_order order;
    json_t *qr = NULL;
    assert_int_equal(books_order(&s->trade, id, &order), R_OK);
    assert_int_equal(payee_qr(&s->trade, &order, &qr), R_UNKNOWN);
    assert_int_equal(COMMAND(s, payee_set(&s->trade, STALL, COOP, 0, &starts)), R_OK);
    assert_int_equal(starts, s->trade.now_ms);
    take(s, BANK_SEPAY, "1", 20000, code, "");
    assert_int_equal(payee_qr(&s->trade, &order, &qr), R_OK);
    assert_int_equal(json_integer_value(json_object_get(qr, "amount")), 30000);
    assert_non_null(strstr(json_string_value(json_object_get(qr, "payload")), code));
    assert_non_null(strstr(json_string_value(json_object_get(qr, "payload")), "540530000"));
    json_decref(qr);
    /* Another account only counts from tomorrow on. */
    assert_int_equal(COMMAND(s, payee_set(&s->trade, STALL, OWN, 0, &starts)), R_OK);
    assert_int_equal(starts, s->trade.now_ms + PAYEE_DELAY_MS);
    assert_int_equal(payee_qr(&s->trade, &order, &qr), R_OK);
    assert_non_null(strstr(json_string_value(json_object_get(qr, "payload")), NUMBER));
    json_decref(qr);
    s->trade.now_ms += PAYEE_DELAY_MS;
    assert_int_equal(payee_qr(&s->trade, &order, &qr), R_OK);
    assert_non_null(strstr(json_string_value(json_object_get(qr, "payload")), "21510003078427"));
    json_decref(qr);
    take(s, BANK_SEPAY, "2", 30000, code, "");
    assert_int_equal(payee_qr(&s->trade, &order, &qr), R_WRONG_MOMENT);
}

static void raw_notices_are_kept_then_worked_off(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    g_autofree char *body = g_strdup_printf(
        "{\"id\":7,\"transactionDate\":\"2024-05-02 08:00:00\",\"accountNumber\":\"" NUMBER
        "\",\"content\":\"%s\",\"transferType\":\"in\",\"transferAmount\":50000,\"referenceCode\":\"FT7\"}",
        code);
    int64_t order = add_order(s, code, BUYER, 50000, "placed"), raw = 0, same = 0, worked = 0;
    struct hook_body good = {body, strlen(body)}, bad = {"{\"id\":", 6}, bytes = {"\xff\x00\x01", 3};
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_FORGED, "{}", good, &raw)),
                     R_BAD_TOKEN);
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_GENUINE, "{}", good, &raw)), R_OK);
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_GENUINE, "{}", good, &same)), R_OK);
    assert_int_equal(raw, same);
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_GENUINE, "{}", bad, &raw)), R_OK);
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_STALE, "{}", bytes, &raw)),
                     R_BAD_TOKEN);
    assert_int_equal(COMMAND(s, bankbook_keep(&s->trade, BANK_SEPAY, HOOK_GENUINE, "{}", bytes, &raw)), R_OK);
    assert_int_equal(COMMAND(s, bankbook_work(&s->trade, 100, &worked)), R_OK);
    assert_int_equal(worked, 3);
    assert_string_equal(state_of(s, order), "paid");
    assert_true(task_of(s, "unreadable") > 0);
    assert_int_equal(COMMAND(s, bankbook_work(&s->trade, 100, &worked)), R_OK);
    assert_int_equal(worked, 0);
    assert_sound(s);
}

static void statements_may_be_imported_again_and_overlap(void **state)
{
    struct pay_store *s = *state;
    g_autofree char *code = code_of("7K2M9QD");
    int64_t order = add_order(s, code, BUYER, 50000, "placed");
    static const int64_t want[3][3] = {{2, 2, 0}, {2, 0, 2}, {3, 1, 2}}; /* rows, new, repeated */
    for (int round = 0; round < 3; round++) {
        g_autofree char *csv = g_strdup_printf(
            "Số tài khoản: " NUMBER
            "\nNgày,Nợ,Có,Số dư,Mô tả\n01/05/2024,,50000,50000,%s\n02/05/2024,10000,,40000,phi\n%s",
            code, round == 2 ? "03/05/2024,,1,40001,lai\n" : "");
        struct sheet *sheet = NULL;
        struct statement *statement = NULL;
        json_t *report = NULL;
        assert_int_equal(sheet_read(csv, strlen(csv), &sheet), SHEET_OK);
        assert_int_equal(statement_read(sheet, &statement), STATEMENT_OK);
        char number[20];
        assert_int_equal(COMMAND(s, bankbook_open(&s->trade, OWN, statement, number)),
                         R_BAD_FIELD); /* another account's file */
        assert_int_equal(COMMAND(s, bankbook_open(&s->trade, COOP, statement, number)), R_OK);
        statement_name(statement, number);
        int64_t counts[BANK_VERDICTS] = {0};
        struct bankbook_slice slice = {.statement = statement}; /* no time: one row each */
        for (; slice.from < statement->events->len; slice.from = slice.to) {
            assert_int_equal(COMMAND(s, bankbook_take_slice(&s->trade, &slice)), R_OK);
            assert_int_equal(slice.to, slice.from + 1);
            for (int v = 0; v < BANK_VERDICTS; v++)
                counts[v] += slice.counts[v];
        }
        report = bankbook_counts_json(statement->events->len, counts);
        assert_int_equal(json_integer_value(json_object_get(report, "rows")), want[round][0]);
        assert_int_equal(json_integer_value(json_object_get(report, "repeated")), want[round][2]);
        assert_int_equal(balance(s, ACCOUNT_BANK, COOP),
                         money_dong(statement->closing)); /* our book is the bank's */
        json_decref(report);
        statement_free(statement);
        sheet_free(sheet);
    }
    assert_string_equal(state_of(s, order), "paid");
    assert_sound(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_notice_is_booked_once_however_often_it_comes),
        T(the_same_movement_in_two_ways_is_joined),
        T(two_movements_with_numbers_of_one_form_are_two),
        T(the_banks_number_twice_from_one_source_is_looked_at),
        T(under_and_over_are_put_where_they_belong),
        T(money_for_a_cancelled_order_is_the_buyers),
        T(the_charge_follows_the_scale),
        T(unknown_money_waits_for_a_person),
        T(foreign_accounts_are_left_alone),
        T(refunds_need_two_people),
        T(cash_goes_from_hand_to_hand),
        T(a_payout_goes_from_the_coops_account_to_the_farmers_own),
        T(farmers_are_settled_with),
        T(money_into_the_farmers_own_account_counts_as_paid_out),
        T(what_leaves_the_account_is_matched_and_never_money_in),
        T(a_refund_is_known_by_its_orders_code_and_two_alike_are_not_guessed),
        T(an_order_shows_how_to_pay_it),
        T(raw_notices_are_kept_then_worked_off),
        T(statements_may_be_imported_again_and_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
