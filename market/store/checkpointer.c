/* checkpointer.c: see checkpointer.h. The writer tells where it stands by two numbers: which transaction has
 * begun last, and which was the last one that wrote. */
#include "market/store/checkpointer.h"

#include <glib.h>
#include <pthread.h>
#include <stdint.h>
#include "market/base/log.h"

/* Passes beside the writer until little is left; under heavy load each leaves a tenth of the one before. */
enum { BESIDE_MAX = 4, LITTLE_PAGES = 100, AGAIN_PAGES = CHECKPOINT_PAGES / 4 };

struct checkpointer {
    sqlite3 *handle; /* the thread's, after it was started */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t due, turn;
    uint64_t begun, written; /* the writer's transactions */
    uint64_t passed;         /* what `begun` was when the last pass ended */
    int pages;               /* in the log after the writer's last commit */
    int left;                /* of them after the last checkpoint: a reader may have held it up */
    bool inside;             /* the writer is in a transaction */
    bool still;              /* it may not begin one */
    bool asked;              /* a checkpoint is due or under way */
    bool closing, failed;
};

static bool is_due(const struct checkpointer *c)
{
    int wanted = c->left ? MAX(c->left + AGAIN_PAGES, CHECKPOINT_PAGES) : CHECKPOINT_PAGES;
    return c->pages >= wanted && c->written > c->passed;
}

/* What a pass beside the writer has moved is synced beside it too; SQLite itself would do so in the last pass
 * only, while everybody waits. */
static int sync_database(struct checkpointer *c)
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(c->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return code == SQLITE_OK && file->pMethods ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

/* A full disk changes nothing that counts: what is in the log stays there, and what has been moved is still
 * to be synced. After any other failure nobody knows what is on the disk. */
static bool judge(struct checkpointer *c, int code)
{
    int kind = code & 0xff;
    bool fine = kind == SQLITE_OK;
    if (!fine)
        log_line(kind == SQLITE_BUSY || kind == SQLITE_FULL ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR,
                 "store.checkpoint", LOG_TEXT("message", sqlite3_errstr(code)), LOG_NUMBER("number", code));
    if (fine || kind == SQLITE_BUSY || kind == SQLITE_FULL)
        return fine;
    pthread_mutex_lock(&c->lock);
    c->failed = true;
    pthread_mutex_unlock(&c->lock);
    return false;
}

/* One pass; `rest`: what of the log, as it is now, is not in the database yet. */
static bool pass(struct checkpointer *c, bool beside, int *rest)
{
    int log = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(c->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &moved);
    pthread_mutex_lock(&c->lock);
    c->passed = c->begun;
    *rest = MAX(c->pages, log) - moved;
    pthread_mutex_unlock(&c->lock);
    if (code == SQLITE_OK && beside)
        code = sync_database(c);
    return judge(c, code);
}

static bool may_pass(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    bool may = c->written > c->passed && !c->closing;
    pthread_mutex_unlock(&c->lock);
    return may;
}

static void stand_still(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    c->still = true;
    while (c->inside)
        pthread_cond_wait(&c->turn, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

static void go_on(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    c->still = c->asked = false;
    c->left = c->pages;
    pthread_cond_signal(&c->turn);
    pthread_mutex_unlock(&c->lock);
}

/* Most of it beside the writer, the end while it stands still, so that the log is whole in the database and
 * the next transaction writes it anew from its beginning. */
static void checkpoint(struct checkpointer *c)
{
    int rest = LITTLE_PAGES + 1;
    bool fine = true;
    for (int i = 0; fine && i < BESIDE_MAX && rest > LITTLE_PAGES && may_pass(c); i++)
        fine = pass(c, true, &rest);
    stand_still(c);
    if (fine)
        pass(c, false, &rest);
    go_on(c);
}

static void *run(void *data)
{
    struct checkpointer *c = data;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->closing && !c->asked)
            pthread_cond_wait(&c->due, &c->lock);
        if (c->closing)
            break;
        pthread_mutex_unlock(&c->lock);
        checkpoint(c);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* The writer's thread, in each commit that wrote something. */
static int on_commit(void *data, sqlite3 *writer, const char *name, int pages)
{
    struct checkpointer *c = data;
    (void)writer;
    (void)name;
    pthread_mutex_lock(&c->lock);
    if (pages < c->pages) /* a log written anew */
        c->left = 0;
    c->written = c->begun;
    c->pages = pages;
    pthread_mutex_unlock(&c->lock);
    return SQLITE_OK;
}

static sqlite3 *open_beside(const char *where)
{
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(where, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    /* the last word reads, which puts this connection into WAL mode */
    if (code == SQLITE_OK)
        code = sqlite3_exec(handle,
                            "PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL;"
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

struct checkpointer *checkpointer_new(const char *where, sqlite3 *writer)
{
    struct checkpointer *c = g_new0(struct checkpointer, 1);
    c->handle = open_beside(where);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->due, NULL);
    pthread_cond_init(&c->turn, NULL);
    if (c->handle && pthread_create(&c->thread, NULL, run, c) == 0) {
        sqlite3_wal_hook(writer, on_commit, c);
        return c;
    }
    sqlite3_close(c->handle);
    g_free(c);
    return NULL;
}

void checkpointer_free(struct checkpointer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    c->inside = false; /* a transaction that is still open will be undone */
    pthread_cond_signal(&c->due);
    pthread_cond_signal(&c->turn);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    sqlite3_close(c->handle);
    pthread_cond_destroy(&c->due);
    pthread_cond_destroy(&c->turn);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

bool checkpointer_enter(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->still || (c->asked && c->pages >= LOG_PAGES_MAX))
        pthread_cond_wait(&c->turn, &c->lock);
    bool fine = !c->failed;
    c->inside = fine;
    c->begun += fine;
    pthread_mutex_unlock(&c->lock);
    return fine;
}

void checkpointer_leave(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    if (c->inside) {
        c->inside = false;
        if (c->still)
            pthread_cond_signal(&c->turn);
        if (!c->asked && !c->failed && is_due(c)) {
            c->asked = true;
            pthread_cond_signal(&c->due);
        }
    }
    pthread_mutex_unlock(&c->lock);
}

bool checkpointer_failed(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    bool failed = c->failed;
    pthread_mutex_unlock(&c->lock);
    return failed;
}
