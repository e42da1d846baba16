/* packet.c: the pool: a list of free packets, grown by slabs and never shrunk. */
#include "streamer/relay/packet.h"

#include <assert.h>
#include <glib.h>

enum { SLAB = 64 };

struct packet_pool {
    struct packet *free;
    GPtrArray *slabs;
};

struct packet_pool *packet_pool_new(void)
{
    struct packet_pool *pool = g_new0(struct packet_pool, 1);
    pool->slabs = g_ptr_array_new_with_free_func(g_free);
    return pool;
}

void packet_pool_free(struct packet_pool *pool)
{
    if (!pool)
        return;
    g_ptr_array_free(pool->slabs, TRUE);
    g_free(pool);
}

static void packet_pool_grow(struct packet_pool *pool)
{
    struct packet *slab = g_new(struct packet, SLAB);
    g_ptr_array_add(pool->slabs, slab);
    for (int i = 0; i < SLAB; i++) {
        slab[i].pool = pool;
        slab[i].next_free = pool->free;
        pool->free = &slab[i];
    }
}

struct packet *packet_new(struct packet_pool *pool)
{
    if (!pool->free)
        packet_pool_grow(pool);
    struct packet *p = pool->free;
    pool->free = p->next_free;
    p->refs = 1;
    return p;
}

struct packet *packet_ref(struct packet *p)
{
    p->refs++;
    return p;
}

void packet_unref(struct packet *p)
{
    if (!p)
        return;
    assert(p->refs > 0);
    if (--p->refs > 0)
        return;
    p->next_free = p->pool->free;
    p->pool->free = p;
}
