/* room.c: rooms as the relay sees them and as the desk wants them. The desk's rows (approved, paused, ended…)
 * become link messages here; what the relay says becomes pages' data and ephemeral "room" messages. Edge
 * thread. */
#include "market/edge/room.h"

#include <string.h>
#include "market/edge/hub.h"
#include "market/edge/limits.h"
#include "market/edge/link.h"
#include "market/edge/session.h"
#include "market/edge/whep_events.h"

struct rooms {
    struct edge *edge;
    GHashTable *by_slug;
};

struct rooms *rooms_new(struct edge *edge)
{
    struct rooms *rooms = g_new0(struct rooms, 1);
    rooms->edge = edge;
    rooms->by_slug = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return rooms;
}

void rooms_free(struct rooms *rooms)
{
    if (!rooms)
        return;
    g_hash_table_destroy(rooms->by_slug);
    g_free(rooms);
}

struct room *rooms_get(struct rooms *rooms, const char *slug)
{
    return slug ? g_hash_table_lookup(rooms->by_slug, slug) : NULL;
}

struct room *rooms_make(struct rooms *rooms, const char *slug)
{
    struct room *room = rooms_get(rooms, slug);
    if (room)
        return room;
    room = g_new0(struct room, 1);
    g_strlcpy(room->slug, slug, sizeof room->slug);
    g_strlcpy(room->state, "idle", sizeof room->state);
    room->record = true;
    room->grace_ms = rooms->edge->config->grace_ms;
    g_hash_table_insert(rooms->by_slug, room->slug, room);
    return room;
}

/* ---- what pages and watchers see ---- */

const char *room_uplink(const struct room *room)
{
    if (!room || strcmp(room->state, "live") != 0 || room->kbps <= 0)
        return "none";
    if (clock_steady_ms() < room->said_until_ms)
        return room->said;
    if (room->lost_permille > UPLINK_BAD_PERMILLE || room->kbps < UPLINK_BAD_KBPS)
        return "bad";
    return room->lost_permille > UPLINK_WEAK_PERMILLE || room->kbps < UPLINK_WEAK_KBPS ? "weak" : "good";
}

static json_t *room_renditions(const struct room *room)
{
    return json_pack("{s:I,s:I,s:I}", "source", (json_int_t)(room ? room->on_source : 0), "low",
                     (json_int_t)(room ? room->on_low : 0), "audio", (json_int_t)(room ? room->on_audio : 0));
}

json_t *room_json(const struct room *room)
{
    return json_pack("{s:s,s:I,s:o,s:s,s:s}", "state", room ? room->state : "idle", "viewers",
                     room ? (json_int_t)room->viewers : 0, "renditions", room_renditions(room), "uplink",
                     room_uplink(room), "video", room ? room->video : "");
}

json_t *room_poster(const struct room *room)
{
    if (!room || !room->poster_ms || !strcmp(room->state, "idle"))
        return json_null();
    return json_sprintf("/media/%s/poster.jpg", room->slug);
}

/* One stall of a list, or one live session of the cadre's list. */
static json_t *show_one(struct rooms *rooms, const char *command, json_t *item)
{
    json_t *copy = json_copy(item);
    struct room *room = rooms_get(rooms, json_string_value(json_object_get(item, "slug")));
    json_object_set_new(copy, "poster", room_poster(room));
    if (!strcmp(command, "live.list")) {
        json_object_set_new(copy, "viewers", json_integer(room ? room->viewers : 0));
        json_object_set_new(copy, "renditions", room_renditions(room));
        json_object_set_new(copy, "uplink", json_string(room_uplink(room)));
        json_object_set_new(copy, "room", json_string(room ? room->state : "idle"));
    } else {
        json_object_set_new(copy, "room", room_json(room));
    }
    return copy;
}

json_t *rooms_show(struct rooms *rooms, const char *command, json_t *body)
{
    json_t *copy = json_is_object(body) ? json_copy(body) : NULL;
    if (!copy)
        return json_incref(body);
    if (!strcmp(command, "stall.get")) {
        const char *slug = json_string_value(json_object_get(json_object_get(body, "stall"), "slug"));
        struct room *room = rooms_get(rooms, slug);
        json_object_set_new(copy, "room", room_json(room));
        json_object_set_new(copy, "poster", room_poster(room));
        return copy;
    }
    const char *list = !strcmp(command, "live.list") ? "lives" : "stalls";
    json_t *items = json_array(), *item;
    size_t i;
    json_array_foreach(json_object_get(body, list), i, item)
        json_array_append_new(items, show_one(rooms, command, item));
    json_object_set_new(copy, list, items);
    return copy;
}

static void show(struct rooms *rooms, struct room *room)
{
    room->changed = false;
    room->shown_at_ms = clock_steady_ms();
    json_t *body = room_json(room);
    json_object_set_new(body, "t", json_string("room"));
    json_object_set_new(body, "stall", json_string(room->slug));
    hub_tell(rooms->edge->hub, room->slug, message_new(body));
    whep_events_room(rooms->edge->whep_events, room);
}

/* ---- what the desk is told ---- */

struct told {
    struct post post;
    char *command;
    enum result result;
};

static void told_run(struct post *post)
{
    struct told *told = (struct told *)post;
    if (told->result != R_OK && told->result != R_CREATED && told->result != R_NO_CONTENT)
        log_line(LOG_LEVEL_WARN, "room.desk", LOG_TEXT("command", told->command),
                 LOG_TEXT("code", result_code(told->result)));
    g_free(told->command);
    g_free(told);
}

struct tell {
    struct edge *edge;
    struct told *told;
};

static void on_told(void *user, const struct desk_reply *reply)
{
    struct tell *tell = user;
    tell->told->result = reply->result;
    edge_post(tell->edge, &tell->told->post);
    g_free(tell);
}

/* TAKES params. */
static void tell_desk(struct edge *edge, const char *command, json_t *params)
{
    struct who who;
    edge_system_who(&who);
    struct tell *tell = g_new0(struct tell, 1);
    tell->edge = edge;
    tell->told = g_new0(struct told, 1);
    tell->told->post.run = told_run;
    tell->told->command = g_strdup(command);
    enum result r = desk_call(edge->desk, command, &who, params, on_told, tell);
    if (r == R_OK)
        return;
    tell->told->result = r;
    told_run(&tell->told->post);
    g_free(tell);
}

/* ---- what the relay says ---- */

static void state_changed(struct rooms *rooms, struct room *room, const char *before)
{
    log_line(LOG_LEVEL_INFO, "room.state", LOG_TEXT("room", room->slug), LOG_TEXT("before", before),
             LOG_TEXT("now", room->state));
    if (strcmp(room->state, "live") != 0)
        room->said_until_ms = 0; /* another phone may come */
    if (!strcmp(room->state, "live") && strcmp(before, "live") != 0)
        tell_desk(rooms->edge, "live.publishing", json_pack("{s:s}", "stall", room->slug));
    if (!strcmp(room->state, "idle") && room->open && !room->paused && room->live)
        tell_desk(rooms->edge, "live.grace_over", json_pack("{s:I}", "live", (json_int_t)room->live));
    show(rooms, room);
}

bool rooms_phone_says(struct rooms *rooms, const char *slug, const char *word)
{
    struct room *room = rooms_get(rooms, slug);
    if (g_strcmp0(word, "good") != 0 && g_strcmp0(word, "weak") != 0 && g_strcmp0(word, "bad") != 0)
        return false;
    if (!room || !room->open)
        return true;
    room->changed |= strcmp(room_uplink(room), word) != 0;
    g_strlcpy(room->said, word, sizeof room->said);
    room->said_until_ms = clock_steady_ms() + UPLINK_SAID_MS;
    return true;
}

/* No relay knows the phone of a session that has begun: it has the grace time to come back. */
static void await_phone(struct rooms *rooms, struct room *room)
{
    g_strlcpy(room->state, "stalled", sizeof room->state);
    room->awaited_until_ms = clock_steady_ms() + room->grace_ms;
    show(rooms, room);
}

/* True: the relay is new and says "idle" of a room whose phone is only on its way back. */
static bool still_awaited(struct room *room, const char *state)
{
    if (!strcmp(state, "live") || clock_steady_ms() >= room->awaited_until_ms)
        room->awaited_until_ms = 0;
    return room->awaited_until_ms && !strcmp(state, "idle");
}

static bool is_state(const char *state)
{
    return state && (!strcmp(state, "idle") || !strcmp(state, "live") || !strcmp(state, "stalled") ||
                     !strcmp(state, "paused"));
}

void rooms_heard(struct rooms *rooms, const json_t *message)
{
    const char *slug = json_string_value(json_object_get(message, "room"));
    const char *state = json_string_value(json_object_get(message, "state"));
    struct room *room = rooms_get(rooms, slug);
    if (!room || !is_state(state))
        return; /* a room we did not ask for tells us nothing */
    const json_t *uplink = json_object_get(message, "uplink");
    const char *video = json_string_value(json_object_get(message, "video"));
    const char *low = json_string_value(json_object_get(message, "low"));
    g_strlcpy(room->low, low ? low : "", sizeof room->low);
    room->viewers = json_integer_value(json_object_get(message, "viewers"));
    const json_t *renditions = json_object_get(message, "renditions"),
                 *layers = json_object_get(message, "layers");
    room->on_source = json_integer_value(json_object_get(renditions, "source"));
    room->on_low = json_integer_value(json_object_get(renditions, "low"));
    room->on_audio = json_integer_value(json_object_get(renditions, "audio"));
    room->source_kbps = json_integer_value(json_object_get(layers, "source"));
    room->low_kbps = json_integer_value(json_object_get(layers, "low"));
    room->kbps = json_integer_value(json_object_get(uplink, "kbps"));
    room->lost_permille = json_integer_value(json_object_get(uplink, "lost_permille"));
    g_strlcpy(room->video, video && (!strcmp(video, "H264") || !strcmp(video, "VP8")) ? video : "",
              sizeof room->video);
    room->changed = true;
    if (strcmp(room->state, state) != 0 && !still_awaited(room, state)) {
        char before[sizeof room->state];
        memcpy(before, room->state, sizeof before);
        g_strlcpy(room->state, state, sizeof room->state);
        state_changed(rooms, room, before);
    }
}

/* The phone did not come back to the new relay in time. */
static void end_waiting(struct rooms *rooms, struct room *room)
{
    room->awaited_until_ms = 0;
    if (strcmp(room->state, "stalled") != 0)
        return;
    g_strlcpy(room->state, "idle", sizeof room->state);
    state_changed(rooms, room, "stalled");
}

void rooms_tick(struct rooms *rooms, int64_t now_ms)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, rooms->by_slug);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct room *room = value;
        if (room->awaited_until_ms && now_ms >= room->awaited_until_ms)
            end_waiting(rooms, room);
        if (room->changed && now_ms - room->shown_at_ms >= ROOM_SHOW_MS)
            show(rooms, room);
    }
}

void rooms_file(struct rooms *rooms, const json_t *message)
{
    const char *kind = json_string_value(json_object_get(message, "kind"));
    struct room *room = rooms_get(rooms, json_string_value(json_object_get(message, "room")));
    if (room && !g_strcmp0(kind, "poster"))
        room->poster_ms = clock_wall_ms();
}

/* ---- what the relay is told ---- */

static void say_room(struct rooms *rooms, const struct room *room)
{
    link_ask(rooms->edge->link,
             json_pack("{s:s,s:s,s:b,s:b,s:I,s:I}", "t", "room", "room", room->slug, "record", room->record,
                       "paused", room->paused, "grace_ms", (json_int_t)room->grace_ms, "ahead_s",
                       (json_int_t)(clock_ahead_ms() / 1000)),
             NULL, NULL);
}

static void read_room(struct room *room, const json_t *from)
{
    const json_t *value;
    if (json_is_integer(value = json_object_get(from, "live"))) {
        room->live = json_integer_value(value);
    } else if (json_is_object(value)) { /* LIVE itself, of live.allowed */
        room->live = json_integer_value(json_object_get(value, "id"));
        room->paused = !g_strcmp0(json_string_value(json_object_get(value, "state")), "paused");
    }
    if (json_is_boolean(value = json_object_get(from, "record")))
        room->record = json_is_true(value);
    if (json_is_boolean(value = json_object_get(from, "paused")))
        room->paused = json_is_true(value);
    if (json_is_integer(value = json_object_get(from, "grace_ms")))
        room->grace_ms = json_integer_value(value);
}

struct room *rooms_open(struct rooms *rooms, const char *slug, const json_t *allowed)
{
    struct room *room = rooms_make(rooms, slug);
    read_room(room, allowed);
    if (!room->open) {
        room->open = true;
        say_room(rooms, room);
    }
    return room;
}

static void close_room(struct rooms *rooms, const char *slug, const char *why)
{
    struct room *room = rooms_get(rooms, slug);
    if (!room || !room->open)
        return;
    room->open = false;
    room->live = 0;
    room->viewers = 0;
    g_strlcpy(room->state, "idle", sizeof room->state);
    link_ask(rooms->edge->link, json_pack("{s:s,s:s,s:s}", "t", "room_close", "room", slug, "why", why), NULL,
             NULL);
    sessions_drop_room(rooms->edge->sessions, slug);
    show(rooms, room);
}

void rooms_event(struct rooms *rooms, const char *slug, const char *kind, const json_t *body)
{
    const json_t *live = json_object_get(body, "live"), *stall = json_object_get(body, "stall");
    if (!strcmp(kind, "live.ended")) {
        close_room(rooms, slug, "ended");
    } else if (!strcmp(kind, "stall.changed")) {
        if (!g_strcmp0(json_string_value(json_object_get(stall, "state")), "closed"))
            close_room(rooms, slug, "stall-closed");
    } else if (!strcmp(kind, "live.approved") || !strcmp(kind, "live.started") ||
               !strcmp(kind, "live.paused") || !strcmp(kind, "live.resumed")) {
        struct room *room = rooms_make(rooms, slug);
        bool was_open = room->open, was_paused = room->paused;
        room->open = true;
        room->live = json_integer_value(json_object_get(live, "id"));
        room->paused = !strcmp(kind, "live.paused");
        if (!was_open || was_paused != room->paused)
            say_room(rooms, room);
        if (!strcmp(kind, "live.resumed") && !strcmp(room->state, "idle"))
            await_phone(rooms, room); /* it left during the pause, which may have outlived a restart */
    }
}

void rooms_link_down(struct rooms *rooms)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, rooms->by_slug);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct room *room = value;
        room->viewers = 0;
        if (strcmp(room->state, "idle") != 0)
            await_phone(rooms, room);
    }
}

/* The desk's list of rooms that should exist. */
struct restore {
    struct post post;
    struct edge *edge;
    json_t *body;
};

static void restore_run(struct post *post)
{
    struct restore *restore = (struct restore *)post;
    struct rooms *rooms = restore->edge->rooms;
    size_t i;
    json_t *each;
    json_array_foreach(json_object_get(restore->body, "rooms"), i, each)
    {
        const char *slug = json_string_value(json_object_get(each, "room"));
        if (!slug)
            slug = json_string_value(json_object_get(each, "slug"));
        if (!slug)
            continue;
        struct room *room = rooms_make(rooms, slug);
        read_room(room, each);
        room->open = true;
        if (json_is_true(json_object_get(each, "begun")) && !room->paused && !strcmp(room->state, "idle"))
            await_phone(rooms, room); /* this market is new as well */
    }
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, rooms->by_slug);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (((struct room *)value)->open)
            say_room(rooms, value);
    }
    link_restored(restore->edge->link);
    json_decref(restore->body);
    g_free(restore);
}

static void on_rooms(void *user, const struct desk_reply *reply)
{
    struct restore *restore = user;
    restore->body = reply->result == R_OK ? json_incref(reply->body) : NULL;
    edge_post(restore->edge, &restore->post);
}

void rooms_link_up(struct rooms *rooms)
{
    struct who who;
    edge_system_who(&who);
    struct restore *restore = g_new0(struct restore, 1);
    restore->post.run = restore_run;
    restore->edge = rooms->edge;
    if (desk_call(rooms->edge->desk, "rooms.open", &who, NULL, on_rooms, restore) != R_OK)
        restore_run(&restore->post);
}
