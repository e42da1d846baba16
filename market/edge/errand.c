/* errand.c: slow work with files, done beside the edge's loop. A list, a lock, a condition, one thread: one
 * disk gains nothing from more, and so no two errands ever meet in one folder. pthread's locks and not
 * GLib's: the thread sanitizer can see them. */
#include "market/edge/errand.h"

#include <glib.h>
#include <pthread.h>

struct errands {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct errand *first, **end;
    size_t count, limit;
    bool shut;
    errand_post post;
    void *user;
    GThread *thread;
};

static void come_home(struct post *post)
{
    struct errand *errand = (struct errand *)post;
    errand->home(errand, true);
}

static struct errand *take(struct errands *errands)
{
    pthread_mutex_lock(&errands->lock);
    while (!errands->first && !errands->shut)
        pthread_cond_wait(&errands->filled, &errands->lock);
    struct errand *errand = errands->shut ? NULL : errands->first;
    if (errand) {
        errands->first = errand->next;
        errands->count--;
        if (!errands->first)
            errands->end = &errands->first;
    }
    pthread_mutex_unlock(&errands->lock);
    return errand;
}

static gpointer run(gpointer user)
{
    struct errands *errands = user;
    struct errand *errand;
    while ((errand = take(errands))) {
        errand->work(errand);
        errand->post.run = come_home;
        errands->post(errands->user, &errand->post);
    }
    return NULL;
}

struct errands *errands_new(size_t limit, errand_post post, void *user)
{
    struct errands *errands = g_new0(struct errands, 1);
    pthread_mutex_init(&errands->lock, NULL);
    pthread_cond_init(&errands->filled, NULL);
    errands->end = &errands->first;
    errands->limit = limit;
    errands->post = post;
    errands->user = user;
    errands->thread = g_thread_new("errands", run, errands);
    return errands;
}

bool errands_put(struct errands *errands, struct errand *errand, bool inner)
{
    pthread_mutex_lock(&errands->lock);
    bool fine = inner || errands->count < errands->limit;
    if (fine) {
        errand->next = NULL;
        *errands->end = errand;
        errands->end = &errand->next;
        errands->count++;
        pthread_cond_signal(&errands->filled);
    }
    pthread_mutex_unlock(&errands->lock);
    return fine;
}

void errands_free(struct errands *errands)
{
    if (!errands)
        return;
    pthread_mutex_lock(&errands->lock);
    errands->shut = true;
    pthread_cond_signal(&errands->filled);
    pthread_mutex_unlock(&errands->lock);
    g_thread_join(errands->thread);
    struct errand *next;
    for (struct errand *errand = errands->first; errand; errand = next) {
        next = errand->next;
        errand->home(errand, false);
    }
    pthread_cond_destroy(&errands->filled);
    pthread_mutex_destroy(&errands->lock);
    g_free(errands);
}
