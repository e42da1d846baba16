/* writeoff.c: see writeoff.h. */
#include "market/trade/writeoff.h"

#include <glib.h>
#include "market/base/shape.h"
#include "market/trade/lot.h"
#include "market/trade/weigh.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM writeoff";

/* Takes it out of the order first: it is back on the stall for a moment that nobody else can see. */
static enum result out_of_order(struct trade *trade, const struct stall *stall, const struct order *order,
                                const struct writeoff *w)
{
    int64_t has;
    {
        QUERY query =
            store_query(trade->store,
                        "SELECT COALESCE(s.quantity, l.quantity) FROM order_line l"
                        " LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
                        " WHERE l.order_id = $1 AND l.lot = $2",
                        ARG_INT(order->id), ARG_INT(w->lot));
        enum step step = query_step(query);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
        has = query_int(query, 0);
    }
    if (w->amount > has) {
        shape_int(trade_extra(trade), "lot", w->lot);
        shape_int(trade_extra(trade), "available", has);
        return R_SOLD_OUT;
    }
    return weigh_keep(trade, stall, order, w->lot, has - w->amount, w->device_at);
}

enum result writeoff_returned(struct trade *trade, const struct stall *stall, int64_t order,
                              const struct writeoff *w, int64_t *id)
{
    const struct lot_changes changes = {.add = -w->amount, .buyer_limit = -1, .why = w->why};
    enum result done = lot_change(trade, stall, w->lot, &changes);
    if (done != R_OK)
        return done;
    *id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO writeoff (id, lot, order_id, amount, reason, bears, actor, key, device_at,"
                  " at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  ARG_INT(*id), ARG_INT(w->lot), ARG_ID(order), ARG_INT(w->amount), ARG_TEXT(w->why),
                  ARG_TEXT(w->bears), ARG_ID(trade->who.person), ARG_TEXT(trade->key ? trade->key : ""),
                  ARG_ID(w->device_at), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result writeoff_add(struct trade *trade, const struct stall *stall, const struct order *order,
                         const struct writeoff *w, int64_t *id)
{
    enum result done = order ? out_of_order(trade, stall, order, w) : R_OK;
    return done == R_OK ? writeoff_returned(trade, stall, order ? order->id : 0, w, id) : done;
}

enum result writeoff_back(struct trade *trade, const struct stall *stall, int64_t id)
{
    struct lot_changes changes = {.buyer_limit = -1};
    int64_t lot;
    g_autofree char *why = NULL;
    {
        QUERY query =
            store_query(trade->store, "SELECT lot, amount, reason FROM writeoff WHERE id = $1", ARG_INT(id));
        if (!query_row(query))
            return trade_fault(trade);
        lot = query_int(query, 0);
        changes.add = query_int(query, 1);
        why = g_strdup(query_text(query, 2));
    }
    changes.why = why;
    if (store_run(trade->store,
                  "INSERT INTO writeoff_back (writeoff, actor, key, at_ms) VALUES ($1, $2, $3, $4)",
                  ARG_INT(id), ARG_ID(trade->who.person), ARG_TEXT(trade->key ? trade->key : ""),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    return lot_change(trade, stall, lot, &changes);
}

static json_t *row_json(struct query *query)
{
    json_t *row = json_object();
    shape_int(row, "id", query_int(query, 0));
    shape_int(row, "lot", query_int(query, 1));
    shape_text(row, "name", query_text(query, 2));
    shape_text(row, "unit", query_text(query, 3));
    shape_int(row, "amount", query_int(query, 4));
    shape_text(row, "reason", query_text(query, 5));
    shape_text(row, "bears", query_text(query, 6));
    shape_text(row, "order", query_text(query, 7));
    shape_int(row, "at", query_int(query, 8));
    shape_id(row, "device_at", query_int(query, 9));
    shape_id(row, "back_at", query_int(query, 10));
    return row;
}

enum result writeoff_list(struct trade *trade, int64_t stall, json_t **out)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT w.id, w.lot, l.name, l.unit, w.amount, w.reason, w.bears, o.code, w.at_ms,"
                    " w.device_at, b.at_ms FROM lot l CROSS JOIN writeoff w"
                    " LEFT JOIN orders o ON o.id = w.order_id"
                    " LEFT JOIN writeoff_back b ON b.writeoff = w.id WHERE l.stall = $1 AND w.lot = l.id"
                    " ORDER BY w.id DESC LIMIT $2",
                    ARG_INT(stall), ARG_INT(LIST_MAX));
    return trade_rows(trade, query, row_json, out);
}
