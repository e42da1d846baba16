/* store_sqlite.c: the seam on SQLite.
 *
 * Why it is set up this way: synchronous=FULL in WAL mode is what keeps every acknowledged order through a
 * power cut (NORMAL lost hundreds in the same test). Versions before 3.51.3 can corrupt the file when two
 * connections checkpoint, so the one writer is the only checkpointer (checkpointer.h): readers are query-only
 * and never checkpoint, and a lock file keeps a second process out. */
#include "market/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/base/log.h"
#include "market/store/checkpointer.h"

enum { ARGS_MAX = 24, CACHE_KIB = 65536, BUSY_MS = 5000 };

struct database {
    sqlite3 *handle;
    enum store_access access;
    int lock; /* of the writer, -1 none */
    char *where;
    struct checkpointer *checkpointer; /* of a writer whose schema is up to date */
    const char *failed;
    GHashTable *controls; /* SQL literal by content → sqlite3_stmt */
};

struct statement {
    struct database *db;
    sqlite3_stmt *handle;
    int index[ARGS_MAX + 1]; /* SQLite numbers $n by first appearance: $n → its number there, 0 when unused */
};

/* Keeps the first failure of the disk or file; everything else is our own mistake and only logged. */
static enum step judge(struct database *db, int code, const char *sql)
{
    switch (code & 0xff) {
    case SQLITE_ROW:
        return STEP_ROW;
    case SQLITE_DONE:
    case SQLITE_OK:
        return STEP_DONE;
    case SQLITE_CONSTRAINT:
        return STEP_CONFLICT;
    case SQLITE_FULL:
        db->failed = "full";
        break;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        db->failed = "io";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        db->failed = "corrupt";
        break;
    case SQLITE_NOMEM:
        db->failed = "memory";
        break;
    default:
        break;
    }
    log_line(LOG_LEVEL_ERROR, "store.refused", LOG_TEXT("message", sqlite3_errmsg(db->handle)),
             LOG_TEXT("sql", sql), LOG_NUMBER("errno", sqlite3_system_errno(db->handle)),
             LOG_NUMBER("number", sqlite3_extended_errcode(db->handle)));
    return STEP_FAILED;
}

static bool pragma_is(sqlite3 *handle, const char *sql, const char *expected)
{
    sqlite3_stmt *statement = NULL;
    bool same = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW &&
                g_strcmp0((const char *)sqlite3_column_text(statement, 0), expected) == 0;
    sqlite3_finalize(statement);
    return same;
}

static bool set_up(struct database *db, const char **why)
{
    sqlite3 *h = db->handle;
    bool writer = db->access == STORE_WRITE;
    g_autofree char *sql = g_strdup_printf(
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
        "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-%d; PRAGMA wal_autocheckpoint=%d;",
        writer ? CACHE_KIB : CACHE_KIB / 8, writer ? CHECKPOINT_PAGES : 0);
    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_timeout(h, BUSY_MS);
    if (!writer)
        sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK) {
        *why = "the database refuses its settings";
        return false;
    }
    if (!writer) {
        sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return sqlite3_exec(h, "PRAGMA query_only=ON", NULL, NULL, NULL) == SQLITE_OK;
    }
    if (!pragma_is(h, "PRAGMA journal_mode=WAL", "wal")) {
        *why = "the database cannot be put into WAL mode";
        return false;
    }
    if (sqlite3_exec(h, "PRAGMA synchronous=FULL", NULL, NULL, NULL) != SQLITE_OK ||
        !pragma_is(h, "PRAGMA synchronous", "2") || !pragma_is(h, "PRAGMA foreign_keys", "1") ||
        !pragma_is(h, "PRAGMA recursive_triggers", "1")) {
        *why = "the database does not keep the settings that make orders durable";
        return false;
    }
    return true;
}

static void db_close(void *data)
{
    struct database *db = data;
    g_hash_table_unref(db->controls);
    if (db->checkpointer && checkpointer_failed(db->checkpointer)) /* the next start moves the log anew */
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    checkpointer_free(db->checkpointer);
    sqlite3_close(db->handle);
    if (db->lock >= 0)
        close(db->lock);
    g_free(db->where);
    g_free(db);
}

static bool take_lock(struct database *db, const char *where, const char **why)
{
    g_autofree char *path = g_strconcat(where, ".lock", NULL);
    db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (db->lock < 0)
        *why = "the lock file beside the database cannot be made";
    else if (flock(db->lock, LOCK_EX | LOCK_NB) != 0)
        *why = "another process has this database";
    else
        return true;
    return false;
}

static bool sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool fine = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return fine;
}

static bool move(const char *from, const char *to)
{
    return rename(from, to) == 0 || errno == ENOENT;
}

/* A checked database that waits beside this one (`market restore`) takes its place; the old one is kept under
 * a name that is the same however often this is cut off half way. Its log goes with it first: replayed on the
 * new one it would ruin it. The lock is ours, nobody has either open. */
static bool take_in(const char *where, const char **why)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    g_autofree char *incoming = g_strconcat(where, STORE_INCOMING, NULL);
    g_autofree char *folder = g_path_get_dirname(where);
    struct stat st;
    if (stat(incoming, &st) != 0)
        return true;
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(st.st_mtime);
    g_autofree char *time = g_date_time_format(when, ".before-%Y%m%dT%H%M%SZ");
    bool fine = true;
    for (size_t i = 0; fine && i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *from = g_strconcat(where, parts[i], NULL);
        g_autofree char *to = g_strconcat(where, time, parts[i], NULL);
        fine = move(from, to);
    }
    fine = fine && sync_path(folder, O_RDONLY | O_DIRECTORY) && rename(incoming, where) == 0 &&
           sync_path(folder, O_RDONLY | O_DIRECTORY);
    if (fine)
        log_line(LOG_LEVEL_INFO, "store.restored", LOG_TEXT("kept", time));
    else
        *why = "the restored database cannot be put in place";
    return fine;
}

/* After a failed sync the log's pages may be clean in memory and missing on the disk. Written anew into the
 * database and synced, they are safe before the first order builds on them. No room for that now is no reason
 * not to serve. */
static bool settle_log(struct database *db, const char **why)
{
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    *why = "what the write-ahead log holds cannot be written into the database";
    return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_FULL;
}

static void finalize(gpointer statement)
{
    sqlite3_finalize(statement);
}

/* No counters that every allocation would take a lock for. */
static void set_up_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static void *db_open(const char *where, enum store_access access, const char **why)
{
    static pthread_once_t told = PTHREAD_ONCE_INIT;
    pthread_once(&told, set_up_library); /* before the first connection */
    struct database *db = g_new0(struct database, 1);
    *db = (struct database){.access = access, .lock = -1, .where = g_strdup(where)};
    db->controls = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
    if (access == STORE_WRITE && !(take_lock(db, where, why) && take_in(where, why))) {
        db_close(db);
        return NULL;
    }
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (access == STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
    mode_t before =
        access == STORE_WRITE ? umask(0077) : 0; /* the database holds people's phones and places */
    int code = sqlite3_open_v2(where, &db->handle, flags, NULL);
    *why = "the database file cannot be opened";
    bool fine = code == SQLITE_OK && set_up(db, why) && (access == STORE_READ || settle_log(db, why));
    if (access == STORE_WRITE)
        umask(before);
    if (!fine) {
        log_line(LOG_LEVEL_ERROR, "store.not_opened", LOG_TEXT("why", *why),
                 LOG_TEXT("message", sqlite3_errmsg(db->handle)));
        db_close(db);
        return NULL;
    }
    if (access == STORE_WRITE) /* before 3.51.3: the WAL-reset bug, see the top of this file */
        log_line(LOG_LEVEL_INFO, "store.opened", LOG_TEXT("sqlite", sqlite3_libversion()),
                 LOG_TEXT("checkpoints",
                          sqlite3_libversion_number() < 3051003 ? "writer only, needed" : "writer only"));
    return db;
}

static bool db_control(void *data, const char *sql)
{
    struct database *db = data;
    sqlite3_stmt *statement = g_hash_table_lookup(db->controls, sql);
    if (strcmp(sql, "ROLLBACK") == 0 && sqlite3_get_autocommit(db->handle))
        return true;
    if (db->failed && strcmp(sql, "ROLLBACK") != 0)
        return false;
    if (!statement) {
        int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (code != SQLITE_OK)
            return judge(db, code, sql) == STEP_DONE;
        g_hash_table_insert(db->controls, (gpointer)(uintptr_t)sql, statement);
    }
    int code = sqlite3_step(statement);
    bool fine = judge(db, code, sql) == STEP_DONE;
    sqlite3_reset(statement);
    return fine;
}

static bool db_script(void *data, const char *sql)
{
    struct database *db = data;
    return !db->failed && judge(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL), "script") == STEP_DONE;
}

static void *db_prepare(void *data, const char *sql)
{
    struct database *db = data;
    sqlite3_stmt *handle = NULL;
    if (db->failed)
        return NULL;
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code != SQLITE_OK) {
        judge(db, code, sql);
        return NULL;
    }
    struct statement *statement = g_new0(struct statement, 1);
    statement->db = db;
    statement->handle = handle;
    for (int n = 1; n <= sqlite3_bind_parameter_count(handle); n++) {
        int64_t number = g_ascii_strtoll(sqlite3_bind_parameter_name(handle, n) + 1, NULL, 10);
        assert(number >= 1 && number <= ARGS_MAX);
        statement->index[number] = n;
    }
    return statement;
}

static void st_bind(void *data, int number, struct value value)
{
    struct statement *statement = data;
    assert(number <= ARGS_MAX);
    int n = statement->index[number];
    if (n == 0)
        return;
    if (value.kind == VALUE_INT)
        sqlite3_bind_int64(statement->handle, n, value.number);
    else if (value.kind == VALUE_TEXT)
        sqlite3_bind_text(statement->handle, n, value.text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement->handle, n);
}

static enum step st_step(void *data)
{
    struct statement *statement = data;
    if (statement->db->failed)
        return STEP_FAILED;
    return judge(statement->db, sqlite3_step(statement->handle), sqlite3_sql(statement->handle));
}

static int64_t st_get_int(void *data, int column)
{
    return sqlite3_column_int64(((struct statement *)data)->handle, column);
}

static const char *st_get_text(void *data, int column)
{
    return (const char *)sqlite3_column_text(((struct statement *)data)->handle, column);
}

static void st_reset(void *data)
{
    sqlite3_reset(((struct statement *)data)->handle);
}

static void st_drop(void *data)
{
    sqlite3_finalize(((struct statement *)data)->handle);
    g_free(data);
}

static void db_seal(void *data)
{
    struct database *db = data;
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    db->checkpointer = checkpointer_new(db->where, db->handle);
}

static void db_tend(void *data)
{
    struct database *db = data;
    if (db->checkpointer && !db->failed && sqlite3_get_autocommit(db->handle) &&
        !checkpointer_turn(db->checkpointer))
        db->failed = "io";
}

static int64_t db_changes(void *data)
{
    return sqlite3_changes64(((struct database *)data)->handle);
}

static int64_t db_written(void *data)
{
    return sqlite3_total_changes64(((struct database *)data)->handle);
}

static const char *db_failed(void *data)
{
    return ((struct database *)data)->failed;
}

/* Copies page by page into a file beside the target and renames it, so that a backup is whole or not there.
 */
static bool db_copy(void *data, const char *path, const char **why)
{
    struct database *db = data;
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    sqlite3 *target = NULL;
    unlink(part);
    *why = "the copy cannot be written";
    mode_t before = umask(0077);
    int code = sqlite3_open_v2(part, &target,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    umask(before);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(target, "main", db->handle, "main") : NULL;
    bool fine = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
    fine = backup && sqlite3_backup_finish(backup) == SQLITE_OK && fine;
    fine = fine && pragma_is(target, "PRAGMA integrity_check", "ok");
    sqlite3_close(target);
    fine = fine && sync_path(part, O_RDWR) && rename(part, path) == 0 &&
           sync_path(folder, O_RDONLY | O_DIRECTORY);
    if (!fine)
        unlink(part);
    return fine;
}

/* Some room beyond what a batch needs, so that a disk that just has a page free is not called well. */
static bool db_well(const char *where)
{
    enum { PROBE_BYTES = 1 << 20 };
    g_autofree char *path = g_strconcat(where, ".probe", NULL);
    g_autofree char *zeros = g_malloc0(PROBE_BYTES);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool fine = fd >= 0 && write(fd, zeros, PROBE_BYTES) == PROBE_BYTES && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return unlink(path) == 0 && fine;
}

const struct store_ops store_sqlite = {
    .name = "sqlite",
    .open = db_open,
    .close = db_close,
    .control = db_control,
    .script = db_script,
    .seal = db_seal,
    .tend = db_tend,
    .prepare = db_prepare,
    .bind = st_bind,
    .step = st_step,
    .get_int = st_get_int,
    .get_text = st_get_text,
    .reset = st_reset,
    .drop = st_drop,
    .changes = db_changes,
    .written = db_written,
    .failed = db_failed,
    .copy = db_copy,
    .well = db_well,
};
