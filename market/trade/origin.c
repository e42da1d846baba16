/* origin.c: see origin.h. */
#include "market/trade/origin.h"

#include "market/base/shape.h"
#include "market/trade/certificate.h"
#include "market/trade/lot.h"
#include "market/trade/qrimage.h"

/* The session that was on the air at that moment; 0: none. One that is held up or was stopped with a reason
 * counts for none: what the office took off the air does not come back by a lot's page. */
static int64_t live_at(struct trade *trade, int64_t stall, int64_t at)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT id FROM live WHERE stall = $1 AND started_at <= $2"
                    " AND (ended_at IS NULL OR ended_at >= $2) AND reason = '' ORDER BY id DESC LIMIT 1",
                    ARG_INT(stall), ARG_INT(at));
    return query_row(query) ? query_int(query, 0) : 0;
}

enum result origin_set(struct trade *trade, const struct stall *stall, int64_t lot,
                       const struct origin_change *c)
{
    int64_t live = c->moment_at ? live_at(trade, stall->id, c->moment_at) : 0;
    if (c->moment_at && (!live || c->moment_at > trade->now_ms))
        return trade_bad_field(trade, "moment", "the stall was not on the air then");
    if (c->picked_at > trade->now_ms)
        return trade_bad_field(trade, "picked_at", "a time that is over");
    enum step step = store_run(
        trade->store,
        "INSERT INTO origin (lot, plot, picked_at, live, moment_at)"
        " VALUES ($1, COALESCE($2, ''), $3, $4, $5) ON CONFLICT (lot) DO UPDATE"
        " SET plot = COALESCE($2, origin.plot), picked_at = COALESCE($3, origin.picked_at),"
        " live = COALESCE($4, origin.live), moment_at = COALESCE($5, origin.moment_at)",
        ARG_INT(lot), ARG_TEXT(c->plot), ARG_ID(c->picked_at), ARG_ID(live), ARG_ID(live ? c->moment_at : 0));
    return step == STEP_DONE ? lot_announce(trade, stall, lot) : trade_fault(trade);
}

static json_t *origin_json(struct trade *trade, int64_t lot)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT o.plot, COALESCE(o.picked_at, h.picked_at), l.id,"
                    " CASE WHEN l.id IS NULL THEN NULL ELSE o.moment_at END, l.started_at, h.pick_at"
                    " FROM lot t LEFT JOIN origin o ON o.lot = t.id"
                    " LEFT JOIN harvest h ON h.lot = t.id"
                    " LEFT JOIN live l ON l.id = o.live AND l.reason = '' WHERE t.id = $1",
                    ARG_INT(lot));
    json_t *origin = json_object();
    if (!query_row(query))
        return origin;
    shape_text(origin, "plot", query_text(query, 0) ? query_text(query, 0) : "");
    shape_id(origin, "picked_at", query_int(query, 1));
    shape_id(origin, "pick_at", query_int(query, 5));
    shape_id(origin, "live", query_int(query, 2));
    shape_id(origin, "moment_at", query_int(query, 3));
    shape_id(origin, "live_from", query_int(query, 4));
    return origin;
}

enum result origin_get(struct trade *trade, int64_t lot, json_t **out)
{
    struct stall stall;
    json_t *papers = NULL;
    enum result done = lot_stall(trade, lot, &stall);
    if (done == R_OK)
        done = certificate_list(trade, lot, &papers);
    if (done != R_OK)
        return done;
    *out = json_object();
    shape_json(*out, "lot", lot_json(trade, lot));
    shape_json(*out, "stall", stall_json(trade, stall.id));
    shape_json(*out, "origin", origin_json(trade, lot));
    shape_json(*out, "certificates", papers);
    return R_OK;
}

enum result origin_labels(struct trade *trade, int64_t lot, int64_t order, json_t **out)
{
    static const char of_lot[] =
        "SELECT l.id, l.name, l.unit, 0, p.name, s.name, s.village, COALESCE(g.plot, ''),"
        " COALESCE(g.picked_at, h.picked_at, h.pick_at), '', '' FROM lot l JOIN stall s ON s.id = l.stall"
        " JOIN person p ON p.id = s.farmer"
        " LEFT JOIN origin g ON g.lot = l.id LEFT JOIN harvest h ON h.lot = l.id WHERE l.id = $1";
    static const char of_order[] =
        "SELECT l.id, l.name, l.unit, COALESCE(t.quantity, i.quantity), p.name, s.name, s.village,"
        " COALESCE(g.plot, ''), COALESCE(g.picked_at, h.picked_at, h.pick_at), o.code, o.name"
        " FROM orders o JOIN order_line i ON i.order_id = o.id JOIN lot l ON l.id = i.lot"
        " JOIN stall s ON s.id = l.stall JOIN person p ON p.id = s.farmer"
        " LEFT JOIN line_state t ON t.order_id = i.order_id AND t.position = i.position"
        " LEFT JOIN origin g ON g.lot = l.id LEFT JOIN harvest h ON h.lot = l.id WHERE o.id = $1"
        " ORDER BY i.position";
    QUERY query = store_query(trade->store, order ? of_order : of_lot, ARG_INT(order ? order : lot));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        g_autofree char *url = g_strdup_printf("%s/o/%" G_GINT64_FORMAT, trade->origin ? trade->origin : "",
                                               query_int(query, 0));
        g_autofree char *svg = qrimage_svg(url, query_text(query, 1));
        json_t *label = json_object();
        shape_int(label, "lot", query_int(query, 0));
        shape_text(label, "name", query_text(query, 1));
        shape_text(label, "unit", query_text(query, 2));
        shape_id(label, "quantity", query_int(query, 3));
        shape_text(label, "farmer", query_text(query, 4));
        shape_text(label, "stall", query_text(query, 5));
        shape_text(label, "village", query_text(query, 6));
        shape_text(label, "plot", query_text(query, 7));
        shape_id(label, "picked_at", query_int(query, 8));
        shape_text(label, "code", query_text(query, 9));
        shape_text(label, "buyer", query_text(query, 10));
        shape_text(label, "url", url);
        shape_text(label, "svg", svg);
        json_array_append_new(list, label);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "labels", json_incref(list));
    return R_OK;
}
