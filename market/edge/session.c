/* session.c: the table of WHIP and WHEP sessions. The relay is who knows whether one lives; this table only
 * remembers whose it is, and forgets what the relay says is gone. Edge thread. */
#include "market/edge/session.h"

#include <string.h>
#include <sys/random.h>
#include "market/edge/limits.h"
#include "market/edge/link.h"

struct sessions {
    struct edge *edge;
    GHashTable *by_id; /* id → session */
};

struct sessions *sessions_new(struct edge *edge)
{
    struct sessions *sessions = g_new0(struct sessions, 1);
    sessions->edge = edge;
    sessions->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_destroy(sessions->by_id);
    g_free(sessions);
}

static bool make_id(char id[LINK_SESSION_NAME + 1])
{
    uint8_t bytes[LINK_SESSION_NAME / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        g_snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

struct session *sessions_make(struct sessions *sessions, const char *room, bool publish,
                              const struct who *who, const char *token)
{
    char id[LINK_SESSION_NAME + 1];
    if (g_hash_table_size(sessions->by_id) >= SESSIONS_MAX || !make_id(id))
        return NULL;
    struct session *session = g_new0(struct session, 1);
    memcpy(session->id, id, sizeof session->id);
    g_strlcpy(session->room, room, sizeof session->room);
    session->publish = publish;
    session->person = who->person;
    if (token && *token)
        id_hash(token, session->owner);
    session->since_ms = clock_steady_ms();
    g_hash_table_insert(sessions->by_id, session->id, session);
    return session;
}

struct session *sessions_get(struct sessions *sessions, const char *id, const char *room, bool publish)
{
    struct session *session = g_hash_table_lookup(sessions->by_id, id);
    return session && session->publish == publish && !strcmp(session->room, room) ? session : NULL;
}

void sessions_drop(struct sessions *sessions, struct session *session)
{
    g_hash_table_remove(sessions->by_id, session->id);
}

bool session_owned(const struct session *session, const struct who *who, const char *token)
{
    char hash[ID_HASH_CHARS + 1];
    if (!session->publish && !session->person && !*session->owner)
        return true;
    if (session->restored) /* whose it was is not known after our restart: the unguessable URL and any log-in
                              must do */
        return !session->publish || who->person || who->token_stall;
    if (session->person && who->person == session->person)
        return true;
    if (!*session->owner || !token || !*token)
        return false;
    id_hash(token, hash);
    return !strcmp(hash, session->owner); /* hashes: nothing to learn from the time it takes */
}

size_t sessions_count(const struct sessions *sessions)
{
    return g_hash_table_size(sessions->by_id);
}

void sessions_heard(struct sessions *sessions, const json_t *message)
{
    const char *id = json_string_value(json_object_get(message, "session"));
    const char *state = json_string_value(json_object_get(message, "state"));
    struct session *session = id ? g_hash_table_lookup(sessions->by_id, id) : NULL;
    if (!session || !state)
        return;
    if (!strcmp(state, "connected")) {
        session->connected = true;
        if (!session->publish && !*session->rendition)
            g_strlcpy(session->rendition, "source", sizeof session->rendition);
    } else if (!strcmp(state, "gone")) {
        log_line(LOG_LEVEL_INFO, "session.gone", LOG_TEXT("room", session->room),
                 LOG_TEXT("kind", session->publish ? "publish" : "watch"),
                 LOG_TEXT("why", json_string_value(json_object_get(message, "why"))));
        sessions_drop(sessions, session);
    }
}

const struct session *sessions_rendition(struct sessions *sessions, const json_t *message)
{
    const char *id = json_string_value(json_object_get(message, "session"));
    const char *rendition = json_string_value(json_object_get(message, "rendition"));
    struct session *session = id ? g_hash_table_lookup(sessions->by_id, id) : NULL;
    if (session && !session->publish && rendition)
        g_strlcpy(session->rendition, rendition, sizeof session->rendition);
    return session;
}

unsigned sessions_on(const struct sessions *sessions, const char *rendition)
{
    GHashTableIter iter;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&iter, sessions->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct session *session = value;
        count += session->connected && !strcmp(session->rendition, rendition);
    }
    return count;
}

void session_read(struct session *session, const json_t *from)
{
    const char *etag = json_string_value(json_object_get(from, "etag"));
    const json_t *line = json_object_get(from, "video");
    if (etag && *etag)
        g_snprintf(session->etag, sizeof session->etag, *etag == '"' ? "%s" : "\"%s\"", etag);
    if (json_is_integer(line))
        session->video_line = (unsigned)json_integer_value(line) + 1;
}

/* The relay's list is the truth: what it does not name is dropped, what we do not know is taken in without an
 * owner. */
void sessions_restore(struct sessions *sessions, const json_t *message)
{
    const json_t *list = json_object_get(message, "sessions");
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
    size_t i;
    json_t *each;
    json_array_foreach(list, i, each)
    {
        const char *id = json_string_value(json_object_get(each, "session"));
        if (id)
            g_hash_table_add(named, (gpointer)(uintptr_t)id);
    }
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, sessions->by_id);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!g_hash_table_contains(named, key))
            g_hash_table_iter_remove(&iter);
    }
    json_array_foreach(list, i, each)
    {
        const char *id = json_string_value(json_object_get(each, "session"));
        const char *room = json_string_value(json_object_get(each, "room"));
        if (!id || !room || strlen(id) != LINK_SESSION_NAME || g_hash_table_contains(sessions->by_id, id))
            continue;
        struct session *session = g_new0(struct session, 1);
        g_strlcpy(session->id, id, sizeof session->id);
        g_strlcpy(session->room, room, sizeof session->room);
        session->publish = !g_strcmp0(json_string_value(json_object_get(each, "kind")), "publish");
        session->connected = session->restored = true;
        session_read(session, each);
        const char *rendition = json_string_value(json_object_get(each, "rendition"));
        if (!session->publish && rendition)
            g_strlcpy(session->rendition, rendition, sizeof session->rendition);
        session->since_ms = clock_steady_ms();
        g_hash_table_insert(sessions->by_id, session->id, session);
    }
}

void sessions_drop_room(struct sessions *sessions, const char *room)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, sessions->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (!strcmp(((struct session *)value)->room, room))
            g_hash_table_iter_remove(&iter);
    }
}

static bool is_revoked(struct sessions *sessions, const struct session *session)
{
    return session->publish && *session->owner && !desk_token_lives(sessions->edge->desk, session->owner);
}

/* Their ids are kept apart: what the link calls back may change the table. */
static void close_all(struct sessions *sessions, GPtrArray *ids)
{
    for (guint i = 0; i < ids->len; i++)
        link_ask(sessions->edge->link,
                 json_pack("{s:s,s:s}", "t", "close", "session", g_ptr_array_index(ids, i)), NULL, NULL);
    g_ptr_array_unref(ids);
}

void sessions_recheck(struct sessions *sessions)
{
    GPtrArray *ended = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, sessions->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct session *session = value;
        if (!is_revoked(sessions, session))
            continue;
        log_line(LOG_LEVEL_INFO, "session.revoked", LOG_TEXT("room", session->room));
        g_ptr_array_add(ended, g_strdup(session->id));
        g_hash_table_iter_remove(&iter);
    }
    close_all(sessions, ended);
}

void sessions_tick(struct sessions *sessions, int64_t now_ms)
{
    GPtrArray *late = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, sessions->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct session *session = value;
        if (session->connected || now_ms - session->since_ms < SESSION_CONNECT_MS)
            continue;
        g_ptr_array_add(late, g_strdup(session->id));
        g_hash_table_iter_remove(&iter);
    }
    close_all(sessions, late);
}
