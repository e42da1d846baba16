/* store.h: the seam between the market and its database. Everything above speaks to these functions; a
 * database is one const struct of few functions (store_ops), shaped by what we need and not by what it
 * offers.
 *
 * SQL is one text for every database: the subset SQLite and PostgreSQL share ($1… placeholders, RETURNING, ON
 * CONFLICT, partial indexes; ids and times come from C; SUM cast to BIGINT). SQL is always a literal: a
 * statement is prepared once per store and found again by the literal's address.
 *
 * A store belongs to one thread at a time. After the disk or the file has failed (full, I/O error,
 * corruption) the store stays failed: every call refuses, nothing is retried (a second fsync may lie); the
 * process leaves it to its supervisor. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_access {
    STORE_WRITE, /* the one writer and checkpointer; refuses when another process has it */
    STORE_READ
};

enum step {
    STEP_ROW,
    STEP_DONE,
    STEP_CONFLICT, /* a UNIQUE, CHECK, foreign key or append-only rule refused; the statement changed nothing
                    */
    STEP_FAILED    /* store_failed says why, or it was a mistake in our SQL (logged) */
};

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT };
struct value {
    enum value_kind kind;
    int64_t number;
    const char *text; /* must live until the query ends */
};

struct store_ops {
    const char *name;
    void *(*open)(const char *where, enum store_access access, const char **why);
    void (*close)(void *db);
    bool (*control)(void *db,
                    const char *sql); /* BEGIN, COMMIT, SAVEPOINT …: no rows, no arguments, cached */
    bool (*script)(void *db, const char *sql); /* several statements: migrations */
    void (*seal)(void *db);                    /* after them: the schema's own table is shut */
    void (*tend)(void *db); /* between transactions: what the storage wants done now and then */
    void *(*prepare)(void *db, const char *sql);                   /* NULL: our mistake or failed */
    void (*bind)(void *statement, int number, struct value value); /* number from 1, as in $1 */
    enum step (*step)(void *statement);
    int64_t (*get_int)(void *statement, int column);
    const char *(*get_text)(void *statement, int column); /* until the next step; NULL for NULL */
    void (*reset)(void *statement);
    void (*drop)(void *statement);
    int64_t (*changes)(void *db);    /* rows of the last statement */
    int64_t (*written)(void *db);    /* rows of all statements since it was opened; what was undone counts */
    const char *(*failed)(void *db); /* NULL: healthy; else a static word: "full", "io", "corrupt"… */
    bool (*copy)(void *db, const char *path,
                 const char **why);  /* a consistent copy into a new file, fsynced */
    bool (*well)(const char *where); /* can something be written and synced there now? Any thread */
};
extern const struct store_ops store_sqlite;

struct store;
struct query;

#define ARG_INT(x) ((struct value){.kind = VALUE_INT, .number = (x)})
#define ARG_TEXT(x) (arg_text(x)) /* NULL is NULL */
#define ARG_ID(x) (arg_id(x))     /* a reference; 0 is NULL */

static inline struct value arg_text(const char *text)
{
    return (struct value){.kind = text ? VALUE_TEXT : VALUE_NULL, .text = text};
}
static inline struct value arg_id(int64_t id)
{
    return (struct value){.kind = id ? VALUE_INT : VALUE_NULL, .number = id};
}

/* A database that `market restore` has checked lies beside ours under the first ending. Under the second one,
 * which it gets when the running market agrees, it takes our place when a writer opens. */
#define STORE_CHECKED ".checked"
#define STORE_INCOMING ".incoming"

/* Opens; a writer also brings the schema up to date. NULL and *why (static) on failure. Free with store_close
 * (NULL is fine). */
struct store *store_open(const struct store_ops *ops, const char *where, enum store_access access,
                         const char **why);
void store_close(struct store *store);
const char *store_failed(const struct store *store);
bool store_copy(struct store *store, const char *path, const char **why);

bool store_begin(struct store *store); /* writer: takes the write lock; reader: one snapshot until commit */
bool store_commit(struct store *store);
/* Writer, between two transactions, best when nobody waits for an answer: the storage does a piece of what it
 * has to do now and then (a millisecond or two). store_begin does it as well. */
void store_tend(struct store *store);
void store_rollback(struct store *store); /* harmless when nothing is open */
bool store_again(struct store *store);    /* undoes all of it and begins anew; false: nothing is open */
/* One command within the transaction: mark, then keep or undo. No nesting. */
bool store_mark(struct store *store);
bool store_keep(struct store *store);
bool store_undo(struct store *store);

/* Starts a query; never NULL. End it with query_end, or let QUERY do it. */
#define store_query(store, sql, ...)                                                                         \
    store_query_args((store), (sql), (const struct value[]){__VA_ARGS__},                                    \
                     sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))
/* Runs to the end, rows are thrown away: STEP_DONE, STEP_CONFLICT or STEP_FAILED. */
#define store_run(store, sql, ...)                                                                           \
    store_run_args((store), (sql), (const struct value[]){__VA_ARGS__},                                      \
                   sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))
struct query *store_query_args(struct store *store, const char *sql, const struct value *args, size_t count);
enum step store_run_args(struct store *store, const char *sql, const struct value *args, size_t count);
int64_t store_changes(struct store *store); /* rows touched by the last finished statement */
/* Rows touched since the store was opened, triggers and undone ones included: the same number before and
 * after means that nothing was written in between. */
int64_t store_written(struct store *store);
/* First column of the first row, or `standard` when there is none. */
int64_t store_int(struct store *store, const char *sql, int64_t argument, int64_t standard);
/* Next id of a table; `max_sql` selects the highest so far and is asked once. Writer only. Undone commands
 * leave gaps. */
int64_t store_next_id(struct store *store, const char *max_sql);

enum step query_step(struct query *query);
bool query_row(struct query *query);                     /* steps; true when there is a row */
int64_t query_int(struct query *query, int column);      /* 0 for NULL */
const char *query_text(struct query *query, int column); /* until the next step; NULL for NULL */
void query_end(struct query *query);

static inline void query_endp(struct query **query)
{
    query_end(*query);
}
#define QUERY __attribute__((cleanup(query_endp))) struct query *

/* Brings the schema up to date, called by store_open for a writer: each numbered script in a transaction of
 * its own, with its checksum kept; refuses a database that knows more than this program or other texts than
 * it. */
struct migration {
    int number;
    const char *name;
    const char *sql;
};
extern const struct migration store_migrations[]; /* generated from migrations/ at build */
extern const size_t store_migration_count;
bool store_migrate(struct store *store, const struct migration *list, size_t count, const char **why);
bool store_script(struct store *store, const char *sql); /* several statements at once; migrations only */

#endif
