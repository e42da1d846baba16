/* trip_view.c: how trips are shown: to who drives or plans them, and to the buyer who waits. */
#include "market/trade/trip.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/cod.h"
#include "market/trade/pace.h"
#include "market/trade/stop.h"

#define TRIP_COLUMNS                                                                                         \
    "SELECT t.id, t.courier, c.name, t.title, t.state, t.planned_at, t.moved_at, t.closed_at,"               \
    " (SELECT COUNT(*) FROM stop s WHERE s.trip = t.id AND s.state <> 'removed'),"                           \
    " (SELECT COUNT(*) FROM stop s WHERE s.trip = t.id AND s.state IN ('delivered', 'partial', 'failed'))"   \
    " FROM trip t JOIN person c ON c.id = t.courier"

static json_t *row_json(struct query *query)
{
    json_t *trip = json_object();
    shape_int(trip, "id", query_int(query, 0));
    shape_int(trip, "courier", query_int(query, 1));
    shape_text(trip, "courier_name", query_text(query, 2));
    shape_text(trip, "title", query_text(query, 3));
    shape_text(trip, "state", query_text(query, 4));
    shape_int(trip, "planned_at", query_int(query, 5));
    shape_id(trip, "moved_at", query_int(query, 6));
    shape_id(trip, "closed_at", query_int(query, 7));
    shape_int(trip, "stop_count", query_int(query, 8));
    shape_int(trip, "done_count", query_int(query, 9));
    return trip;
}

json_t *trip_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, TRIP_COLUMNS " WHERE t.id = $1", ARG_INT(id));
    if (!query_row(query))
        return NULL;
    json_t *trip = row_json(query);
    shape_json(trip, "stops", stops_json(trade, id));
    return trip;
}

enum result trip_list(struct trade *trade, int64_t courier, bool open, json_t **out)
{
    static const char all[] = TRIP_COLUMNS " ORDER BY t.id DESC LIMIT $2";
    static const char all_open[] = TRIP_COLUMNS " WHERE t.state <> 'closed' ORDER BY t.id DESC LIMIT $2";
    static const char own[] = TRIP_COLUMNS " WHERE t.courier = $1 ORDER BY t.id DESC LIMIT $2";
    static const char own_open[] =
        TRIP_COLUMNS " WHERE t.courier = $1 AND t.state <> 'closed' ORDER BY t.id DESC LIMIT $2";
    const char *sql = courier ? (open ? own_open : own) : open ? all_open : all;
    QUERY query = store_query(trade->store, sql, ARG_INT(courier), ARG_INT(ORDERS_MAX));
    return trade_rows(trade, query, row_json, out);
}

static json_t *waiting_json(struct query *query)
{
    json_t *order = json_object();
    shape_text(order, "code", query_text(query, 0));
    shape_text(order, "name", query_text(query, 1));
    shape_text(order, "place", query_text(query, 2));
    shape_text(order, "stall", query_text(query, 3));
    shape_text(order, "stall_name", query_text(query, 4));
    shape_int(order, "placed_at", query_int(query, 5));
    shape_text(order, "zone_name", query_text(query, 6));
    shape_text(order, "point_name", query_text(query, 7));
    shape_int(order, "grams", query_int(query, 8));
    return order;
}

/* Which of them have to be paid before anybody drives there (cod.h). */
static enum result say_pay_first(struct trade *trade, json_t *orders)
{
    size_t i;
    json_t *row;
    json_array_foreach(orders, i, row)
    {
        struct pay_order order;
        enum cod_verdict cash = COD_FINE;
        enum result done =
            books_order_by_code(trade, json_string_value(json_object_get(row, "code")), &order);
        if (done == R_OK)
            done = cod_look(trade, &order, &cash);
        if (done != R_OK)
            return done;
        shape_text(row, "pay_first", cod_word(cash));
    }
    return R_OK;
}

/* Without telephone numbers: they are for who drives there. */
enum result trip_waiting(struct trade *trade, json_t **out)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT o.code, o.name, o.place, s.slug, s.name, o.placed_at, z.name, p.name,"
                    " (SELECT CAST(COALESCE(SUM(CASE l.unit WHEN 'kg' THEN COALESCE(w.quantity, l.quantity)"
                    " ELSE 0 END), 0)"
                    "  AS BIGINT) FROM order_line l LEFT JOIN line_state w ON w.order_id = l.order_id AND"
                    "  w.position = l.position WHERE l.order_id = o.id)"
                    " FROM trip_wait t JOIN orders o ON o.id = t.order_id JOIN stall s ON s.id = o.stall"
                    " LEFT JOIN order_fee f ON f.order_id = o.id LEFT JOIN zone z ON z.id = f.zone"
                    " LEFT JOIN point p ON p.id = f.point ORDER BY t.order_id LIMIT $1",
                    ARG_INT(TRIP_ORDERS_MAX));
    enum result done = trade_rows(trade, query, waiting_json, out);
    return done == R_OK ? say_pay_first(trade, *out) : done;
}

/* --- for the buyer --- */

struct way {
    int64_t trip, stop, position, done_at, moved_at;
    bool moving, under_way;
};

static int64_t count_ahead(struct trade *trade, const struct way *w)
{
    QUERY query = store_query(trade->store,
                              "SELECT COUNT(*) FROM stop WHERE trip = $1 AND state IN ('waiting', 'arrived')"
                              " AND (position < $2 OR (position = $2 AND id < $3))",
                              ARG_INT(w->trip), ARG_INT(w->position), ARG_INT(w->stop));
    return query_row(query) ? query_int(query, 0) : 0;
}

static int64_t expected_at(struct trade *trade, const struct way *w, int64_t ahead)
{
    struct pace pace = {.moved_ms = w->moved_at, .ahead = ahead};
    QUERY query = store_query(
        trade->store,
        "SELECT COUNT(*), COALESCE(MAX(done_at), 0) FROM stop WHERE trip = $1 AND done_at IS NOT NULL",
        ARG_INT(w->trip));
    if (!query_row(query))
        return 0;
    pace.done = query_int(query, 0);
    pace.last_ms = query_int(query, 1);
    return pace_expected(&pace, trade->now_ms);
}

static json_t *spot_json(struct trade *trade, int64_t trip)
{
    QUERY query =
        store_query(trade->store, "SELECT lat, lon, at_ms FROM trip_spot WHERE trip = $1", ARG_INT(trip));
    if (!query_row(query))
        return NULL;
    json_t *spot = json_object();
    shape_int(spot, "lat", query_int(query, 0));
    shape_int(spot, "lon", query_int(query, 1));
    shape_int(spot, "at", query_int(query, 2));
    return spot;
}

/* The courier's place and name are for the one who waits, while there is something to wait for. */
json_t *trip_way_json(struct trade *trade, int64_t order, bool buyer)
{
    QUERY query = store_query(
        trade->store,
        "SELECT t.id, s.id, s.position, s.state, s.reason, s.done_at, t.state, t.moved_at, c.name, c.phone"
        " FROM stop s JOIN trip t ON t.id = s.trip JOIN person c ON c.id = t.courier"
        " WHERE s.order_id = $1 AND s.state <> 'removed' ORDER BY s.id DESC LIMIT 1",
        ARG_INT(order));
    char code[DOOR_CODE_CHARS + 1];
    if (!query_row(query))
        return NULL;
    const char *state = query_text(query, 3), *trip_state = query_text(query, 6);
    struct way w = {.trip = query_int(query, 0),
                    .stop = query_int(query, 1),
                    .position = query_int(query, 2),
                    .done_at = query_int(query, 5),
                    .moved_at = query_int(query, 7),
                    .moving = strcmp(trip_state, "moving") == 0,
                    .under_way = strcmp(state, "waiting") == 0 || strcmp(state, "arrived") == 0};
    bool follow = w.moving && w.under_way;
    int64_t ahead = w.under_way ? count_ahead(trade, &w) : 0;
    json_t *way = json_object();
    shape_text(way, "state", state);
    shape_text(way, "trip_state", trip_state);
    shape_text(way, "reason", query_text(query, 4));
    shape_id(way, "done_at", w.done_at);
    shape_int(way, "ahead", ahead);
    shape_id(way, "expected_at", follow ? expected_at(trade, &w, ahead) : 0);
    shape_text(way, "code", buyer && w.under_way && proof_code_read(trade, order, code) ? code : NULL);
    shape_text(way, "courier_name", query_text(query, 8));
    shape_text(way, "courier_phone", buyer && follow ? query_text(query, 9) : NULL);
    shape_json(way, "spot", buyer && follow ? spot_json(trade, w.trip) : NULL);
    return way;
}

/* The last door of the order: what it came to. False: there is none, or nothing was refused at it. */
static bool refused_at(struct trade *trade, int64_t order, int64_t *stop, bool *whole, char why[32])
{
    QUERY query = store_query(trade->store,
                              "SELECT id, state, reason FROM stop WHERE order_id = $1 AND state <> 'removed'"
                              " ORDER BY id DESC LIMIT 1",
                              ARG_INT(order));
    if (!query_row(query))
        return false;
    const struct stop_reason *reason = stop_reason(query_text(query, 2));
    *stop = query_int(query, 0);
    *whole = strcmp(query_text(query, 1), "failed") == 0;
    g_strlcpy(why, query_text(query, 2), 32);
    return *whole ? reason && reason->spoils : strcmp(query_text(query, 1), "partial") == 0;
}

json_t *trip_refused_json(struct trade *trade, int64_t order)
{
    static const char some[] =
        "SELECT l.lot, l.before, l.after FROM stop_line l WHERE l.before <> l.after AND l.event ="
        " (SELECT MAX(e.id) FROM trip_event e WHERE e.stop = $1 AND e.word = 'partial')"
        " ORDER BY l.lot";
    static const char all[] =
        "SELECT l.lot, COALESCE(s.quantity, l.quantity), 0 FROM order_line l LEFT JOIN line_state s"
        " ON s.order_id = l.order_id AND s.position = l.position WHERE l.order_id = $1"
        " ORDER BY l.position";
    int64_t stop = 0;
    bool whole = false;
    char why[32] = "";
    json_t *rows = json_array();
    if (!refused_at(trade, order, &stop, &whole, why))
        return rows;
    QUERY query = store_query(trade->store, whole ? all : some, ARG_INT(whole ? order : stop));
    while (query_row(query)) {
        json_t *row = json_object();
        shape_int(row, "lot", query_int(query, 0));
        shape_int(row, "brought", query_int(query, 1));
        shape_int(row, "taken", query_int(query, 2));
        shape_text(row, "why", why);
        json_array_append_new(rows, row);
    }
    return rows;
}
