/* live.c: the state machine of live sessions. advance() is the only place that writes the state. */
#include "market/trade/live.h"

#include <string.h>
#include "market/base/shape.h"
#include "market/trade/journal.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM live";
static const char *const names[LIVE_STATES] = {"planned", "live", "paused",
                                               "ended"}; /* stored, never renamed */

static const struct {
    unsigned next;       /* bits of states it may become */
    const char *entered; /* the journal's word when it is reached from `planned` or the state before */
} states[LIVE_STATES] = {
    [LIVE_PLANNED] = {1u << LIVE_LIVE | 1u << LIVE_ENDED, "live.planned"},
    [LIVE_LIVE] = {1u << LIVE_PAUSED | 1u << LIVE_ENDED, "live.started"},
    [LIVE_PAUSED] = {1u << LIVE_LIVE | 1u << LIVE_ENDED, "live.paused"},
    [LIVE_ENDED] = {0, "live.ended"},
};

static enum result read_live(struct trade *trade, struct query *query, struct live *out, enum result none)
{
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? none : trade_fault(trade);
    *out = (struct live){
        .id = query_int(query, 0), .stall = query_int(query, 1), .approved = query_int(query, 3) != 0};
    while (out->state < LIVE_ENDED && strcmp(names[out->state], query_text(query, 2)) != 0)
        out->state++;
    return R_OK;
}

enum result live_by_id(struct trade *trade, int64_t id, struct live *out)
{
    QUERY query =
        store_query(trade->store, "SELECT id, stall, state, approved FROM live WHERE id = $1", ARG_INT(id));
    return read_live(trade, query, out, R_UNKNOWN);
}

enum result live_open(struct trade *trade, int64_t stall, struct live *out)
{
    QUERY query = store_query(
        trade->store, "SELECT id, stall, state, approved FROM live WHERE stall = $1 AND state <> 'ended'",
        ARG_INT(stall));
    return read_live(trade, query, out, R_NOT_LIVE);
}

static enum result announce(struct trade *trade, const char *kind, const struct stall *stall, int64_t id)
{
    json_t *body = json_object();
    shape_json(body, "live", live_json(trade, id));
    return journal_add(
        trade, &(struct journal_entry){.kind = kind, .stall = stall->id, .slug = stall->slug, .open = body});
}

enum result live_plan(struct trade *trade, const struct stall *stall, const char *title, int64_t planned_at,
                      struct live *out, bool *made)
{
    enum result found = live_open(trade, stall->id, out);
    *made = found == R_NOT_LIVE;
    if (!*made)
        return found;
    *out =
        (struct live){.id = store_next_id(trade->store, max_id), .stall = stall->id, .state = LIVE_PLANNED};
    enum step step = store_run(trade->store,
                               "INSERT INTO live (id, stall, title, state, approved, planned_at, reason,"
                               " made_at) VALUES ($1, $2, $3, $4, 0, $5, '', $6)",
                               ARG_INT(out->id), ARG_INT(stall->id), ARG_TEXT(title),
                               ARG_TEXT(names[LIVE_PLANNED]), ARG_ID(planned_at), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return announce(trade, states[LIVE_PLANNED].entered, stall, out->id);
}

enum result live_approve(struct trade *trade, const struct stall *stall, struct live *live)
{
    if (live->state == LIVE_ENDED)
        return R_WRONG_MOMENT;
    if (live->approved)
        return R_OK;
    if (store_run(trade->store, "UPDATE live SET approved = 1 WHERE id = $1", ARG_INT(live->id)) != STEP_DONE)
        return trade_fault(trade);
    live->approved = true;
    return announce(trade, "live.approved", stall, live->id);
}

enum result live_advance(struct trade *trade, const struct stall *stall, struct live *live,
                         enum live_state to, const char *reason)
{
    static const char sql[] = "UPDATE live SET state = $2, reason = $3, started_at = CASE WHEN $2 = 'live'"
                              " THEN COALESCE(started_at, $4) ELSE started_at END,"
                              " ended_at = CASE WHEN $2 = 'ended' THEN $4 ELSE NULL END WHERE id = $1";
    if (!(states[live->state].next >> to & 1u))
        return R_WRONG_MOMENT;
    if (to == LIVE_LIVE && !live->approved)
        return R_NOT_APPROVED;
    const char *kind = live->state == LIVE_PAUSED && to == LIVE_LIVE ? "live.resumed" : states[to].entered;
    if (store_run(trade->store, sql, ARG_INT(live->id), ARG_TEXT(names[to]), ARG_TEXT(reason),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    live->state = to;
    return announce(trade, kind, stall, live->id);
}

enum result live_stall_closed(struct trade *trade, const struct stall *stall)
{
    struct live live;
    enum result found = live_open(trade, stall->id, &live);
    if (found != R_OK)
        return found == R_NOT_LIVE ? R_OK : found;
    return live_advance(trade, stall, &live, LIVE_ENDED, "");
}

enum result live_allowed(struct trade *trade, const struct stall *stall, bool publish, json_t **out)
{
    struct live live = {0};
    const struct who *who = &trade->who;
    if (publish) {
        /* Publishing is the farmer's: a cadre watches and stops, but does not stream in a farmer's name. */
        if (!who->person && !who->token_stall)
            return R_BAD_TOKEN;
        if (who->token_stall ? !who->token_publishes || who->token_stall != stall->id
                             : who->person != stall->farmer)
            return R_FORBIDDEN;
    }
    if (!stall->open)
        return R_STALL_CLOSED;
    enum result found = live_open(trade, stall->id, &live);
    if (found == R_NOT_LIVE)
        return publish ? R_NOT_APPROVED : R_NOT_LIVE;
    if (found != R_OK)
        return found;
    if (!live.approved)
        return publish ? R_NOT_APPROVED : R_NOT_LIVE;
    *out = json_object();
    shape_text(*out, "room", stall->slug);
    shape_json(*out, "live", live_json(trade, live.id));
    return R_OK;
}

#define LIVE_COLUMNS "l.id, l.title, l.state, l.approved, l.planned_at, l.started_at, l.ended_at, l.reason"

static json_t *row_json(struct query *query)
{
    json_t *live = json_object();
    shape_int(live, "id", query_int(query, 0));
    shape_text(live, "title", query_text(query, 1));
    shape_text(live, "state", query_text(query, 2));
    shape_bool(live, "approved", query_int(query, 3) != 0);
    shape_id(live, "planned_at", query_int(query, 4));
    shape_id(live, "started_at", query_int(query, 5));
    shape_id(live, "ended_at", query_int(query, 6));
    shape_text(live, "reason", query_text(query, 7));
    return live;
}

json_t *live_json(struct trade *trade, int64_t id)
{
    QUERY query =
        store_query(trade->store, "SELECT " LIVE_COLUMNS " FROM live l WHERE l.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

json_t *live_open_json(struct trade *trade, int64_t stall)
{
    QUERY query = store_query(trade->store,
                              "SELECT " LIVE_COLUMNS " FROM live l WHERE l.stall = $1 AND l.state <> 'ended'",
                              ARG_INT(stall));
    return query_row(query) ? row_json(query) : NULL;
}

enum result live_list(struct trade *trade, bool open, json_t **out)
{
    static const char open_sql[] =
        "SELECT " LIVE_COLUMNS ", s.slug, s.name, p.name FROM live l JOIN stall s ON s.id = l.stall"
        " JOIN person p ON p.id = s.farmer WHERE l.state <> 'ended' ORDER BY l.id DESC LIMIT $1";
    static const char ended_sql[] =
        "SELECT " LIVE_COLUMNS ", s.slug, s.name, p.name FROM live l JOIN stall s ON s.id = l.stall"
        " JOIN person p ON p.id = s.farmer WHERE l.state = 'ended' ORDER BY l.id DESC LIMIT $1";
    QUERY query = store_query(trade->store, open ? open_sql : ended_sql, ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        json_t *live = row_json(query);
        shape_text(live, "slug", query_text(query, 8));
        shape_text(live, "stall_name", query_text(query, 9));
        shape_text(live, "farmer_name", query_text(query, 10));
        json_array_append_new(list, live);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "lives", json_incref(list));
    return R_OK;
}

enum result live_rooms(struct trade *trade, json_t **out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT s.slug, l.id, l.state FROM live l JOIN stall s ON s.id = l.stall"
        " WHERE l.state <> 'ended' AND l.approved = 1 AND s.state = 'open' ORDER BY l.id LIMIT $1",
        ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        json_t *room = json_object();
        shape_text(room, "room", query_text(query, 0));
        shape_int(room, "live", query_int(query, 1));
        shape_bool(room, "paused", strcmp(query_text(query, 2), names[LIVE_PAUSED]) == 0);
        shape_bool(room, "begun", strcmp(query_text(query, 2), names[LIVE_PLANNED]) != 0);
        json_array_append_new(list, room);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "rooms", json_incref(list));
    return R_OK;
}
