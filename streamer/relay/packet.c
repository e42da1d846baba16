/* packet.c: the pool: a list of free packets, grown by slabs and never shrunk. Packets that other workers let
 * go come back by a second list, which the owner takes as a whole: pushing alone needs no lock. */
#include "streamer/relay/packet.h"

#include <assert.h>
#include <glib.h>

enum { SLAB = 64 };

struct packet_pool {
    struct packet *free;
    _Atomic(struct packet *) returned;
    bool shared;
    GPtrArray *slabs;
};

struct packet_pool *packet_pool_new(bool shared)
{
    struct packet_pool *pool = g_new0(struct packet_pool, 1);
    pool->shared = shared;
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
    if (!pool->free && pool->shared)
        pool->free = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
    if (!pool->free)
        packet_pool_grow(pool);
    struct packet *p = pool->free;
    pool->free = p->next_free;
    atomic_store_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

struct packet *packet_ref(struct packet *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void packet_unref(struct packet *p)
{
    if (!p)
        return;
    unsigned refs = atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel);
    assert(refs > 0);
    if (refs > 1)
        return;
    struct packet_pool *pool = p->pool;
    if (!pool->shared) {
        p->next_free = pool->free;
        pool->free = p;
        return;
    }
    p->next_free = atomic_load_explicit(&pool->returned, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&pool->returned, &p->next_free, p, memory_order_release,
                                                  memory_order_relaxed))
        ;
}
