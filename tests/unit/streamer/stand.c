/* stand.c: fork, exec, and the messages of pipe.h from the relay's side. */
#include "tests/unit/streamer/stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

void stand_start(struct stand *s, const char *program, const char *setup_json)
{
    int ends[2];
    int room = 4 << 20;
    assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), errno);
    (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    pid_t pid = fork();
    assert_return_code(pid, errno);
    if (pid == 0) {
        /* dup2 of a descriptor onto itself would leave close-on-exec set */
        int end = ends[1] == PIPE_FD ? dup(ends[1]) : ends[1];
        dup2(end, PIPE_FD);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *s = (struct stand){.pid = pid, .fd = ends[0]};
    if (setup_json)
        assert_true(stand_send(s, PIPE_SETUP, PIPE_NONE, setup_json, strlen(setup_json)));
}

bool stand_send(struct stand *s, enum pipe_type type, enum pipe_kind kind, const void *bytes, size_t length)
{
    return stand_send_at(s, type, kind, bytes, length, g_get_monotonic_time());
}

bool stand_send_at(struct stand *s, enum pipe_type type, enum pipe_kind kind, const void *bytes,
                   size_t length, int64_t at_us)
{
    struct pipe_head head = {
        .type = (uint8_t)type, .kind = (uint8_t)kind, .length = (uint16_t)length, .at_us = (uint64_t)at_us};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)(uintptr_t)bytes, length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    s->refused++;
    return false;
}

bool stand_read(struct stand *s, struct stand_message *m, int wait_ms)
{
    struct pollfd ready = {.fd = s->fd, .events = POLLIN};
    if (poll(&ready, 1, wait_ms) <= 0)
        return false;
    struct iovec parts[] = {{&m->head, sizeof m->head}, {m->bytes, PIPE_TEXT_MAX}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n = recvmsg(s->fd, &message, 0);
    if (n <= 0)
        return false;
    assert_int_equal(n, sizeof m->head + m->head.length);
    m->bytes[m->head.length] = 0;
    return true;
}

void stand_expect(struct stand *s, enum pipe_type type, struct stand_message *m)
{
    int64_t end_us = g_get_monotonic_time() + STAND_PATIENCE_MS * INT64_C(1000);
    while (g_get_monotonic_time() < end_us)
        if (stand_read(s, m, 100) && m->head.type == type)
            return;
    fail_msg("no message of type %d within %d ms", type, STAND_PATIENCE_MS);
}

int stand_wait(struct stand *s)
{
    int status = 0;
    int64_t end_us = g_get_monotonic_time() + STAND_PATIENCE_MS * INT64_C(1000);
    while (waitpid(s->pid, &status, WNOHANG) == 0) {
        if (g_get_monotonic_time() > end_us)
            fail_msg("the child did not end");
        g_usleep(5000);
    }
    s->pid = 0;
    close(s->fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void stand_kill(struct stand *s)
{
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
    close(s->fd);
}
