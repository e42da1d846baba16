/* media.c: /media/{room}/{file}: posters and pictures of lots for everybody, recordings for the stall's
 * farmer and cadres. Edge thread. */
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/file.h"

static bool is_poster(const char *name)
{
    return g_str_has_prefix(name, "poster") && g_str_has_suffix(name, ".jpg");
}

/* The newest poster-*.jpg of a room's folder: names carry their time, so the last in order is the newest. */
static char *newest_poster(int media_fd, const char *room)
{
    char *best = NULL;
    DIR *folder = file_folder(media_fd, room);
    if (!folder)
        return NULL;
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        size_t length = strlen(entry->d_name), best_length = best ? strlen(best) : 0;
        if (!is_poster(entry->d_name))
            continue;
        if (length > best_length || (length == best_length && strcmp(entry->d_name, best) > 0)) {
            g_free(best);
            best = g_strdup(entry->d_name);
        }
    }
    closedir(folder);
    return best;
}

/* Pictures of lots (picture.c): their names are made of what they hold. */
static bool is_lot_picture(const char *name)
{
    return g_str_has_prefix(name, "lot-");
}

static void serve(struct exchange *x, const char *name, const char *cache)
{
    const char *room = json_string_value(json_object_get(x->params, "room"));
    const char *type = file_type(name);
    struct file file = {.fd = -1};
    g_autofree char *path = g_strdup_printf("%s/%s", room, name);
    if (type && file_open(x->edge->media_fd, path, &file))
        file_answer(x, &file, type, cache, true);
    else
        answer_problem(x, R_UNKNOWN, NULL, NULL);
}

/* A recording: the stall's snapshot says whether it is theirs. */
static void theirs(struct exchange *x, struct outcome *outcome)
{
    const char *name = json_string_value(json_object_get(x->params, "file"));
    if (outcome->result == R_OK && json_is_true(json_object_get(outcome->body, "mine")))
        serve(x, name, "private, no-cache");
    else if (outcome->result == R_OK)
        answer_problem(x, x->who.person ? R_FORBIDDEN : R_NOT_LOGGED_IN, NULL, NULL);
    else
        answer_problem(x, outcome->result, NULL, NULL);
}

void door_media(struct exchange *x)
{
    const char *room = json_string_value(json_object_get(x->params, "room"));
    const char *name = json_string_value(json_object_get(x->params, "file"));
    if (!strcmp(name, "poster.jpg")) {
        g_autofree char *newest = newest_poster(x->edge->media_fd, room);
        serve(x, newest ? newest : name, "no-cache");
    } else if (is_poster(name)) {
        serve(x, name, "public, max-age=86400, immutable");
    } else if (is_lot_picture(name)) {
        serve(x, name, "public, max-age=31536000, immutable");
    } else if (!x->who.person && !x->who.token_stall) {
        answer_problem(x, R_NOT_LOGGED_IN, NULL, NULL);
    } else {
        exchange_call(x, "stall.get", &x->who, json_pack("{s:s}", "slug", room), theirs);
    }
}
