/* Properties of the whole of it, under seeded chance. */
#include "tests/unit/market/pay/pay_bank.h"

/* ---- the order in which things are told does not matter */

enum { TOLD_ORDERS = 8, TOLD = 30 };

static char *all_balances(struct pay_store *s)
{
    g_autoptr(GString) out = g_string_new(NULL);
    QUERY query = store_query_args(
        s->trade.store,
        "SELECT kind, subject, balance FROM account WHERE balance <> 0 ORDER BY kind, subject", NULL, 0);
    while (query_row(query))
        g_string_append_printf(out, "%s:%d=%d ", query_text(query, 0), (int)query_int(query, 1),
                               (int)query_int(query, 2));
    return g_string_free(g_steal_pointer(&out), FALSE);
}

struct told {
    int64_t amount;
    char *memo, *wrapped;
};

static void tell(struct pay_store *s, const struct told *told, int which)
{
    int n = which / 2;
    g_autofree char *id = g_strdup_printf("%d", n), *reference = g_strdup_printf("FT%d", n);
    bool by_hook = which % 2 == 0;
    take(s, by_hook ? BANK_SEPAY : BANK_STATEMENT, id, told[n].amount,
         by_hook ? told[n].memo : told[n].wrapped, n % 3 ? reference : "");
}

static void the_order_of_telling_changes_nothing(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(95);
    struct told told[TOLD];
    char *codes[TOLD_ORDERS], *first = NULL;
    for (int i = 0; i < TOLD_ORDERS; i++) {
        g_autofree char *body = g_strdup_printf("%d%d%d%dABC", i, i + 1, 9 - i, i);
        codes[i] = code_of(body);
    }
    for (int i = 0; i < TOLD; i++) {
        int o = g_rand_int_range(rand, 0, TOLD_ORDERS + 2); /* some for no order */
        told[i].amount = (o % 2 ? 10000 : 25000) * (g_rand_int_range(rand, 0, 6) ? 1 : -1);
        told[i].memo =
            o < TOLD_ORDERS ? g_strdup_printf("mua rau %s", codes[o]) : g_strdup_printf("khong ma %d", i);
        told[i].wrapped = g_strdup_printf("IBFT %s GD 174242", told[i].memo);
    }
    for (int round = 0; round < 8; round++) {
        struct pay_store s;
        int order[TOLD * 4];
        store_setup(&s);
        assert_true(store_begin(s.trade.store));
        must(store_run(s.trade.store,
                       "INSERT INTO bank_account (id, bin, number, holder, made_by, made_at)"
                       " VALUES (1, '970415', $1, 'HTX', 1, 0)",
                       ARG_TEXT(NUMBER)));
        for (int i = 0; i < TOLD_ORDERS; i++)
            add_order(&s, codes[i], i % 2 ? BUYER : OTHER_BUYER, 30000, "placed");
        for (int i = 0; i < TOLD * 4; i++)
            order[i] = i % (TOLD * 2); /* each twice */
        for (int i = TOLD * 4 - 1; round && i > 0; i--) {
            int j = g_rand_int_range(rand, 0, i + 1), spare = order[i];
            order[i] = order[j], order[j] = spare;
        }
        for (int i = 0; i < TOLD * 4; i++)
            tell(&s, told, order[i]);
        assert_sound(&s);
        g_autofree char *balances = all_balances(&s);
        if (!first)
            first = g_strdup(balances);
        assert_string_equal(balances, first);
        store_rollback(s.trade.store);
        store_teardown(&s);
    }
    for (int i = 0; i < TOLD; i++)
        g_free(told[i].memo), g_free(told[i].wrapped);
    for (int i = 0; i < TOLD_ORDERS; i++)
        g_free(codes[i]);
    g_free(first);
    g_rand_free(rand);
}

/* ---- whatever people do in whatever order, the books add up and nobody's money is lost */

static void one_step(struct pay_store *s, GRand *rand, int64_t orders, int step)
{
    struct pay_order order;
    struct receipt receipt;
    int64_t id, n = g_rand_int_range(rand, 1, (gint32)orders + 1);
    struct money amount = dong(g_rand_int_range(rand, 1, 40) * 1000);
    g_autofree char *key = g_strdup_printf("step-%d", g_rand_int_range(rand, 0, 4000));
    enum bank_verdict verdict;
    s->trade.who.person = g_rand_int_range(rand, 1, PEOPLE + 1);
    s->trade.now_ms += 1000;
    assert_int_equal(books_order(&s->trade, n, &order), R_OK);
    switch (g_rand_int_range(rand, 0, 12)) {
    case 0:
        if (!order.cancelled && !order.confirmed) {
            must(
                store_run(s->trade.store, "UPDATE orders SET state = 'confirmed' WHERE id = $1", ARG_INT(n)));
            assert_int_equal(COMMAND(s, books_confirmed(&s->trade, n)), R_OK);
        }
        break;
    case 1:
        if (!order.cancelled && g_rand_boolean(rand)) {
            must(
                store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(n)));
            assert_int_equal(COMMAND(s, books_cancelled(&s->trade, n)), R_OK);
        }
        break;
    case 2:
    case 3:
    case 4: {
        g_autofree char *memo =
            g_rand_int_range(rand, 0, 4) ? g_strdup(order.code) : g_strdup_printf("x%d", step);
        struct bank_event *e =
            event_of(BANK_SEPAY, key, g_rand_int_range(rand, 0, 8) ? money_dong(amount) : -money_dong(amount),
                     memo, key);
        assert_int_equal(COMMAND(s, bankbook_take(&s->trade, 0, e, &verdict)), R_OK);
        bank_event_free(e);
        break;
    }
    case 5:
        COMMAND(s, cash_collect(&s->trade, key, &order, amount, &receipt));
        break;
    case 6:
        if (COMMAND(s, cash_give(&s->trade, CADRE, amount, &id)) == R_OK) {
            s->trade.who.person = CADRE;
            assert_int_equal(COMMAND(s, cash_take(&s->trade, id, amount, "")), R_OK);
        }
        break;
    case 7:
        if (COMMAND(s, refund_grant(&s->trade, &order, amount, "why", &id)) == R_OK) {
            s->trade.who.person = s->trade.who.person % PEOPLE + 1;
            COMMAND(s, refund_pay(&s->trade, id, g_rand_boolean(rand), "FT"));
        }
        break;
    case 8:
        COMMAND(s, settle_pay(&s->trade, FARMER, amount,
                              &(struct payout_way){g_rand_boolean(rand), COOP, 0, "FT"}, &id));
        break;
    case 9:
        COMMAND(s, credit_use(&s->trade, &order, g_rand_boolean(rand) ? 0 : money_dong(amount)));
        break;
    case 11:
        if (!order.cancelled) {
            must(store_run(s->trade.store, "UPDATE orders SET total = $2 WHERE id = $1", ARG_INT(n),
                           ARG_INT(money_dong(amount))));
            assert_int_equal(COMMAND(s, books_changed(&s->trade, n)), R_OK);
        }
        break;
    case 10:
        COMMAND(s, bankbook_assign(&s->trade, task_of(s, "unmatched"), n));
        break;
    }
}

static void random_lives_add_up(void **state)
{
    struct pay_store *s = *state;
    enum { ORDERS = 40, STEPS = 1500 };
    GRand *rand = g_rand_new_with_seed(1907);
    for (int i = 0; i < ORDERS; i++) {
        g_autofree char *body = g_strdup_printf("A%02dK7M2", i), *code = code_of(body);
        add_order(s, code, i % 2 ? BUYER : OTHER_BUYER, g_rand_int_range(rand, 1, 60) * 1000, "placed");
    }
    for (int step = 0; step < STEPS; step++) {
        one_step(s, rand, ORDERS, step);
        if (step % 100 == 0)
            assert_sound(s);
    }
    assert_sound(s);
    for (int64_t n = 1; n <= ORDERS; n++) { /* an order's account is what it costs, less what it kept */
        struct pay_order order;
        struct pay_view view;
        assert_int_equal(books_order(&s->trade, n, &order), R_OK);
        assert_int_equal(books_view(&s->trade, &order, &view), R_OK);
        int64_t charged = order.confirmed ? money_dong(order.total) : 0;
        assert_int_equal(balance(s, ACCOUNT_ORDER, n),
                         charged - (money_dong(view.received) - money_dong(view.returned)));
        if (order.cancelled)
            assert_int_equal(balance(s, ACCOUNT_ORDER, n), 0);
        assert_true(pay_state(&view) != PAY_OVER);
    }
    /* What the banks told is what the banks' accounts hold. */
    assert_int_equal(balance(s, ACCOUNT_BANK, COOP),
                     store_int(s->trade.store,
                               "SELECT CAST(COALESCE(SUM(CASE WHEN e.direction = 'in' THEN e.amount"
                               " ELSE -e.amount END), 0) AS BIGINT) FROM bank_event e"
                               " JOIN disposition d ON d.event = e.id"
                               " WHERE e.account = $1 AND d.kind IN ('matched', 'suspense', 'out')",
                               COOP, -1));
    g_rand_free(rand);
}

/* ---- invariants 8, 10 and 15 of the ledger */

static void add_coop(struct pay_store *s)
{
    must(store_run(s->trade.store,
                   "INSERT INTO bank_account (id, bin, number, holder, made_by, made_at)"
                   " VALUES (1, '970415', $1, 'HTX', 1, 0)",
                   ARG_TEXT(NUMBER)));
    must(store_run(s->trade.store,
                   "INSERT INTO bank_account (id, bin, number, holder, owner, made_by, made_at)"
                   " VALUES (2, '970418', '21510003078427', 'LO THI', $1, 1, 0)",
                   ARG_INT(FARMER)));
}

/* The notice as the messenger sent it; what it says is read from the raw body. */
static void hear(struct trade *trade, int n, const char *code, int64_t amount)
{
    int64_t raw, worked;
    g_autofree char *body = g_strdup_printf(
        "{\"id\":%d,\"gateway\":\"Agribank\",\"transactionDate\":\"2024-05-02 "
        "08:01:%02d\",\"accountNumber\":\"" NUMBER "\",\"subAccount\":null,\"code\":null,\"content\":\"mua "
        "rau %s\",\"transferType\":\"in\",\"transferAmount\":%d,"
        "\"accumulated\":0,\"referenceCode\":\"FT%d\",\"description\":\"\"}",
        n + 1, n % 60, code, (int)amount, n);
    struct hook_body bytes = {body, strlen(body)};
    assert_int_equal(bankbook_keep(trade, BANK_SEPAY, HOOK_GENUINE, "{}", bytes, &raw), R_OK);
    assert_int_equal(bankbook_work(trade, 10, &worked), R_OK);
}

static void a_backup_and_the_same_notices_give_equal_books(void **state)
{
    (void)state;
    enum { NOTICES = 40, ORDERS = 8 };
    struct pay_store s;
    const char *why = "";
    char *codes[ORDERS];
    store_setup(&s);
    assert_true(store_begin(s.trade.store));
    add_coop(&s);
    for (int i = 0; i < ORDERS; i++) {
        g_autofree char *body = g_strdup_printf("B%02dK7M2", i);
        codes[i] = code_of(body);
        add_order(&s, codes[i], i % 2 ? BUYER : OTHER_BUYER, 30000, "placed");
    }
    g_autofree char *copy = g_build_filename(s.dir, "copy.db", NULL);
    for (int n = 0; n < NOTICES; n++) {
        if (n == NOTICES / 2) {
            assert_true(store_commit(s.trade.store));
            assert_true(store_copy(s.trade.store, copy, &why));
            assert_true(store_begin(s.trade.store));
        }
        hear(&s.trade, n, n % 7 ? codes[n % ORDERS] : "khong ma", 5000 + n * 100);
    }
    g_autofree char *whole = all_balances(&s);
    assert_true(store_commit(s.trade.store));
    store_close(s.trade.store);
    journal_free(s.trade.journal);
    g_autofree char *first = s.path;
    s.path = g_strdup(copy);
    store_reopen(&s);
    assert_true(store_begin(s.trade.store));
    g_autofree char *half = all_balances(&s);
    assert_string_not_equal(half, whole);
    for (int n = NOTICES - 1; n >= 0; n--) /* all of them again, the last first */
        hear(&s.trade, n, n % 7 ? codes[n % ORDERS] : "khong ma", 5000 + n * 100);
    g_autofree char *again = all_balances(&s);
    assert_string_equal(again, whole);
    assert_sound(&s);
    assert_true(store_commit(s.trade.store));
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *file = g_strconcat(first, ends[i], NULL);
        g_unlink(file);
    }
    for (int i = 0; i < ORDERS; i++)
        g_free(codes[i]);
    store_teardown(&s);
}

static void shares_fees_and_delivery_are_the_total(void **state)
{
    struct pay_store *s = *state;
    GRand *rand = g_rand_new_with_seed(7);
    int64_t starts;
    for (int i = 0; i < 200; i++) {
        g_autofree char *body = g_strdup_printf("D%03dK7M", i), *code = code_of(body);
        int64_t total = g_rand_int_range(rand, 1, 100000);
        s->trade.now_ms += 2 * PAYEE_DELAY_MS;
        assert_int_equal(
            payee_set(&s->trade, STALL, COOP, g_rand_int_range(rand, 0, PAYEE_FEE_MAX + 1), &starts), R_OK);
        int64_t id = add_order(s, code, BUYER, total, "confirmed");
        assert_int_equal(COMMAND(s, books_confirmed(&s->trade, id)), R_OK);
        assert_int_equal(
            store_int(s->trade.store,
                      "SELECT CAST(SUM(-p.amount) AS BIGINT) FROM entry e JOIN posting p ON p.entry = e.id"
                      " JOIN account a ON a.id = p.account WHERE e.order_id = $1 AND e.kind = 'charge'"
                      " AND a.kind IN ('farmer', 'fees', 'delivery')",
                      id, -1),
            total);
        struct pay_order order; /* paid in full: its account is even, which is what lets it be closed */
        struct receipt receipt;
        g_autofree char *key = g_strdup_printf("cash-%d", i);
        assert_int_equal(books_order(&s->trade, id, &order), R_OK);
        assert_int_equal(COMMAND(s, cash_collect(&s->trade, key, &order, dong(total), &receipt)), R_OK);
        assert_int_equal(balance(s, ACCOUNT_ORDER, id), 0);
    }
    assert_sound(s);
    g_rand_free(rand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_telling_changes_nothing),
        T(random_lives_add_up),
        cmocka_unit_test(a_backup_and_the_same_notices_give_equal_books),
        T(shares_fees_and_delivery_are_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
