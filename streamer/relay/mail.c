/* mail.c: positions that only grow, one written by each side; the reader's lies on a cache line of its own.
 */
#include "streamer/relay/mail.h"
#include "streamer/relay/limits.h"

#include <glib.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAIL_LINE = 64 };

struct mail {
    int fd;
    /* the writer's */
    GQueue aside;   /* struct note, in order; waits for room in the ring */
    unsigned woken; /* the position the reader was told of */
    atomic_uint written;
    uint8_t apart[MAIL_LINE];
    /* the reader's */
    atomic_uint taken;
    struct note notes[MAIL_NOTES];
};

struct mail *mail_new(void)
{
    struct mail *m = g_new0(struct mail, 1);
    m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m->fd < 0)
        g_error("eventfd failed");
    g_queue_init(&m->aside);
    return m;
}

void mail_free(struct mail *m)
{
    if (!m)
        return;
    close(m->fd);
    g_queue_clear_full(&m->aside, g_free);
    g_free(m);
}

static bool mail_write(struct mail *m, const struct note *n)
{
    unsigned at = atomic_load_explicit(&m->written, memory_order_relaxed);
    if (at - atomic_load_explicit(&m->taken, memory_order_acquire) == MAIL_NOTES)
        return false;
    m->notes[at % MAIL_NOTES] = *n;
    atomic_store_explicit(&m->written, at + 1, memory_order_release);
    return true;
}

static void mail_write_aside(struct mail *m)
{
    for (struct note *n; (n = g_queue_peek_head(&m->aside)) && mail_write(m, n);)
        g_free(g_queue_pop_head(&m->aside));
}

bool mail_put(struct mail *m, const struct note *n, bool must)
{
    mail_write_aside(m);
    if (g_queue_is_empty(&m->aside) && mail_write(m, n))
        return true;
    if (must)
        g_queue_push_tail(&m->aside, g_memdup2(n, sizeof *n));
    return must;
}

bool mail_flush(struct mail *m)
{
    uint64_t one = 1;
    mail_write_aside(m);
    unsigned at = atomic_load_explicit(&m->written, memory_order_relaxed);
    if (at != m->woken && write(m->fd, &one, sizeof one) == sizeof one)
        m->woken = at;
    return g_queue_is_empty(&m->aside);
}

int mail_fd(const struct mail *m)
{
    return m->fd;
}

void mail_heard(struct mail *m)
{
    uint64_t ignored;
    if (read(m->fd, &ignored, sizeof ignored) < 0)
        return; /* woken for nothing: the ring is looked at all the same */
}

bool mail_take(struct mail *m, struct note *n)
{
    unsigned at = atomic_load_explicit(&m->taken, memory_order_relaxed);
    if (at == atomic_load_explicit(&m->written, memory_order_acquire))
        return false;
    *n = m->notes[at % MAIL_NOTES];
    atomic_store_explicit(&m->taken, at + 1, memory_order_release);
    return true;
}

bool mail_is_empty(const struct mail *m)
{
    return atomic_load_explicit(&m->taken, memory_order_relaxed) ==
           atomic_load_explicit(&m->written, memory_order_acquire);
}
