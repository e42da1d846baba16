/* who.c: the cache of askers. */
#include "market/desk/who.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "market/base/clock.h"
#include "market/base/id.h"
#include "market/trade/factorrule.h"
#include "market/trade/session.h"

enum { ENTRIES_MAX = 65536, TOUCH_MS = 3600 * 1000 };

struct entry {
    struct who who;           /* without address and lang */
    int64_t ends_at, idle_ms; /* of a session; 0: a token, which lives until it is revoked */
    _Atomic int64_t seen_at;  /* in memory, to the second */
    _Atomic int64_t saved_at; /* what the database knows */
};

struct who_cache {
    pthread_rwlock_t lock; /* entries */
    GHashTable *entries;   /* hash of the secret → struct entry */
    _Atomic uint64_t epoch;
    pthread_mutex_t reading; /* reader */
    struct store *reader;
};

struct who_cache *who_cache_new(struct store *reader)
{
    struct who_cache *cache = g_new0(struct who_cache, 1);
    pthread_rwlock_init(&cache->lock, NULL);
    pthread_mutex_init(&cache->reading, NULL);
    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    cache->reader = reader;
    return cache;
}

void who_cache_free(struct who_cache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->entries);
    store_close(cache->reader);
    pthread_mutex_destroy(&cache->reading);
    pthread_rwlock_destroy(&cache->lock);
    g_free(cache);
}

struct store *who_cache_reader(struct who_cache *cache)
{
    pthread_mutex_lock(&cache->reading);
    return cache->reader;
}

void who_cache_done(struct who_cache *cache)
{
    pthread_mutex_unlock(&cache->reading);
}

static void copy(struct who *to, const struct who *from)
{
    to->person = from->person;
    to->roles = from->roles;
    to->session = from->session;
    to->token_stall = from->token_stall;
    to->token_publishes = from->token_publishes;
    to->factor_first = from->factor_first;
}

/* Is a remembered session still running? Then it has been seen now. */
static bool alive(struct entry *entry, int64_t now_ms, bool *touch)
{
    if (!entry->idle_ms)
        return true;
    int64_t seen = atomic_load_explicit(&entry->seen_at, memory_order_relaxed);
    if (now_ms >= entry->ends_at || now_ms >= seen + entry->idle_ms)
        return false;
    atomic_store_explicit(&entry->seen_at, now_ms, memory_order_relaxed);
    int64_t saved = atomic_load(&entry->saved_at);
    *touch = now_ms - saved >= TOUCH_MS && atomic_compare_exchange_strong(&entry->saved_at, &saved, now_ms);
    return true;
}

static void remember(struct who_cache *cache, const char *hash, struct entry *entry, uint64_t epoch)
{
    pthread_rwlock_wrlock(&cache->lock);
    if (atomic_load(&cache->epoch) == epoch) {
        if (g_hash_table_size(cache->entries) >= ENTRIES_MAX)
            g_hash_table_remove_all(cache->entries);
        g_hash_table_replace(cache->entries, g_strdup(hash), entry);
        entry = NULL;
    }
    pthread_rwlock_unlock(&cache->lock);
    g_free(entry);
}

/* From memory: 1 found, 0 not there, -1 there but over. */
static int recall(struct who_cache *cache, const char *hash, bool session, struct who *who, bool *touch)
{
    int found = 0;
    pthread_rwlock_rdlock(&cache->lock);
    struct entry *entry = g_hash_table_lookup(cache->entries, hash);
    if (entry && session == (entry->idle_ms != 0)) {
        found = alive(entry, clock_wall_ms(), touch) ? 1 : -1;
        if (found == 1)
            copy(who, &entry->who);
    }
    pthread_rwlock_unlock(&cache->lock);
    return found;
}

bool who_cache_cookie(struct who_cache *cache, const char *secret, struct who *who, bool *touch)
{
    char hash[ID_HASH_CHARS + 1];
    *touch = false;
    if (strlen(secret) != ID_SECRET_CHARS)
        return false;
    id_hash(secret, hash);
    int found = recall(cache, hash, true, who, touch);
    if (found)
        return found == 1;
    uint64_t epoch = atomic_load(&cache->epoch);
    int64_t now_ms = clock_wall_ms();
    struct session_row row;
    struct store *reader = who_cache_reader(cache);
    bool there = session_find(reader, hash, now_ms, &row);
    bool first = there && factorrule_asks(reader, row.person, row.roles);
    who_cache_done(cache);
    if (!there)
        return false;
    struct entry *entry = g_new0(struct entry, 1);
    entry->who = (struct who){
        .person = row.person, .roles = first ? 0 : row.roles, .session = row.id, .factor_first = first};
    entry->ends_at = row.ends_at;
    entry->idle_ms = row.idle_ms;
    atomic_store(&entry->seen_at, now_ms);
    *touch = now_ms - row.seen_at >= TOUCH_MS;
    atomic_store(&entry->saved_at, *touch ? now_ms : row.seen_at);
    copy(who, &entry->who);
    remember(cache, hash, entry, epoch);
    return true;
}

bool who_cache_bearer(struct who_cache *cache, const char *secret, struct who *who)
{
    char hash[ID_HASH_CHARS + 1];
    bool touch;
    if (strlen(secret) != ID_SECRET_CHARS)
        return false;
    id_hash(secret, hash);
    int found = recall(cache, hash, false, who, &touch);
    if (found)
        return found == 1;
    uint64_t epoch = atomic_load(&cache->epoch);
    struct who asker = {0};
    bool there = token_find(who_cache_reader(cache), hash, &asker);
    who_cache_done(cache);
    if (!there)
        return false;
    struct entry *entry = g_new0(struct entry, 1);
    entry->who = asker;
    copy(who, &asker);
    remember(cache, hash, entry, epoch);
    return true;
}

void who_cache_empty(struct who_cache *cache)
{
    pthread_rwlock_wrlock(&cache->lock);
    atomic_fetch_add(&cache->epoch, 1);
    g_hash_table_remove_all(cache->entries);
    pthread_rwlock_unlock(&cache->lock);
}
