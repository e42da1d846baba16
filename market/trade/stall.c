/* stall.c: rows of stalls and the state a page starts from. */
#include "market/trade/stall.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/journal.h"
#include "market/trade/live.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"
#include "market/trade/person.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM stall";

static enum result read_stall(struct trade *trade, struct query *query, struct stall *out)
{
    enum step step = query_step(query);
    if (step == STEP_DONE) {
        shape_text(trade_extra(trade), "field", "stall");
        return R_UNKNOWN;
    }
    if (step != STEP_ROW)
        return trade_fault(trade);
    *out = (struct stall){.id = query_int(query, 0),
                          .farmer = query_int(query, 1),
                          .open = strcmp(query_text(query, 3), "open") == 0,
                          .hold_minutes = query_int(query, 5)};
    g_strlcpy(out->slug, query_text(query, 2), sizeof out->slug);
    g_strlcpy(out->name, query_text(query, 4), sizeof out->name);
    return R_OK;
}

enum result stall_by_slug(struct trade *trade, const char *slug, struct stall *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, farmer, slug, state, name, hold_minutes FROM stall WHERE slug = $1",
                              ARG_TEXT(slug));
    return read_stall(trade, query, out);
}

enum result stall_by_id(struct trade *trade, int64_t id, struct stall *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, farmer, slug, state, name, hold_minutes FROM stall WHERE id = $1",
                              ARG_INT(id));
    return read_stall(trade, query, out);
}

enum result stall_mine(const struct trade *trade, const struct stall *stall)
{
    const struct who *who = &trade->who;
    if (who_is_cadre(who) || (who->person && who->person == stall->farmer))
        return R_OK;
    return who->person || who->token_stall ? R_FORBIDDEN : R_NOT_LOGGED_IN;
}

static enum result announce(struct trade *trade, const struct stall *stall)
{
    json_t *body = json_object();
    shape_json(body, "stall", stall_json(trade, stall->id));
    return journal_add(trade,
                       &(struct journal_entry){
                           .kind = "stall.changed", .stall = stall->id, .slug = stall->slug, .open = body});
}

enum result stall_add(struct trade *trade, const struct stall_request *r, struct stall *out)
{
    if (!(person_roles(trade->store, r->farmer) & ROLE_FARMER))
        return trade_bad_field(trade, "farmer", "this person is not a farmer");
    QUERY taken = store_query(trade->store, "SELECT id FROM stall WHERE slug = $1", ARG_TEXT(r->slug));
    if (query_row(taken)) {
        shape_text(trade_extra(trade), "field", "slug");
        return R_ALREADY;
    }
    int64_t id = store_next_id(trade->store, max_id);
    enum step step = store_run(trade->store,
                               "INSERT INTO stall (id, slug, name, village, about, farmer, state, made_at)"
                               " VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)",
                               ARG_INT(id), ARG_TEXT(r->slug), ARG_TEXT(r->name), ARG_TEXT(r->village),
                               ARG_TEXT(r->about), ARG_INT(r->farmer), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = (struct stall){.id = id, .farmer = r->farmer, .open = true};
    g_strlcpy(out->slug, r->slug, sizeof out->slug);
    g_strlcpy(out->name, r->name, sizeof out->name);
    return announce(trade, out);
}

enum result stall_change(struct trade *trade, struct stall *stall, const char *state, const char *name,
                         const char *village, const char *about, int64_t hold_minutes)
{
    const struct value hold = hold_minutes < 0 ? ARG_TEXT(NULL) : ARG_INT(hold_minutes);
    enum step step = store_run(
        trade->store,
        "UPDATE stall SET state = COALESCE($2, state), name = COALESCE($3, name), village = COALESCE($4,"
        " village),"
        " about = COALESCE($5, about), hold_minutes = COALESCE($6, hold_minutes) WHERE id = $1",
        ARG_INT(stall->id), ARG_TEXT(state), ARG_TEXT(name), ARG_TEXT(village), ARG_TEXT(about), hold);
    if (step != STEP_DONE)
        return trade_fault(trade);
    if (state)
        stall->open = strcmp(state, "open") == 0;
    enum result r = announce(trade, stall);
    return r == R_OK && !stall->open ? live_stall_closed(trade, stall) : r;
}

/* Columns: id, slug, name, village, about, state, farmer id, farmer name, hold_minutes. */
#define STALL_COLUMNS                                                                                        \
    "s.id, s.slug, s.name, s.village, s.about, s.state, p.id, p.name, s.hold_minutes FROM stall s JOIN "     \
    "person p ON p.id = s.farmer"

static json_t *row_json(struct query *query)
{
    json_t *stall = json_object(), *farmer = json_object();
    shape_text(stall, "slug", query_text(query, 1));
    shape_text(stall, "name", query_text(query, 2));
    shape_text(stall, "village", query_text(query, 3));
    shape_text(stall, "about", query_text(query, 4));
    shape_text(stall, "state", query_text(query, 5));
    shape_int(farmer, "id", query_int(query, 6));
    shape_text(farmer, "name", query_text(query, 7));
    shape_json(stall, "farmer", farmer);
    shape_int(stall, "hold_minutes", query_int(query, 8));
    return stall;
}

json_t *stall_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT " STALL_COLUMNS " WHERE s.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

enum result stall_list(struct trade *trade, json_t **out)
{
    QUERY query =
        store_query(trade->store, "SELECT " STALL_COLUMNS " ORDER BY s.state DESC, s.name, s.id LIMIT $1",
                    ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        int64_t id = query_int(query, 0);
        json_t *stall = row_json(query);
        shape_json(stall, "live", live_open_json(trade, id));
        shape_json(stall, "poster", NULL);
        shape_int(
            stall, "lots",
            store_int(trade->store, "SELECT COUNT(*) FROM lot WHERE stall = $1 AND state = 'open'", id, 0));
        json_array_append_new(list, stall);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "stalls", json_incref(list));
    return R_OK;
}

enum result stall_snapshot(struct trade *trade, const struct stall *stall, json_t **out)
{
    bool mine = stall_mine(trade, stall) == R_OK;
    JSON snapshot = json_object();
    JSON orders = NULL;
    shape_json(snapshot, "stall", stall_json(trade, stall->id));
    shape_json(snapshot, "live", live_open_json(trade, stall->id));
    shape_json(snapshot, "lots", lot_list_json(trade, stall->id));
    shape_int(snapshot, "mark", journal_mark(trade));
    shape_bool(snapshot, "mine", mine);
    if (!mine && !trade->who.person)
        orders = json_array();
    else {
        enum result r =
            order_list(trade, stall->id, mine ? 0 : trade->who.person, 0, SNAPSHOT_ORDERS, &orders);
        if (r != R_OK)
            return r;
    }
    shape_json(snapshot, "orders", json_incref(orders));
    *out = json_incref(snapshot);
    return store_failed(trade->store) ? R_NOT_SAVED : R_OK;
}
