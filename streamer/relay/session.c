/* session.c: a hash table, and what a market that lost its own is told. */
#include "streamer/relay/session.h"
#include "streamer/relay/rendition.h"

struct sessions {
    GHashTable *by_name; /* name (owned) → struct session (owned) */
};

struct sessions *sessions_new(void)
{
    struct sessions *s = g_new0(struct sessions, 1);
    s->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return s;
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    g_hash_table_unref(s->by_name);
    g_free(s);
}

struct session *sessions_get(struct sessions *s, const char *name)
{
    return g_hash_table_lookup(s->by_name, name);
}

struct session *sessions_add(struct sessions *s, const char *name, struct viewer *v, struct publisher *p)
{
    struct session *one = g_new0(struct session, 1);
    *one = (struct session){.watch = !p, .viewer = v, .publisher = p, .line = SESSION_NO_LINE};
    g_hash_table_insert(s->by_name, g_strdup(name), one);
    return one;
}

bool sessions_remove(struct sessions *s, const char *name)
{
    return g_hash_table_remove(s->by_name, name);
}

static bool session_says(const json_t *said, const char *key, const char *value)
{
    return g_strcmp0(json_string_value(json_object_get(said, key)), value) == 0;
}

void sessions_note(struct sessions *s, const json_t *said)
{
    const char *name = json_string_value(json_object_get(said, "session"));
    const char *word = json_string_value(json_object_get(said, "rendition"));
    const char *etag = json_string_value(json_object_get(said, "etag"));
    const json_t *line = json_object_get(said, "video");
    struct session *one = name ? sessions_get(s, name) : NULL;
    enum rendition rendition;
    if (!one || !one->away)
        return;
    if (session_says(said, "t", "session") && session_says(said, "state", "connected") && !one->rendition)
        one->rendition = rendition_word(RENDITION_SOURCE);
    else if (session_says(said, "t", "rendition") && word && rendition_read(word, &rendition))
        one->rendition = rendition_word(rendition);
    else if (session_says(said, "t", "answer") && etag) {
        g_strlcpy(one->etag, etag, sizeof one->etag);
        if (json_is_integer(line))
            one->line = (int)json_integer_value(line);
    }
}

static json_t *session_json(const char *name, const struct session *one)
{
    const struct viewer *v = one->viewer;
    const struct publisher *p = one->publisher;
    const char *room = v ? v->room->name : p ? p->room->name : one->room;
    const char *etag = v ? peer_ufrag(v->peer) : p ? peer_ufrag(p->peer) : one->etag;
    const char *rendition = v ? (v->ready ? rendition_word(v->now) : NULL) : one->rendition;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "session", name, "room", room, "kind",
                          one->watch ? "watch" : "publish", "etag", etag);
    if (rendition)
        json_object_set_new(o, "rendition", json_string(rendition));
    if (one->line != SESSION_NO_LINE)
        json_object_set_new(o, "video", json_integer(one->line));
    return o;
}

json_t *sessions_list(const struct sessions *s)
{
    GHashTableIter i;
    void *name, *value;
    json_t *list = json_array();
    g_hash_table_iter_init(&i, s->by_name);
    while (g_hash_table_iter_next(&i, &name, &value))
        json_array_append_new(list, session_json(name, value));
    return list;
}
