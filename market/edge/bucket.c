/* bucket.c: rates and connection counts per client address. Edge thread; knows no sockets and no clock. */
#include "market/edge/bucket.h"

#include <arpa/inet.h>
#include <assert.h>
#include <glib.h>
#include <string.h>
#include <strings.h>

struct row {
    char key[46];
    unsigned connections;
    struct bucket cost[COSTS];
    GList *link; /* place in `order` */
};

struct addresses {
    struct address_limits limits;
    GHashTable *rows; /* key → row */
    GQueue order;     /* of rows, longest unseen first */
};

void bucket_fill(struct bucket *b, int64_t burst, int64_t now_ms)
{
    b->milli_tokens = burst * 1000;
    b->at_ms = now_ms;
}

bool bucket_take(struct bucket *b, int64_t per_min, int64_t burst, int64_t now_ms)
{
    int64_t passed = now_ms - b->at_ms;
    if (passed > 0) {
        if (passed > 3600000)
            passed = 3600000;
        b->milli_tokens = MIN(burst * 1000, b->milli_tokens + passed * per_min / 60);
        b->at_ms = now_ms;
    }
    if (b->milli_tokens < 1000)
        return false;
    b->milli_tokens -= 1000;
    return true;
}

int bucket_wait_s(const struct bucket *b, int64_t per_min)
{
    int64_t missing = 1000 - b->milli_tokens;
    if (missing <= 0 || per_min <= 0)
        return 1;
    int64_t wait_ms = missing * 60 / per_min;
    return (int)(wait_ms / 1000 + 1);
}

void address_key(const char *address, char key[46])
{
    struct in6_addr six;
    if (!strncasecmp(address, "::ffff:", 7) && strchr(address, '.'))
        address += 7;
    if (inet_pton(AF_INET6, address, &six) == 1) {
        memset(six.s6_addr + 8, 0, 8);
        if (IN6_IS_ADDR_UNSPECIFIED(&six)) {
            g_strlcpy(key, address, 46); /* ::1 and its like are no network */
            return;
        }
        inet_ntop(AF_INET6, &six, key, 46);
        return;
    }
    g_strlcpy(key, address, 46);
}

static bool is_exempt(const struct addresses *table, const char *key)
{
    return !table->limits.loopback_too && (!strncmp(key, "127.", 4) || !strcmp(key, "::1"));
}

struct rate {
    int64_t per_s, burst;
};

static struct rate rate_of(const struct address_limits *limits, enum address_cost cost)
{
    switch (cost) {
    case COST_MEDIA:
        return (struct rate){limits->media_per_s, limits->media_burst};
    case COST_HOOK:
        return (struct rate){limits->hooks_per_s, limits->hooks_burst};
    case COST_REQUEST:
    case COSTS:
        break;
    }
    return (struct rate){limits->requests_per_s, limits->requests_burst};
}

bool addresses_exempt(const struct addresses *table, const char *address)
{
    char key[46];
    address_key(address, key);
    return is_exempt(table, key);
}

struct addresses *addresses_new(const struct address_limits *limits)
{
    struct addresses *table = g_new0(struct addresses, 1);
    table->limits = *limits;
    table->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    g_queue_init(&table->order);
    return table;
}

void addresses_free(struct addresses *table)
{
    if (!table)
        return;
    g_hash_table_destroy(table->rows);
    g_queue_clear(&table->order);
    g_free(table);
}

static bool make_room(struct addresses *table)
{
    for (GList *at = table->order.head; at; at = at->next) {
        struct row *old = at->data;
        if (old->connections)
            continue;
        g_queue_delete_link(&table->order, at);
        g_hash_table_remove(table->rows, old->key);
        return true;
    }
    return false;
}

static struct row *row_of(struct addresses *table, const char *address, int64_t now_ms)
{
    char key[46];
    address_key(address, key);
    struct row *row = g_hash_table_lookup(table->rows, key);
    if (row) {
        g_queue_unlink(&table->order, row->link);
        g_queue_push_tail_link(&table->order, row->link);
        return row;
    }
    if (g_hash_table_size(table->rows) >= table->limits.addresses && !make_room(table))
        return NULL;
    row = g_new0(struct row, 1);
    g_strlcpy(row->key, key, sizeof row->key);
    for (enum address_cost cost = COST_REQUEST; cost < COSTS; cost++)
        bucket_fill(&row->cost[cost], rate_of(&table->limits, cost).burst, now_ms);
    g_queue_push_tail(&table->order, row);
    row->link = table->order.tail;
    g_hash_table_insert(table->rows, row->key, row);
    return row;
}

bool addresses_enter(struct addresses *table, const char *address, int64_t now_ms)
{
    struct row *row = row_of(table, address, now_ms);
    if (!row)
        return false;
    if (row->connections >= table->limits.connections && !is_exempt(table, row->key))
        return false;
    row->connections++;
    return true;
}

void addresses_leave(struct addresses *table, const char *address)
{
    char key[46];
    address_key(address, key);
    struct row *row = g_hash_table_lookup(table->rows, key);
    assert(row && row->connections > 0);
    row->connections--;
}

bool addresses_request(struct addresses *table, const char *address, enum address_cost cost, int64_t now_ms,
                       int *wait_s)
{
    struct row *row = row_of(table, address, now_ms);
    *wait_s = 1;
    if (!row)
        return false;
    if (is_exempt(table, row->key))
        return true;
    struct rate rate = rate_of(&table->limits, cost);
    if (bucket_take(&row->cost[cost], 60 * rate.per_s, rate.burst, now_ms))
        return true;
    *wait_s = bucket_wait_s(&row->cost[cost], 60 * rate.per_s);
    return false;
}

size_t addresses_count(const struct addresses *table)
{
    return g_hash_table_size(table->rows);
}
