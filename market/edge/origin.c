/* origin.c: where a lot comes from, for everybody: its page's data with the minute of the recording, that
 * recording, and its papers. Edge thread. */
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/file.h"

#define TAKE_MS_MAX (INT64_C(12) * 3600 * 1000) /* no recording is longer */

/* "recording-1700000000000.mp4" → its first picture's time; -1: not one. */
static int64_t take_start(const char *name)
{
    static const char prefix[] = "recording-";
    if (!g_str_has_prefix(name, prefix) || !file_type(name))
        return -1;
    char *end;
    gint64 ms = g_ascii_strtoll(name + sizeof prefix - 1, &end, 10);
    return *end == '.' && ms > 0 ? ms : -1;
}

/* The recording of a room that was running at `at`: the last one begun before. New name, or NULL. */
static char *take_at(int media_fd, const char *room, int64_t at, int64_t *start)
{
    char *best = NULL;
    DIR *folder = file_folder(media_fd, room);
    if (!folder)
        return NULL;
    struct dirent *entry;
    *start = at - TAKE_MS_MAX;
    while ((entry = readdir(folder))) {
        int64_t begun = take_start(entry->d_name);
        if (begun < 0 || begun > at || begun <= *start)
            continue;
        g_free(best);
        best = g_strdup(entry->d_name);
        *start = begun;
    }
    closedir(folder);
    return best;
}

/* The recording of the moment the farmer pointed at, or NULL. */
static char *shown_in(struct exchange *x, const json_t *body, const char **room, int64_t *from_ms)
{
    int64_t start, at = json_integer_value(json_object_get(json_object_get(body, "origin"), "moment_at"));
    *room = json_string_value(json_object_get(json_object_get(body, "stall"), "slug"));
    char *name = at && *room ? take_at(x->edge->media_fd, *room, at, &start) : NULL;
    if (name)
        *from_ms = at - start;
    return name;
}

static void told(struct exchange *x, struct outcome *outcome)
{
    const char *room;
    int64_t from_ms = 0;
    if (outcome->result != R_OK) {
        answer_problem(x, outcome->result, NULL, outcome->body);
        return;
    }
    json_t *body = json_copy(outcome->body);
    g_autofree char *name = shown_in(x, body, &room, &from_ms);
    json_int_t lot = json_integer_value(json_object_get(x->params, "id"));
    g_autofree char *url = g_strdup_printf("/o/%" JSON_INTEGER_FORMAT "/video", lot);
    json_object_set_new(body, "video",
                        name ? json_pack("{s:s,s:I}", "url", url, "from_ms", (json_int_t)from_ms)
                             : json_null());
    answer_json(x, 200, body);
}

void door_origin(struct exchange *x)
{
    exchange_call(x, "lot.from", &x->who, json_pack("{s:O}", "id", json_object_get(x->params, "id")), told);
}

/* Public, since its farmer chose it to be looked at; it was public when it was live. */
static void played(struct exchange *x, struct outcome *outcome)
{
    const char *room;
    int64_t from_ms;
    struct file file = {.fd = -1};
    g_autofree char *name = outcome->result == R_OK ? shown_in(x, outcome->body, &room, &from_ms) : NULL;
    g_autofree char *path = name ? g_strdup_printf("%s/%s", room, name) : NULL;
    if (path && file_open(x->edge->media_fd, path, &file))
        file_answer(x, &file, file_type(name), "no-cache", true);
    else
        answer_problem(x, outcome->result == R_OK ? R_UNKNOWN : outcome->result, NULL, NULL);
}

void door_moment(struct exchange *x)
{
    exchange_call(x, "lot.from", &x->who, json_pack("{s:O}", "id", json_object_get(x->params, "id")), played);
}

/* A stranger's file: of the type it was recognised as, never sniffed, never more than a picture or a saved
 * document. */
static void papered(struct exchange *x, struct outcome *outcome)
{
    const char *type = json_string_value(json_object_get(outcome->body, "type"));
    const char *body = json_string_value(json_object_get(outcome->body, "body"));
    if (outcome->result != R_OK || !type || !body) {
        answer_problem(x, outcome->result == R_OK ? R_FAULT : outcome->result, NULL, NULL);
        return;
    }
    gsize size = 0;
    guchar *bytes = g_base64_decode(body, &size);
    const char *ending = strchr(type, '/') + 1;
    answer_header(x, "content-disposition", "%s; filename=\"certificate.%s\"",
                  strcmp(ending, "pdf") ? "inline" : "attachment", ending);
    answer_header(x, "cache-control", "private, max-age=300");
    answer_text(x, 200, type, g_bytes_new_take(bytes, size));
}

void door_paper(struct exchange *x)
{
    exchange_call(x, "certificate.file", &x->who, json_pack("{s:O}", "id", json_object_get(x->params, "id")),
                  papered);
}
