/* nursery_process.c: the process itself. One thread, all signals blocked, a table and two descriptors: the
 * relay and "a helper has ended". Nothing here reads what a stranger sent. */
#include "streamer/pipe.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/nursery_words.h"

#include <errno.h>
#include <glib.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NURSERY_TICK_MS = 1000, NURSERY_SLOTS = 4096 };

struct slot {
    uint32_t number; /* 0: free */
    int fd;          /* a helper's end that waits for its start; else -1 */
    pid_t pid;       /* of one that was started; else 0 */
};

static const struct slot slot_free = {.fd = -1};
static struct slot slots[NURSERY_SLOTS]; /* more than ROOMS_MAX rooms can have helpers */
static int relay_fd, ended_fd;
static uint32_t last_number;
static unsigned spares;

extern char **environ;

static struct slot *slot_find(uint32_t number)
{
    for (unsigned i = 0; i < NURSERY_SLOTS; i++)
        if (slots[i].number == number)
            return &slots[i];
    return NULL;
}

static bool process_say(const struct nursery_word *word, int fd)
{
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct iovec vec = {.iov_base = (void *)word, .iov_len = sizeof *word};
    struct msghdr m = {.msg_iov = &vec, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(relay_fd, &m, MSG_NOSIGNAL) == sizeof *word;
}

/* False: not now (no slot, no descriptor, a relay that takes none). */
static bool process_add_spare(void)
{
    int pair[2], size = CHILD_BUFFER;
    struct slot *s = slot_find(0);
    if (!s || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    last_number = last_number == UINT32_MAX ? 1 : last_number + 1;
    bool said = process_say(&(struct nursery_word){.kind = NURSERY_SPARE, .number = last_number}, pair[0]);
    close(pair[0]);
    if (!said) {
        close(pair[1]);
        return false;
    }
    *s = (struct slot){.number = last_number, .fd = pair[1]};
    spares++;
    return true;
}

static int process_spawn(const char *program, int fd, pid_t *pid)
{
    char *argv[] = {(char *)program, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0); /* Ctrl-C is for the relay: helpers end by PIPE_END */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, PIPE_FD);
    int failed = posix_spawn(pid, program, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static void process_start(const struct nursery_plan *plan, const struct nursery_word *word)
{
    struct slot *s = word->number ? slot_find(word->number) : NULL;
    const char *program = word->program == NURSERY_INGEST   ? plan->ingest
                          : word->program == NURSERY_STUDIO ? plan->studio
                                                            : NULL;
    if (!s || s->fd < 0)
        return;
    int failed = program ? process_spawn(program, s->fd, &s->pid) : ENOENT;
    close(s->fd); /* the relay sees the end of a program that did not start */
    s->fd = -1;
    spares--;
    if (failed) {
        *s = slot_free;
        process_say(
            &(struct nursery_word){
                .kind = NURSERY_FAILED, .program = word->program, .number = word->number, .error = failed},
            -1);
    }
}

static void process_dial(const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_strlcpy(where.sun_path, path, sizeof where.sun_path);
    /* local: connected at once or not at all */
    bool there = fd >= 0 && connect(fd, (struct sockaddr *)&where, sizeof where) == 0;
    int error = there ? 0 : errno;
    process_say(&(struct nursery_word){.kind = NURSERY_DIALLED, .error = error}, there ? fd : -1);
    if (fd >= 0)
        close(fd);
}

/* False: the relay is gone. */
static bool process_hear(const struct nursery_plan *plan)
{
    struct nursery_word word;
    ssize_t got = recv(relay_fd, &word, sizeof word, 0);
    if (got != sizeof word)
        return got < 0 && errno == EINTR;
    if (word.kind == NURSERY_START)
        process_start(plan, &word);
    struct slot *s = word.kind == NURSERY_KILL && word.number ? slot_find(word.number) : NULL;
    if (s && s->pid > 0)
        kill(s->pid, SIGKILL); /* ours until it is collected: the number cannot be somebody else's */
    if (word.kind == NURSERY_DIAL)
        process_dial(plan->market);
    return true;
}

/* Collects who has ended; how many still live. */
static unsigned process_collect(void)
{
    struct signalfd_siginfo ignored;
    unsigned living = 0;
    while (read(ended_fd, &ignored, sizeof ignored) == sizeof ignored)
        ;
    for (unsigned i = 0; i < NURSERY_SLOTS; i++) {
        if (slots[i].pid > 0 && waitpid(slots[i].pid, NULL, WNOHANG) != 0)
            slots[i] = slot_free;
        living += slots[i].pid > 0;
    }
    return living;
}

static void process_leave(void) __attribute__((noreturn));
static void process_leave(void)
{
    int64_t end_us = clock_us() + CHILD_END_MS * INT64_C(1000);
    struct pollfd p = {.fd = ended_fd, .events = POLLIN};
    for (unsigned i = 0; i < NURSERY_SLOTS; i++)
        if (slots[i].fd >= 0)
            close(slots[i].fd);
    while (process_collect() > 0 && clock_us() < end_us)
        poll(&p, 1, NURSERY_TICK_MS / 10);
    for (unsigned i = 0; i < NURSERY_SLOTS; i++)
        if (slots[i].pid > 0)
            kill(slots[i].pid, SIGKILL);
    while (process_collect() > 0)
        poll(&p, 1, NURSERY_TICK_MS / 10);
    _exit(0);
}

/* What the relay has open, also what it got from others, is not for the helpers. */
static void process_close_others(int fd)
{
    if (fd > STDERR_FILENO + 1)
        (void)syscall(SYS_close_range, STDERR_FILENO + 1, fd - 1, 0);
    (void)syscall(SYS_close_range, fd + 1, ~0U, 0);
}

void nursery_process(int fd, const struct nursery_plan *plan)
{
    sigset_t ended;
    process_close_others(fd);
    prctl(PR_SET_NAME, "nursery");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    relay_fd = fd;
    ended_fd = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
    for (unsigned i = 0; i < NURSERY_SLOTS; i++)
        slots[i] = slot_free;
    if (ended_fd < 0)
        _exit(1);
    for (;;) {
        struct pollfd p[2] = {{.fd = relay_fd, .events = POLLIN}, {.fd = ended_fd, .events = POLLIN}};
        while (spares < NURSERY_SPARES && process_add_spare())
            ;
        poll(p, 2, spares < NURSERY_SPARES ? NURSERY_TICK_MS : -1);
        process_collect();
        if (p[0].revents && !process_hear(plan))
            process_leave();
    }
}
