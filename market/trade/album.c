/* album.c: see album.h. A file goes in as base64: the store's text has no room for zeros. */
#include "market/trade/album.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define PART ".restore.part"
enum { FILE_MAX_BYTES = 256 * 1024 }; /* the market takes pictures of at most 200,000 bytes */

bool album_path(const char *path, char slug[33], const char **name)
{
    if (!g_str_has_prefix(path, "/media/"))
        return false;
    const char *at = path + 7;
    size_t length = strspn(at, LOWER DIGITS "-");
    if (length == 0 || length > 32 || at[length] != '/')
        return false;
    const char *file = at + length + 1;
    if (!g_str_has_prefix(file, "lot-"))
        return false;
    size_t lot = strspn(file + 4, DIGITS);
    if (lot == 0 || lot > 18 || file[4 + lot] != '-')
        return false;
    const char *hash = file + 5 + lot;
    if (strspn(hash, DIGITS "abcdef") != 32 || hash[32] != '.')
        return false;
    const char *ending = hash + 33;
    if (strcmp(ending, "jpg") != 0 && strcmp(ending, "png") != 0 && strcmp(ending, "webp") != 0)
        return false;
    memcpy(slug, at, length);
    slug[length] = '\0';
    *name = file;
    return true;
}

static int room_open(int media, const char *slug)
{
    return openat(media, slug, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The file in base64, or NULL. */
static char *read_file(int media, const char *slug, const char *name)
{
    struct stat st;
    int room = room_open(media, slug);
    int fd = room >= 0 ? openat(room, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    char *text = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= FILE_MAX_BYTES) {
        g_autofree guchar *bytes = g_malloc((gsize)st.st_size);
        if (read(fd, bytes, (size_t)st.st_size) == st.st_size)
            text = g_base64_encode(bytes, (gsize)st.st_size);
    }
    if (fd >= 0)
        close(fd);
    if (room >= 0)
        close(room);
    return text;
}

static bool fill(struct store *copy, int media, struct album *album)
{
    char slug[33];
    const char *name, *path;
    QUERY query = store_query(copy, "SELECT DISTINCT picture FROM lot WHERE picture IS NOT NULL");
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        path = query_text(query, 0);
        g_autofree char *text = album_path(path, slug, &name) ? read_file(media, slug, name) : NULL;
        if (!text) {
            album->missing++;
            continue;
        }
        if (store_run(copy, "INSERT INTO picture_file (path, bytes) VALUES ($1, $2)", ARG_TEXT(path),
                      ARG_TEXT(text)) != STEP_DONE)
            return false;
        album->kept++;
    }
    return step == STEP_DONE;
}

static void drop(const char *file)
{
    static const char *const parts[] = {"", "-wal", "-shm", "-journal", ".lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_strconcat(file, parts[i], NULL);
        unlink(path);
    }
}

bool album_backup(struct store *store, const char *file, const char *media, struct album *album,
                  const char **why)
{
    *album = (struct album){0};
    if (!store_int(store, "SELECT COUNT(*) FROM lot WHERE picture IS NOT NULL AND id > $1", 0, 0))
        return store_copy(store, file, why);
    g_autofree char *making = g_strconcat(file, ".making", NULL);
    int folder = open(media, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        *why = "the pictures' folder cannot be read";
        return false;
    }
    drop(making);
    struct store *copy =
        store_copy(store, making, why) ? store_open(&store_sqlite, making, STORE_WRITE, why) : NULL;
    bool done = copy && store_begin(copy) && fill(copy, folder, album) && store_commit(copy);
    if (copy && !done)
        *why = "the pictures cannot be added";
    done = done && store_copy(copy, file, why);
    store_close(copy);
    drop(making);
    close(folder);
    return done;
}

/* Root restores for a market that runs as somebody else: what is made belongs to whom the folder belongs to.
 */
static bool give(int room, const char *name, const struct stat *like)
{
    return geteuid() != 0 || fchownat(room, name, like->st_uid, like->st_gid, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool write_file(int room, const char *name, const guchar *bytes, gsize length, const struct stat *like)
{
    int fd = openat(room, PART, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    bool good = fd >= 0 && write(fd, bytes, length) == (ssize_t)length && fsync(fd) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && give(room, PART, like) && renameat(room, PART, room, name) == 0 && fsync(room) == 0;
    if (!good)
        unlinkat(room, PART, 0);
    return good;
}

/* Into its folder, which is made when it is not there. True when the file is there afterwards. */
static bool put(int media, const char *path, const char *text, GPtrArray *made)
{
    char slug[33];
    const char *name;
    struct stat like, st;
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode(text, &length);
    if (!album_path(path, slug, &name) || length == 0 || length > FILE_MAX_BYTES)
        return false;
    if (fstat(media, &like) != 0 || (mkdirat(media, slug, 0750) == 0 && !give(media, slug, &like)))
        return false;
    int room = room_open(media, slug);
    if (room < 0)
        return false;
    bool there = fstatat(room, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
                 (gsize)st.st_size == length;
    bool good = there || write_file(room, name, bytes, length, &like);
    if (good && !there)
        g_ptr_array_add(made, g_strdup_printf("%s/%s", slug, name));
    close(room);
    return good;
}

bool album_unpack(struct store *copy, const char *media, struct album *album, GPtrArray *made)
{
    *album = (struct album){0};
    int folder = media ? open(media, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (media && folder < 0)
        return false;
    bool good = store_begin(copy);
    if (good) {
        QUERY query = store_query(copy, "SELECT path, bytes FROM picture_file ORDER BY path");
        while (good && query_row(query)) {
            char slug[33];
            const char *name, *path = query_text(query, 0);
            if (!album_path(path, slug, &name))
                continue; /* nothing of ours */
            album->kept++;
            good = folder < 0 || put(folder, path, query_text(query, 1), made);
        }
    }
    if (folder >= 0)
        close(folder);
    good = good && !store_failed(copy) &&
           store_run(copy, "DELETE FROM picture_file WHERE path <> $1", ARG_TEXT("")) == STEP_DONE &&
           store_commit(copy);
    store_rollback(copy);
    return good &&
           (album->kept == 0 || store_script(copy, "VACUUM")); /* what they took is not kept for ever */
}
