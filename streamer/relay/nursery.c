/* nursery.c: the relay's end: forks, keeps the spare sockets, passes answers on. */
#include "streamer/relay/nursery.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/log.h"
#include "streamer/relay/nursery_words.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct spare {
    int fd;
    uint32_t number;
};

struct nursery {
    pid_t pid;
    struct loop *loop;  /* NULL: not joined */
    struct watch watch; /* fd -1: the process is gone */
    void (*lost_cb)(void *arg);
    void *lost_arg;
    void (*dialled_cb)(void *arg, int fd, int64_t now_us);
    void *dialled_arg;
    unsigned count;
    struct spare spares[NURSERY_SPARES];
};

const char *nursery_program_name(enum nursery_program program)
{
    return program == NURSERY_INGEST ? "ingest" : "studio";
}

/* Signals are blocked over the fork: the process never sees one of those meant for the relay. */
static pid_t nursery_fork(const int pair[2], const struct nursery_plan *plan)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        nursery_process(pair[1], plan);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

struct nursery *nursery_new(const struct nursery_plan *plan)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return NULL;
    pid_t pid = nursery_fork(pair, plan);
    int saved = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        errno = saved;
        return NULL;
    }
    struct nursery *n = g_new0(struct nursery, 1);
    n->pid = pid;
    n->watch.fd = pair[0];
    return n;
}

static void nursery_lose(struct nursery *n)
{
    if (n->watch.fd < 0)
        return;
    loop_remove(n->loop, &n->watch);
    close(n->watch.fd);
    n->watch.fd = -1;
    log_event(LOG_ERROR, "nursery.gone", NULL);
    n->lost_cb(n->lost_arg);
}

static void nursery_take(struct nursery *n, const struct nursery_word *word, int fd)
{
    if (word->kind == NURSERY_SPARE && fd >= 0 && n->count < NURSERY_SPARES) {
        n->spares[n->count++] = (struct spare){.fd = fd, .number = word->number};
        return;
    }
    if (word->kind == NURSERY_DIALLED && n->dialled_cb) {
        n->dialled_cb(n->dialled_arg, fd, clock_us());
        return;
    }
    if (word->kind == NURSERY_FAILED)
        log_event(LOG_ERROR, "child.start_failed", "s:s, s:s", "helper",
                  nursery_program_name((enum nursery_program)word->program), "why", g_strerror(word->error));
    if (fd >= 0)
        close(fd);
}

/* True: a message was there and is taken. */
static bool nursery_read(struct nursery *n)
{
    struct nursery_word word;
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec vec = {.iov_base = &word, .iov_len = sizeof word};
    struct msghdr m = {
        .msg_iov = &vec, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int fd = -1;
    ssize_t got = recvmsg(n->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    if (got != sizeof word) {
        nursery_lose(n);
        return false;
    }
    nursery_take(n, &word, fd);
    return n->watch.fd >= 0;
}

static void nursery_readable(void *arg, uint32_t events)
{
    (void)events;
    while (nursery_read(arg))
        ;
}

void nursery_join(struct nursery *n, struct loop *loop, void (*lost_cb)(void *arg), void *arg)
{
    n->loop = loop;
    n->lost_cb = lost_cb;
    n->lost_arg = arg;
    n->watch.events = EPOLLIN;
    n->watch.ready_cb = nursery_readable;
    n->watch.arg = n;
    loop_add(loop, &n->watch);
}

void nursery_free(struct nursery *n)
{
    if (!n)
        return;
    if (n->watch.fd >= 0) {
        if (n->loop)
            loop_remove(n->loop, &n->watch);
        close(n->watch.fd);
    }
    for (unsigned i = 0; i < n->count; i++)
        close(n->spares[i].fd);
    while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g_free(n);
}

/* Few and small messages: a socket that is full of them means that nobody reads. */
static bool nursery_say(struct nursery *n, const struct nursery_word *word)
{
    if (n->watch.fd < 0)
        return false;
    if (send(n->watch.fd, word, sizeof *word, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof *word)
        return true;
    nursery_lose(n);
    return false;
}

int nursery_start(struct nursery *n, enum nursery_program program, uint32_t *number)
{
    if (n->count == 0 && n->watch.fd >= 0)
        nursery_readable(n, EPOLLIN); /* more may be on their way */
    if (n->count == 0)
        return -1;
    struct spare s = n->spares[--n->count];
    if (!nursery_say(n, &(struct nursery_word){
                            .kind = NURSERY_START, .program = (uint32_t)program, .number = s.number})) {
        close(s.fd);
        return -1;
    }
    *number = s.number;
    return s.fd;
}

void nursery_kill(struct nursery *n, uint32_t number)
{
    nursery_say(n, &(struct nursery_word){.kind = NURSERY_KILL, .number = number});
}

void nursery_on_dialled(struct nursery *n, void (*dialled_cb)(void *arg, int fd, int64_t now_us), void *arg)
{
    n->dialled_cb = dialled_cb;
    n->dialled_arg = arg;
}

void nursery_dial(struct nursery *n)
{
    nursery_say(n, &(struct nursery_word){.kind = NURSERY_DIAL});
}
