/* sqlite_raw.c: what SQLite alone takes for the orders a market has just saved. Reads the market's database,
 * makes an empty one with the same tables, indexes and triggers in the same directory, and writes the same
 * rows again in transactions of the same size, with nothing around: no server, no JSON, no checks. Prints
 * orders a second as JSON. */
#include "tests/load/base/clock.h"
#include "tests/load/base/sample.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one order writes, in this order. `select` must give each order its rows next to each other, oldest
 * first. */
static const struct table {
    const char *name, *select;
} tables[] = {
    {"orders", "SELECT * FROM orders ORDER BY id"},
    {"order_line", "SELECT * FROM order_line ORDER BY order_id, position"},
    {"stock", "SELECT * FROM stock WHERE kind = 'hold' ORDER BY id"},
    {"journal", "SELECT * FROM journal WHERE kind = 'order.placed' ORDER BY id"},
    {"answer",
     "SELECT a.* FROM answer a WHERE a.status = 201 AND a.body LIKE '%\"code\":\"CX%' ORDER BY a.rowid"},
};
enum { TABLES = G_N_ELEMENTS(tables) };

struct rows {          /* one table in memory */
    GPtrArray *values; /* sqlite3_value, row after row */
    int columns;
    guint next;
    sqlite3_stmt *insert;
};

struct options {
    char *database;
    int batch, limit;
};

static void die(sqlite3 *db, const char *what)
{
    fprintf(stderr, "sqlite-raw: %s: %s\n", what, db ? sqlite3_errmsg(db) : "out of memory");
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        die(db, sql);
    return s;
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = prepare(db, sql);
    const int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return n;
}

static sqlite3_stmt *prepare_insert(sqlite3 *db, const char *table, int columns)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    g_string_printf(sql, "INSERT INTO \"%s\" VALUES (", table);
    for (int i = 0; i < columns; i++)
        g_string_append(sql, i ? ", ?" : "?");
    g_string_append(sql, ")");
    return prepare(db, sql->str);
}

static void load(sqlite3 *from, const char *sql, struct rows *rows)
{
    sqlite3_stmt *s = prepare(from, sql);
    rows->values = g_ptr_array_new_with_free_func((GDestroyNotify)sqlite3_value_free);
    rows->columns = sqlite3_column_count(s);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < rows->columns; i++)
            g_ptr_array_add(rows->values, sqlite3_value_dup(sqlite3_column_value(s, i)));
    sqlite3_finalize(s);
}

static const sqlite3_value *peek(const struct rows *rows, int column)
{
    const guint at = rows->next * (guint)rows->columns + (guint)column;
    return at < rows->values->len ? rows->values->pdata[at] : NULL;
}

static void write_row(sqlite3 *db, struct rows *rows)
{
    for (int i = 0; i < rows->columns; i++)
        sqlite3_bind_value(rows->insert, i + 1, peek(rows, i));
    if (sqlite3_step(rows->insert) != SQLITE_DONE)
        die(db, "insert");
    sqlite3_reset(rows->insert);
    rows->next++;
}

/* Everything that was there before the orders: people, stalls, lots as they began. */
static void copy_rest(sqlite3 *from, sqlite3 *to)
{
    sqlite3_stmt *names =
        prepare(from, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    while (sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        bool ours = false;
        for (size_t i = 0; i < TABLES; i++)
            ours |= g_str_equal(name, tables[i].name);
        if (ours)
            continue;
        g_autofree char *sql = g_strdup_printf("SELECT * FROM \"%s\"", name);
        struct rows rows = {0};
        load(from, sql, &rows);
        rows.insert = prepare_insert(to, name, rows.columns);
        while (peek(&rows, 0))
            write_row(to, &rows);
        sqlite3_finalize(rows.insert);
        g_ptr_array_unref(rows.values);
    }
    sqlite3_finalize(names);
    run(to, "UPDATE lot SET available = total, held = 0, sold = 0");
}

static void copy_schema(sqlite3 *from, sqlite3 *to)
{
    sqlite3_stmt *s =
        prepare(from, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
                      " ORDER BY type = 'trigger', type = 'index'");
    while (sqlite3_step(s) == SQLITE_ROW)
        run(to, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

static sqlite3 *open_copy(sqlite3 *from, const char *path)
{
    sqlite3 *to = NULL;
    if (sqlite3_open(path, &to) != SQLITE_OK)
        die(to, path);
    run(to, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA "
            "cache_size = -65536;"
            "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA recursive_triggers = ON");
    copy_schema(from, to);
    run(to, "BEGIN");
    copy_rest(from, to);
    run(to, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA foreign_keys = ON");
    return to;
}

/* Without --batch: orders of one millisecond are one transaction. */
static bool ends_batch(const struct options *o, const struct rows *orders, int in_batch, int time_column)
{
    if (o->batch > 0)
        return in_batch == o->batch;
    const sqlite3_value *before =
        orders->values->pdata[(orders->next - 1) * (guint)orders->columns + (guint)time_column];
    const sqlite3_value *now = peek(orders, time_column);
    return !now || sqlite3_value_int64((sqlite3_value *)before) != sqlite3_value_int64((sqlite3_value *)now);
}

static int column_of(sqlite3 *db, const char *table, const char *column)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT cid FROM pragma_table_info('%s') WHERE name = '%s'", table, column);
    return (int)number(db, sql);
}

static void take_goods(sqlite3 *to, sqlite3_stmt *update, const struct rows *stock, int lot_column,
                       int amount_column)
{
    sqlite3_bind_value(update, 1, peek(stock, amount_column));
    sqlite3_bind_value(update, 2, peek(stock, lot_column));
    if (sqlite3_step(update) != SQLITE_DONE)
        die(to, "update lot");
    sqlite3_reset(update);
}

static int replay(sqlite3 *to, struct rows rows[TABLES], const struct options *o, int64_t *transactions)
{
    const int time = column_of(to, "orders", "placed_at"), lot = column_of(to, "stock", "lot"),
              amount = column_of(to, "stock", "amount"), owner = column_of(to, "stock", "order_id");
    sqlite3_stmt *update =
        prepare(to, "UPDATE lot SET available = available - ?1, held = held + ?1 WHERE id = ?2");
    int count = 0, in_batch = 0;
    while (peek(&rows[0], 0) && (o->limit == 0 || count < o->limit)) {
        const int64_t id = sqlite3_value_int64((sqlite3_value *)peek(&rows[0], 0));
        if (in_batch == 0)
            run(to, "BEGIN IMMEDIATE");
        write_row(to, &rows[0]);
        while (peek(&rows[1], 0) && sqlite3_value_int64((sqlite3_value *)peek(&rows[1], 0)) == id)
            write_row(to, &rows[1]);
        while (peek(&rows[2], 0) && sqlite3_value_int64((sqlite3_value *)peek(&rows[2], owner)) == id) {
            take_goods(to, update, &rows[2], lot, amount);
            write_row(to, &rows[2]);
        }
        for (size_t i = 3; i < TABLES; i++)
            if (peek(&rows[i], 0))
                write_row(to, &rows[i]);
        count++;
        if (ends_batch(o, &rows[0], ++in_batch, time)) {
            run(to, "COMMIT");
            ++*transactions;
            in_batch = 0;
        }
    }
    if (in_batch > 0) {
        run(to, "COMMIT");
        ++*transactions;
    }
    sqlite3_finalize(update);
    return count;
}

static void measure(sqlite3 *from, const char *path, const struct options *o)
{
    struct rows rows[TABLES] = {0};
    int64_t transactions = 0;
    sqlite3 *to = open_copy(from, path);
    for (size_t i = 0; i < TABLES; i++) {
        load(from, tables[i].select, &rows[i]);
        rows[i].insert = prepare_insert(to, tables[i].name, rows[i].columns);
    }
    const int64_t start = clock_us();
    const int orders = replay(to, rows, o, &transactions);
    const double seconds = MAX((double)(clock_us() - start) / 1e6, 1e-6);
    for (size_t i = 0; i < TABLES; i++) {
        sqlite3_finalize(rows[i].insert);
        g_ptr_array_unref(rows[i].values);
    }
    sqlite3_close(to);
    json_t *j =
        json_pack("{s:i, s:I, s:o, s:o, s:o}", "orders", orders, "transactions", (json_int_t)transactions,
                  "orders_per_transaction", sample_real((double)orders / (double)MAX(transactions, 1)),
                  "seconds", sample_real(seconds), "orders_per_s", sample_real(orders / seconds));
    json_dumpf(j, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(j);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const GOptionEntry entries[] = {
        {"database", 0, 0, G_OPTION_ARG_FILENAME, &o.database, "a market's database, after a run", "FILE"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &o.batch,
         "orders a transaction (default: those of one millisecond)", "N"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &o.limit, "at most so many orders", "N"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- SQLite alone, the same rows");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || !o.database) {
        fprintf(stderr, "sqlite-raw: %s\n", error ? error->message : "give --database FILE");
        return 2;
    }
    sqlite3 *from = NULL;
    if (sqlite3_open_v2(o.database, &from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(from, o.database);
    g_autofree char *path = g_strdup_printf("%s.raw", o.database);
    g_autofree char *wal = g_strdup_printf("%s-wal", path), *shm = g_strdup_printf("%s-shm", path);
    unlink(path), unlink(wal), unlink(shm);
    measure(from, path, &o);
    sqlite3_close(from);
    unlink(path), unlink(wal), unlink(shm);
    g_free(o.database);
    return 0;
}
