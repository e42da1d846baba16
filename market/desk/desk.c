/* desk.c: threads and doors. Whoever calls hands a call in and is called back; the work itself is in batch.c
 * and the run_*.c files.
 *
 *   any thread ── desk_call ──▶ commands ──▶ desk thread (the only writer: batch.c)
 *                     │                         ▲
 *                     ├──▶ hashes ──▶ hashers ──┘   passwords take a tenth of a second, so they are proved
 *                     │                             before
 *                     ├──▶ files ──▶ one thread ─▲  a statement of a whole year is read there
 *                     └──▶ queries ──▶ readers      each with its own read-only connection */
#include "market/desk/desk_inner.h"

#include <malloc.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/trade/highwater.h"
#include "market/trade/journal.h"
#include "market/trade/seal.h"
#include "market/trade/session.h"

enum { TICK_MS = 1000, CLOCK_AHEAD_MS = 1000 };
enum { COMMANDS_MAX = 20000, QUERIES_MAX = 5000, HASHES_MAX = 64, FILES_MAX = 16, BATCH_MAX = 512 };

static gpointer writer_thread(gpointer data)
{
    struct desk *desk = data;
    struct call *list;
    while ((list = queue_take(desk->commands, BATCH_MAX)))
        batch_run(desk, list);
    return NULL;
}

struct reader_start {
    struct desk *desk;
    struct store *store;
};

/* A read that failed once need not fail for ever: unlike the writer, a reader has nothing to lose. */
static void renew_reader(struct reader_start *start)
{
    const char *why = "";
    struct store *fresh = store_open(&store_sqlite, start->desk->config.database, STORE_READ, &why);
    if (!fresh)
        return;
    store_close(start->store);
    start->store = fresh;
}

static gpointer reader_thread(gpointer data)
{
    struct reader_start start = *(struct reader_start *)data;
    g_free(data);
    struct call *call;
    while ((call = queue_take(start.desk->queries, 1))) {
        query_run(start.store, call);
        call_finish(call);
        if (store_failed(start.store))
            renew_reader(&start);
    }
    store_close(start.store);
    return NULL;
}

static void prepare_all(struct desk *desk, struct queue *queue)
{
    struct call *call;
    while ((call = queue_take(queue, 1))) {
        call->trade.now_ms = clock_wall_ms();
        call->result = command_allowed(call->command, &call->trade.who);
        if (call->result == R_OK)
            call->result = call->command->before(desk, call);
        if (call->result == R_OK)
            queue_put(desk->commands, call, true);
        else
            call_finish(call);
    }
}

static gpointer hasher_thread(gpointer data)
{
    struct desk *desk = data;
    prepare_all(desk, desk->hashes);
    return NULL;
}

static gpointer file_thread(gpointer data)
{
    struct desk *desk = data;
    prepare_all(desk, desk->files);
    return NULL;
}

/* Asks a failed disk whether it is well again; never twice after it said yes. */
static void see_to_disk(struct desk *desk, bool *healed)
{
    if (*healed || !desk->config.on_healed || !store_sqlite.well(desk->config.database))
        return;
    *healed = true;
    desk->config.on_healed(desk->config.user);
}

/* Sees to what happens by itself when its time has come. Deadlines are rows, so a tick that is late or lost
 * only delays. */
static gpointer ticker_thread(gpointer data)
{
    struct desk *desk = data;
    const struct who system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    bool healed = false;
    pthread_mutex_lock(&desk->tick_lock);
    while (!desk->closing) {
        clock_cond_wait(&desk->tick, &desk->tick_lock, TICK_MS);
        if (desk->closing)
            break;
        pthread_mutex_unlock(&desk->tick_lock);
        if (atomic_load(&desk->failed))
            see_to_disk(desk, &healed);
        else
            desk_call(desk, "hold.expire", &system, NULL, NULL, NULL);
        pthread_mutex_lock(&desk->tick_lock);
    }
    pthread_mutex_unlock(&desk->tick_lock);
    return NULL;
}

static bool start_threads(struct desk *desk, const char **why)
{
    desk->writer = g_thread_new("desk", writer_thread, desk);
    for (int i = 0; i < CLAMP(desk->config.readers, 1, 8); i++) {
        struct store *reader = store_open(&store_sqlite, desk->config.database, STORE_READ, why);
        if (!reader)
            return false;
        struct reader_start *start = g_new(struct reader_start, 1);
        *start = (struct reader_start){desk, reader};
        g_ptr_array_add(desk->readers, g_thread_new("reader", reader_thread, start));
    }
    for (int i = 0; i < CLAMP(desk->config.hashers, 1, 4); i++)
        g_ptr_array_add(desk->hashers, g_thread_new("hasher", hasher_thread, desk));
    g_ptr_array_add(desk->hashers, g_thread_new("files", file_thread, desk));
    desk->ticker = g_thread_new("ticker", ticker_thread, desk);
    return true;
}

/* The desk thread frees at each commit what it took for a batch: that memory is kept for the next one. */
static void keep_memory(void)
{
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

/* Time goes on from the latest that was written, whatever the machine's clock says; unless a person says that
 * it is right and what was written was not. */
static bool start_clock(struct desk *desk)
{
    int64_t latest_ms = 0;
    if (desk->config.trust_clock) {
        clock_trust();
        return store_begin(desk->store) && highwater_set(desk->store, clock_wall_ms()) &&
               store_commit(desk->store);
    }
    if (!highwater_read(desk->store, &latest_ms))
        return false;
    clock_floor_ms(latest_ms);
    if (clock_ahead_ms() >= CLOCK_AHEAD_MS)
        log_line(LOG_LEVEL_WARN, "clock.behind", LOG_NUMBER("seconds", clock_ahead_ms() / 1000),
                 LOG_TEXT("why", "the machine's clock was set back: time goes on from the last write"));
    return true;
}

struct desk *desk_open(const struct desk_config *config, const char **why)
{
    if (sodium_init() < 0) {
        *why = "libsodium does not start";
        return NULL;
    }
    keep_memory();
    struct desk *desk = g_new0(struct desk, 1);
    desk->config = *config;
    desk->config.database = desk->database = g_strdup(config->database);
    desk->origin = g_strdup(config->origin ? config->origin : "");
    pthread_mutex_init(&desk->tick_lock, NULL);
    clock_cond_init(&desk->tick);
    desk->readers = g_ptr_array_new();
    desk->hashers = g_ptr_array_new();
    desk->throttle = throttle_new();
    desk->commands = queue_new(COMMANDS_MAX);
    desk->queries = queue_new(QUERIES_MAX);
    desk->hashes = queue_new(HASHES_MAX);
    desk->files = queue_new(FILES_MAX);
    g_autofree char *folder = g_path_get_dirname(config->database);
    g_autofree char *key = g_build_filename(folder, "factor-key", NULL);
    desk->store = store_open(&store_sqlite, config->database, STORE_WRITE, why);
    desk->seal = desk->store ? seal_open(key, why) : NULL;
    if (desk->seal) {
        *why = "the journal cannot be read";
        desk->journal = start_clock(desk) ? journal_new(desk->store) : NULL;
    }
    struct store *reader =
        desk->journal ? store_open(&store_sqlite, config->database, STORE_READ, why) : NULL;
    desk->who = reader ? who_cache_new(reader) : NULL;
    if (!desk->who || !start_threads(desk, why)) {
        desk_close(desk);
        return NULL;
    }
    return desk;
}

static void join_all(GPtrArray *threads)
{
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    g_ptr_array_unref(threads);
}

static void stop_ticker(struct desk *desk)
{
    pthread_mutex_lock(&desk->tick_lock);
    desk->closing = true;
    pthread_cond_signal(&desk->tick);
    pthread_mutex_unlock(&desk->tick_lock);
    if (desk->ticker)
        g_thread_join(desk->ticker);
    pthread_cond_destroy(&desk->tick);
    pthread_mutex_destroy(&desk->tick_lock);
}

void desk_close(struct desk *desk)
{
    if (!desk)
        return;
    stop_ticker(desk);
    queue_shut(desk->hashes);
    queue_shut(desk->files);
    queue_shut(desk->queries);
    join_all(desk->hashers); /* they may still hand commands in */
    join_all(desk->readers);
    queue_shut(desk->commands);
    if (desk->writer)
        g_thread_join(desk->writer);
    who_cache_free(desk->who);
    journal_free(desk->journal);
    store_close(desk->store); /* last, so that its checkpoint empties the write-ahead log */
    queue_free(desk->commands);
    queue_free(desk->queries);
    queue_free(desk->hashes);
    queue_free(desk->files);
    throttle_free(desk->throttle);
    seal_free(desk->seal);
    g_free(desk->origin);
    g_free(desk->database);
    g_free(desk);
}

static void call_free(struct call *call)
{
    json_decref(call->params);
    json_decref(call->body);
    json_decref(call->kept);
    g_free(call->text);
    json_decref(call->trade.extra);
    json_decref(call->found);
    sodium_memzero(call->secret, sizeof call->secret);
    if (call->codes)
        sodium_memzero(call->codes, sizeof *call->codes);
    g_free(call->codes);
    g_free(call);
}

void call_finish(struct call *call)
{
    tally_call(call->tally, call->command->name, call->result);
    bool fine = result_http(call->result) < 400;
    const struct desk_reply reply = {
        .result = call->result,
        .body = fine ? call->body : call->trade.extra,
        .text = fine ? call->text : NULL,
        .cookie = !fine || call->cookie == COOKIE_LEAVE ? NULL
                  : call->cookie == COOKIE_SET          ? call->secret
                                                        : "",
        .retry_after_s = call->retry_after_s,
    };
    if (call->reply)
        call->reply(call->user, &reply);
    call_free(call);
}

static struct call *call_new(struct desk *desk, const struct command *command, const struct who *who,
                             json_t *params, desk_reply_fn reply, void *user)
{
    struct call *call = g_new0(struct call, 1);
    call->tally = &desk->tally;
    call->handed_us = clock_steady_us();
    call->command = command;
    call->params = params ? params : json_object();
    call->reply = reply;
    call->user = user;
    call->trade.who = *who;
    call->trade.origin = desk->origin;
    call->trade.push = desk->config.push;
    call->trade.seal = desk->seal;
    return call;
}

struct inner_wait {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool over;
    enum result result;
    json_t *words; /* of a refusal; NULL: none */
};

static void on_inner(void *user, const struct desk_reply *reply)
{
    struct inner_wait *wait = user;
    pthread_mutex_lock(&wait->lock);
    wait->result = reply->result;
    wait->words = result_http(reply->result) < 400 ? NULL : json_deep_copy(reply->body);
    wait->over = true;
    pthread_cond_signal(&wait->done);
    pthread_mutex_unlock(&wait->lock);
}

enum result desk_inner_run(struct desk *desk, const struct command *command, struct call *outer, void *inner)
{
    struct inner_wait wait = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    if (atomic_load(&desk->failed))
        return R_NOT_SAVED;
    struct call *call = call_new(desk, command, &outer->trade.who, NULL, on_inner, &wait);
    call->inner = inner;
    if (!queue_put(desk->commands, call, true)) {
        call_free(call);
        return R_BUSY;
    }
    pthread_mutex_lock(&wait.lock);
    while (!wait.over)
        pthread_cond_wait(&wait.done, &wait.lock);
    pthread_mutex_unlock(&wait.lock);
    if (wait.words)
        json_object_update(trade_extra(&outer->trade), wait.words);
    json_decref(wait.words);
    return wait.result;
}

static enum result hand_in(struct desk *desk, struct call *call)
{
    const struct command *command = call->command;
    bool query = (command->flags & CMD_QUERY) != 0;
    struct queue *queue = query                       ? desk->queries
                          : command->flags & CMD_FILE ? desk->files
                          : command->before           ? desk->hashes
                                                      : desk->commands;
    enum result r = !query && atomic_load(&desk->failed) ? R_NOT_SAVED
                    : queue_put(queue, call, false)      ? R_OK
                                                         : R_BUSY;
    if (r != R_OK)
        call_free(call);
    return r;
}

enum result desk_call(struct desk *desk, const char *name, const struct who *who, json_t *params,
                      desk_reply_fn reply, void *user)
{
    const struct command *command = command_find(name);
    if (!command) {
        json_decref(params);
        return R_UNKNOWN;
    }
    return hand_in(desk, call_new(desk, command, who, params, reply, user));
}

void desk_figures(struct desk *desk, struct desk_figures *out)
{
    tally_read(&desk->tally, out);
    out->queued_commands = queue_length(desk->commands);
    out->queued_queries = queue_length(desk->queries);
    out->queued_passwords = queue_length(desk->hashes);
}

bool desk_who_cookie(struct desk *desk, const char *secret, struct who *who)
{
    bool touch;
    if (!who_cache_cookie(desk->who, secret, who, &touch))
        return false;
    if (touch) {
        const struct who system = {.roles = ROLE_SYSTEM};
        json_t *params = json_object();
        json_object_set_new(params, "id", json_integer(who->session));
        desk_call(desk, "session.seen", &system, params, NULL, NULL);
    }
    return true;
}

bool desk_who_bearer(struct desk *desk, const char *secret, struct who *who)
{
    return who_cache_bearer(desk->who, secret, who);
}

bool desk_token_lives(struct desk *desk, const char *hash)
{
    struct who who = {0};
    bool there = token_find(who_cache_reader(desk->who), hash, &who);
    who_cache_done(desk->who);
    return there;
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool finished;
    json_t *body;
};

static void demo_done(void *user, const struct desk_reply *reply)
{
    struct waiting *waiting = user;
    pthread_mutex_lock(&waiting->lock);
    if (result_http(reply->result) < 400)
        waiting->body = reply->body ? json_incref(reply->body) : json_object();
    waiting->finished = true;
    pthread_cond_signal(&waiting->done);
    pthread_mutex_unlock(&waiting->lock);
}

json_t *desk_demo(struct desk *desk, bool secrets)
{
    struct demo_password passwords[DEMO_PEOPLE];
    const struct who system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    struct waiting waiting = {0};
    if (secrets && !demo_passwords(passwords))
        return NULL;
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.done, NULL);
    struct call *call = call_new(desk, command_find("demo.make"), &system, NULL, demo_done, &waiting);
    call->demo = secrets ? passwords : NULL;
    pthread_mutex_lock(&waiting.lock);
    if (hand_in(desk, call) == R_OK)
        while (!waiting.finished)
            pthread_cond_wait(&waiting.done, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.done);
    pthread_mutex_destroy(&waiting.lock);
    sodium_memzero(passwords, sizeof passwords);
    return waiting.body;
}
