/* picture.c: the picture of a lot, taken on the farmer's phone. It is checked, asked about at the desk (whose
 * lot?), written to DATA/media/SLUG/lot-LOT-HASH.ENDING, and only then told: whoever hears of a picture finds
 * its file. The hash is of the picture and the client's key: a file never changes, a repeat finds its own
 * file, and the name comes back for no other picture. Edge thread; the disk is waited for beside it. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "market/base/id.h"
#include "market/edge/doors.h"
#include "market/edge/errand.h"
#include "market/edge/file.h"
#include "market/edge/image.h"
#include "market/edge/limits.h"

#define PART ".picture.part"
#define NAME_HASH 32 /* of the 64 hex digits: 128 bits */

/* Work with files, done beside the loop: no disk holds up those who want something else. */
struct shelving {
    struct errand errand;
    struct exchange *x; /* held */
    int media;
    char *slug, *begins; /* "lot-7-": how the files of this lot begin */
    char *name;          /* the file to write, with… */
    GByteArray *bytes;   /* …this in it; NULL: `name` is to go */
    char *keep;          /* what the lot shows now, when a file is written; may be NULL */
    bool good;
    void (*then)(struct exchange *x, bool good);
};

static int room_open(const struct shelving *s)
{
    return openat(s->media, s->slug, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Files nobody told of, left by uploads that broke off: the old ones go, and all when there are too many. */
static void sweep(const struct shelving *s)
{
    DIR *folder = file_folder(s->media, s->slug);
    if (!folder)
        return;
    g_autoptr(GPtrArray) spare = g_ptr_array_new_with_free_func(g_free);
    struct dirent *entry;
    while ((entry = readdir(folder)))
        if (g_str_has_prefix(entry->d_name, s->begins) && g_strcmp0(entry->d_name, s->keep) != 0)
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
static bool write_file(const struct shelving *s)
{
    mkdirat(s->media, s->slug, 0750);
    int room = room_open(s);
    if (room < 0)
        return false;
    int fd = openat(room, PART, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    bool good =
        fd >= 0 && write(fd, s->bytes->data, s->bytes->len) == (ssize_t)s->bytes->len && fsync(fd) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && renameat(room, PART, room, s->name) == 0 && fsync(room) == 0;
    if (!good)
        unlinkat(room, PART, 0);
    close(room);
    return good;
}

static bool forget_file(const struct shelving *s)
{
    int room = room_open(s);
    if (room < 0)
        return false;
    bool good = unlinkat(room, s->name, 0) == 0;
    close(room);
    return good;
}

static void shelve(struct errand *errand)
{
    struct shelving *s = (struct shelving *)errand;
    if (s->bytes)
        sweep(s);
    s->good = s->bytes ? write_file(s) : forget_file(s);
}

static void shelving_free(struct shelving *s)
{
    exchange_unref(s->x);
    if (s->media >= 0)
        close(s->media);
    if (s->bytes)
        g_byte_array_unref(s->bytes);
    g_free(s->slug);
    g_free(s->begins);
    g_free(s->name);
    g_free(s->keep);
    g_free(s);
}

static void shelved(struct errand *errand, bool worked)
{
    struct shelving *s = (struct shelving *)errand;
    s->then(s->x, worked && s->good);
    shelving_free(s);
}

static const char *param(const struct exchange *x, const char *name)
{
    return json_string_value(json_object_get(x->params, name));
}

static char *beginning(const struct exchange *x)
{
    return g_strdup_printf("lot-%" JSON_INTEGER_FORMAT "-",
                           json_integer_value(json_object_get(x->params, "id")));
}

/* The file's name when the path is that of a picture of this lot; else NULL: never anybody else's file, also
 * when somebody adds a lot with a path that only begins like one. */
static const char *own_file(const struct exchange *x, const char *path)
{
    g_autofree char *begins = beginning(x);
    g_autofree char *before = g_strdup_printf("/media/%s/%s", param(x, "slug"), begins);
    bool own = path && g_str_has_prefix(path, before) && !strchr(path + strlen(before), '/');
    return own ? strrchr(path, '/') + 1 : NULL;
}

static struct shelving *shelving_new(struct exchange *x, const char *name,
                                     void (*then)(struct exchange *, bool))
{
    struct shelving *s = g_new0(struct shelving, 1);
    s->errand.work = shelve;
    s->errand.home = shelved;
    s->x = exchange_ref(x);
    s->media = fcntl(x->edge->media_fd, F_DUPFD_CLOEXEC, 0);
    s->slug = g_strdup(param(x, "slug"));
    s->begins = beginning(x);
    s->name = g_strdup(name);
    s->then = then;
    return s;
}

/* Also without a client who waits: a file that nobody shows is nobody's. */
static void forget(struct exchange *x, const char *name, void (*then)(struct exchange *x, bool good))
{
    struct shelving *s = shelving_new(x, name, then);
    if (!x->edge->errands) { /* the program ends: the lot's next picture finds it */
        shelved(&s->errand, false);
        return;
    }
    errands_put(x->edge->errands, &s->errand, true);
}

static void refused(struct exchange *x, bool good)
{
    (void)good; /* what could not be unlinked is a spare, and goes with the lot's next picture */
    const json_t *outcome = json_object_get(x->params, "outcome");
    answer_problem(x, (enum result)json_integer_value(json_object_get(outcome, "result")), NULL,
                   json_object_get(outcome, "body"));
}

static void done(struct exchange *x, bool good)
{
    (void)good;
    answer_json(x, 200, json_incref(json_object_get(x->params, "outcome")));
}

/* The desk has it on disk, or refused. What it replaced is nobody's any more. */
static void told(struct exchange *x, struct outcome *outcome)
{
    const char *mine = own_file(x, param(x, "picture"));
    if (result_http(outcome->result) >= 400) {
        json_t *kept = json_pack("{s:i,s:O*}", "result", (int)outcome->result, "body", outcome->body);
        json_object_set_new(x->params, "outcome", kept);
        /* a repeat that is refused leaves what the lot shows */
        if (mine && result_http(outcome->result) < 500 &&
            g_strcmp0(param(x, "picture"), param(x, "shown")) != 0)
            forget(x, mine, refused);
        else
            refused(x, true);
        return;
    }
    json_t *body = outcome->text ? json_loads(outcome->text, 0, NULL) : json_copy(outcome->body);
    g_autofree char *was = g_strdup(own_file(x, json_string_value(json_object_get(body, "was"))));
    json_object_del(body, "was");
    json_object_set_new(x->params, "outcome", body);
    if (was && g_strcmp0(was, mine) != 0)
        forget(x, was, done);
    else
        done(x, true);
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

static void written(struct exchange *x, bool good)
{
    if (good)
        tell(x);
    else
        answer_problem(x, R_NOT_SAVED, NULL, NULL);
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
    x->to_the_end = true; /* a client who goes now leaves no file that nobody shows */
    if (!x->body) {
        tell(x);
        return;
    }
    json_object_set(x->params, "shown", json_object_get(outcome->body, "picture"));
    image_read(x->body->data, x->body->len, &image);
    id_digest((struct id_part[]){{x->body->data, x->body->len}, {key, strlen(key)}}, 2, hash);
    g_autofree char *begins = beginning(x);
    g_autofree char *name = g_strdup_printf("%s%.*s.%s", begins, NAME_HASH, hash, image.ending);
    json_object_set_new(x->params, "picture", json_sprintf("/media/%s/%s", slug, name));
    struct shelving *s = shelving_new(x, name, written);
    s->bytes = g_byte_array_ref(x->body);
    s->keep = g_strdup(own_file(x, param(x, "shown")));
    if (x->edge->errands && errands_put(x->edge->errands, &s->errand, false))
        return;
    shelving_free(s);
    answer_retry(x, R_BUSY, ERRAND_RETRY_S, NULL);
}

/* One after the other for a lot: what it shows and which files lie beside that stays true until the answer.
 * Strangers hold up nobody. */
static void ask(struct exchange *x)
{
    int64_t lot = json_integer_value(json_object_get(x->params, "id"));
    if (lot > 0 &&
        (x->who.roles & (ROLE_FARMER | ROLE_CADRE | ROLE_ADMIN))) { /* 0: holds none (exchange.h) */
        if (g_hash_table_contains(x->edge->lots, &lot)) {
            answer_retry(x, R_BUSY, ERRAND_RETRY_S, NULL);
            return;
        }
        x->lot = lot;
        g_hash_table_add(x->edge->lots, &x->lot);
    }
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
