/* What must hold when things break: tampering is named, a full disk refuses orders in words, kill -9 loses no
 * acknowledged order. */
#include "tests/unit/market/desk_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void tamper(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(f->database, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 20000);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static void expect_bad(struct fixture *f, const char *what, int64_t row)
{
    json_t *report = expect(f, R_OK, "admin.verify", &f->system, NULL);
    assert_true(json_is_false(json_object_get(report, "ok")));
    assert_string_equal(json_string_value(json_object_get(report, "what")), what);
    assert_int_equal(json_integer_value(json_object_get(report, "row")), row);
    json_decref(report);
}

static void some_orders(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++)
        expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
}

static void a_changed_journal_row_is_named(void **state)
{
    struct fixture *f = *state;
    some_orders(f, 5);
    assert_true(books_fit(f));
    int64_t last = look(f, "SELECT MAX(id) FROM journal");
    g_autofree char *sql = g_strdup_printf("DROP TRIGGER journal_kept; UPDATE journal"
                                           " SET full_body = replace(full_body, '1500', '150')"
                                           " WHERE id = %" G_GINT64_FORMAT,
                                           last - 2);
    tamper(f, sql);
    expect_bad(f, "journal", last - 2);
}

static void a_missing_journal_row_is_named(void **state)
{
    struct fixture *f = *state;
    some_orders(f, 5);
    int64_t last = look(f, "SELECT MAX(id) FROM journal");
    g_autofree char *sql = g_strdup_printf(
        "DROP TRIGGER journal_stays; DELETE FROM journal WHERE id = %" G_GINT64_FORMAT, last - 2);
    tamper(f, sql);
    expect_bad(f, "journal", last - 1);
}

static void changed_stock_and_totals_are_named(void **state)
{
    struct fixture *f = *state;
    some_orders(f, 3);
    tamper(f, "UPDATE lot SET available = available + 1000, total = total + 1000 WHERE id = 2");
    expect_bad(f, "stock", 2);
    tamper(f, "UPDATE lot SET available = available - 1000, total = total - 1000 WHERE id = 2");
    assert_true(books_fit(f));
    tamper(f, "UPDATE orders SET total = total - 1 WHERE id = 2");
    expect_bad(f, "order", 2);
    tamper(f, "UPDATE orders SET total = total + 1 WHERE id = 2; UPDATE orders SET state = 'cancelled'"
              " WHERE id = 3");
    expect_bad(f, "order", 3);
}

/* All are counted, so many are shown: a report stays one that can be read. */
static void of_many_mismatches_the_first_are_shown(void **state)
{
    struct fixture *f = *state;
    some_orders(f, 110);
    tamper(f, "UPDATE orders SET total = total + 1");
    json_t *report = expect(f, R_OK, "admin.verify", &f->system, NULL);
    const json_t *mismatches = json_object_get(report, "mismatches"), *first = json_array_get(mismatches, 0);
    assert_true(json_is_false(json_object_get(report, "ok")));
    assert_int_equal(json_array_size(mismatches), 100);
    assert_true(json_integer_value(json_object_get(report, "mismatched")) >= 110);
    assert_string_equal(json_string_value(json_object_get(first, "what")), "total");
    assert_int_equal(json_integer_value(json_object_get(first, "kept")),
                     json_integer_value(json_object_get(first, "counted")) + 1);
    json_decref(report);
}

static void the_chain_goes_on_after_a_restart(void **state)
{
    struct fixture *f = *state;
    some_orders(f, 2);
    fixture_reopen(f);
    some_orders(f, 2);
    assert_true(books_fit(f));
}

static void a_backup_made_while_orders_come_in_fits(void **state)
{
    struct fixture *f = *state;
    g_autofree char *file = g_build_filename(f->folder, "backup.db", NULL);
    some_orders(f, 20);
    expect_only(f, R_OK, "admin.backup", &f->system,
                json_pack("{s:s,s:s}", "file", file, "media", f->folder));
    some_orders(f, 1);
    expect_only(f, R_NOT_SAVED, "admin.backup", &f->system,
                json_pack("{s:s,s:s}", "file", "/nowhere/at/all/backup.db", "media", f->folder));
    expect_only(f, R_BAD_FIELD, "admin.backup", &f->system,
                json_pack("{s:s,s:s}", "file", "relative.db", "media", f->folder));
    some_orders(f, 1); /* a backup that failed is not the end of the market */
    desk_close(f->desk);
    g_free(f->database);
    f->database = g_strdup(file);
    const char *why = "";
    const struct desk_config config = {.database = f->database, .readers = 1, .hashers = 1};
    f->desk = desk_open(&config, &why);
    assert_non_null(f->desk);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 20);
    assert_true(books_fit(f));
    g_autofree char *lock = g_strconcat(file, ".lock", NULL);
    desk_close(f->desk);
    f->desk = NULL;
    remove(lock);
}

/* The file may not grow any more: to SQLite that is a full disk. */
static void let_files_grow_to(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(bytes, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_refuses_in_words(void **state)
{
    struct fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    some_orders(f, 3);
    int64_t before = look(f, "SELECT COUNT(*) FROM orders");
    g_autofree char *wal = g_strconcat(f->database, "-wal", NULL);
    FILE *file = fopen(wal, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    rlim_t size = (rlim_t)ftell(file);
    fclose(file);
    let_files_grow_to(size + 4096); /* room for a page and no more: the next commit does not fit */
    struct answer a = ask(f, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
    assert_int_equal(a.result, R_NOT_SAVED);
    answer_free(&a);
    /* no command is taken any more, reading goes on */
    a = ask(f, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
    assert_int_equal(a.accepted, R_NOT_SAVED);
    answer_free(&a);
    expect_only(f, R_OK, "stall.get", &f->stranger, json_pack("{s:s}", "slug", "khe-nhinh"));
    pthread_mutex_lock(&f->lock);
    while (f->failures == 0)
        pthread_cond_wait(&f->changed, &f->lock);
    assert_int_equal(f->failures, 1);
    pthread_mutex_unlock(&f->lock);
    let_files_grow_to(RLIM_INFINITY);
    fixture_reopen(f); /* room again, a new process: everything is as it was */
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), before);
    some_orders(f, 1);
    assert_true(books_fit(f));
}

/* --- kill -9 --- */

struct child {
    struct fixture *f;
    int pipe; /* codes of acknowledged orders go here, 11 bytes each */
};

static void tell(void *user, const struct desk_reply *reply)
{
    struct child *child = user;
    char line[12] = "";
    json_t *body = json_loads(reply->text, 0, NULL);
    const char *code = json_string_value(json_object_get(json_object_get(body, "order"), "code"));
    if (reply->result != R_CREATED || !code)
        _exit(3);
    g_snprintf(line, sizeof line, "%s\n", code);
    if (write(child->pipe, line, 11) != 11)
        _exit(4);
    json_decref(body);
}

static void order_without_end(struct fixture *f, int out)
{
    struct child child = {f, out};
    const char *why;
    const struct desk_config config = {.database = f->database, .readers = 1, .hashers = 1};
    f->desk = desk_open(&config, &why);
    if (!f->desk)
        _exit(5);
    for (;;) {
        enum result r =
            desk_call(f->desk, "order.place", &f->buyer, order_params(f, NULL, 0, 1), tell, &child);
        if (r == R_BUSY)
            g_usleep(1000);
        else if (r != R_OK)
            _exit(6);
    }
}

static void read_codes(int in, GHashTable *codes, guint enough, pid_t child)
{
    char line[12] = "";
    for (;;) {
        size_t got = 0;
        while (got < 11) {
            ssize_t n = read(in, line + got, 11 - got);
            if (n <= 0)
                return;
            got += (size_t)n;
        }
        line[10] = '\0';
        if (!g_hash_table_add(codes, g_strdup(line)))
            fail_msg("code %s was given twice", line);
        if (g_hash_table_size(codes) == enough)
            kill(child, SIGKILL);
    }
}

static void every_acknowledged_order_outlives_kill_9(void **state)
{
    struct fixture *f = *state;
    expect_only(
        f, R_OK, "lot.change", &f->farmer,
        json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "add", 900000000));
    for (int round = 0; round < 3; round++) {
        int ends[2];
        desk_close(f->desk);
        f->desk = NULL;
        int64_t before = look(f, "SELECT COUNT(*) FROM orders");
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            order_without_end(f, ends[1]);
        }
        close(ends[1]);
        g_autoptr(GHashTable) codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        read_codes(ends[0], codes, 200 + 77 * (guint)round, child);
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        fixture_reopen(f);
        assert_true(look(f, "SELECT COUNT(*) FROM orders") - before >= (int64_t)g_hash_table_size(codes));
        GHashTableIter iter;
        gpointer code;
        g_hash_table_iter_init(&iter, codes);
        while (g_hash_table_iter_next(&iter, &code, NULL)) {
            g_autofree char *sql =
                g_strdup_printf("SELECT COUNT(*) FROM orders WHERE code = '%s'", (char *)code);
            assert_int_equal(look(f, sql), 1);
        }
        assert_true(books_fit(f));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_changed_journal_row_is_named),     TEST(a_missing_journal_row_is_named),
        TEST(changed_stock_and_totals_are_named), TEST(of_many_mismatches_the_first_are_shown),
        TEST(the_chain_goes_on_after_a_restart),  TEST(a_backup_made_while_orders_come_in_fits),
        TEST(a_full_disk_refuses_in_words),       TEST(every_acknowledged_order_outlives_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
