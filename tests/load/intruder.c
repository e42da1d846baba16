/* intruder.c: what somebody could still do who has taken a process over: makes each thread of PID try the
 * ways out of a sandbox, one system call after another, and lets it go on where it was. As root (ptrace).
 *
 *   intruder PID
 *
 * Prints {"threads":N,"tried":N,"succeeded":["name",…]}: a call has succeeded when it was answered by
 * anything but "not permitted", "denied" or "no such call". Exit code 1: a thread could not be made to try.
 * The target must be ours to break: a call that succeeds is not undone. x86-64 and arm64. */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MOST = 256, PATIENCE_MS = 10000, SCRATCH = 2048, TEXT_BYTES = 16 };

/* What a call points to, in the target's stack below what it uses. */
enum pointer { PATH = 1, ADDRESS, ARGUMENTS, OUTPUT, POINTERS };
static const char path[TEXT_BYTES] = "/etc/passwd";

struct attempt {
    const char *name;
    long number;
    enum pointer pointer[6]; /* 0: the number in `value` */
    long value[6];
};

static const struct attempt attempts[] = {
    {"openat", SYS_openat, {0, PATH}, {AT_FDCWD, 0, O_RDONLY}},
#ifdef SYS_open
    {"open", SYS_open, {PATH}, {0, O_RDONLY}},
    {"creat", SYS_creat, {PATH}, {0, 0600}},
    {"fork", SYS_fork, {0}, {0}},
    {"vfork", SYS_vfork, {0}, {0}},
    {"unlink", SYS_unlink, {PATH}, {0}},
#endif
    {"openat2", SYS_openat2, {0, PATH, OUTPUT}, {AT_FDCWD, 0, 0, 24}},
    {"unlinkat", SYS_unlinkat, {0, PATH}, {AT_FDCWD, 0, 0}},
    {"mkdirat", SYS_mkdirat, {0, PATH}, {AT_FDCWD, 0, 0700}},
    {"execve", SYS_execve, {PATH, ARGUMENTS, ARGUMENTS}, {0}},
    {"execveat", SYS_execveat, {0, PATH, ARGUMENTS, ARGUMENTS}, {AT_FDCWD, 0, 0, 0, 0}},
    {"clone", SYS_clone, {0}, {SIGCHLD}},
    {"clone3", SYS_clone3, {OUTPUT}, {0, 64}},
    {"socket udp", SYS_socket, {0}, {AF_INET, SOCK_DGRAM, 0}},
    {"socket tcp", SYS_socket, {0}, {AF_INET6, SOCK_STREAM, 0}},
    {"socket unix", SYS_socket, {0}, {AF_UNIX, SOCK_STREAM, 0}},
    {"socket netlink", SYS_socket, {0}, {AF_NETLINK, SOCK_RAW, 0}},
    {"connect", SYS_connect, {0, ADDRESS}, {3, 0, sizeof(struct sockaddr_in)}},
    {"bind", SYS_bind, {0, ADDRESS}, {3, 0, sizeof(struct sockaddr_in)}},
    {"listen", SYS_listen, {0}, {3, 1}},
    {"ptrace", SYS_ptrace, {0}, {PTRACE_TRACEME}},
    {"kill", SYS_kill, {0}, {1, 0}},
    {"process_vm_readv", SYS_process_vm_readv, {0}, {1, 0, 0, 0, 0, 0}},
    {"mmap code",
     SYS_mmap,
     {0},
     {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
    {"memfd_create", SYS_memfd_create, {PATH}, {0, 0}},
    {"io_uring_setup", SYS_io_uring_setup, {0, OUTPUT}, {1}},
    {"userfaultfd", SYS_userfaultfd, {0}, {0}},
    {"bpf", SYS_bpf, {0, OUTPUT}, {0, 0, 64}},
    {"perf_event_open", SYS_perf_event_open, {OUTPUT}, {0, 0, -1, -1, 0}},
    {"mount", SYS_mount, {PATH, PATH, PATH}, {0}},
    {"unshare", SYS_unshare, {0}, {0x10000000}},
    {"setns", SYS_setns, {0}, {3, 0}},
    {"chroot", SYS_chroot, {PATH}, {0}},
    {"keyctl", SYS_keyctl, {0}, {0, -3, 0}},
    {"setuid", SYS_setuid, {0}, {0}},
};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/* A getpid first: it must be let through, or nothing was tried at all. */
static const struct attempt greeting = {"getpid", SYS_getpid, {0}, {0}};

static bool succeeded[ATTEMPTS];

#if defined(__x86_64__)
enum { CALL_BYTES = 2 };
static const uint8_t call_instruction[CALL_BYTES] = {0x0f, 0x05};
static uint64_t regs_pc(const struct user_regs_struct *r)
{
    return r->rip;
}
static uint64_t regs_stack(const struct user_regs_struct *r)
{
    return r->rsp;
}
static long regs_result(const struct user_regs_struct *r)
{
    return (long)r->rax;
}
static void regs_call(struct user_regs_struct *r, long number, const uint64_t a[6])
{
    r->rip -= CALL_BYTES;
    r->rax = (uint64_t)number;
    r->orig_rax = (uint64_t)-1; /* the call that was interrupted is not to begin again in between */
    r->rdi = a[0], r->rsi = a[1], r->rdx = a[2], r->r10 = a[3], r->r8 = a[4], r->r9 = a[5];
}
#elif defined(__aarch64__)
enum { CALL_BYTES = 4 };
static const uint8_t call_instruction[CALL_BYTES] = {0x01, 0x00, 0x00, 0xd4};
static uint64_t regs_pc(const struct user_regs_struct *r)
{
    return r->pc;
}
static uint64_t regs_stack(const struct user_regs_struct *r)
{
    return r->sp;
}
static long regs_result(const struct user_regs_struct *r)
{
    return (long)r->regs[0];
}
static void regs_call(struct user_regs_struct *r, long number, const uint64_t a[6])
{
    r->pc -= CALL_BYTES;
    r->regs[8] = (uint64_t)number;
    memcpy(r->regs, a, 6 * sizeof *a);
}
#else
#error "how does this machine make a system call?"
#endif

static void die(const char *what, pid_t thread)
{
    fprintf(stderr, "intruder: %s of thread %d: %s\n", what, (int)thread, strerror(errno));
    exit(1);
}

static bool regs_move(enum __ptrace_request request, pid_t thread, struct user_regs_struct *r)
{
    struct iovec vec = {.iov_base = r, .iov_len = sizeof *r};
    return ptrace(request, thread, (void *)NT_PRSTATUS, &vec) == 0;
}

static int memory_of(pid_t process)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/mem", (int)process);
    return open(name, O_RDWR | O_CLOEXEC);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* Stops the thread just behind a system call's instruction: most wait in one. False: it never was there. */
static bool thread_stop(pid_t thread, int memory, struct user_regs_struct *r)
{
    uint8_t code[CALL_BYTES];
    int status;
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0)
        return false;
    for (int64_t end = now_ms() + PATIENCE_MS; now_ms() < end; nap()) {
        if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0 || waitpid(thread, &status, __WALL) != thread)
            return false;
        if (regs_move(PTRACE_GETREGSET, thread, r) &&
            pread(memory, code, sizeof code, (off_t)(regs_pc(r) - CALL_BYTES)) == sizeof code &&
            memcmp(code, call_instruction, sizeof code) == 0)
            return true;
        ptrace(PTRACE_CONT, thread, 0, 0);
    }
    errno = ETIMEDOUT;
    return false;
}

static long thread_call(pid_t thread, int memory, const struct user_regs_struct *at, const struct attempt *a)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint64_t base = (regs_stack(at) - SCRATCH) & ~UINT64_C(15), values[6];
    const uint64_t places[POINTERS] = {0, base, base + 16, base + 32, base + 64};
    uint8_t scratch[256] = {0};
    struct user_regs_struct r = *at;
    int status;
    memcpy(scratch, path, sizeof path);
    memcpy(scratch + 16, &address, sizeof address);
    if (pwrite(memory, scratch, sizeof scratch, (off_t)base) != sizeof scratch)
        die("memory", thread);
    for (int i = 0; i < 6; i++)
        values[i] = a->pointer[i] ? places[a->pointer[i]] : (uint64_t)a->value[i];
    regs_call(&r, a->number, values);
    if (!regs_move(PTRACE_SETREGSET, thread, &r) || ptrace(PTRACE_SINGLESTEP, thread, 0, 0) != 0 ||
        waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status) ||
        !regs_move(PTRACE_GETREGSET, thread, &r))
        die(a->name, thread);
    return regs_result(&r);
}

static void thread_try_all(pid_t process, pid_t thread, int memory)
{
    struct user_regs_struct at;
    if (!thread_stop(thread, memory, &at))
        die("stop", thread);
    long pid = thread_call(thread, memory, &at, &greeting);
    for (int i = 0; i < ATTEMPTS; i++) {
        long result = thread_call(thread, memory, &at, &attempts[i]);
        succeeded[i] |= result != -EPERM && result != -EACCES && result != -ENOSYS;
    }
    if (!regs_move(PTRACE_SETREGSET, thread, &at) || ptrace(PTRACE_DETACH, thread, 0, 0) != 0)
        die("release", thread);
    if (pid != process) {
        fprintf(stderr, "intruder: thread %d answered %ld to getpid\n", (int)thread, pid);
        exit(1);
    }
}

static int threads_of(pid_t process, pid_t *threads)
{
    char name[64];
    int count = 0;
    snprintf(name, sizeof name, "/proc/%d/task", (int)process);
    DIR *dir = opendir(name);
    for (struct dirent *e; dir && count < THREADS_MOST && (e = readdir(dir));)
        if (e->d_name[0] != '.')
            threads[count++] = (pid_t)strtol(e->d_name, NULL, 10);
    if (dir)
        closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    pid_t threads[THREADS_MOST], process = argc == 2 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
    int count = process > 0 ? threads_of(process, threads) : 0, memory = count ? memory_of(process) : -1;
    const char *comma = "";
    if (memory < 0) {
        fprintf(stderr, "usage: intruder PID\n");
        return 2;
    }
    for (int i = 0; i < count; i++)
        thread_try_all(process, threads[i], memory);
    printf("{\"threads\":%d,\"tried\":%d,\"succeeded\":[", count, count * ATTEMPTS);
    for (int i = 0; i < ATTEMPTS; i++) {
        if (succeeded[i]) {
            printf("%s\"%s\"", comma, attempts[i].name);
            comma = ",";
        }
    }
    printf("]}\n");
    return 0;
}
