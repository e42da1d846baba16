/* outbox.c: how other threads hand results to the edge's loop. One lock, held for a few instructions. */
#include "market/edge/outbox.h"

void outbox_init(struct outbox *box)
{
    pthread_mutex_init(&box->lock, NULL);
    box->first = box->last = NULL;
}

void outbox_done(struct outbox *box)
{
    pthread_mutex_destroy(&box->lock);
}

bool outbox_put(struct outbox *box, struct post *post)
{
    post->next = NULL;
    pthread_mutex_lock(&box->lock);
    bool was_empty = box->first == NULL;
    if (was_empty)
        box->first = post;
    else
        box->last->next = post;
    box->last = post;
    pthread_mutex_unlock(&box->lock);
    return was_empty;
}

size_t outbox_run(struct outbox *box)
{
    size_t count = 0;
    for (;;) {
        pthread_mutex_lock(&box->lock);
        struct post *post = box->first;
        box->first = box->last = NULL;
        pthread_mutex_unlock(&box->lock);
        if (!post)
            return count;
        while (post) {
            struct post *next = post->next;
            post->run(post);
            post = next;
            count++;
        }
    }
}
