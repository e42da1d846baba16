/* throttle.c: buckets of guesses, found by name, forgotten when full again. */
#include "market/desk/throttle.h"

#include <glib.h>
#include <pthread.h>

enum { BUCKETS_MAX = 50000, KNOWN_MAX = 50000 };
enum kind { BY_BOTH, BY_ADDRESS, BY_PHONE, GUESSED, BY_CODE = GUESSED, KINDS };

static const struct {
    int64_t size, each_ms;
} rules[KINDS] = {
    [BY_BOTH] = {5, 30000}, [BY_ADDRESS] = {30, 2000}, [BY_PHONE] = {20, 10000}, [BY_CODE] = {20, 900000}};

/* A bucket as one number: the moment when it will be full again. Empty means `size * each_ms` away. */
struct throttle {
    pthread_mutex_t lock;
    GHashTable *full_at[KINDS]; /* name → int64 ms */
    GHashTable *known;          /* "phone address" that have logged in */
};

struct throttle *throttle_new(void)
{
    struct throttle *t = g_new0(struct throttle, 1);
    pthread_mutex_init(&t->lock, NULL);
    for (int k = 0; k < KINDS; k++)
        t->full_at[k] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    t->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return t;
}

void throttle_free(struct throttle *t)
{
    if (!t)
        return;
    for (int k = 0; k < KINDS; k++)
        g_hash_table_unref(t->full_at[k]);
    g_hash_table_unref(t->known);
    pthread_mutex_destroy(&t->lock);
    g_free(t);
}

static gboolean is_full(gpointer name, gpointer full_at, gpointer now)
{
    (void)name;
    return *(int64_t *)full_at <= *(int64_t *)now;
}

static int64_t *bucket(struct throttle *t, enum kind kind, const char *name, int64_t now_ms)
{
    int64_t *full_at = g_hash_table_lookup(t->full_at[kind], name);
    if (full_at)
        return full_at;
    if (g_hash_table_size(t->full_at[kind]) >= BUCKETS_MAX) {
        g_hash_table_foreach_remove(t->full_at[kind], is_full, &now_ms);
        if (g_hash_table_size(t->full_at[kind]) >= BUCKETS_MAX)
            g_hash_table_remove_all(
                t->full_at[kind]); /* a flood of names: the other kinds of bucket still hold */
    }
    full_at = g_new(int64_t, 1);
    *full_at = now_ms;
    g_hash_table_insert(t->full_at[kind], g_strdup(name), full_at);
    return full_at;
}

/* How long a bucket is still too empty for one more guess; zero or less: not at all. */
static int64_t too_early(const int64_t *full_at, enum kind kind, int64_t now_ms)
{
    int64_t each_ms = rules[kind].each_ms;
    return MAX(*full_at, now_ms) + each_ms - (now_ms + rules[kind].size * each_ms);
}

int throttle_take(struct throttle *t, const char *phone, const char *address, int64_t now_ms)
{
    g_autofree char *both = g_strjoin(" ", phone, address, NULL);
    const char *names[GUESSED] = {both, address, phone};
    int64_t wait_ms = 0;
    pthread_mutex_lock(&t->lock);
    bool known = g_hash_table_contains(t->known, both);
    int64_t *buckets[GUESSED];
    for (int k = 0; k < GUESSED; k++) {
        buckets[k] = bucket(t, (enum kind)k, names[k], now_ms);
        if (!(k == BY_PHONE && known))
            wait_ms = MAX(wait_ms, too_early(buckets[k], (enum kind)k, now_ms));
    }
    for (int k = 0; wait_ms <= 0 && k < GUESSED; k++)
        *buckets[k] = MAX(*buckets[k], now_ms) + rules[k].each_ms;
    pthread_mutex_unlock(&t->lock);
    return (int)((wait_ms + 999) / 1000);
}

void throttle_right(struct throttle *t, const char *phone, const char *address, int64_t now_ms)
{
    char *both = g_strjoin(" ", phone, address, NULL);
    const char *names[GUESSED] = {both, address, phone};
    pthread_mutex_lock(&t->lock);
    for (int k = 0; k < GUESSED; k++)
        *bucket(t, (enum kind)k, names[k], now_ms) -= rules[k].each_ms;
    *bucket(t, BY_BOTH, both, now_ms) = now_ms;
    if (g_hash_table_size(t->known) >= KNOWN_MAX)
        g_hash_table_remove_all(t->known);
    g_hash_table_add(t->known, both);
    pthread_mutex_unlock(&t->lock);
}

int throttle_take_code(struct throttle *t, const char *name, const char *address, int64_t now_ms)
{
    int wait_s = throttle_take(t, name, address, now_ms);
    if (wait_s)
        return wait_s;
    pthread_mutex_lock(&t->lock);
    int64_t *full_at = bucket(t, BY_CODE, name, now_ms);
    int64_t wait_ms = too_early(full_at, BY_CODE, now_ms);
    if (wait_ms <= 0)
        *full_at = MAX(*full_at, now_ms) + rules[BY_CODE].each_ms;
    pthread_mutex_unlock(&t->lock);
    return wait_ms > 0 ? (int)((wait_ms + 999) / 1000) : 0;
}

void throttle_right_code(struct throttle *t, const char *name, const char *address, int64_t now_ms)
{
    throttle_right(t, name, address, now_ms);
    pthread_mutex_lock(&t->lock);
    *bucket(t, BY_CODE, name, now_ms) -= rules[BY_CODE].each_ms;
    pthread_mutex_unlock(&t->lock);
}
