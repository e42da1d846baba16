/* weigh.c: see weigh.h. */
#include "market/trade/weigh.h"

#include <string.h>
#include "market/base/shape.h"
#include "market/trade/books.h"
#include "market/trade/carrier.h"
#include "market/trade/lot.h"
#include "market/trade/stop.h"

static const char max_event[] = "SELECT COALESCE(MAX(id), 0) FROM line_event";

static const char *const names[LINE_STATES] = {"ordered", "weighed", "extra", "accepted", "declined"};

#define BIT(state) (1u << LINE_##state)
static const unsigned next[LINE_STATES] = {
    [LINE_ORDERED] = BIT(WEIGHED) | BIT(EXTRA),
    [LINE_WEIGHED] = BIT(WEIGHED) | BIT(EXTRA),
    [LINE_EXTRA] = BIT(WEIGHED) | BIT(EXTRA) | BIT(ACCEPTED) | BIT(DECLINED),
    [LINE_ACCEPTED] = BIT(WEIGHED) | BIT(EXTRA),
    [LINE_DECLINED] = BIT(WEIGHED) | BIT(EXTRA),
};
#undef BIT

const char *line_state_name(enum line_state state)
{
    return names[state];
}

/* A line as it is now. */
struct line {
    int64_t position, lot, ordered, tolerance, weighed;
    int64_t quantity; /* what the buyer gets and pays */
    struct money price, amount;
    enum unit unit;
    enum line_state state;
};

static enum result read_line(struct trade *trade, int64_t order, int64_t lot, struct line *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT l.position, l.quantity, t.tolerance, COALESCE(s.weighed, 0),"
                              " COALESCE(s.quantity, l.quantity), l.price,"
                              " COALESCE(s.amount, l.amount), l.unit, COALESCE(s.state, 'ordered')"
                              " FROM order_line l JOIN lot t ON t.id = l.lot"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id"
                              " AND s.position = l.position"
                              " WHERE l.order_id = $1 AND l.lot = $2",
                              ARG_INT(order), ARG_INT(lot));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct line){.position = query_int(query, 0),
                         .lot = lot,
                         .ordered = query_int(query, 1),
                         .tolerance = query_int(query, 2),
                         .weighed = query_int(query, 3),
                         .quantity = query_int(query, 4)};
    while (out->state < LINE_DECLINED && strcmp(names[out->state], query_text(query, 8)) != 0)
        out->state++;
    bool read = money_make(&out->price, query_int(query, 5)) &&
                money_make(&out->amount, query_int(query, 6)) && unit_read(query_text(query, 7), &out->unit);
    return read ? R_OK : R_FAULT;
}

/* The event, and the state it leads to. */
static enum result write_line(struct trade *trade, int64_t order, const struct line *line, int64_t event,
                              int64_t device_at)
{
    static const char event_sql[] = "INSERT INTO line_event (id, order_id, position, state, weighed,"
                                    " quantity, amount, actor, key, device_at, at_ms)"
                                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    static const char state_sql[] =
        "INSERT INTO line_state (order_id, position, state, weighed, quantity, amount)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (order_id, position) DO UPDATE"
        " SET state = excluded.state, weighed = excluded.weighed,"
        " quantity = excluded.quantity, amount = excluded.amount";
    const struct value state = ARG_TEXT(names[line->state]);
    if (store_run(trade->store, event_sql, ARG_INT(event), ARG_INT(order), ARG_INT(line->position), state,
                  ARG_INT(line->weighed), ARG_INT(line->quantity), ARG_INT(money_dong(line->amount)),
                  ARG_ID(trade->who.person), ARG_TEXT(trade->key ? trade->key : ""), ARG_ID(device_at),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    enum step step =
        store_run(trade->store, state_sql, ARG_INT(order), ARG_INT(line->position), state,
                  ARG_INT(line->weighed), ARG_INT(line->quantity), ARG_INT(money_dong(line->amount)));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The order's total follows its lines; the books follow the total. */
static enum result write_total(struct trade *trade, int64_t order, struct money change)
{
    struct money before, total;
    if (money_dong(change) == 0)
        return R_OK;
    if (!money_make(&before, store_int(trade->store, "SELECT total FROM orders WHERE id = $1", order, 0)))
        return R_FAULT;
    if (!money_add(&total, before, change))
        return trade_bad_field(trade, "weighed", "the order is worth more than can be counted");
    if (store_run(trade->store, "UPDATE orders SET total = $2 WHERE id = $1", ARG_INT(order),
                  ARG_INT(money_dong(total))) != STEP_DONE)
        return trade_fault(trade);
    return books_changed(trade, order);
}

/* Brings the line into a state in which the buyer gets `quantity`: goods, price, money and the word to
 * everybody. */
static enum result enter(struct trade *trade, const struct stall *stall, const struct order *order,
                         const struct line *was, enum line_state state, int64_t weighed, int64_t quantity,
                         int64_t device_at)
{
    struct line line = *was;
    struct money change;
    int64_t event = store_next_id(trade->store, max_event), available = 0;
    line.state = state;
    line.weighed = weighed;
    line.quantity = quantity;
    if (!money_of(&line.amount, line.price, (struct quantity){quantity, line.unit}) ||
        !money_sub(&change, line.amount, was->amount))
        return trade_bad_field(trade, "weighed", "the line is worth more than can be counted");
    enum result done = lot_weigh(trade, line.lot, order->id, event, quantity - was->quantity, &available);
    if (done == R_OK)
        done = write_line(trade, order->id, &line, event, device_at);
    if (done == R_OK)
        done = write_total(trade, order->id, change);
    if (done != R_OK)
        return done;
    json_t *lots = json_array();
    json_array_append_new(lots, lot_stock_json(line.lot, available));
    return order_changed(trade, stall, order, "order.weighed", lots);
}

static bool may_change(const struct order *order)
{
    return order->state == ORDER_CONFIRMED && !order->closed;
}

static enum result settle(struct trade *trade, const struct stall *stall, const struct order *order,
                          const struct line *was, enum line_state state, int64_t weighed, int64_t quantity,
                          int64_t device_at)
{
    return next[was->state] >> state & 1u
               ? enter(trade, stall, order, was, state, weighed, quantity, device_at)
               : R_WRONG_MOMENT;
}

static bool is_extra(const struct line *line, int64_t weighed)
{
    return weighed > line->ordered + line->ordered * line->tolerance / 100;
}

enum result weigh_line(struct trade *trade, const struct stall *stall, const struct order *order, int64_t lot,
                       int64_t weighed, int64_t device_at)
{
    struct line line;
    if (!may_change(order))
        return R_WRONG_MOMENT;
    enum result done = read_line(trade, order->id, lot, &line);
    if (done != R_OK)
        return done;
    bool extra = is_extra(&line, weighed);
    return settle(trade, stall, order, &line, extra ? LINE_EXTRA : LINE_WEIGHED, weighed,
                  extra ? line.ordered : weighed, device_at);
}

enum result weigh_keep(struct trade *trade, const struct stall *stall, const struct order *order, int64_t lot,
                       int64_t quantity, int64_t device_at)
{
    struct line line;
    if (!may_change(order))
        return R_WRONG_MOMENT;
    enum result done = read_line(trade, order->id, lot, &line);
    if (done != R_OK)
        return done;
    return enter(trade, stall, order, &line, is_extra(&line, quantity) ? LINE_ACCEPTED : LINE_WEIGHED,
                 quantity, quantity, device_at);
}

enum result weigh_answer(struct trade *trade, const struct stall *stall, const struct order *order,
                         int64_t lot, bool accepted, int64_t device_at)
{
    struct line line;
    if (!may_change(order))
        return R_WRONG_MOMENT;
    enum result done = read_line(trade, order->id, lot, &line);
    if (done != R_OK)
        return done;
    return settle(trade, stall, order, &line, accepted ? LINE_ACCEPTED : LINE_DECLINED, line.weighed,
                  accepted ? line.weighed : line.ordered, device_at);
}

/* Whoever drives it has not said yet what became of it: the door may refuse goods or pay another sum. */
static enum result not_on_its_way(struct trade *trade, int64_t order)
{
    if (stop_ahead(trade, order))
        return trade_refuse(trade, "on-a-trip");
    return carrier_collects(trade, order) ? trade_refuse(trade, "with-carrier") : R_OK;
}

/* Is something still open between buyer and farmer? */
static enum result nothing_open(struct trade *trade, const struct order *order)
{
    struct pay_order paid;
    struct pay_view view;
    int64_t lot = store_int(trade->store,
                            "SELECT l.lot FROM line_state s"
                            " JOIN order_line l ON l.order_id = s.order_id AND l.position = s.position"
                            " WHERE s.order_id = $1 AND s.state = 'extra' ORDER BY s.position LIMIT 1",
                            order->id, 0);
    if (lot) {
        shape_text(trade_extra(trade), "reason", "open-difference");
        shape_int(trade_extra(trade), "lot", lot);
        return R_WRONG_MOMENT;
    }
    enum result done = books_order(trade, order->id, &paid);
    if (done == R_OK)
        done = books_view(trade, &paid, &view);
    if (done != R_OK || money_dong(pay_due(&view)) == 0)
        return done;
    shape_text(trade_extra(trade), "reason", "not-paid");
    shape_int(trade_extra(trade), "due", money_dong(pay_due(&view)));
    return R_WRONG_MOMENT;
}

enum result weigh_close(struct trade *trade, const struct stall *stall, const struct order *order,
                        int64_t device_at)
{
    if (!may_change(order))
        return R_WRONG_MOMENT;
    enum result done = nothing_open(trade, order);
    if (done == R_OK)
        done = not_on_its_way(trade, order->id);
    if (done != R_OK)
        return done;
    enum step step = store_run(
        trade->store,
        "INSERT INTO order_end (order_id, actor, key, device_at, at_ms) VALUES ($1, $2, $3, $4, $5)",
        ARG_INT(order->id), ARG_ID(trade->who.person), ARG_TEXT(trade->key ? trade->key : ""),
        ARG_ID(device_at), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return order_changed(trade, stall, order, "order.closed", json_array());
}
