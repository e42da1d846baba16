/* test_sandbox.c: what a process can still do behind streamer/pipeline's two walls. Each test shuts itself
 * in. */
#include "streamer/pipeline/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `inside` in a child; its answer is the exit code: 0 is well, else the number of the step that
 * surprised. */
static void behind_walls(int (*inside)(const char *dir))
{
    g_autofree char *dir = g_dir_make_tmp("sandbox-XXXXXX", NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(inside(dir));
    int status = 0;
    waitpid(pid, &status, 0);
    g_autofree char *file = g_build_filename(dir, "mine", NULL);
    unlink(file);
    rmdir(dir);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool refused(long result)
{
    return result < 0 && (errno == EPERM || errno == EACCES);
}

static void *nothing(void *data)
{
    return data;
}

static bool memory_is_no_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && refused(mprotect(page, 4096, PROT_READ | PROT_EXEC)) &&
           mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int no_way_out(void)
{
    char *const argv[] = {"true", NULL};
    pthread_t thread;
    int pair[2];
    if (!refused(socket(AF_INET, SOCK_DGRAM, 0)) || !refused(socket(AF_INET6, SOCK_STREAM, 0)))
        return 10;
    if (!refused(socket(AF_UNIX, SOCK_STREAM, 0)) || !refused(socket(AF_NETLINK, SOCK_RAW, 0)))
        return 11;
    if (!refused(fork()) || !refused(vfork()))
        return 12;
    if (!refused(execv("/usr/bin/true", argv)))
        return 13;
    if (!refused(kill(getppid(), 0)) || !refused(ptrace(PTRACE_ATTACH, getppid(), 0, 0)))
        return 14;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 15; /* threads must still come and go */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 16; /* GStreamer wakes its threads by these */
    if (!memory_is_no_code())
        return 17;
    return 0;
}

static int media_only(const char *dir)
{
    (void)dir;
    if (sandbox_files(NULL, NULL) < 0 || !sandbox_calls(SANDBOX_MEDIA))
        return 1;
    if (!refused(open("/etc/passwd", O_RDONLY)) || !refused(open("/usr/lib", O_RDONLY | O_DIRECTORY)))
        return 2;
    return no_way_out();
}

static int files_of_its_own(const char *dir)
{
    g_autofree char *mine = g_build_filename(dir, "mine", NULL);
    g_autofree char *part = g_build_filename(dir, "part", NULL);
    g_autofree char *outside = g_strconcat(dir, "-outside", NULL);
    int abi = sandbox_files(NULL, dir);
    if (abi < 0 || !sandbox_calls(SANDBOX_FILES))
        return 1;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0 || rename(part, mine) != 0)
        return 2;
    if (abi > 0) { /* an old kernel without Landlock has the second wall only */
        if (!refused(open("/etc/passwd", O_RDONLY)) || !refused(open("/proc/self/environ", O_RDONLY)))
            return 3;
        if (!refused(open(outside, O_WRONLY | O_CREAT, 0600)) || !refused(rename(mine, outside)))
            return 4;
        if (!refused(open("/usr/lib/mine", O_WRONLY | O_CREAT, 0600)))
            return 5;
    }
    return no_way_out();
}

/* What is open stays of use; nothing else can be had, not even a thread. */
static int open_sockets_only(const char *dir)
{
    char *const argv[] = {"true", NULL};
    pthread_t thread;
    int pair[2], udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)dir;
    if (udp < 0 || sandbox_no_files() < 0 || !sandbox_calls(SANDBOX_RELAY))
        return 1;
    if (!refused(open("/etc/passwd", O_RDONLY)) || !refused(open(dir, O_RDONLY | O_DIRECTORY)))
        return 2;
    if (!refused(socket(AF_INET, SOCK_DGRAM, 0)) || !refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) ||
        !refused(connect(udp, (struct sockaddr *)&to, sizeof to)))
        return 3;
    if (!refused(fork()) || !refused(execv("/usr/bin/true", argv)) || !refused(kill(getppid(), 0)) ||
        !refused(ptrace(PTRACE_ATTACH, getppid(), 0, 0)) || pthread_create(&thread, NULL, nothing, NULL) == 0)
        return 4;
    if (!memory_is_no_code())
        return 5;
    return sendto(udp, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1 ? 0 : 6;
}

static void the_relay_keeps_its_sockets_and_nothing_else(void **state)
{
    (void)state;
    behind_walls(open_sockets_only);
}

static void ingest_can_open_nothing(void **state)
{
    (void)state;
    behind_walls(media_only);
}

static void studio_can_change_its_directory_only(void **state)
{
    (void)state;
    behind_walls(files_of_its_own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ingest_can_open_nothing),
        cmocka_unit_test(studio_can_change_its_directory_only),
        cmocka_unit_test(the_relay_keeps_its_sockets_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
