/* whep_events.c: server-sent events of WHEP sessions: who chose what, the open streams, what each was told
 * last. Edge thread. */
#include "market/edge/whep_events.h"

#include <stdlib.h>
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/limits.h"

#define REL "urn:ietf:params:whep:ext:core:server-sent-events"

enum event { EVENT_ACTIVE = 1, EVENT_INACTIVE = 2, EVENT_VIEWERCOUNT = 4, EVENT_LAYERS = 8, EVENT_ALL = 15 };

static const struct {
    const char *name;
    enum event event;
} names[] = {{"active", EVENT_ACTIVE},
             {"inactive", EVENT_INACTIVE},
             {"viewercount", EVENT_VIEWERCOUNT},
             {"layers", EVENT_LAYERS}};
enum { NAMES = sizeof names / sizeof names[0] };

/* What a session's player asked for. */
struct feed {
    char session[LINK_SESSION_NAME + 1], room[LINK_ROOM_NAME_MAX + 1];
    unsigned chosen;    /* enum event bits */
    struct exchange *x; /* the open stream, held, or NULL */
    bool active;        /* told last… */
    char layers[24];    /* the rendition, and which others there can be */
    int64_t source_kbps, low_kbps;
    int64_t viewers; /* …-1: nothing yet */
    int64_t written_ms;
};

struct whep_events {
    struct edge *edge;
    GHashTable *feeds; /* session id → feed */
    unsigned streams;
};

static void feed_close(struct whep_events *events, struct feed *feed)
{
    if (!feed->x)
        return;
    answer_end(feed->x);
    exchange_unref(feed->x);
    feed->x = NULL;
    events->streams--;
}

struct whep_events *whep_events_new(struct edge *edge)
{
    struct whep_events *events = g_new0(struct whep_events, 1);
    events->edge = edge;
    events->feeds = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return events;
}

void whep_events_free(struct whep_events *events)
{
    if (!events)
        return;
    GHashTableIter iter;
    gpointer feed;
    g_hash_table_iter_init(&iter, events->feeds);
    while (g_hash_table_iter_next(&iter, NULL, &feed))
        feed_close(events, feed);
    g_hash_table_destroy(events->feeds);
    g_free(events);
}

static struct feed *feed_get(struct whep_events *events, const struct session *session)
{
    struct feed *feed = g_hash_table_lookup(events->feeds, session->id);
    if (feed)
        return feed;
    feed = g_new0(struct feed, 1);
    memcpy(feed->session, session->id, sizeof feed->session);
    memcpy(feed->room, session->room, sizeof feed->room);
    feed->chosen = EVENT_ALL;
    g_hash_table_insert(events->feeds, feed->session, feed);
    return feed;
}

void whep_events_link(struct exchange *x, const char *room, const char *session)
{
    answer_header(x, "link",
                  "<https://%s/whep/%s/%s/events>; rel=\"" REL
                  "\"; events=\"active,inactive,layers,viewercount\"",
                  x->host, room, session);
}

/* ---- what is said ---- */

static void say(struct whep_events *events, struct feed *feed, int64_t now_ms, const char *text)
{
    feed->written_ms = now_ms;
    if (!answer_add(feed->x, text, EVENTS_QUEUE_BYTES))
        feed_close(events, feed);
}

/* One layer object of the draft. Without a bitrate it is inactive: it is made once somebody asks for it. */
static json_t *layer_json(const char *rid, int64_t kbps, const char *now)
{
    json_t *layer = json_pack("{s:s}", "rid", rid);
    if (kbps > 0)
        json_object_set_new(layer, "bitrate", json_integer(kbps * 1000));
    if (!strcmp(rid, now))
        json_object_set_new(layer, "sent", json_true());
    return layer;
}

/* Another figure than the one told: the layer began or ended, or its rate is twice or half of that. */
static bool is_news(int64_t told_kbps, int64_t kbps)
{
    return (kbps > 0) != (told_kbps > 0) || kbps > 2 * told_kbps || 2 * kbps < told_kbps;
}

/* Told anew when another one is sent, begins or ends, and when a rate told is not even nearly right any more
 * (the first second of a picture tells little); not for every bit more or less. */
static void tell_layers(struct whep_events *events, struct feed *feed, const struct room *room, GString *text)
{
    const struct session *session = sessions_get(events->edge->sessions, feed->session, feed->room, false);
    const char *now = session && *session->rendition ? session->rendition : "source";
    bool low = room && *room->low;
    int64_t source_kbps = room ? room->source_kbps : 0, low_kbps = low ? room->low_kbps : 0;
    char layers[sizeof feed->layers], line[12];
    g_snprintf(layers, sizeof layers, "%s%s", now, low ? "+low" : "");
    bool news = feed->viewers < 0 || strcmp(layers, feed->layers) != 0 ||
                is_news(feed->source_kbps, source_kbps) || is_news(feed->low_kbps, low_kbps);
    if (!news || !(feed->chosen & EVENT_LAYERS))
        return;
    g_strlcpy(feed->layers, layers, sizeof feed->layers);
    feed->source_kbps = source_kbps;
    feed->low_kbps = low_kbps;
    json_t *data = json_object(), *list = json_array();
    json_array_append_new(list, layer_json("source", source_kbps, now));
    if (low)
        json_array_append_new(list, layer_json("low", low_kbps, now));
    g_snprintf(line, sizeof line, "%u", session && session->video_line ? session->video_line - 1 : 0);
    if (session && session->video_line)
        json_object_set(data, line, list);
    char *dumped = json_dumps(data, JSON_COMPACT);
    g_string_append_printf(text, "event: layers\ndata: %s\n\n", dumped);
    free(dumped);
    json_decref(list);
    json_decref(data);
}

/* Tells what is new since the last time. */
static void tell(struct whep_events *events, struct feed *feed, const struct room *room)
{
    bool active = room && !strcmp(room->state, "live");
    int64_t viewers = room ? room->viewers : 0;
    bool fresh = feed->viewers < 0;
    g_autoptr(GString) text = g_string_new(NULL);
    if ((fresh || active != feed->active) && (feed->chosen & (active ? EVENT_ACTIVE : EVENT_INACTIVE)))
        g_string_append_printf(text, "event: %s\ndata: {}\n\n", active ? "active" : "inactive");
    if (viewers != feed->viewers && (feed->chosen & EVENT_VIEWERCOUNT))
        g_string_append_printf(text, "event: viewercount\ndata: {\"viewercount\":%" G_GINT64_FORMAT "}\n\n",
                               viewers);
    tell_layers(events, feed, room, text);
    feed->active = active;
    feed->viewers = viewers;
    if (text->len)
        say(events, feed, clock_steady_ms(), text->str);
}

void whep_events_room(struct whep_events *events, const struct room *room)
{
    GHashTableIter iter;
    gpointer value;
    if (!events->streams)
        return;
    g_hash_table_iter_init(&iter, events->feeds);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct feed *feed = value;
        if (feed->x && !strcmp(feed->room, room->slug))
            tell(events, feed, room);
    }
}

void whep_events_session(struct whep_events *events, const struct session *session)
{
    struct feed *feed = session ? g_hash_table_lookup(events->feeds, session->id) : NULL;
    if (feed && feed->x)
        tell(events, feed, rooms_get(events->edge->rooms, session->room));
}

void whep_events_tick(struct whep_events *events, int64_t now_ms)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, events->feeds);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct feed *feed = value;
        bool over = !sessions_get(events->edge->sessions, feed->session, feed->room, false);
        if (feed->x && (over || events->edge->draining || !feed->x->conn))
            feed_close(events, feed);
        else if (feed->x && now_ms - feed->written_ms >= EVENTS_PING_MS)
            say(events, feed, now_ms, ":\n\n");
        if (over)
            g_hash_table_iter_remove(&iter);
    }
}

/* ---- the door ---- */

/* False when the body is neither empty nor a JSON array of texts. Names we do not know are passed over. */
static bool read_choice(const GByteArray *body, unsigned *chosen)
{
    *chosen = EVENT_ALL;
    if (!body || !body->len)
        return true;
    json_t *list = json_loadb((const char *)body->data, body->len, 0, NULL), *each;
    bool good = json_is_array(list);
    size_t i;
    *chosen = 0;
    json_array_foreach(list, i, each)
    {
        good = good && json_is_string(each);
        for (size_t n = 0; n < NAMES; n++) {
            if (!g_strcmp0(json_string_value(each), names[n].name))
                *chosen |= names[n].event;
        }
    }
    json_decref(list);
    return good;
}

static void choose(struct whep_events *events, struct exchange *x, const struct session *session)
{
    unsigned chosen;
    if (x->body && x->body->len && !request_type_is(x->content_type, "application/json")) {
        answer_header(x, "accept-post", "application/json");
        answer_problem(x, R_BAD_TYPE, NULL, NULL);
    } else if (!read_choice(x->body, &chosen)) {
        answer_problem(x, R_BAD_JSON, NULL, NULL);
    } else {
        feed_get(events, session)->chosen = chosen;
        answer_header(x, "location", "https://%s%s", x->host, x->path);
        answer_empty(x, 201);
    }
}

/* The session's unguessable address is enough here: EventSource can send no token. */
static void open_stream(struct whep_events *events, struct exchange *x, const struct session *session)
{
    if (x->head_only) {
        answer_empty(x, 204);
        return;
    }
    struct feed *feed = feed_get(events, session);
    feed_close(events, feed); /* the newer one counts */
    if (events->streams >= EVENTS_STREAMS_MAX) {
        answer_retry(x, R_BUSY, FULL_RETRY_S, NULL);
        return;
    }
    answer_stream(x, "text/event-stream");
    feed->x = exchange_ref(x);
    feed->viewers = -1;
    events->streams++;
    tell(events, feed, rooms_get(events->edge->rooms, session->room));
}

void door_events(struct exchange *x)
{
    struct whep_events *events = x->edge->whep_events;
    bool looks = !strcmp(x->method, "GET") || !strcmp(x->method, "HEAD");
    if (!strcmp(x->method, "OPTIONS")) {
        answer_options(x, "POST, GET, DELETE, OPTIONS", "Authorization, Content-Type, Last-Event-ID",
                       "application/json", NULL);
        return;
    }
    struct session *session =
        sessions_get(x->edge->sessions, json_string_value(json_object_get(x->params, "session")),
                     json_string_value(json_object_get(x->params, "slug")), false);
    if (!session) {
        answer_problem(x, R_UNKNOWN, NULL, NULL);
    } else if (looks) {
        open_stream(events, x, session);
    } else if (!session_owned(session, &x->who, x->by_token ? x->secret : "")) {
        answer_problem(x, x->who.person || x->who.token_stall ? R_FORBIDDEN : R_NOT_LOGGED_IN, NULL, NULL);
    } else if (!strcmp(x->method, "POST")) {
        choose(events, x, session);
    } else {
        feed_close(events, feed_get(events, session));
        answer_empty(x, 200);
    }
}
