/* picture.c: the picture of a lot, taken on the farmer's phone. It is checked, asked about at the desk (whose
 * lot?), written to DATA/media/SLUG/lot-LOT-HASH.ENDING, and only then told: whoever hears of a picture finds
 * its file. The hash is of the picture and the client's key: a file never changes, a repeat finds its own
 * file, and the name comes back for no other picture. Edge thread. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "market/base/id.h"
#include "market/edge/doors.h"
#include "market/edge/file.h"
#include "market/edge/image.h"
#include "market/edge/limits.h"

#define PART ".picture.part"
#define NAME_HASH 32 /* of the 64 hex digits: 128 bits */

static const char *param(const struct exchange *x, const char *name)
{
    return json_string_value(json_object_get(x->params, name));
}

static int room_open(const struct exchange *x)
{
    return openat(x->edge->media_fd, param(x, "slug"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* "lot-7-": how the files of this lot begin. */
static char *beginning(const struct exchange *x)
{
    return g_strdup_printf("lot-%" JSON_INTEGER_FORMAT "-",
                           json_integer_value(json_object_get(x->params, "id")));
}

/* The file's name when the path is that of a picture of this lot; else NULL: never anybody else's file. */
static const char *own_file(const struct exchange *x, const char *path)
{
    g_autofree char *begins = beginning(x);
    g_autofree char *before = g_strdup_printf("/media/%s/%s", param(x, "slug"), begins);
    return path && g_str_has_prefix(path, before) ? strrchr(path, '/') + 1 : NULL;
}

static void forget_file(const struct exchange *x, const char *name)
{
    int room = name ? room_open(x) : -1;
    if (room < 0)
        return;
    unlinkat(room, name, 0);
    close(room);
}

/* Files nobody told of, left by uploads that broke off: the old ones go, and all when there are too many. */
static void sweep(const struct exchange *x, const char *now)
{
    g_autofree char *begins = beginning(x);
    DIR *folder = file_folder(x->edge->media_fd, param(x, "slug"));
    if (!folder)
        return;
    g_autoptr(GPtrArray) spare = g_ptr_array_new_with_free_func(g_free);
    struct dirent *entry;
    while ((entry = readdir(folder)))
        if (g_str_has_prefix(entry->d_name, begins) && g_strcmp0(entry->d_name, now) != 0)
            g_ptr_array_add(spare, g_strdup(entry->d_name));
    for (guint i = 0; i < spare->len; i++) {
        struct stat st;
        const char *name = g_ptr_array_index(spare, i);
        if (spare->len > PICTURE_SPARES_MAX || (fstatat(dirfd(folder), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                                                time(NULL) - st.st_mtime > PICTURE_SPARE_S))
            unlinkat(dirfd(folder), name, 0);
    }
    closedir(folder);
}

/* Under a passing name first, and on disk before it is told: the name is kept by phones for a year. */
static bool write_file(const struct exchange *x, const char *name)
{
    mkdirat(x->edge->media_fd, param(x, "slug"), 0750);
    int room = room_open(x);
    if (room < 0)
        return false;
    int fd = openat(room, PART, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    bool good = fd >= 0 && write(fd, x->body->data, x->body->len) == (ssize_t)x->body->len && fsync(fd) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && renameat(room, PART, room, name) == 0 && fsync(room) == 0;
    if (!good)
        unlinkat(room, PART, 0);
    close(room);
    return good;
}

/* The desk has it on disk, or refused. What it replaced is nobody's any more. */
static void told(struct exchange *x, struct outcome *outcome)
{
    const char *mine = own_file(x, param(x, "picture"));
    if (result_http(outcome->result) >= 400) {
        if (result_http(outcome->result) < 500 && g_strcmp0(param(x, "picture"), param(x, "shown")) != 0)
            forget_file(x, mine); /* a repeat that is refused leaves what the lot shows */
        answer_problem(x, outcome->result, NULL, outcome->body);
        return;
    }
    json_t *body = outcome->text ? json_loads(outcome->text, 0, NULL) : json_copy(outcome->body);
    const char *was = own_file(x, json_string_value(json_object_get(body, "was")));
    if (was && g_strcmp0(was, mine) != 0)
        forget_file(x, was);
    json_object_del(body, "was");
    answer_json(x, 200, body);
}

static void tell(struct exchange *x)
{
    const char *picture = param(x, "picture");
    json_t *params = json_pack("{s:O}", "id", json_object_get(x->params, "id"));
    json_object_set(params, "key", json_object_get(x->params, "key"));
    if (picture)
        json_object_set_new(params, "picture", json_string(picture));
    exchange_call(x, "lot.picture", &x->who, params, told);
}

/* The asker runs the lot's stall: its slug and what the lot shows now. */
static void theirs(struct exchange *x, struct outcome *outcome)
{
    struct image image;
    char hash[ID_HASH_CHARS + 1];
    const char *slug = json_string_value(json_object_get(outcome->body, "slug")), *key = param(x, "key");
    if (outcome->result != R_OK || !slug) {
        answer_problem(x, outcome->result == R_OK ? R_FAULT : outcome->result, NULL, outcome->body);
        return;
    }
    json_object_set_new(x->params, "slug", json_string(slug));
    if (!x->body) {
        tell(x);
        return;
    }
    json_object_set(x->params, "shown", json_object_get(outcome->body, "picture"));
    sweep(x, own_file(x, param(x, "shown")));
    image_read(x->body->data, x->body->len, &image);
    id_digest((struct id_part[]){{x->body->data, x->body->len}, {key, strlen(key)}}, 2, hash);
    g_autofree char *begins = beginning(x);
    g_autofree char *name = g_strdup_printf("%s%.*s.%s", begins, NAME_HASH, hash, image.ending);
    if (!write_file(x, name)) {
        answer_problem(x, R_NOT_SAVED, NULL, NULL);
        return;
    }
    json_object_set_new(x->params, "picture", json_sprintf("/media/%s/%s", slug, name));
    tell(x);
}

static void ask(struct exchange *x)
{
    exchange_call(x, "lot.shown", &x->who, json_pack("{s:O}", "id", json_object_get(x->params, "id")),
                  theirs);
}

void door_picture(struct exchange *x)
{
    struct image image;
    if (!request_type_is(x->content_type, "application/octet-stream"))
        answer_problem(x, R_BAD_TYPE, NULL, NULL);
    else if (!param(x, "key"))
        answer_problem(x, R_BAD_FIELD, "key", NULL);
    else if (!x->body || !image_read(x->body->data, x->body->len, &image) || image.width > PICTURE_SIDE_MAX ||
             image.height > PICTURE_SIDE_MAX)
        answer_problem(x, R_BAD_PICTURE, NULL, NULL);
    else
        ask(x);
}

void door_no_picture(struct exchange *x)
{
    enum result r = exchange_json(x);
    g_clear_pointer(&x->body, g_byte_array_unref);
    json_object_del(x->params, "picture"); /* only the door itself may name a file */
    if (r != R_OK)
        answer_problem(x, r, *x->field ? x->field : NULL, NULL);
    else
        ask(x);
}
