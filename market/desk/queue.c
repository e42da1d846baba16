/* queue.c: a linked list, a lock and a condition. Takers get many calls for one wake-up.
 * pthread's locks and not GLib's in this layer: the thread sanitizer can see them. */
#include "market/desk/queue.h"

#include <glib.h>
#include <pthread.h>
#include "market/desk/call.h"

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct call *first, **end;
    size_t count, limit;
    bool shut;
};

struct queue *queue_new(size_t limit)
{
    struct queue *queue = g_new0(struct queue, 1);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    queue->end = &queue->first;
    queue->limit = limit;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    g_assert(queue->count == 0);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

bool queue_put(struct queue *queue, struct call *call, bool inner)
{
    pthread_mutex_lock(&queue->lock);
    bool fine = inner || (!queue->shut && queue->count < queue->limit);
    if (fine) {
        call->next = NULL;
        *queue->end = call;
        queue->end = &call->next;
        if (queue->count++ == 0)
            pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return fine;
}

struct call *queue_take(struct queue *queue, size_t most)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->first && !queue->shut)
        pthread_cond_wait(&queue->filled, &queue->lock);
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
        pthread_cond_signal(&queue->filled); /* for another taker */
    pthread_mutex_unlock(&queue->lock);
    return taken ? list : NULL;
}

size_t queue_length(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

void queue_shut(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->shut = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}
