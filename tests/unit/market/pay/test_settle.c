/* A settlement reads its own copy of the book (account_line): it is made of an older book, and held against
 * it. */
#include "tests/unit/market/pay/pay_bank.h"

#include <sqlite3.h>

static void sell(struct pay_store *s, const char *body, int64_t total, bool cancelled)
{
    g_autofree char *code = code_of(body);
    int64_t order = add_order(s, code, BUYER, total, "confirmed");
    assert_int_equal(COMMAND(s, books_confirmed(&s->trade, order)), R_OK);
    s->trade.now_ms += 60000;
    if (!cancelled)
        return;
    must(store_run(s->trade.store, "UPDATE orders SET state = 'cancelled' WHERE id = $1", ARG_INT(order)));
    assert_int_equal(COMMAND(s, books_cancelled(&s->trade, order)), R_OK);
}

static json_t *settlement(struct pay_store *s)
{
    json_t *statement = NULL;
    assert_int_equal(settle_statement(&s->trade, FARMER, 0, INT64_MAX, &statement), R_OK);
    return statement;
}

static void sell_some(struct pay_store *s)
{
    sell(s, "7K2M9QD", 100000, false);
    sell(s, "AAAAAAA", 20000, true);
    sell(s, "BBBBBBB", 3000, false);
}

static void run_raw(struct pay_store *s, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void each_line_names_its_order_and_adds_up(void **state)
{
    struct pay_store *s = *state;
    static const int64_t balances[] = {100000, 120000, 100000, 103000};
    sell_some(s);
    json_t *statement = settlement(s), *rows = json_object_get(statement, "rows");
    assert_int_equal(json_array_size(rows), 4);
    for (size_t i = 0; i < 4; i++) {
        json_t *row = json_array_get(rows, i);
        assert_int_equal(json_integer_value(json_object_get(row, "balance")), balances[i]);
        assert_true(json_is_string(json_object_get(row, "order")));
    }
    assert_int_equal(json_integer_value(json_object_get(statement, "closing")), 103000);
    json_decref(statement);
    assert_sound(s);
}

static void an_older_book_gets_its_lines(void **state)
{
    struct pay_store *s = *state;
    sell_some(s);
    json_t *before = settlement(s);
    assert_true(store_commit(s->trade.store));
    journal_free(s->trade.journal);
    store_close(s->trade.store);
    run_raw(s, "DROP TABLE account_line");
    for (size_t i = 0; i < store_migration_count; i++)
        if (store_migrations[i].number == 525) /* alone: later ones have been through */
            run_raw(s, store_migrations[i].sql);
    store_reopen(s);
    assert_true(store_begin(s->trade.store));
    json_t *after = settlement(s);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    assert_sound(s);
}

static void a_line_that_says_something_else_is_found(void **state)
{
    struct pay_store *s = *state;
    int64_t entries, bad;
    const char *what;
    sell_some(s);
    assert_true(store_mark(s->trade.store));
    assert_int_equal(store_run(s->trade.store, "UPDATE account_line SET amount = $1", ARG_INT(-5)),
                     STEP_CONFLICT);
    assert_true(store_undo(s->trade.store));
    assert_true(store_commit(s->trade.store));
    run_raw(s, "DROP TRIGGER account_line_kept;UPDATE account_line SET amount = amount - 1"
               " WHERE entry = (SELECT MIN(entry) FROM account_line)");
    assert_true(store_begin(s->trade.store));
    assert_false(ledger_verify(s->trade.store, &entries, &what, &bad));
    assert_string_equal(what, "settlement");
    assert_true(bad > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_line_names_its_order_and_adds_up),
        T(an_older_book_gets_its_lines),
        T(a_line_that_says_something_else_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
