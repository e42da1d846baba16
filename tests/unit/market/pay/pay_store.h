/* pay_store.h: a real database in a folder of its own, with a stall, people and orders, for tests of modules
 * that keep rows. */
#ifndef TESTS_PAY_STORE_H
#define TESTS_PAY_STORE_H

#include "tests/unit/market/pay/pay_test.h"

#include <glib/gstdio.h>
#include "market/base/money.h"
#include "market/trade/journal.h"
#include "market/trade/trade.h"

enum { CADRE = 1, FARMER = 2, BUYER = 3, COURIER = 4, ADMIN = 5, OTHER_BUYER = 6, PEOPLE = 6, STALL = 1 };

struct pay_store {
    char *dir, *path;
    struct trade trade;
    int64_t orders;
};

static inline struct money dong(int64_t n)
{
    struct money m = {0};
    assert_true(money_make(&m, n));
    return m;
}

static inline void store_reopen(struct pay_store *s)
{
    const char *why = NULL;
    s->trade.store = store_open(&store_sqlite, s->path, STORE_WRITE, &why);
    assert_non_null(s->trade.store);
    s->trade.journal = journal_new(s->trade.store);
    assert_non_null(s->trade.journal);
}

static inline void must(enum step step)
{
    assert_int_equal(step, STEP_DONE);
}

static inline void store_setup(struct pay_store *s)
{
    static const int64_t roles[PEOPLE + 1] = {0,          ROLE_CADRE, ROLE_FARMER, ROLE_BUYER, ROLE_COURIER,
                                              ROLE_ADMIN, ROLE_BUYER};
    *s = (struct pay_store){.dir = g_dir_make_tmp("pay-XXXXXX", NULL)};
    s->path = g_build_filename(s->dir, "market.db", NULL);
    s->trade.now_ms = INT64_C(1714600000000);
    s->trade.origin = "";
    s->trade.who.person = CADRE;
    s->trade.who.roles = ROLE_CADRE;
    store_reopen(s);
    assert_true(store_begin(s->trade.store));
    for (int64_t i = 1; i <= PEOPLE; i++)
        must(store_run(s->trade.store,
                       "INSERT INTO person (id, name, phone, place, roles, made_at) VALUES ($1, 'Lò Thị', "
                       "'+84912345678', '', $2, 0)",
                       ARG_INT(i), ARG_INT(roles[i])));
    must(store_run(s->trade.store,
                   "INSERT INTO stall (id, slug, name, village, about, farmer, state, made_at) VALUES ($1, "
                   "'khe', 'Khe', '', '', $2, 'open', 0)",
                   ARG_INT(STALL), ARG_INT(FARMER)));
    assert_true(store_commit(s->trade.store));
}

static inline void store_teardown(struct pay_store *s)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    json_decref(s->trade.extra);
    journal_free(s->trade.journal);
    store_close(s->trade.store);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *file = g_strconcat(s->path, ends[i], NULL);
        g_unlink(file);
    }
    g_rmdir(s->dir);
    g_free(s->dir);
    g_free(s->path);
}

/* One command: kept when `done` is R_OK or R_CREATED, undone otherwise. */
static inline enum result store_end(struct pay_store *s, enum result done)
{
    assert_true(done == R_OK || done == R_CREATED ? store_keep(s->trade.store) : store_undo(s->trade.store));
    if (s->trade.extra)
        json_object_clear(s->trade.extra);
    return done;
}
#define COMMAND(s, call) (assert_true(store_mark((s)->trade.store)), store_end((s), (call)))

/* An order as the market would have placed it; without lines, which money does not look at. Its row. */
static inline int64_t add_order(struct pay_store *s, const char *code, int64_t buyer, int64_t total,
                                const char *state)
{
    int64_t id = ++s->orders;
    must(store_run(s->trade.store,
                   "INSERT INTO orders (id, code, stall, buyer, state, total, name, phone, place, note, "
                   "reason, placed_at)"
                   " VALUES ($1, $2, $3, $4, $5, $6, 'Lan', '+84912345678', '', '', '', 0)",
                   ARG_INT(id), ARG_TEXT(code), ARG_INT(STALL), ARG_INT(buyer), ARG_TEXT(state),
                   ARG_INT(total)));
    return id;
}

#endif
