/* checkpointer.c: see checkpointer.h. */
#include "market/store/checkpointer.h"

#include <glib.h>
#include <pthread.h>
#include "market/base/log.h"

/* So often is the file synced beside the writer before the log is made whole, while more than a slice has
 * come since. */
enum { SYNCS_MAX = 4 };

/* The thread that syncs, and the connection whose file it syncs. */
struct syncer {
    sqlite3 *handle;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool busy, failed, closing;
};

struct checkpointer {
    sqlite3 *writer, *pin;
    int pages;         /* in the log after the last commit */
    int moved;         /* of them in the database */
    int pinned;        /* …in the log when the pin took its snapshot; 0: it holds none */
    int ended;         /* …when it was to be made whole last and a reader held that up */
    int syncs, synced; /* for this end: how many, and what was moved when the last was asked for */
    struct syncer syncer;
};

/* ---- the thread beside ---- */

static int sync_file(sqlite3 *handle)
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return code == SQLITE_OK && file->pMethods ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

static void *sync_thread(void *data)
{
    struct syncer *s = data;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->closing && !s->busy)
            pthread_cond_wait(&s->changed, &s->lock);
        if (!s->busy)
            break;
        pthread_mutex_unlock(&s->lock);
        int code = sync_file(s->handle);
        if (code != SQLITE_OK)
            log_line(LOG_LEVEL_ERROR, "store.sync", LOG_TEXT("message", sqlite3_errstr(code)),
                     LOG_NUMBER("number", code));
        pthread_mutex_lock(&s->lock);
        s->failed |= code != SQLITE_OK;
        s->busy = false;
        pthread_cond_signal(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void syncer_ask(struct syncer *s)
{
    pthread_mutex_lock(&s->lock);
    s->busy = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Is it at rest? `wait`: until it is. */
static bool syncer_rests(struct syncer *s, bool wait)
{
    pthread_mutex_lock(&s->lock);
    while (wait && s->busy)
        pthread_cond_wait(&s->changed, &s->lock);
    bool rests = !s->busy;
    pthread_mutex_unlock(&s->lock);
    return rests;
}

static void syncer_fail(struct syncer *s)
{
    pthread_mutex_lock(&s->lock);
    s->failed = true;
    pthread_mutex_unlock(&s->lock);
}

static bool syncer_start(struct syncer *s)
{
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    return pthread_create(&s->thread, NULL, sync_thread, s) == 0;
}

static void syncer_stop(struct syncer *s)
{
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
}

/* ---- the writer's thread ---- */

static void let_go(struct checkpointer *c)
{
    if (c->pinned)
        sqlite3_exec(c->pin, "COMMIT", NULL, NULL, NULL);
    c->pinned = 0;
}

/* Holds the log as it is now. When that fails there is no slice, and the end moves more. */
static void hold(struct checkpointer *c)
{
    let_go(c);
    if (sqlite3_exec(c->pin, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL) == SQLITE_OK)
        c->pinned = c->pages;
    else
        sqlite3_exec(c->pin, "ROLLBACK", NULL, NULL, NULL);
}

/* Up to the pin, or the oldest reader. A full disk changes nothing that counts: what is in the log stays
 * there. After any other failure nobody knows what is on the disk. */
static void pass(struct checkpointer *c)
{
    int log = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(c->writer, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &moved);
    int kind = code & 0xff;
    if (kind == SQLITE_OK) {
        c->pages = log;
        c->moved = moved;
        return;
    }
    bool passing = kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_FULL;
    log_line(passing ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "store.checkpoint",
             LOG_TEXT("message", sqlite3_errstr(code)), LOG_NUMBER("number", code));
    if (!passing)
        syncer_fail(&c->syncer);
}

/* May the log be made whole now? Not before most of what was moved has been synced beside. */
static bool may_end(struct checkpointer *c)
{
    if (c->pages < MAX(CHECKPOINT_PAGES, c->ended + SLICE_PAGES) ||
        !syncer_rests(&c->syncer, c->pages >= LOG_PAGES_MAX))
        return false;
    if (c->syncs == SYNCS_MAX || c->pages >= LOG_PAGES_MAX ||
        (c->syncs && c->moved - c->synced < SLICE_PAGES))
        return true;
    c->syncs++;
    c->synced = c->moved;
    syncer_ask(&c->syncer);
    return false;
}

static void end(struct checkpointer *c)
{
    let_go(c);
    pass(c);
    bool whole = c->moved == c->pages;
    c->ended = whole ? 0 : c->pages;
    c->syncs = c->synced = 0;
    if (whole) /* the next transaction writes it anew */
        c->pages = c->moved = 0;
}

bool checkpointer_turn(struct checkpointer *c)
{
    if (may_end(c) && !checkpointer_failed(c)) {
        end(c);
    } else if (c->pages - c->pinned >= SLICE_PAGES && !checkpointer_failed(c)) {
        if (c->pinned)
            pass(c);
        hold(c);
    }
    return !checkpointer_failed(c);
}

bool checkpointer_failed(struct checkpointer *c)
{
    pthread_mutex_lock(&c->syncer.lock);
    bool failed = c->syncer.failed;
    pthread_mutex_unlock(&c->syncer.lock);
    return failed;
}

/* In each commit that wrote something. */
static int on_commit(void *data, sqlite3 *writer, const char *name, int pages)
{
    struct checkpointer *c = data;
    (void)writer;
    (void)name;
    c->pages = pages;
    return SQLITE_OK;
}

static sqlite3 *open_beside(const char *where)
{
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(where, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    /* the last word reads, which puts this connection into WAL mode */
    if (code == SQLITE_OK)
        code = sqlite3_exec(handle,
                            "PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON;"
                            "PRAGMA trusted_schema=OFF; SELECT COUNT(*) FROM sqlite_schema",
                            NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (code == SQLITE_OK)
        return handle;
    log_line(LOG_LEVEL_WARN, "store.checkpointer", LOG_TEXT("message", sqlite3_errmsg(handle)));
    sqlite3_close(handle);
    return NULL;
}

static void close_all(struct checkpointer *c)
{
    sqlite3_close(c->pin); /* both may be NULL */
    sqlite3_close(c->syncer.handle);
    g_free(c);
}

struct checkpointer *checkpointer_new(const char *where, sqlite3 *writer)
{
    struct checkpointer *c = g_new0(struct checkpointer, 1);
    c->writer = writer;
    c->pin = open_beside(where);
    c->syncer.handle = open_beside(where);
    if (c->pin && c->syncer.handle && syncer_start(&c->syncer)) {
        sqlite3_wal_hook(writer, on_commit, c);
        return c;
    }
    close_all(c);
    return NULL;
}

void checkpointer_free(struct checkpointer *c)
{
    if (!c)
        return;
    sqlite3_wal_hook(c->writer, NULL, NULL);
    let_go(c);
    syncer_stop(&c->syncer);
    close_all(c);
}
