/* The seam on SQLite: migrations, locks, append-only, failures. Real files. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/store/store.h"

static char *folder, *path;

static int set_up(void **state)
{
    (void)state;
    char *template = g_build_filename(g_get_tmp_dir(), "store-XXXXXX", NULL);
    folder = g_mkdtemp(template);
    path = g_build_filename(folder, "market.db", NULL);
    return folder ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const files[] = {"market.db", "market.db-wal", "market.db-shm", "market.db.lock",
                                        "copy.db",   "copy.db-wal",   "copy.db-shm",   "copy.db.lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_build_filename(folder, files[i], NULL);
        unlink(file);
    }
    rmdir(folder);
    g_free(folder);
    g_free(path);
    return 0;
}

static struct store *open_writer(void)
{
    const char *why = "";
    struct store *store = store_open(&store_sqlite, path, STORE_WRITE, &why);
    if (!store)
        fail_msg("%s", why);
    return store;
}

static void a_person(struct store *store)
{
    assert_int_equal(store_run(store,
                               "INSERT INTO person (id, name, phone, place, roles, made_at)"
                               " VALUES ($1, 'Lan', '+84912345678', '', 2, 0)",
                               ARG_INT(1)),
                     STEP_DONE);
}

static void migrations_are_applied_once(void **state)
{
    (void)state;
    struct store *store = open_writer();
    int64_t count = store_int(store, "SELECT COUNT(*) FROM migration", 0, -1);
    assert_int_equal(count, (int64_t)store_migration_count);
    store_close(store);
    store = open_writer();
    assert_int_equal(store_int(store, "SELECT COUNT(*) FROM migration", 0, -1), count);
    store_close(store);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 077, 0); /* phones and places of people: nobody else's business */
}

static void a_newer_or_other_schema_is_refused(void **state)
{
    (void)state;
    const char *why = "";
    struct store *store = open_writer();
    assert_int_equal(
        store_run(store,
                  "INSERT INTO migration (number, name, checksum, applied_at) VALUES ($1, 'later', 'x', 0)",
                  ARG_INT(9999)),
        STEP_DONE);
    store_close(store);
    assert_null(store_open(&store_sqlite, path, STORE_WRITE, &why));
    assert_non_null(strstr(why, "newer"));
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            raw,
            "DELETE FROM migration WHERE number = 9999; UPDATE migration SET checksum = 'y' WHERE number = 1",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(raw);
    assert_null(store_open(&store_sqlite, path, STORE_WRITE, &why));
    assert_non_null(strstr(why, "another text"));
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    (void)state;
    const char *why = "";
    struct store *store = open_writer();
    g_autofree struct migration *list = g_new0(struct migration, store_migration_count + 1);
    memcpy(list, store_migrations, sizeof list[0] * store_migration_count);
    list[store_migration_count] = (struct migration){
        500, "500-half", "CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE half (a INTEGER);"};
    assert_false(store_migrate(store, list, store_migration_count + 1, &why));
    assert_null(store_failed(store)); /* our mistake, not the disk's */
    assert_int_equal(store_int(store, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'", 0, -1), 0);
    list[store_migration_count].sql = "CREATE TABLE half (a INTEGER) STRICT;";
    assert_true(store_migrate(store, list, store_migration_count + 1, &why));
    assert_int_equal(store_int(store, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'", 0, -1), 1);
    store_close(store);
}

static void a_second_writer_is_refused(void **state)
{
    (void)state;
    const char *why = "";
    struct store *store = open_writer();
    assert_null(store_open(&store_sqlite, path, STORE_WRITE, &why));
    assert_non_null(strstr(why, "another process"));
    store_close(store);
    store_close(open_writer());
}

static void a_reader_sees_one_moment_and_cannot_write(void **state)
{
    (void)state;
    const char *why = "";
    struct store *writer = open_writer();
    struct store *reader = store_open(&store_sqlite, path, STORE_READ, &why);
    assert_non_null(reader);
    assert_true(store_begin(reader));
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM person", 0, -1), 0);
    a_person(writer);
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM person", 0, -1), 0);
    assert_true(store_commit(reader));
    assert_int_equal(store_int(reader, "SELECT COUNT(*) FROM person", 0, -1), 1);
    assert_int_equal(store_run(reader, "DELETE FROM person WHERE id = $1", ARG_INT(1)), STEP_FAILED);
    assert_int_equal(store_int(writer, "SELECT COUNT(*) FROM person", 0, -1), 1);
    store_close(reader);
    store_close(writer);
}

static void what_happened_cannot_be_changed(void **state)
{
    (void)state;
    struct store *store = open_writer();
    assert_int_equal(
        store_run(store, "INSERT INTO journal (id, at_ms, kind, hash) VALUES ($1, 0, 'k', 'h')", ARG_INT(1)),
        STEP_DONE);
    assert_int_equal(store_run(store, "UPDATE journal SET kind = 'other' WHERE id = $1", ARG_INT(1)),
                     STEP_CONFLICT);
    assert_int_equal(store_run(store, "DELETE FROM journal WHERE id = $1", ARG_INT(1)), STEP_CONFLICT);
    assert_int_equal(
        store_run(store, "INSERT OR REPLACE INTO journal (id, at_ms, kind, hash) VALUES ($1, 0, 'z', 'h')",
                  ARG_INT(1)),
        STEP_CONFLICT);
    assert_int_equal(store_int(store, "SELECT COUNT(*) FROM journal WHERE kind = 'k'", 0, -1), 1);
    assert_int_equal(store_run(store,
                               "INSERT INTO stall (id, slug, name, village, about, farmer, state, made_at)"
                               " VALUES (1, 's', 'n', 'v', '', $1, 'open', 0)",
                               ARG_INT(7)),
                     STEP_CONFLICT); /* no such person */
    a_person(store);
    assert_int_equal(store_run(store, "UPDATE person SET roles = $1", ARG_INT(64)), STEP_CONFLICT);
    assert_int_equal(store_run(store, "UPDATE person SET roles = $1", ARG_TEXT("abc")), STEP_CONFLICT);
    assert_null(store_failed(store));
    store_close(store);
}

static void stock_columns_must_add_up(void **state)
{
    (void)state;
    struct store *store = open_writer();
    a_person(store);
    assert_int_equal(store_run(store,
                               "INSERT INTO stall (id, slug, name, village, about, farmer, state, made_at)"
                               " VALUES (1, 's', 'n', 'v', '', $1, 'open', 0)",
                               ARG_INT(1)),
                     STEP_DONE);
    assert_int_equal(store_run(store,
                               "INSERT INTO lot (id, stall, name, unit, price, total, available, held,"
                               " sold, state, note, made_at)"
                               " VALUES (1, 1, 'n', 'kg', 5, $1, 10, 0, 0, 'open', '', 0)",
                               ARG_INT(10)),
                     STEP_DONE);
    assert_int_equal(store_run(store, "UPDATE lot SET available = available - $1", ARG_INT(1)),
                     STEP_CONFLICT);
    assert_int_equal(
        store_run(store, "UPDATE lot SET available = available - $1, held = held + $1", ARG_INT(11)),
        STEP_CONFLICT);
    assert_int_equal(
        store_run(store, "UPDATE lot SET available = available - $1, held = held + $1", ARG_INT(10)),
        STEP_DONE);
    store_close(store);
}

static void placeholders_are_bound_by_their_number(void **state)
{
    (void)state;
    struct store *store = open_writer();
    /* $2 comes first in the text: SQLite alone would take it for the first argument */
    QUERY query = store_query(store, "SELECT $2 - $1, $3", ARG_INT(1), ARG_INT(10), ARG_TEXT(NULL));
    assert_true(query_row(query));
    assert_int_equal(query_int(query, 0), 9);
    assert_null(query_text(query, 1));
    query_end(query);
    query = NULL;
    store_close(store);
}

static void an_undone_command_leaves_the_batch_alone(void **state)
{
    (void)state;
    struct store *store = open_writer();
    assert_true(store_begin(store) && store_mark(store));
    a_person(store);
    assert_true(store_keep(store) && store_mark(store));
    assert_int_equal(store_run(store, "UPDATE person SET name = $1", ARG_TEXT("Nam")), STEP_DONE);
    assert_true(store_undo(store) && store_commit(store));
    assert_int_equal(store_int(store, "SELECT COUNT(*) FROM person WHERE name = 'Lan'", 0, -1), 1);
    store_rollback(store); /* harmless */
    store_close(store);
}

static void a_copy_is_whole(void **state)
{
    (void)state;
    const char *why = "";
    struct store *store = open_writer();
    g_autofree char *copy = g_build_filename(folder, "copy.db", NULL);
    a_person(store);
    assert_true(store_copy(store, copy, &why));
    assert_false(store_copy(store, "/nowhere/at/all/copy.db", &why));
    store_close(store);
    struct store *read = store_open(&store_sqlite, copy, STORE_WRITE, &why);
    assert_non_null(read);
    assert_int_equal(store_int(read, "SELECT COUNT(*) FROM person", 0, -1), 1);
    store_close(read);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    const char *why = "";
    g_autofree char *noise = g_strnfill(8192, 'x');
    assert_true(g_file_set_contents(path, noise, 8192, NULL));
    assert_null(store_open(&store_sqlite, path, STORE_WRITE, &why));
    assert_true(why[0] != '\0');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(migrations_are_applied_once),
        TEST(a_newer_or_other_schema_is_refused),
        TEST(a_migration_that_fails_leaves_nothing),
        TEST(a_second_writer_is_refused),
        TEST(a_reader_sees_one_moment_and_cannot_write),
        TEST(what_happened_cannot_be_changed),
        TEST(stock_columns_must_add_up),
        TEST(placeholders_are_bound_by_their_number),
        TEST(an_undone_command_leaves_the_batch_alone),
        TEST(a_copy_is_whole),
        TEST(a_file_that_is_no_database_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
