/* restore_cli.c: see restore_cli.h. */
#include "market/restore_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/admin_cli.h"
#include "market/base/config.h"
#include "market/store/store.h"
#include "market/trade/album.h"
#include "market/trade/verify.h"

enum { COPY_BYTES = 1 << 20, RESTART_S = 120 };

static const struct config_option options[] = {
    {"data", "data", false, false, "data directory of the market"},
    {"check", NULL, true, false, "only see whether the backup is whole and its books fit"},
    {"force", NULL, true, false, "also one that is not a backup of this market"},
};

struct restore {
    const char *file;
    char *database, *checking, *checked, *incoming, *media; /* paths; ours to free */
    GPtrArray *made; /* pictures that were not there before, below media */
    bool check, force;
    json_t *report; /* of the checked copy */
};

static bool say(const char *words, const char *what)
{
    fprintf(stderr, "market restore: %s: %s\n", what, words);
    return false;
}

static bool copy_bytes(int from, int to)
{
    g_autofree char *bytes = g_malloc(COPY_BYTES);
    for (;;) {
        ssize_t got = read(from, bytes, COPY_BYTES);
        if (got <= 0)
            return got == 0;
        for (ssize_t put = 0; put < got;) {
            ssize_t more = write(to, bytes + put, (size_t)(got - put));
            if (more <= 0)
                return false;
            put += more;
        }
    }
}

/* A database beside its log is not a backup: half of what was saved would be in the other file. */
static bool copy_file(const struct restore *r)
{
    g_autofree char *log = g_strconcat(r->file, "-wal", NULL);
    struct stat st;
    if (stat(log, &st) == 0 && st.st_size > 0)
        return say("there is a write-ahead log beside it; copy a running database with `market backup`",
                   r->file);
    int from = open(r->file, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return say(g_strerror(errno), r->file);
    int to = open(r->checking, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = to >= 0 && copy_bytes(from, to);
    if (!done)
        say(g_strerror(errno), r->checking);
    close(from);
    if (to >= 0)
        close(to);
    return done;
}

static void drop_checking(const struct restore *r)
{
    static const char *const parts[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_strconcat(r->checking, parts[i], NULL);
        unlink(path);
    }
}

/* Root restores for a market that runs as somebody else, who could not open a file of root's. */
static bool give_to_market(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    struct stat st;
    if (geteuid() != 0 || stat(folder, &st) != 0 || st.st_uid == 0)
        return true;
    return chown(file, st.st_uid, st.st_gid) == 0 || say(g_strerror(errno), file);
}

/* Pictures are there before anybody hears of them; when it comes to nothing, they go again. */
static bool unpack(struct restore *r, struct store *store, struct album *album)
{
    bool fresh = !r->check && mkdir(r->media, 0700) == 0;
    if (!r->check && !fresh && errno != EEXIST)
        return say(g_strerror(errno), r->media);
    if (fresh && !give_to_market(r->media))
        return false;
    return album_unpack(store, r->check ? NULL : r->media, album, r->made) ||
           say("its pictures cannot be written", r->media);
}

static void take_back(const struct restore *r)
{
    for (guint i = 0; i < r->made->len; i++) {
        g_autofree char *path = g_build_filename(r->media, g_ptr_array_index(r->made, i), NULL);
        unlink(path);
    }
}

/* Brings the copy's schema up to date, recomputes its books, and lays it ready page by page: that reads every
 * page, checks the file's inner order, syncs, and renames. */
static bool check_copy(struct restore *r)
{
    const char *why = "";
    struct store *store = store_open(&store_sqlite, r->checking, STORE_WRITE, &why);
    if (!store)
        return say(why, r->file);
    if (store_begin(store))
        r->report = verify_all(store);
    store_rollback(store);
    bool fits = json_is_true(json_object_get(r->report, "ok"));
    struct album album = {0};
    bool done = fits && unpack(r, store, &album);
    bool laid = done && store_copy(store, r->checked, &why);
    if (fits)
        json_object_set_new(r->report, "pictures", json_integer(album.kept));
    if (!r->report)
        say("it cannot be read to its end", r->file);
    else if (!fits)
        say("its books do not fit", r->file);
    else if (done && !laid)
        say(why, r->checked);
    store_close(store);
    return laid && give_to_market(r->checked);
}

/* The market takes in what lies ready when it is started anew. */
static bool wait_for(const struct restore *r)
{
    g_autofree char *folder = g_path_get_dirname(r->database);
    for (int i = 0; i < RESTART_S * 10; i++) {
        if (access(r->incoming, F_OK) != 0 && admin_serves(folder))
            return true;
        g_usleep(100000);
    }
    return say("the market has not come back; see its log", folder);
}

static bool hand_over(const struct restore *r)
{
    g_autofree char *folder = g_path_get_dirname(r->database);
    json_t *journal = json_object_get(r->report, "journal");
    if (!admin_serves(folder)) {
        json_object_set_new(r->report, "market",
                            json_string("stopped")); /* it is taken in at the next start */
        if (rename(r->checked, r->incoming) != 0)
            return say(g_strerror(errno), r->incoming);
        g_ptr_array_set_size(r->made, 0); /* they stay */
        return true;
    }
    json_t *answer =
        admin_ask(folder, json_pack("{s:s,s:{s:O,s:O,s:i}}", "command", "admin.restore", "params", "rows",
                                    json_object_get(journal, "rows"), "head",
                                    json_object_get(journal, "head"), "force", r->force ? 1 : 0));
    json_int_t had = json_integer_value(json_object_get(json_object_get(answer, "body"), "rows"));
    bool taken = json_integer_value(json_object_get(answer, "status")) == 200;
    json_decref(answer);
    if (!taken) {
        unlink(r->checked);
        return say("this is no backup of the market that runs there (--force takes it all the same)",
                   r->file);
    }
    g_ptr_array_set_size(r->made, 0);
    json_object_set_new(r->report, "market", json_string("restored"));
    json_object_set_new(r->report, "lost_rows",
                        json_integer(had - json_integer_value(json_object_get(journal, "rows"))));
    return wait_for(r);
}

static int restore(struct restore *r)
{
    drop_checking(r);
    bool done = copy_file(r) && check_copy(r);
    drop_checking(r);
    if (r->report) {
        json_object_set_new(r->report, "file", json_string(r->file));
        json_object_set_new(r->report, "market", json_string("checked"));
    }
    if (r->check)
        unlink(r->checked);
    else if (done)
        done = hand_over(r);
    if (!done)
        take_back(r);
    char *text = r->report ? json_dumps(r->report, JSON_INDENT(2)) : NULL;
    if (text)
        puts(text);
    free(text);
    json_decref(r->report);
    return done ? 0 : 1;
}

int restore_cli(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: market restore FILE [--data DIR] [--check] [--force]\n");
        return 64;
    }
    g_autofree char *message = NULL;
    struct config *config = config_read(options, G_N_ELEMENTS(options), argc - 1, argv + 1, &message);
    if (!config) {
        fprintf(stderr, "%s\n", message);
        return 64;
    }
    umask(077);
    const char *data = config_text(config, "data");
    struct restore r = {.file = argv[1],
                        .database = g_build_filename(data, "market.db", NULL),
                        .checking = g_build_filename(data, "market.db.checking", NULL),
                        .checked = g_build_filename(data, "market.db" STORE_CHECKED, NULL),
                        .incoming = g_build_filename(data, "market.db" STORE_INCOMING, NULL),
                        .media = g_build_filename(data, "media", NULL),
                        .made = g_ptr_array_new_with_free_func(g_free),
                        .check = config_flag(config, "check"),
                        .force = config_flag(config, "force")};
    int code = g_mkdir_with_parents(data, 0700) == 0 ? restore(&r) : 1;
    g_free(r.database);
    g_free(r.checking);
    g_free(r.checked);
    g_free(r.incoming);
    g_free(r.media);
    g_ptr_array_unref(r.made);
    config_free(config);
    return code;
}
