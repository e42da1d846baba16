/* history.c: a ring of references, slot = index mod capacity. Lost packets leave empty slots. */
#include "streamer/relay/history.h"

#include <assert.h>
#include <glib.h>

struct history {
    unsigned capacity;
    uint64_t first, next;
    struct packet **slots;
};

struct history *history_new(unsigned capacity)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    struct history *h = g_new0(struct history, 1);
    h->capacity = capacity;
    h->slots = g_new0(struct packet *, capacity);
    return h;
}

void history_clear(struct history *h)
{
    for (unsigned i = 0; i < h->capacity; i++)
        g_clear_pointer(&h->slots[i], packet_unref);
    h->first = h->next;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    history_clear(h);
    g_free(h->slots);
    g_free(h);
}

static struct packet **history_slot(const struct history *h, uint64_t index)
{
    return &h->slots[index & (h->capacity - 1)];
}

void history_put(struct history *h, struct packet *p)
{
    if (h->next == 0)
        h->first = h->next = p->index;
    if (p->index < history_oldest(h)) {
        packet_unref(p);
        return;
    }
    if (p->index >= h->next) {
        uint64_t gap = p->index - h->next;
        if (gap >= h->capacity) {
            history_clear(h);
            h->first = p->index;
        } else {
            for (uint64_t i = h->next; i < p->index; i++)
                g_clear_pointer(history_slot(h, i), packet_unref);
        }
        h->next = p->index + 1;
    }
    struct packet **slot = history_slot(h, p->index);
    packet_unref(*slot);
    *slot = p;
}

struct packet *history_get(const struct history *h, uint64_t index)
{
    if (index >= h->next || index < history_oldest(h))
        return NULL;
    struct packet *p = *history_slot(h, index);
    return p && p->index == index ? p : NULL;
}

uint64_t history_next(const struct history *h)
{
    return h->next;
}

uint64_t history_oldest(const struct history *h)
{
    uint64_t ring = h->next > h->capacity ? h->next - h->capacity : 0;
    return MAX(ring, h->first);
}
