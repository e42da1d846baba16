/* powercut.c: a disk whose power can be cut, for LD_PRELOAD. Beside the real files of the database it keeps
 * what a disk would have kept: POWERCUT_SHADOW/market.db and market.db-wal get what was written only when it
 * was synced, and now and then some sectors of what was not, since a disk may write early, out of order, and
 * half a page. kill -9 and the shadow is what is left after the cut.
 *
 *     POWERCUT_SHADOW=DIR   holds both files as they are on the disk when the program starts
 *     POWERCUT_SEED=N       which sectors go early
 *     POWERCUT_LIES=1       a disk that says it has synced and has not: the rig must notice that orders are
 * lost
 *
 * A sync returns only when the shadow has it all, so what was acknowledged after it is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, EARLY_ONE_IN = 4, COPY_BYTES = 1 << 16 };

struct range {
    off64_t from;
    size_t length;
};
struct shadow {
    const char *name;
    int fd;               /* 0: not opened yet */
    struct range *ranges; /* written since the last sync */
    size_t count, room;
};

static struct shadow shadows[] = {{.name = "market.db"}, {.name = "market.db-wal"}};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seed;

static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);

__attribute__((constructor)) static void find_real(void)
{
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    real_pread = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    real_ftruncate = (int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    const char *text = getenv("POWERCUT_SEED");
    seed = (text ? strtoull(text, NULL, 10) : 0) * 2654435761u + 88172645463325252u;
}

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % below;
}

static void give_up(const char *what)
{
    fprintf(stderr, "powercut: %s\n", what);
    abort();
}

/* The shadow of an open file; NULL: it is none of the database's. */
static struct shadow *shadow_of(int fd)
{
    char link[32], path[4096];
    const char *folder = getenv("POWERCUT_SHADOW");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!folder || length <= 0)
        return NULL;
    path[length] = '\0';
    const char *name = strrchr(path, '/');
    for (size_t i = 0; name && i < sizeof shadows / sizeof shadows[0]; i++) {
        struct shadow *s = &shadows[i];
        if (strcmp(name + 1, s->name) != 0)
            continue;
        if (!s->fd) {
            snprintf(path, sizeof path, "%s/%s", folder, s->name);
            s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            if (s->fd < 0)
                give_up("the shadow cannot be opened");
        }
        return s;
    }
    return NULL;
}

static void remember(struct shadow *s, off64_t from, size_t length)
{
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 1024;
        s->ranges = realloc(s->ranges, s->room * sizeof *s->ranges);
        if (!s->ranges)
            give_up("no memory");
    }
    s->ranges[s->count++] = (struct range){from, length};
}

/* Every second sector of a write goes at once. */
static void write_early(struct shadow *s, const char *bytes, size_t length, off64_t from)
{
    for (size_t at = 0; at < length; at += SECTOR) {
        size_t part = length - at < SECTOR ? length - at : SECTOR;
        if (draw(2) == 0 && real_pwrite(s->fd, bytes + at, part, from + (off64_t)at) != (ssize_t)part)
            give_up("the shadow cannot be written");
    }
}

static void copy_range(struct shadow *s, int fd, struct range r)
{
    static char bytes[COPY_BYTES];
    while (r.length > 0) {
        size_t part = r.length < sizeof bytes ? r.length : sizeof bytes;
        ssize_t got = real_pread(fd, bytes, part, r.from);
        if (got <= 0)
            return; /* cut off since: the size follows */
        if (real_pwrite(s->fd, bytes, (size_t)got, r.from) != got)
            give_up("the shadow cannot be written");
        r.from += got;
        r.length -= (size_t)got;
    }
}

static int sync_shadow(int fd)
{
    struct stat st;
    struct shadow *s = shadow_of(fd);
    if (!s)
        return real_fsync(fd);
    if (getenv("POWERCUT_LIES"))
        return 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->count; i++)
        copy_range(s, fd, s->ranges[i]);
    s->count = 0;
    if (fstat(fd, &st) != 0 || real_ftruncate(s->fd, st.st_size) != 0)
        give_up("the shadow cannot be cut");
    pthread_mutex_unlock(&lock);
    return 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t from)
{
    ssize_t put = real_pwrite(fd, bytes, length, from);
    struct shadow *s = put > 0 ? shadow_of(fd) : NULL;
    if (s) {
        pthread_mutex_lock(&lock);
        remember(s, from, (size_t)put);
        if (draw(EARLY_ONE_IN) == 0)
            write_early(s, bytes, (size_t)put, from);
        pthread_mutex_unlock(&lock);
    }
    return put;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t from)
{
    return pwrite64(fd, bytes, length, from);
}

/* The file grows shorter on the disk now, or when it is synced. */
int ftruncate64(int fd, off64_t size)
{
    int done = real_ftruncate(fd, size);
    struct shadow *s = done == 0 ? shadow_of(fd) : NULL;
    if (s) {
        pthread_mutex_lock(&lock);
        bool early = draw(2) == 0;
        pthread_mutex_unlock(&lock);
        if (early && !getenv("POWERCUT_LIES") && real_ftruncate(s->fd, size) != 0)
            give_up("the shadow cannot be cut");
    }
    return done;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int fsync(int fd)
{
    return sync_shadow(fd);
}

int fdatasync(int fd)
{
    return sync_shadow(fd);
}
