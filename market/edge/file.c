/* file.c: static files of the pages (precompressed when there is a .gz beside them) and the media of rooms,
 * with ranges. */
#include "market/edge/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/edge/doors.h"
#include "market/edge/range.h"

/* One folder after the other, none of them by a link or upwards. openat2() does as much in one call, but a
 * systemd unit with RestrictSUIDSGID= has no such call, nor have some containers. */
static int open_beneath(int folder, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    int at = folder;
    for (char **part = parts; *part; part++) {
        bool last = !part[1], good = **part && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0;
        int flags = O_CLOEXEC | O_NOFOLLOW | (last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY);
        int next = good ? openat(at, *part, flags) : -1;
        if (at != folder)
            close(at);
        at = next;
        if (at < 0)
            return -1;
    }
    return at == folder ? -1 : at;
}

bool file_open(int folder, const char *path, struct file *file)
{
    struct stat st;
    file->fd = open_beneath(folder, path);
    if (file->fd < 0)
        return false;
    if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(file->fd);
        file->fd = -1;
        return false;
    }
    file->size = st.st_size;
    file->changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return true;
}

DIR *file_folder(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (!directory && fd >= 0)
        close(fd);
    return directory;
}

static const struct {
    const char *ending, *type;
} types[] = {{".js", "text/javascript; charset=utf-8"},
             {".css", "text/css; charset=utf-8"},
             {".svg", "image/svg+xml"},
             {".png", "image/png"},
             {".jpg", "image/jpeg"},
             {".jpeg", "image/jpeg"},
             {".webp", "image/webp"},
             {".ico", "image/x-icon"},
             {".json", "application/json; charset=utf-8"},
             {".webmanifest", "application/manifest+json; charset=utf-8"},
             {".woff2", "font/woff2"},
             {".txt", "text/plain; charset=utf-8"},
             {".map", "application/json; charset=utf-8"},
             {".mp3", "audio/mpeg"},
             {".ogg", "audio/ogg"},
             {".wav", "audio/wav"},
             {".mp4", "video/mp4"},
             {".webm", "video/webm"},
             {".mkv", "video/x-matroska"}};

const char *file_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (g_str_has_suffix(name, types[i].ending))
            return types[i].type;
    }
    return NULL;
}

void file_etag(const struct file *file, char etag[48])
{
    g_snprintf(etag, 48, "\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x\"", file->changed_ns, file->size);
}

bool file_is_hashed(const char *name)
{
    const char *dash = strrchr(name, '-'), *dot = dash ? strchr(dash, '.') : NULL;
    if (!dot || dot - dash != 11)
        return false;
    for (const char *at = dash + 1; at < dot; at++) {
        if (!g_ascii_isxdigit(*at))
            return false;
    }
    return true;
}

void file_answer(struct exchange *x, struct file *file, const char *type, const char *cache, bool ranges)
{
    char etag[48];
    file_etag(file, etag);
    answer_header(x, "etag", "%s", etag);
    answer_header(x, "cache-control", "%s", cache);
    if (etag_none_match(x->if_none_match, etag)) {
        close(file->fd);
        answer_empty(x, 304);
        return;
    }
    int64_t first = 0, last = 0;
    bool asked = ranges && !(x->if_range && strcmp(x->if_range, etag) != 0);
    enum range range = asked ? range_parse(x->range, file->size, &first, &last) : RANGE_WHOLE;
    if (ranges)
        answer_header(x, "accept-ranges", "bytes");
    if (range == RANGE_BAD) {
        close(file->fd);
        answer_header(x, "content-range", "bytes */%" G_GINT64_FORMAT, file->size);
        answer_problem(x, R_BAD_RANGE, NULL, NULL);
    } else if (range == RANGE_PART) {
        answer_header(x, "content-range", "bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                      first, last, file->size);
        answer_file(x, 206, type, file->fd, first, last - first + 1);
    } else {
        answer_file(x, 200, type, file->fd, 0, file->size);
    }
}

void door_asset(struct exchange *x)
{
    const char *name = json_string_value(json_object_get(x->params, "file"));
    const char *type = file_type(name);
    bool below_assets = g_str_has_prefix(x->path, "/assets/");
    struct file file = {.fd = -1};
    g_autofree char *path = g_strdup_printf("%s%s", below_assets ? "assets/" : "", name);
    g_autofree char *packed = g_strdup_printf("%s.gz", path);
    if (!type) {
        answer_problem(x, R_UNKNOWN, NULL, NULL);
        return;
    }
    answer_header(x, "vary", "accept-encoding");
    bool gz = x->gzip && file_open(x->edge->web_fd, packed, &file);
    if (!gz && !file_open(x->edge->web_fd, path, &file)) {
        answer_problem(x, R_UNKNOWN, NULL, NULL);
        return;
    }
    if (gz)
        answer_header(x, "content-encoding", "gzip");
    bool for_ever = below_assets && file_is_hashed(name);
    file_answer(x, &file, type, for_ever ? "public, max-age=31536000, immutable" : "no-cache", false);
}
