/* migrate.c: numbered scripts, each applied once and in order. A script that has been released is never
 * edited: its checksum is kept in the database and a program with another text refuses to start, because it
 * can no longer say what the schema is. */
#include "market/store/store.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/base/id.h"
#include "market/base/log.h"

static const char table[] = "CREATE TABLE IF NOT EXISTS migration ("
                            " number INTEGER NOT NULL PRIMARY KEY,"
                            " name TEXT NOT NULL,"
                            " checksum TEXT NOT NULL,"
                            " applied_at INTEGER NOT NULL) STRICT;";

/* Counts what the database already has; false when that is not a beginning of our list. */
static bool check_applied(struct store *store, const struct migration *list, size_t count, size_t *applied,
                          const char **why)
{
    QUERY query = store_query_args(store, "SELECT number, checksum FROM migration ORDER BY number", NULL, 0);
    enum step step;
    *applied = 0;
    while ((step = query_step(query)) == STEP_ROW) {
        if (*applied >= count || query_int(query, 0) != list[*applied].number) {
            *why = "the database was made by a newer version of this program";
            return false;
        }
        char checksum[ID_HASH_CHARS + 1];
        id_hash(list[*applied].sql, checksum);
        if (strcmp(checksum, query_text(query, 1)) != 0) {
            *why = "the database was made with another text of a migration";
            return false;
        }
        ++*applied;
    }
    if (step != STEP_DONE)
        *why = "the table of migrations cannot be read";
    return step == STEP_DONE;
}

static bool apply(struct store *store, const struct migration *migration)
{
    char checksum[ID_HASH_CHARS + 1];
    id_hash(migration->sql, checksum);
    if (store_begin(store) && store_script(store, migration->sql) &&
        store_run(store, "INSERT INTO migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                  ARG_INT(migration->number), ARG_TEXT(migration->name), ARG_TEXT(checksum),
                  ARG_INT(clock_wall_ms())) == STEP_DONE &&
        store_commit(store)) {
        log_line(LOG_LEVEL_INFO, "store.migrated", LOG_NUMBER("number", migration->number),
                 LOG_TEXT("name", migration->name));
        return true;
    }
    store_rollback(store);
    return false;
}

bool store_migrate(struct store *store, const struct migration *list, size_t count, const char **why)
{
    size_t applied;
    if (!store_script(store, table)) {
        *why = "the table of migrations cannot be made";
        return false;
    }
    if (!check_applied(store, list, count, &applied, why))
        return false;
    for (; applied < count; applied++) {
        if (!apply(store, &list[applied])) {
            *why = "a migration failed";
            return false;
        }
    }
    return true;
}
