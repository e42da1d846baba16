/* order.c: an order's states: confirming, cancelling, and telling of it. */
#include "market/trade/order_inner.h"

#include "market/base/shape.h"
#include "market/trade/books.h"
#include "market/trade/carrier.h"
#include "market/trade/flash.h"
#include "market/trade/hold.h"
#include "market/trade/journal.h"
#include "market/trade/lot.h"
#include "market/trade/stop.h"
#include "market/trade/waitlist.h"
#include "market/trade/writeoff.h"

const char *const order_names[ORDER_STATES] = {"placed", "confirmed", "cancelled"};

static const struct {
    unsigned next;       /* bits of states it may become */
    const char *entered; /* the journal's word */
} states[ORDER_STATES] = {
    [ORDER_PLACED] = {1u << ORDER_CONFIRMED | 1u << ORDER_CANCELLED, "order.placed"},
    [ORDER_CONFIRMED] = {1u << ORDER_CANCELLED, "order.confirmed"},
    [ORDER_CANCELLED] = {0, "order.cancelled"},
};

enum result order_announce(struct trade *trade, const struct stall *stall, const char *kind, int64_t buyer,
                           json_t *order, json_t *lots, json_t *seen)
{
    json_t *open = seen ? seen : json_object(), *full = json_object();
    shape_json(full, "order", order);
    shape_json(full, "lots", json_incref(lots));
    shape_json(open, "lots", lots);
    return journal_add(trade, &(struct journal_entry){.kind = kind,
                                                      .stall = stall->id,
                                                      .slug = stall->slug,
                                                      .person = buyer,
                                                      .open = open,
                                                      .full = full});
}

enum result order_note(struct trade *trade, int64_t order, enum order_state to, const struct why_move *move)
{
    const struct why *why = why_find(move->code);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO order_event (order_id, state, why, bears, actor, key, device_at, at_ms)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  ARG_INT(order), ARG_TEXT(order_names[to]), ARG_TEXT(move->code),
                  ARG_TEXT(why ? why->bears : ""), ARG_ID(trade->who.person),
                  ARG_TEXT(trade->key ? trade->key : ""), ARG_ID(move->device_at), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* Why the goods of a cancelled order are not sold again; false: they are. */
static bool goods_bad(struct trade *trade, const struct order *order, const struct why_move *move,
                      struct writeoff *out)
{
    const struct why *why = why_find(move->code);
    const struct stop_reason *door = stop_spoiled(trade, order->id);
    if (!door && !(why && why->side & WHY_BAD))
        return false;
    *out = (struct writeoff){.why = door ? door->code : why->code,
                             .bears = door ? door->bears : why->bears,
                             .device_at = move->device_at};
    return true;
}

static enum result give_back(struct trade *trade, const struct stall *stall, const struct order *order,
                             int64_t lot, int64_t quantity, struct writeoff *bad, int64_t *available)
{
    int64_t id;
    enum result done =
        lot_release(trade, lot, order->id, quantity, order->state == ORDER_CONFIRMED, available);
    if (done != R_OK || !bad)
        return done;
    bad->lot = lot;
    bad->amount = quantity;
    *available -= quantity;
    return writeoff_returned(trade, stall, order->id, bad, &id);
}

/* Moves the goods of an order that changes its state; gathers what is left of each lot. */
static enum result move_goods(struct trade *trade, const struct stall *stall, const struct order *order,
                              enum order_state to, const struct why_move *move, json_t *lots)
{
    struct writeoff w;
    struct writeoff *bad = to == ORDER_CANCELLED && goods_bad(trade, order, move, &w) ? &w : NULL;
    QUERY query = store_query(trade->store,
                              "SELECT l.lot, COALESCE(s.quantity, l.quantity) FROM order_line l"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
                              " WHERE l.order_id = $1 ORDER BY l.position",
                              ARG_INT(order->id));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        int64_t lot = query_int(query, 0), quantity = query_int(query, 1), available = 0;
        if (!quantity) /* weighed, and there was nothing */
            continue;
        enum result moved = to == ORDER_CONFIRMED
                                ? lot_commit(trade, lot, order->id, quantity)
                                : give_back(trade, stall, order, lot, quantity, bad, &available);
        if (moved != R_OK)
            return moved;
        if (to == ORDER_CONFIRMED)
            available = store_int(trade->store, "SELECT available FROM lot WHERE id = $1", lot, 0);
        json_array_append_new(lots, lot_stock_json(lot, available));
    }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The one writer of an order's state. TAKES lots: what is left of each that moved. */
static enum result enter(struct trade *trade, const struct stall *stall, struct order *order,
                         enum order_state to, const struct why_move *move, json_t *lots)
{
    JSON left = lots;
    if (store_run(trade->store, "UPDATE orders SET state = $2, reason = $3 WHERE id = $1", ARG_INT(order->id),
                  ARG_TEXT(order_names[to]), ARG_TEXT(move->words)) != STEP_DONE)
        return trade_fault(trade);
    order->state = to;
    enum result done = order_note(trade, order->id, to, move);
    if (done == R_OK)
        done = hold_over(trade, order->id);
    if (done == R_OK)
        done = waitlist_ended(trade, order->id, to, move->code);
    if (done == R_OK)
        done = to == ORDER_CONFIRMED ? books_confirmed(trade, order->id) : books_cancelled(trade, order->id);
    if (done != R_OK)
        return done;
    return order_announce(trade, stall, states[to].entered, order->buyer, order_json(trade, order->id),
                          json_incref(left), NULL);
}

static bool may_enter(const struct order *order, enum order_state to)
{
    return (states[order->state].next >> to & 1u) && !order->closed;
}

enum result order_advance(struct trade *trade, const struct stall *stall, struct order *order,
                          enum order_state to, const struct why_move *move)
{
    if (!may_enter(order, to))
        return R_WRONG_MOMENT;
    if (to == ORDER_CANCELLED && order->state == ORDER_CONFIRMED &&
        (stop_handed_over(trade, order->id) || carrier_brought(trade, order->id)))
        return trade_refuse(trade, "delivered"); /* what somebody has is not sold twice */
    JSON lots = json_array();
    enum result done = move_goods(trade, stall, order, to, move, lots);
    if (done == R_OK)
        done = enter(trade, stall, order, to, move, json_incref(lots));
    if (done == R_OK && to == ORDER_CANCELLED)
        done = flash_back(trade, stall, order->id);
    if (done == R_OK && to == ORDER_CANCELLED)
        done = waitlist_serve_all(trade, stall, lots);
    return done;
}

enum result order_gone(struct trade *trade, const struct stall *stall, struct order *order,
                       const struct why_move *move)
{
    return may_enter(order, ORDER_CANCELLED) ? enter(trade, stall, order, ORDER_CANCELLED, move, json_array())
                                             : R_WRONG_MOMENT;
}

enum result order_changed(struct trade *trade, const struct stall *stall, const struct order *order,
                          const char *kind, json_t *lots)
{
    return order_announce(trade, stall, kind, order->buyer, order_json(trade, order->id), lots, NULL);
}
