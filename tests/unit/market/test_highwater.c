/* The latest time that was written: raised with what is kept, and what the clock does not go behind. */
#include "tests/unit/market/desk_fixture.h"

#include <sqlite3.h>
#include <string.h>
#include "market/base/clock.h"

enum { HOUR_MS = 3600000 };

static int64_t mark(struct fixture *f)
{
    return look(f, "SELECT at_ms FROM highwater");
}

static void what_is_kept_raises_it_and_a_refusal_does_not(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    int64_t placed = mark(f);
    assert_true(placed >= look(f, "SELECT MAX(placed_at) FROM orders"));
    clock_shift_ms(HOUR_MS);
    expect_only(f, R_BAD_FIELD, "order.place", &f->buyer, order_params(f, NULL, 0, 0));
    assert_int_equal(mark(f), placed);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    assert_true(mark(f) >= placed + HOUR_MS);
    clock_shift_ms(-HOUR_MS);
}

static void the_clock_of_a_restart_goes_on_from_it(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    int64_t ahead = mark(f) + HOUR_MS;
    g_autofree char *sql = g_strdup_printf(
        "PRAGMA wal_autocheckpoint = 0; UPDATE highwater SET at_ms = %" G_GINT64_FORMAT, ahead);
    assert_int_equal(sqlite3_open_v2(f->database, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 60000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    fixture_reopen(f);
    assert_true(clock_wall_ms() >= ahead);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    assert_true(look(f, "SELECT MAX(placed_at) FROM orders") >= ahead);
    assert_true(mark(f) > ahead - 1);
    assert_true(books_fit(f));
    clock_trust();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_raises_it_and_a_refusal_does_not),
        TEST(the_clock_of_a_restart_goes_on_from_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
