/* pay_bank.h: pay_store.h with two bank accounts, the co-op's and the farmer's own, and events to feed them.
 */
#ifndef TESTS_PAY_BANK_H
#define TESTS_PAY_BANK_H

#include "tests/unit/market/pay/pay_store.h"

#include "market/trade/bankbook.h"
#include "market/trade/books.h"
#include "market/trade/cash.h"
#include "market/trade/credit.h"
#include "market/trade/payee.h"
#include "market/trade/paytask.h"
#include "market/trade/refund.h"
#include "market/trade/settle.h"

enum { COOP = 1, OWN = 2 };
#define NUMBER "113366668888"

/* Any seven symbols, with the check symbol found by trying. */
static inline char *code_of(const char *body)
{
    char out[ID_CODE_CHARS + 1];
    for (const char *c = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; *c; c++) {
        g_autofree char *typed = g_strdup_printf("CX%s%c", body, *c);
        if (id_code_read(typed, out))
            return g_strdup(out);
    }
    fail();
    return NULL;
}

static inline struct bank_event *event_of(enum bank_source source, const char *id, int64_t amount,
                                          const char *memo, const char *reference)
{
    struct bank_event *e = bank_event_new(source);
    bank_event_set(&e->id, id);
    bank_event_set(&e->account, NUMBER);
    bank_event_set(&e->memo, memo);
    bank_event_set(&e->reference, reference);
    e->direction = amount < 0 ? BANK_OUT : BANK_IN;
    e->amount = dong(amount < 0 ? -amount : amount);
    e->at_ms = INT64_C(1714600000000);
    return e;
}

static inline enum bank_verdict take(struct pay_store *s, enum bank_source source, const char *id,
                                     int64_t amount, const char *memo, const char *reference)
{
    enum bank_verdict verdict = BANK_VERDICTS;
    struct bank_event *e = event_of(source, id, amount, memo, reference);
    assert_int_equal(COMMAND(s, bankbook_take(&s->trade, 0, e, &verdict)), R_OK);
    bank_event_free(e);
    return verdict;
}

static inline const char *state_of(struct pay_store *s, int64_t id)
{
    struct pay_order order;
    assert_int_equal(books_order(&s->trade, id, &order), R_OK);
    json_t *payment = books_payment_json(&s->trade, &order);
    assert_non_null(payment);
    const char *state = g_intern_string(json_string_value(json_object_get(payment, "state")));
    json_decref(payment);
    return state;
}

static inline int64_t balance(struct pay_store *s, enum account_kind kind, int64_t subject)
{
    return money_dong(ledger_balance(&s->trade, kind, subject));
}

/* The first open task of a kind; 0: none. */
static inline int64_t task_of(struct pay_store *s, const char *kind)
{
    json_t *list = NULL;
    assert_int_equal(paytask_list(&s->trade, kind, 0, 100, &list), R_OK);
    int64_t id = json_integer_value(json_object_get(json_array_get(list, 0), "id"));
    json_decref(list);
    return id;
}

static inline void assert_sound(struct pay_store *s)
{
    int64_t entries, bad;
    const char *what;
    assert_true(ledger_verify(s->trade.store, &entries, &what, &bad));
    /* Nobody waits to be given back more than is good. */
    assert_int_equal(
        store_int(
            s->trade.store,
            "SELECT COUNT(*) FROM (SELECT o.buyer AS buyer, SUM(t.amount) AS waits FROM pay_task t JOIN "
            "orders o ON o.id = t.order_id WHERE t.closed_at IS NULL AND t.kind IN ('over', 'late', "
            "'refund-due') GROUP BY o.buyer) x WHERE $1 = 0 AND x.waits > COALESCE((SELECT -a.balance "
            "FROM account a WHERE a.kind = 'credit' AND a.subject = x.buyer), 0)",
            0, -1),
        0);
    /* Every event ends in one disposition, or waits with an open task. */
    assert_int_equal(
        store_int(s->trade.store,
                  "SELECT COUNT(*) FROM bank_event e WHERE $1 = 0 AND NOT EXISTS (SELECT 1 FROM disposition "
                  "d WHERE d.event = e.id)"
                  " AND NOT EXISTS (SELECT 1 FROM pay_task t WHERE t.event = e.id AND t.closed_at IS NULL)",
                  0, -1),
        0);
}

static inline int bank_setup(void **state)
{
    struct pay_store *s = g_new0(struct pay_store, 1);
    struct bank_account_request coop = {"970415", NUMBER, "HTX Khe Nhinh", 0},
                                own = {"970418", "21510003078427", "LO THI", FARMER};
    int64_t id;
    store_setup(s);
    assert_true(store_begin(s->trade.store));
    assert_int_equal(COMMAND(s, bank_account_add(&s->trade, &coop, &id)), R_OK);
    assert_int_equal(id, COOP);
    assert_int_equal(COMMAND(s, bank_account_add(&s->trade, &own, &id)), R_OK);
    assert_int_equal(id, OWN);
    *state = s;
    return 0;
}

static inline int bank_teardown(void **state)
{
    struct pay_store *s = *state;
    store_rollback(s->trade.store);
    store_teardown(s);
    g_free(s);
    return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, bank_setup, bank_teardown)

#endif
