/* zone.c: see zone.h. */
#include "market/trade/zone.h"

#include "market/base/shape.h"

static const char *state_of(bool open)
{
    return open ? "open" : "closed";
}

enum result zone_set(struct trade *trade, const struct zone *z, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM zone";
    enum step step;
    if (z->id) {
        step = store_run(
            trade->store,
            "UPDATE zone SET name = $2, base = $3, included = $4, per_kg = $5, piece_grams = $6, state = $7,"
            " made_by = $8, changed_at = $9, courier_points = $10 WHERE id = $1",
            ARG_INT(z->id), ARG_TEXT(z->name), ARG_INT(z->base), ARG_INT(z->included), ARG_INT(z->per_kg),
            ARG_INT(z->piece_grams), ARG_TEXT(state_of(z->open)), ARG_INT(trade->who.person),
            ARG_INT(trade->now_ms), ARG_INT(z->courier_points));
        if (step == STEP_DONE && !store_changes(trade->store))
            return R_UNKNOWN;
        *id = z->id;
    } else {
        *id = store_next_id(trade->store, max_id);
        step = store_run(
            trade->store,
            "INSERT INTO zone (id, name, base, included, per_kg, piece_grams, state, made_by, changed_at,"
            " courier_points) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            ARG_INT(*id), ARG_TEXT(z->name), ARG_INT(z->base), ARG_INT(z->included), ARG_INT(z->per_kg),
            ARG_INT(z->piece_grams), ARG_TEXT(state_of(z->open)), ARG_INT(trade->who.person),
            ARG_INT(trade->now_ms), ARG_INT(z->courier_points));
    }
    return step == STEP_DONE ? R_OK : step == STEP_CONFLICT ? R_ALREADY : trade_fault(trade);
}

enum result point_set(struct trade *trade, const struct point *p, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM point";
    enum step step;
    if (!store_int(trade->store, "SELECT 1 FROM zone WHERE id = $1", p->zone, 0))
        return trade_bad_field(trade, "zone", "there is no such zone");
    if (p->id) {
        step = store_run(
            trade->store,
            "UPDATE point SET zone = $2, name = $3, place = $4, note = $5, state = $6, made_by = $7,"
            " changed_at = $8 WHERE id = $1",
            ARG_INT(p->id), ARG_INT(p->zone), ARG_TEXT(p->name), ARG_TEXT(p->place), ARG_TEXT(p->note),
            ARG_TEXT(state_of(p->open)), ARG_INT(trade->who.person), ARG_INT(trade->now_ms));
        if (step == STEP_DONE && !store_changes(trade->store))
            return R_UNKNOWN;
        *id = p->id;
    } else {
        *id = store_next_id(trade->store, max_id);
        step = store_run(trade->store,
                         "INSERT INTO point (id, zone, name, place, note, state, made_by, changed_at)"
                         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                         ARG_INT(*id), ARG_INT(p->zone), ARG_TEXT(p->name), ARG_TEXT(p->place),
                         ARG_TEXT(p->note), ARG_TEXT(state_of(p->open)), ARG_INT(trade->who.person),
                         ARG_INT(trade->now_ms));
    }
    return step == STEP_DONE ? R_OK : step == STEP_CONFLICT ? R_ALREADY : trade_fault(trade);
}

#define POINT_COLUMNS "SELECT id, zone, name, place, note, state FROM point"

static json_t *point_row(struct query *query)
{
    json_t *point = json_object();
    shape_int(point, "id", query_int(query, 0));
    shape_int(point, "zone", query_int(query, 1));
    shape_text(point, "name", query_text(query, 2));
    shape_text(point, "place", query_text(query, 3));
    shape_text(point, "note", query_text(query, 4));
    shape_text(point, "state", query_text(query, 5));
    return point;
}

json_t *point_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, POINT_COLUMNS " WHERE id = $1", ARG_INT(id));
    return query_row(query) ? point_row(query) : NULL;
}

static json_t *points_json(struct trade *trade, int64_t zone)
{
    QUERY query = store_query(trade->store, POINT_COLUMNS " WHERE zone = $1 ORDER BY name", ARG_INT(zone));
    json_t *points = json_array();
    while (query_row(query))
        json_array_append_new(points, point_row(query));
    return points;
}

#define ZONE_COLUMNS "SELECT id, name, base, included, per_kg, piece_grams, courier_points, state FROM zone"

static json_t *zone_row(struct trade *trade, struct query *query)
{
    json_t *zone = json_object();
    shape_int(zone, "id", query_int(query, 0));
    shape_text(zone, "name", query_text(query, 1));
    shape_int(zone, "base", query_int(query, 2));
    shape_int(zone, "included", query_int(query, 3));
    shape_int(zone, "per_kg", query_int(query, 4));
    shape_int(zone, "piece_grams", query_int(query, 5));
    shape_int(zone, "courier_points", query_int(query, 6));
    shape_text(zone, "state", query_text(query, 7));
    shape_json(zone, "points", points_json(trade, query_int(query, 0)));
    return zone;
}

json_t *zone_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, ZONE_COLUMNS " WHERE id = $1", ARG_INT(id));
    return query_row(query) ? zone_row(trade, query) : NULL;
}

enum result zone_list(struct trade *trade, json_t **out)
{
    QUERY query = store_query(trade->store, ZONE_COLUMNS " ORDER BY base, id LIMIT $1", ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        json_array_append_new(list, zone_row(trade, query));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}
