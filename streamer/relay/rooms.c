/* rooms.c: a hash table whose keys are the rooms' own names. */
#include "streamer/relay/rooms.h"

struct rooms {
    GHashTable *by_name;
};

struct rooms *rooms_new(void)
{
    struct rooms *t = g_new0(struct rooms, 1);
    t->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return t;
}

void rooms_free(struct rooms *t)
{
    if (!t)
        return;
    g_hash_table_unref(t->by_name);
    g_free(t);
}

struct room *rooms_find(const struct rooms *t, const char *name)
{
    return g_hash_table_lookup(t->by_name, name);
}

void rooms_add(struct rooms *t, struct room *r)
{
    g_hash_table_insert(t->by_name, r->name, r);
}

void rooms_drop(struct rooms *t, struct room *r, const char *why, int64_t now_us)
{
    g_hash_table_remove(t->by_name, r->name);
    room_free(r, why, now_us);
}

unsigned rooms_count(const struct rooms *t)
{
    return g_hash_table_size(t->by_name);
}

void rooms_each(const struct rooms *t, void (*room_cb)(void *arg, struct room *r), void *arg)
{
    GHashTableIter i;
    void *value;
    g_hash_table_iter_init(&i, t->by_name);
    while (g_hash_table_iter_next(&i, NULL, &value))
        room_cb(arg, value);
}

static void rooms_add_phone(void *count, struct room *r)
{
    *(unsigned *)count += r->publisher != NULL;
}

unsigned rooms_phones(const struct rooms *t)
{
    unsigned count = 0;
    rooms_each(t, rooms_add_phone, &count);
    return count;
}

static void rooms_unname_one(void *arg, struct room *r)
{
    (void)arg;
    r->keep = false;
}

void rooms_unname(struct rooms *t)
{
    rooms_each(t, rooms_unname_one, NULL);
}

static void rooms_list(void *list, struct room *r)
{
    g_ptr_array_add(list, r);
}

static void rooms_list_unnamed(void *list, struct room *r)
{
    if (!r->keep)
        g_ptr_array_add(list, r);
}

/* Apart from the walk, which dropping would upset. */
static void rooms_drop_listed(struct rooms *t, void (*list_cb)(void *list, struct room *r), const char *why,
                              int64_t now_us)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    rooms_each(t, list_cb, list);
    for (guint n = 0; n < list->len; n++)
        rooms_drop(t, g_ptr_array_index(list, n), why, now_us);
}

void rooms_drop_unnamed(struct rooms *t, int64_t now_us)
{
    rooms_drop_listed(t, rooms_list_unnamed, "room", now_us);
}

void rooms_drop_all(struct rooms *t, const char *why, int64_t now_us)
{
    rooms_drop_listed(t, rooms_list, why, now_us);
}
