/* lot.c: the rows of lots and their stock ledger. The only file that writes the four stock columns. */
#include "market/trade/lot.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/harvest.h"
#include "market/trade/journal.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM lot";
static const char max_stock_id[] = "SELECT COALESCE(MAX(id), 0) FROM stock";

static enum result stock_step(struct trade *trade, int64_t lot, int64_t order, int64_t number,
                              const char *kind, int64_t amount)
{
    enum step step = store_run(trade->store,
                               "INSERT INTO stock (id, lot, order_id, kind, amount, actor, at_ms, step)"
                               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                               ARG_INT(store_next_id(trade->store, max_stock_id)), ARG_INT(lot),
                               ARG_ID(order), ARG_TEXT(kind), ARG_INT(amount), ARG_ID(trade->who.person),
                               ARG_INT(trade->now_ms), ARG_INT(number));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result stock_row(struct trade *trade, int64_t lot, int64_t order, const char *kind,
                             int64_t amount)
{
    return stock_step(trade, lot, order, 0, kind, amount);
}

/* What the farmer puts there or takes away; apart from stock_step, so that an order's rows stay short. */
static enum result put_row(struct trade *trade, int64_t lot, int64_t amount, const char *why)
{
    enum step step = store_run(
        trade->store,
        "INSERT INTO stock (id, lot, kind, amount, actor, at_ms, why) VALUES ($1, $2, 'put', $3, $4, $5, $6)",
        ARG_INT(store_next_id(trade->store, max_stock_id)), ARG_INT(lot), ARG_INT(amount),
        ARG_ID(trade->who.person), ARG_INT(trade->now_ms), ARG_TEXT(why));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result announce(struct trade *trade, const char *kind, const struct stall *stall, int64_t id)
{
    json_t *body = json_object();
    shape_json(body, "lot", lot_json(trade, id));
    return journal_add(
        trade, &(struct journal_entry){.kind = kind, .stall = stall->id, .slug = stall->slug, .open = body});
}

enum result lot_announce(struct trade *trade, const struct stall *stall, int64_t lot)
{
    return announce(trade, "lot.changed", stall, lot);
}

enum result lot_add(struct trade *trade, const struct stall *stall, const struct lot_request *r, int64_t *id)
{
    *id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO lot (id, stall, name, unit, price, total, available, held, sold, state,"
                  " picture, note, made_at, tolerance, buyer_limit)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0, 'open', $7, $8, $9, $10, $11)",
                  ARG_INT(*id), ARG_INT(stall->id), ARG_TEXT(r->name), ARG_TEXT(unit_name(r->unit)),
                  ARG_INT(r->price), ARG_INT(r->amount), ARG_TEXT(r->picture), ARG_TEXT(r->note),
                  ARG_INT(trade->now_ms), ARG_INT(r->tolerance), ARG_ID(r->buyer_limit));
    if (step != STEP_DONE)
        return trade_fault(trade);
    enum result done = r->amount ? put_row(trade, *id, r->amount, NULL) : R_OK;
    if (done == R_OK && r->pick_at)
        done = harvest_plan(trade, *id, r->pick_at, r->order_until);
    return done == R_OK ? announce(trade, "lot.added", stall, *id) : done;
}

static enum result put(struct trade *trade, int64_t id, int64_t add, const char *why)
{
    QUERY query = store_query(
        trade->store,
        "UPDATE lot SET total = total + $2, available = available + $2 WHERE id = $1 AND available + $2 >= 0"
        " AND total + $2 <= $3 RETURNING id",
        ARG_INT(id), ARG_INT(add), ARG_INT(QUANTITY_MAX));
    enum step step = query_step(query);
    if (step == STEP_DONE && add > 0)
        return trade_bad_field(trade, "add", "the lot would grow beyond what a lot may hold");
    if (step == STEP_DONE) {
        shape_json(trade_extra(trade), "lot", json_integer(id));
        shape_int(trade_extra(trade), "available",
                  store_int(trade->store, "SELECT available FROM lot WHERE id = $1", id, 0));
        return R_SOLD_OUT;
    }
    if (step != STEP_ROW || query_step(query) != STEP_DONE)
        return trade_fault(trade);
    return put_row(trade, id, add, why);
}

enum result lot_change(struct trade *trade, const struct stall *stall, int64_t id,
                       const struct lot_changes *c)
{
    enum step step = store_run(
        trade->store,
        "UPDATE lot SET name = COALESCE($2, name), state = COALESCE($3, state), price = COALESCE($4, price),"
        " buyer_limit = CASE WHEN $5 < 0 THEN buyer_limit WHEN $5 = 0 THEN NULL ELSE $5 END WHERE id = $1",
        ARG_INT(id), ARG_TEXT(c->name), ARG_TEXT(c->state), ARG_ID(c->price), ARG_INT(c->buyer_limit));
    if (step != STEP_DONE)
        return trade_fault(trade);
    enum result done = c->add ? put(trade, id, c->add, c->why) : R_OK;
    return done == R_OK ? announce(trade, "lot.changed", stall, id) : done;
}

enum result lot_picture_set(struct trade *trade, const struct stall *stall, int64_t id, const char *picture)
{
    enum step step =
        store_run(trade->store, "UPDATE lot SET picture = $2 WHERE id = $1", ARG_INT(id), ARG_TEXT(picture));
    return step == STEP_DONE ? announce(trade, "lot.changed", stall, id) : trade_fault(trade);
}

json_t *lot_picture_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT picture FROM lot WHERE id = $1", ARG_INT(id));
    const char *picture = query_row(query) ? query_text(query, 0) : NULL;
    return picture ? json_string(picture) : NULL;
}

enum result lot_stall(struct trade *trade, int64_t id, struct stall *out)
{
    int64_t stall = store_int(trade->store, "SELECT stall FROM lot WHERE id = $1", id, 0);
    if (!stall) {
        shape_text(trade_extra(trade), "field", "id");
        return R_UNKNOWN;
    }
    return stall_by_id(trade, stall, out);
}

/* The guarded update found nothing to take: says why. */
static enum result why_not(struct trade *trade, int64_t stall, int64_t lot, int64_t price)
{
    QUERY query = store_query(trade->store, "SELECT stall, price, state, available FROM lot WHERE id = $1",
                              ARG_INT(lot));
    enum step step = query_step(query);
    shape_int(trade_extra(trade), "lot", lot);
    if (step == STEP_FAILED)
        return trade_fault(trade);
    if (step != STEP_ROW || query_int(query, 0) != stall)
        return R_UNKNOWN;
    if (strcmp(query_text(query, 2), "open") != 0) {
        shape_int(trade_extra(trade), "available", 0);
        return R_SOLD_OUT;
    }
    if (query_int(query, 1) != price) {
        shape_int(trade_extra(trade), "price", query_int(query, 1));
        return R_PRICE_CHANGED;
    }
    shape_int(trade_extra(trade), "available", query_int(query, 3));
    return R_SOLD_OUT;
}

/* Takes the goods if all of `quantity` is there: STEP_ROW; else STEP_DONE. */
static enum step take(struct trade *trade, int64_t stall, const struct lot_claim *c, int64_t quantity,
                      struct lot_taken *taken)
{
    enum step step =
        store_run(trade->store,
                  "UPDATE lot SET available = available - $4, held = held + $4"
                  " WHERE id = $1 AND stall = $2 AND price = $3 AND state = 'open' AND available >= $4",
                  ARG_INT(c->lot), ARG_INT(stall), ARG_INT(c->price), ARG_INT(quantity));
    if (step != STEP_DONE || store_changes(trade->store) == 0)
        return step;
    /* Read apart: RETURNING makes SQLite build a table in memory, which costs more than the update. */
    QUERY query = store_query(
        trade->store, "SELECT name, unit, available, buyer_limit FROM lot WHERE id = $1", ARG_INT(c->lot));
    if (!query_row(query) || !unit_read(query_text(query, 1), &taken->unit))
        return STEP_FAILED;
    g_strlcpy(taken->name, query_text(query, 0), sizeof taken->name);
    taken->quantity = quantity;
    taken->available = query_int(query, 2);
    taken->buyer_limit = query_int(query, 3);
    return STEP_ROW;
}

enum result lot_hold(struct trade *trade, int64_t stall, const struct lot_claim *c, struct lot_taken *taken)
{
    enum step step = take(trade, stall, c, c->quantity, taken);
    if (step == STEP_DONE &&
        c->least < c->quantity) { /* what there is, then; nobody else writes in between */
        int64_t left = store_int(trade->store, "SELECT available FROM lot WHERE id = $1", c->lot, 0);
        if (left >= c->least && left > 0)
            step = take(trade, stall, c, MIN(left, c->quantity), taken);
    }
    if (step == STEP_DONE)
        return why_not(trade, stall, c->lot, c->price);
    return step == STEP_ROW ? R_OK : trade_fault(trade);
}

enum result lot_limit(struct trade *trade, int64_t lot, int64_t order, int64_t buyer, const char *phone,
                      int64_t limit)
{
    static const char sql[] = "SELECT CAST(COALESCE(SUM(CASE WHEN o.id = $4 THEN 0"
                              " ELSE COALESCE(s.quantity, l.quantity) END), 0) AS BIGINT),"
                              " CAST(COALESCE(SUM(COALESCE(s.quantity, l.quantity)), 0) AS BIGINT)"
                              " FROM orders o JOIN order_line l ON l.order_id = o.id"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id"
                              " AND s.position = l.position"
                              " WHERE o.buyer IN (SELECT id FROM person"
                              " WHERE id = $1 OR phone = $2) AND l.lot = $3 AND o.state <> 'cancelled'";
    QUERY query =
        store_query(trade->store, sql, ARG_INT(buyer), ARG_TEXT(phone), ARG_INT(lot), ARG_INT(order));
    if (!query_row(query))
        return trade_fault(trade);
    if (query_int(query, 1) <= limit)
        return R_OK;
    shape_int(trade_extra(trade), "lot", lot);
    shape_int(trade_extra(trade), "limit", limit);
    shape_int(trade_extra(trade), "had", query_int(query, 0));
    return R_LIMIT;
}

enum result lot_hold_note(struct trade *trade, int64_t lot, int64_t order, int64_t quantity)
{
    return stock_row(trade, lot, order, "hold", quantity);
}

enum result lot_pass(struct trade *trade, int64_t lot, int64_t order, int64_t quantity)
{
    return stock_row(trade, lot, order, "release", quantity);
}

static enum result commit(struct trade *trade, int64_t lot, int64_t order, int64_t number, int64_t quantity)
{
    enum step step = store_run(
        trade->store, "UPDATE lot SET held = held - $2, sold = sold + $2 WHERE id = $1 AND held >= $2",
        ARG_INT(lot), ARG_INT(quantity));
    if (step != STEP_DONE || store_changes(trade->store) != 1)
        return trade_fault(trade);
    return stock_step(trade, lot, order, number, "commit", quantity);
}

enum result lot_commit(struct trade *trade, int64_t lot, int64_t order, int64_t quantity)
{
    return commit(trade, lot, order, 0, quantity);
}

static enum result release(struct trade *trade, int64_t lot, int64_t order, int64_t number, int64_t quantity,
                           bool sold, int64_t *available)
{
    static const char from_held[] = "UPDATE lot SET held = held - $2, available = available + $2"
                                    " WHERE id = $1 AND held >= $2 RETURNING available";
    static const char from_sold[] = "UPDATE lot SET sold = sold - $2, available = available + $2"
                                    " WHERE id = $1 AND sold >= $2 RETURNING available";
    QUERY query = store_query(trade->store, sold ? from_sold : from_held, ARG_INT(lot), ARG_INT(quantity));
    if (query_step(query) != STEP_ROW)
        return trade_fault(trade);
    *available = query_int(query, 0);
    if (query_step(query) != STEP_DONE)
        return trade_fault(trade);
    return stock_step(trade, lot, order, number, sold ? "return" : "release", quantity);
}

enum result lot_release(struct trade *trade, int64_t lot, int64_t order, int64_t quantity, bool sold,
                        int64_t *available)
{
    return release(trade, lot, order, 0, quantity, sold, available);
}

static enum result take_more(struct trade *trade, int64_t lot, int64_t order, int64_t number,
                             int64_t quantity, int64_t *available)
{
    {
        QUERY query = store_query(trade->store,
                                  "UPDATE lot SET available = available - $2, held = held + $2"
                                  " WHERE id = $1 AND available >= $2 RETURNING available",
                                  ARG_INT(lot), ARG_INT(quantity));
        enum step step = query_step(query);
        if (step == STEP_DONE) {
            shape_int(trade_extra(trade), "lot", lot);
            shape_int(trade_extra(trade), "available",
                      store_int(trade->store, "SELECT available FROM lot WHERE id = $1", lot, 0));
            return R_SOLD_OUT;
        }
        *available = query_int(query, 0);
        if (step != STEP_ROW || query_step(query) != STEP_DONE)
            return trade_fault(trade);
    }
    enum result held = stock_step(trade, lot, order, number, "hold", quantity);
    return held == R_OK ? commit(trade, lot, order, number, quantity) : held;
}

enum result lot_weigh(struct trade *trade, int64_t lot, int64_t order, int64_t step, int64_t change,
                      int64_t *available)
{
    if (change > 0)
        return take_more(trade, lot, order, step, change, available);
    if (change < 0)
        return release(trade, lot, order, step, -change, true, available);
    *available = store_int(trade->store, "SELECT available FROM lot WHERE id = $1", lot, 0);
    return R_OK;
}

#define LOT_COLUMNS                                                                                          \
    "SELECT l.id, l.name, l.unit, l.price, l.available, l.state, l.picture, l.note, l.tolerance, "           \
    "l.buyer_limit, f.id, f.price, f.amount - f.taken, f.buyer_limit, f.starts_at, f.ends_at, h.pick_at, "   \
    "h.order_until, h.picked_at FROM lot l LEFT JOIN flash f ON f.lot = l.id AND f.ended_at IS NULL "        \
    "LEFT JOIN harvest h ON h.lot = l.id"

/* The running flash price; NULL: there is none. */
static json_t *flash_json(struct query *query)
{
    if (!query_int(query, 10))
        return NULL;
    json_t *flash = json_object();
    shape_int(flash, "id", query_int(query, 10));
    shape_int(flash, "price", query_int(query, 11));
    shape_int(flash, "left", query_int(query, 12));
    shape_id(flash, "limit", query_int(query, 13));
    shape_int(flash, "starts_at", query_int(query, 14));
    shape_int(flash, "ends_at", query_int(query, 15));
    return flash;
}

static json_t *harvest_json(struct query *query)
{
    if (!query_int(query, 16))
        return NULL;
    json_t *harvest = json_object();
    shape_int(harvest, "pick_at", query_int(query, 16));
    shape_int(harvest, "order_until", query_int(query, 17));
    shape_id(harvest, "picked_at", query_int(query, 18));
    return harvest;
}

static json_t *row_json(struct query *query)
{
    json_t *lot = json_object();
    shape_int(lot, "id", query_int(query, 0));
    shape_text(lot, "name", query_text(query, 1));
    shape_text(lot, "unit", query_text(query, 2));
    shape_int(lot, "price", query_int(query, 3));
    shape_int(lot, "available", query_int(query, 4));
    shape_text(lot, "state", query_text(query, 5));
    shape_text(lot, "picture", query_text(query, 6));
    shape_text(lot, "note", query_text(query, 7));
    shape_int(lot, "tolerance", query_int(query, 8));
    shape_id(lot, "limit", query_int(query, 9));
    shape_json(lot, "flash", flash_json(query));
    shape_json(lot, "harvest", harvest_json(query));
    return lot;
}

json_t *lot_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, LOT_COLUMNS " WHERE l.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

json_t *lot_list_json(struct trade *trade, int64_t stall)
{
    json_t *list = json_array();
    QUERY query =
        store_query(trade->store, LOT_COLUMNS " WHERE l.stall = $1 ORDER BY l.state DESC, l.id LIMIT $2",
                    ARG_INT(stall), ARG_INT(LIST_MAX));
    while (query_row(query))
        json_array_append_new(list, row_json(query));
    return list;
}

json_t *lot_taken_json(int64_t lot, const struct lot_taken *taken)
{
    json_t *stock = lot_stock_json(lot, taken->available);
    if (taken->flash)
        shape_int(stock, "flash_left", taken->flash_left);
    return stock;
}

json_t *lot_stock_json(int64_t lot, int64_t available)
{
    json_t *stock = json_object();
    shape_int(stock, "lot", lot);
    shape_int(stock, "available", available);
    return stock;
}

bool lot_verify(struct store *store, int64_t *lots, struct misfits *misfits)
{
    static const char sql[] =
        "SELECT l.id, l.total, l.available, l.held, l.sold,"
        " CAST(COALESCE(SUM(CASE s.kind WHEN 'put' THEN s.amount ELSE 0 END), 0) AS BIGINT),"
        " CAST(COALESCE(SUM(CASE s.kind WHEN 'hold' THEN s.amount WHEN 'commit' THEN -s.amount"
        " WHEN 'release' THEN -s.amount ELSE 0 END), 0) AS BIGINT),"
        " CAST(COALESCE(SUM(CASE s.kind WHEN 'commit' THEN s.amount WHEN 'return' THEN -s.amount"
        " ELSE 0 END), 0) AS BIGINT)"
        " FROM lot l LEFT JOIN stock s ON s.lot = l.id GROUP BY l.id, l.total, l.available, l.held, l.sold"
        " ORDER BY l.id";
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    *lots = 0;
    while ((step = query_step(query)) == STEP_ROW) {
        int64_t id = query_int(query, 0), put_in = query_int(query, 5), held = query_int(query, 6),
                sold = query_int(query, 7);
        misfit_lot(misfits, "total", id, query_int(query, 1), put_in);
        misfit_lot(misfits, "available", id, query_int(query, 2), put_in - held - sold);
        misfit_lot(misfits, "held", id, query_int(query, 3), held);
        misfit_lot(misfits, "sold", id, query_int(query, 4), sold);
        ++*lots;
    }
    return step == STEP_DONE;
}
