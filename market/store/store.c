/* store.c: what is the same for every database: the statement cache, ids, transactions' words. */
#include "market/store/store.h"

#include <assert.h>
#include <glib.h>

struct query {
    struct store *store;
    void *statement; /* NULL when it could not be prepared */
    bool busy;
};

struct store {
    const struct store_ops *ops;
    void *db;
    enum store_access access;
    GHashTable *queries; /* SQL literal (by address) → struct query */
    GHashTable *ids;     /* SQL literal → last id */
};

static void query_free(gpointer data)
{
    struct query *query = data;
    if (query->statement)
        query->store->ops->drop(query->statement);
    g_free(query);
}

struct store *store_open(const struct store_ops *ops, const char *where, enum store_access access,
                         const char **why)
{
    void *db = ops->open(where, access, why);
    if (!db)
        return NULL;
    struct store *store = g_new0(struct store, 1);
    *store = (struct store){.ops = ops, .db = db, .access = access};
    store->queries = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, query_free);
    store->ids = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    if (access == STORE_WRITE && !store_migrate(store, store_migrations, store_migration_count, why)) {
        store_close(store);
        return NULL;
    }
    if (access == STORE_WRITE)
        ops->seal(db);
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    g_hash_table_unref(store->queries);
    g_hash_table_unref(store->ids);
    store->ops->close(store->db);
    g_free(store);
}

const char *store_failed(const struct store *store)
{
    return store->ops->failed(store->db);
}

bool store_copy(struct store *store, const char *path, const char **why)
{
    return store->ops->copy(store->db, path, why);
}

bool store_script(struct store *store, const char *sql)
{
    return store->ops->script(store->db, sql);
}

void store_tend(struct store *store)
{
    if (store->access == STORE_WRITE)
        store->ops->tend(store->db);
}

bool store_begin(struct store *store)
{
    store_tend(store);
    return store->ops->control(store->db, store->access == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
}

bool store_commit(struct store *store)
{
    return store->ops->control(store->db, "COMMIT");
}

void store_rollback(struct store *store)
{
    store->ops->control(store->db, "ROLLBACK");
}

bool store_again(struct store *store)
{
    return store->ops->control(store->db, "ROLLBACK") && store_begin(store);
}

bool store_mark(struct store *store)
{
    return store->ops->control(store->db, "SAVEPOINT command");
}

bool store_keep(struct store *store)
{
    return store->ops->control(store->db, "RELEASE command");
}

bool store_undo(struct store *store)
{
    return store->ops->control(store->db, "ROLLBACK TO command") && store_keep(store);
}

struct query *store_query_args(struct store *store, const char *sql, const struct value *args, size_t count)
{
    struct query *query = g_hash_table_lookup(store->queries, sql);
    if (!query) {
        query = g_new0(struct query, 1);
        query->store = store;
        g_hash_table_insert(store->queries, (gpointer)(uintptr_t)sql, query);
    }
    if (!query->statement)
        query->statement = store->ops->prepare(store->db, sql);
    assert(!query->busy && "a query may not run inside itself");
    query->busy = true;
    for (size_t i = 0; query->statement && i < count; i++)
        store->ops->bind(query->statement, (int)i + 1, args[i]);
    return query;
}

enum step query_step(struct query *query)
{
    assert(query->busy);
    return query->statement ? query->store->ops->step(query->statement) : STEP_FAILED;
}

bool query_row(struct query *query)
{
    return query_step(query) == STEP_ROW;
}

int64_t query_int(struct query *query, int column)
{
    return query->store->ops->get_int(query->statement, column);
}

const char *query_text(struct query *query, int column)
{
    return query->store->ops->get_text(query->statement, column);
}

void query_end(struct query *query)
{
    if (!query)
        return;
    if (query->statement)
        query->store->ops->reset(query->statement);
    query->busy = false;
}

enum step store_run_args(struct store *store, const char *sql, const struct value *args, size_t count)
{
    QUERY query = store_query_args(store, sql, args, count);
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        ;
    return step;
}

int64_t store_changes(struct store *store)
{
    return store->ops->changes(store->db);
}

int64_t store_written(struct store *store)
{
    return store->ops->written(store->db);
}

int64_t store_int(struct store *store, const char *sql, int64_t argument, int64_t standard)
{
    QUERY query = store_query(store, sql, ARG_INT(argument));
    return query_row(query) ? query_int(query, 0) : standard;
}

int64_t store_next_id(struct store *store, const char *max_sql)
{
    assert(store->access == STORE_WRITE);
    int64_t *last = g_hash_table_lookup(store->ids, max_sql);
    if (!last) {
        last = g_new(int64_t, 1);
        QUERY query = store_query_args(store, max_sql, NULL, 0);
        *last = query_row(query) ? query_int(query, 0) : 0;
        g_hash_table_insert(store->ids, (gpointer)(uintptr_t)max_sql, last);
    }
    return ++*last;
}
