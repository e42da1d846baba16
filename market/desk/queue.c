/* queue.c: a linked list, a lock and a condition. Takers get many calls for one wake-up. */
#include "market/desk/queue.h"

#include <glib.h>
#include "market/desk/call.h"

struct queue {
    GMutex lock;
    GCond filled;
    struct call *first, **end;
    size_t count, limit;
    bool shut;
};

struct queue *queue_new(size_t limit)
{
    struct queue *queue = g_new0(struct queue, 1);
    g_mutex_init(&queue->lock);
    g_cond_init(&queue->filled);
    queue->end = &queue->first;
    queue->limit = limit;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    g_assert(queue->count == 0);
    g_cond_clear(&queue->filled);
    g_mutex_clear(&queue->lock);
    g_free(queue);
}

bool queue_put(struct queue *queue, struct call *call, bool inner)
{
    g_mutex_lock(&queue->lock);
    bool fine = inner || (!queue->shut && queue->count < queue->limit);
    if (fine) {
        call->next = NULL;
        *queue->end = call;
        queue->end = &call->next;
        if (queue->count++ == 0)
            g_cond_signal(&queue->filled);
    }
    g_mutex_unlock(&queue->lock);
    return fine;
}

struct call *queue_take(struct queue *queue, size_t most)
{
    g_mutex_lock(&queue->lock);
    while (!queue->first && !queue->shut)
        g_cond_wait(&queue->filled, &queue->lock);
    struct call *list = queue->first, **cut = &queue->first;
    size_t taken = 0;
    for (; *cut && taken < most; taken++)
        cut = &(*cut)->next;
    queue->first = *cut;
    *cut = NULL;
    queue->count -= taken;
    if (!queue->first)
        queue->end = &queue->first;
    else
        g_cond_signal(&queue->filled); /* for another taker */
    g_mutex_unlock(&queue->lock);
    return taken ? list : NULL;
}

void queue_shut(struct queue *queue)
{
    g_mutex_lock(&queue->lock);
    queue->shut = true;
    g_cond_broadcast(&queue->filled);
    g_mutex_unlock(&queue->lock);
}
