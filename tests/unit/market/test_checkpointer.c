/* The log is moved a slice at a time: it stays bounded, nobody waits for more than a slice, nothing is lost,
 * and a disk that refuses to sync ends the writing before the log, which has the only good copy, is written
 * over. Real files, SQLite's own seam to the system. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/store/checkpointer.h"
#include "market/store/store.h"

enum { FRAME = 4096 + 24, ROWS = 300, TRANSACTIONS = 90 }; /* a row of 3 KB fills a page */

static char *folder, *path;
static sqlite3_vfs failing_vfs;
static sqlite3_io_methods failing_methods;
static const sqlite3_io_methods *usual;
static _Atomic bool sync_fails;

static int sync_database(sqlite3_file *file, int flags)
{
    return atomic_load(&sync_fails) ? SQLITE_IOERR_FSYNC : usual->xSync(file, flags);
}

/* The system's own files, but for the sync of a database. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *system = vfs->pAppData;
    int code = system->xOpen(system, name, file, flags, out);
    if (code != SQLITE_OK || !(flags & SQLITE_OPEN_MAIN_DB))
        return code;
    if (!usual) { /* by the first connection, before any thread of ours looks */
        usual = file->pMethods;
        failing_methods = *usual;
        failing_methods.xSync = sync_database;
    }
    file->pMethods = &failing_methods;
    return code;
}

static int set_up(void **state)
{
    (void)state;
    folder = g_mkdtemp(g_build_filename(g_get_tmp_dir(), "checkpointer-XXXXXX", NULL));
    path = g_build_filename(folder, "market.db", NULL);
    return folder ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const files[] = {"market.db", "market.db-wal", "market.db-shm", "market.db.lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_build_filename(folder, files[i], NULL);
        unlink(file);
    }
    rmdir(folder);
    g_free(folder);
    g_free(path);
    return 0;
}

static struct store *open_store(enum store_access access)
{
    const char *why = "";
    struct store *store = store_open(&store_sqlite, path, access, &why);
    if (!store)
        fail_msg("%s", why);
    return store;
}

static int64_t size_of(const char *ending)
{
    struct stat st;
    g_autofree char *file = g_strconcat(path, ending, NULL);
    return stat(file, &st) == 0 ? st.st_size : -1;
}

/* Rows `from`… in one transaction; false: the store takes no more. */
static bool write_rows(struct store *store, int64_t from)
{
    if (!store_begin(store))
        return false;
    for (int64_t id = from; id < from + ROWS; id++)
        if (store_run(store, "INSERT INTO heavy (id, text) VALUES ($1, hex(zeroblob(1500)))", ARG_INT(id)) !=
            STEP_DONE)
            return false;
    return store_commit(store);
}

static void make_table(struct store *store)
{
    assert_true(store_begin(store));
    assert_int_equal(
        store_run(store, "CREATE TABLE heavy (id INTEGER PRIMARY KEY, text TEXT) STRICT", ARG_INT(0)),
        STEP_DONE);
    assert_true(store_commit(store));
}

static void expect_rows(int64_t count)
{
    struct store *reader = open_store(STORE_READ);
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM heavy WHERE $1 = 0", 0, -1), count);
    assert_int_equal(store_int(reader, "SELECT integrity_check = 'ok' FROM pragma_integrity_check", 0, 0), 1);
    store_close(reader);
}

static void the_log_stays_bounded_and_nothing_is_lost(void **state)
{
    (void)state;
    struct store *store = open_store(STORE_WRITE);
    make_table(store);
    for (int i = 0; i < TRANSACTIONS; i++)
        assert_true(write_rows(store, (int64_t)i * ROWS));
    /* more was written than the log may hold, so some of it has been moved while we wrote */
    assert_true(size_of("-wal") < (int64_t)(LOG_PAGES_MAX + 2 * ROWS) * FRAME);
    assert_true(size_of("") > (int64_t)CHECKPOINT_PAGES * 4096 / 2);
    expect_rows((int64_t)TRANSACTIONS * ROWS);
    store_close(store);
    assert_int_equal(size_of("-wal"), -1);
    expect_rows((int64_t)TRANSACTIONS * ROWS);
}

/* Each row is a page that was not in the file before, so the file grows by what a turn has moved. */
static void a_turn_moves_a_slice_and_not_the_whole_log(void **state)
{
    (void)state;
    int64_t turns = 0, most = 0;
    struct store *store = open_store(STORE_WRITE);
    make_table(store);
    for (int i = 0; i < TRANSACTIONS; i++) {
        assert_true(write_rows(store, (int64_t)i * ROWS));
        int64_t before = size_of("");
        store_tend(store);
        int64_t moved = (size_of("") - before) / 4096;
        turns += moved > 0;
        most = MAX(most, moved);
    }
    assert_true(turns > CHECKPOINT_PAGES / SLICE_PAGES);
    assert_in_range(most, 1, 2 * (SLICE_PAGES + ROWS));
    store_close(store);
}

static void a_long_reader_holds_it_up_and_nobody_else(void **state)
{
    (void)state;
    struct store *store = open_store(STORE_WRITE);
    make_table(store);
    assert_true(write_rows(store, 0));
    struct store *reader = open_store(STORE_READ);
    assert_true(store_begin(reader));
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM heavy WHERE $1 = 0", 0, -1), ROWS);
    for (int i = 1; i < TRANSACTIONS; i++)
        assert_true(write_rows(store, (int64_t)i * ROWS));
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM heavy WHERE $1 = 0", 0, -1), ROWS);
    assert_true(store_commit(reader));
    store_close(reader);
    expect_rows((int64_t)TRANSACTIONS * ROWS);
    store_close(store);
}

static void a_sync_that_fails_ends_the_writing_and_the_log_is_kept(void **state)
{
    (void)state;
    int64_t saved = 0;
    struct store *store = open_store(STORE_WRITE);
    make_table(store);
    atomic_store(&sync_fails, true);
    while (saved < TRANSACTIONS && write_rows(store, saved * ROWS))
        saved++;
    assert_true(saved < TRANSACTIONS);
    assert_string_equal(store_failed(store), "io");
    store_rollback(store);
    store_close(store);
    atomic_store(&sync_fails, false);
    assert_true(size_of("-wal") >= (int64_t)CHECKPOINT_PAGES * FRAME); /* what it holds is all there is */
    store = open_store(STORE_WRITE);
    expect_rows(saved * ROWS);
    assert_true(write_rows(store, saved * ROWS));
    store_close(store);
}

int main(void)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    failing_vfs = *system;
    failing_vfs.zName = "failing";
    failing_vfs.pAppData = system;
    failing_vfs.xOpen = open_file;
    sqlite3_vfs_register(&failing_vfs, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_log_stays_bounded_and_nothing_is_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_turn_moves_a_slice_and_not_the_whole_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_reader_holds_it_up_and_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sync_that_fails_ends_the_writing_and_the_log_is_kept, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
