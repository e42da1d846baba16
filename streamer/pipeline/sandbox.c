/* sandbox.c: Landlock by raw system calls (glibc has no wrappers) and seccomp by libseccomp. */
#include "streamer/pipeline/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <linux/landlock.h>; older headers lack the later members, and the kernel takes a struct of any known
 * length. */
struct ruleset {
    uint64_t fs, net, scoped;
};
struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

enum { CREATE_VERSION = 1, RULE_BENEATH = 1 };
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NET = 4, ABI_IOCTL = 5, ABI_SCOPE = 6 };
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE = 1 << 1,
    FS_READ = 1 << 2,
    FS_LIST = 1 << 3,
    FS_REMOVE = 1 << 5,
    FS_MAKE_FILE = 1 << 8,
    FS_FIRST = (1 << 13) - 1, /* all of version 1 */
    FS_REFER = 1 << 13,
    FS_TRUNCATE = 1 << 14,
    FS_IOCTL = 1 << 15,
    NET_ALL = 3,   /* bind, connect (TCP) */
    SCOPE_ALL = 3, /* abstract Unix sockets, signals */
};

static uint64_t files_known(int abi)
{
    uint64_t known = FS_FIRST;
    if (abi >= ABI_REFER)
        known |= FS_REFER;
    if (abi >= ABI_TRUNCATE)
        known |= FS_TRUNCATE;
    if (abi >= ABI_IOCTL)
        known |= FS_IOCTL;
    return known;
}

/* True also when there is no such file: then there is nothing to allow. */
static bool files_allow(int ruleset, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    struct beneath rule = {.allowed = rights, .parent = fd};
    bool added = syscall(SYS_landlock_add_rule, ruleset, RULE_BENEATH, &rule, 0) == 0;
    close(fd);
    return added;
}

/* A set of rules that allows nothing yet. Its descriptor; -1: the kernel refused. `abi` 0: it has no
 * Landlock.
 */
static int ruleset_new(int *abi, uint64_t *known)
{
    *abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    if (*abi < 1) {
        *abi = 0;
        return -1;
    }
    struct ruleset wanted = {.fs = files_known(*abi), .net = NET_ALL, .scoped = SCOPE_ALL};
    size_t size = *abi >= ABI_SCOPE ? sizeof wanted
                  : *abi >= ABI_NET ? 2 * sizeof(uint64_t)
                                    : sizeof(uint64_t);
    *known = wanted.fs;
    return (int)syscall(SYS_landlock_create_ruleset, &wanted, size, 0);
}

static bool ruleset_enforce(int ruleset)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

int sandbox_files(const char *const *readable, const char *writable)
{
    static const char *const libraries[] = {"/usr/lib", "/lib",           "/usr/lib64",
                                            "/lib64",   "/usr/local/lib", NULL};
    int abi;
    uint64_t known;
    int ruleset = ruleset_new(&abi, &known);
    if (ruleset < 0)
        return abi ? -1 : 0;
    const uint64_t look = FS_READ | FS_LIST;
    const uint64_t change = look | FS_WRITE | FS_REMOVE | FS_MAKE_FILE | (known & FS_TRUNCATE);
    bool built =
        files_allow(ruleset, "/etc/ld.so.cache", FS_READ); /* a library's libraries are found in it */
    for (const char *const *p = libraries; *p; p++)
        built = files_allow(ruleset, *p, look) && built;
    for (const char *const *p = readable; p && *p; p++)
        built = files_allow(ruleset, *p, look) && built;
    if (writable)
        built = files_allow(ruleset, writable, change) && built;
    built = built && ruleset_enforce(ruleset);
    close(ruleset);
    return built ? abi : -1;
}

int sandbox_no_files(void)
{
    int abi;
    uint64_t known;
    int ruleset = ruleset_new(&abi, &known);
    if (ruleset < 0)
        return abi ? -1 : 0;
    bool shut = ruleset_enforce(ruleset);
    close(ruleset);
    return shut ? abi : -1;
}

/* What GStreamer, GLib, malloc, the threads of both and the sanitizers' runtime live on. */
static const int calls_plain[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(shutdown),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getattr),
    SCMP_SYS(sched_setattr),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(getcpu),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* For the recorder and the posters; where, is Landlock's business. */
static const int calls_files[] = {
    SCMP_SYS(openat),  SCMP_SYS(open),      SCMP_SYS(access),    SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
    SCMP_SYS(stat),    SCMP_SYS(lstat),     SCMP_SYS(readlink),  SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
    SCMP_SYS(rename),  SCMP_SYS(renameat),  SCMP_SYS(renameat2), SCMP_SYS(unlink),     SCMP_SYS(unlinkat),
    SCMP_SYS(fsync),   SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),  SCMP_SYS(umask),
    SCMP_SYS(pread64), SCMP_SYS(pwrite64),  SCMP_SYS(fstatfs),   SCMP_SYS(fadvise64),
};

/* The relay: its sockets are open, its threads run. It moves datagrams between them, takes the connections of
 * its own listener (accept4) and collects its nursery (wait4); memory without code in it, see below. */
static const int calls_relay[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(shutdown),
    SCMP_SYS(accept4),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(wait4),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getcpu),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static bool calls_add(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return false;
    return true;
}

/* Nothing is loaded any more: no memory becomes code. */
static bool calls_add_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

/* Calls that are harmless with some arguments only. */
static bool calls_add_narrow(scmp_filter_ctx filter)
{
    const scmp_datum_t self = (scmp_datum_t)getpid();
    int failed = 0;
    /* A thread is born by clone with CLONE_THREAD; without that flag it would be a process. clone3 hides its
     * flags behind a pointer: "no such call" makes glibc take clone. */
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, self, 0));
    failed |=
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0, 0));
    failed |=
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    return failed == 0;
}

/* abort() signals its own thread. */
static bool calls_add_relay(scmp_filter_ctx filter)
{
    const scmp_datum_t self = (scmp_datum_t)getpid();
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, self, 0)) ==
               0 &&
           calls_add_memory(filter) && calls_add(filter, calls_relay, G_N_ELEMENTS(calls_relay));
}

static bool calls_add_child(scmp_filter_ctx filter, bool files)
{
    return calls_add(filter, calls_plain, G_N_ELEMENTS(calls_plain)) &&
           (!files || calls_add(filter, calls_files, G_N_ELEMENTS(calls_files))) &&
           calls_add_memory(filter) && calls_add_narrow(filter);
}

bool sandbox_calls(enum sandbox_calls allow)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return false;
    bool relay = allow == SANDBOX_RELAY;
    /* What the relay is refused is worth a line in the machine's audit log; libraries of children try much.
     */
    bool loaded = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
                  (!relay || seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1) == 0) &&
                  (relay ? calls_add_relay(filter) : calls_add_child(filter, allow == SANDBOX_FILES)) &&
                  seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}
