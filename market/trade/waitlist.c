/* waitlist.c: see waitlist.h. */
#include "market/trade/waitlist.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/base/text.h"
#include "market/trade/hold.h"
#include "market/trade/lot.h"
#include "market/trade/push.h"

enum { MINUTE_MS = 60000, SERVE_MAX = 100 };
static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM wait";

/* What a lot has now. */
struct goods {
    int64_t available, price, limit;
    bool open;
};

static enum result read_goods(struct trade *trade, int64_t stall, int64_t lot, struct goods *out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT available, price, buyer_limit, state = 'open' FROM lot WHERE id = $1 AND stall = $2",
        ARG_INT(lot), ARG_INT(stall));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct goods){query_int(query, 0), query_int(query, 1), query_int(query, 2),
                          query_int(query, 3) != 0};
    return R_OK;
}

/* What this buyer has of the lot already, by person or by number. */
static int64_t had_of(struct trade *trade, int64_t lot, int64_t person, const char *phone)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT CAST(COALESCE(SUM(COALESCE(s.quantity, l.quantity)), 0) AS BIGINT) FROM orders o"
                    " JOIN order_line l ON l.order_id = o.id"
                    " LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
                    " WHERE o.buyer IN (SELECT id FROM person"
                    " WHERE id = $1 OR phone = $2) AND l.lot = $3 AND o.state <> 'cancelled'",
                    ARG_INT(person), ARG_TEXT(phone), ARG_INT(lot));
    return query_row(query) ? query_int(query, 0) : INT64_MAX;
}

enum result waitlist_join(struct trade *trade, const struct stall *stall, const struct wait_request *r,
                          int64_t *id)
{
    struct goods goods;
    enum result done = read_goods(trade, stall->id, r->lot, &goods);
    if (done != R_OK)
        return done;
    if (!goods.open || !stall->open)
        return trade_refuse(trade, "closed");
    if (goods.available >= r->quantity)
        return trade_refuse(trade, "in-stock");
    if (goods.limit) {
        int64_t had = had_of(trade, r->lot, r->person, r->phone);
        if (had > goods.limit - r->least) {
            shape_int(trade_extra(trade), "limit", goods.limit);
            shape_int(trade_extra(trade), "had", had);
            return R_LIMIT;
        }
    }
    if (store_int(trade->store, "SELECT COUNT(*) FROM wait WHERE lot = $1 AND state = 'waiting'", r->lot,
                  0) >= WAIT_LINE_MAX) {
        shape_int(trade_extra(trade), "limit", WAIT_LINE_MAX);
        return R_LIMIT;
    }
    *id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO wait (id, lot, person, quantity, least, name, phone, place, state, made_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9)",
                  ARG_INT(*id), ARG_INT(r->lot), ARG_INT(r->person), ARG_INT(r->quantity), ARG_INT(r->least),
                  ARG_TEXT(r->name), ARG_TEXT(r->phone), ARG_TEXT(r->place), ARG_INT(trade->now_ms));
    if (step == STEP_CONFLICT)
        return R_ALREADY;
    return step == STEP_DONE ? waitlist_serve(trade, stall, r->lot) : trade_fault(trade);
}

enum result waitlist_leave(struct trade *trade, int64_t id)
{
    int64_t person = store_int(trade->store, "SELECT person FROM wait WHERE id = $1", id, 0);
    if (!person || person != trade->who.person)
        return R_UNKNOWN;
    enum step step = store_run(
        trade->store, "UPDATE wait SET state = 'left', ended_at = $2 WHERE id = $1 AND state = 'waiting'",
        ARG_INT(id), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? push_wait_over(trade, id) : R_WRONG_MOMENT;
}

/* --- offers --- */

struct waiting {
    int64_t id, person, quantity, least;
    char name[80 * 4 + 1], phone[TEXT_PHONE_MAX + 1], place[200 * 4 + 1];
};

/* The first in line who can do with `available`. */
static enum step first_in_line(struct trade *trade, int64_t lot, int64_t available, struct waiting *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, person, quantity, least, name, phone, place FROM wait"
                              " WHERE lot = $1 AND state = 'waiting' AND least <= $2 ORDER BY id LIMIT 1",
                              ARG_INT(lot), ARG_INT(available));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step;
    *out = (struct waiting){.id = query_int(query, 0),
                            .person = query_int(query, 1),
                            .quantity = query_int(query, 2),
                            .least = query_int(query, 3)};
    g_strlcpy(out->name, query_text(query, 4), sizeof out->name);
    g_strlcpy(out->phone, query_text(query, 5), sizeof out->phone);
    g_strlcpy(out->place, query_text(query, 6), sizeof out->place);
    return step;
}

static enum result offer(struct trade *trade, const struct stall *stall, int64_t lot,
                         const struct goods *goods, const struct waiting *w)
{
    int64_t quantity = MIN(w->quantity, goods->available);
    if (goods->limit)
        quantity = MIN(quantity, goods->limit - had_of(trade, lot, w->person, w->phone));
    if (quantity < w->least) { /* has had as much as one may by now */
        enum step step =
            store_run(trade->store, "UPDATE wait SET state = 'left', ended_at = $2 WHERE id = $1",
                      ARG_INT(w->id), ARG_INT(trade->now_ms));
        return step == STEP_DONE ? push_wait_over(trade, w->id) : trade_fault(trade);
    }
    int64_t minutes = stall->hold_minutes ? stall->hold_minutes : WAIT_OFFER_MINUTES;
    struct order_request request = {.name = w->name,
                                    .phone = w->phone,
                                    .place = w->place,
                                    .note = "",
                                    .buyer = w->person,
                                    .lines = {{lot, quantity, goods->price, quantity}},
                                    .count = 1,
                                    .held_until = trade->now_ms + minutes * MINUTE_MS,
                                    .offer = true};
    struct order_placed order;
    enum result placed = order_place(trade, stall, &request, &order);
    if (placed != R_OK)
        return placed;
    g_free(order.text);
    enum step step = store_run(trade->store, "UPDATE wait SET state = 'offered', order_id = $2 WHERE id = $1",
                               ARG_INT(w->id), ARG_INT(order.id));
    return step == STEP_DONE ? push_offered(trade, w->id, w->person, order.id) : trade_fault(trade);
}

enum result waitlist_serve(struct trade *trade, const struct stall *stall, int64_t lot)
{
    for (int i = 0; i < SERVE_MAX && stall->open; i++) {
        struct goods goods;
        struct waiting first;
        enum result read = read_goods(trade, stall->id, lot, &goods);
        if (read != R_OK || !goods.open || goods.available <= 0)
            return read;
        enum step step = first_in_line(trade, lot, goods.available, &first);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_OK : trade_fault(trade);
        enum result done = offer(trade, stall, lot, &goods, &first);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

enum result waitlist_serve_all(struct trade *trade, const struct stall *stall, const json_t *lots)
{
    for (size_t i = 0; i < json_array_size(lots); i++) {
        int64_t lot = json_integer_value(json_object_get(json_array_get(lots, i), "lot"));
        enum result done = waitlist_serve(trade, stall, lot);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

enum result waitlist_sweep(struct trade *trade)
{
    int64_t lots[SERVE_MAX];
    size_t count = 0;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT DISTINCT w.lot FROM wait w JOIN lot l ON l.id = w.lot"
                                  " WHERE w.state = 'waiting' AND l.state = 'open'"
                                  " AND l.available >= w.least LIMIT $1",
                                  ARG_INT(SERVE_MAX));
        while (count < SERVE_MAX && query_row(query))
            lots[count++] = query_int(query, 0);
    }
    for (size_t i = 0; i < count; i++) {
        struct stall stall;
        enum result done = lot_stall(trade, lots[i], &stall);
        if (done == R_OK)
            done = waitlist_serve(trade, &stall, lots[i]);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

/* --- the answer --- */

bool waitlist_asks(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT 1 FROM wait w JOIN hold h ON h.order_id = w.order_id"
                     " WHERE w.order_id = $1 AND w.state = 'offered' AND h.state = 'open'"
                     " AND h.part_at IS NULL", /* money is a yes */
                     order, 0) == 1;
}

enum result waitlist_ended(struct trade *trade, int64_t order, enum order_state to, const char *code)
{
    const char *word = to == ORDER_CONFIRMED             ? "taken"
                       : strcmp(code, HOLD_EXPIRED) == 0 ? "expired"
                                                         : "declined";
    enum step step = store_run(
        trade->store, "UPDATE wait SET state = $2, ended_at = $3 WHERE order_id = $1 AND state = 'offered'",
        ARG_INT(order), ARG_TEXT(word), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The fee of what is offered, in the order's total from now on. */
static enum result add_fee(struct trade *trade, int64_t order, const struct fee_wish *wish)
{
    struct fee fee;
    int64_t grams, pieces;
    if (!wish->zone)
        return R_OK;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT CAST(SUM(CASE unit WHEN 'kg' THEN quantity ELSE 0 END) AS BIGINT),"
                                  " CAST(SUM(CASE unit WHEN 'kg' THEN 0 ELSE quantity END) AS BIGINT)"
                                  " FROM order_line WHERE order_id = $1",
                                  ARG_INT(order));
        if (!query_row(query))
            return trade_fault(trade);
        grams = query_int(query, 0);
        pieces = query_int(query, 1);
    }
    enum result done = fee_count(trade, wish, grams, pieces, &fee);
    if (done == R_OK)
        done = fee_keep(trade, order, &fee);
    if (done != R_OK)
        return done;
    enum step step = store_run(trade->store, "UPDATE orders SET total = total + $2 WHERE id = $1",
                               ARG_INT(order), ARG_INT(money_dong(fee.amount)));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result waitlist_take(struct trade *trade, const struct stall *stall, const struct order *order,
                          const struct fee_wish *delivery)
{
    if (!waitlist_asks(trade, order->id))
        return trade_refuse(trade, "no-offer");
    enum result done = add_fee(trade, order->id, delivery);
    if (done != R_OK)
        return done;
    done = hold_until(trade, order->id, hold_end(trade, stall));
    if (done != R_OK)
        return done;
    enum step step =
        store_run(trade->store, "UPDATE wait SET state = 'taken', ended_at = $2 WHERE order_id = $1",
                  ARG_INT(order->id), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? order_changed(trade, stall, order, "order.placed", json_array())
                             : trade_fault(trade);
}

/* --- showing --- */

#define WAIT_COLUMNS                                                                                         \
    "SELECT w.id, w.lot, l.name, l.unit, s.slug, w.quantity, w.least, w.state, o.code, h.ends_at, "          \
    "w.made_at, (SELECT COUNT(*) FROM wait b WHERE b.lot = w.lot AND b.state = 'waiting' AND b.id < w.id), " \
    "w.name FROM "
#define WAIT_JOINS                                                                                           \
    " JOIN stall s ON s.id = l.stall LEFT JOIN orders o ON o.id = w.order_id LEFT JOIN hold h ON "           \
    "h.order_id = w.order_id AND h.state = 'open'"

static json_t *row_json(struct query *query)
{
    json_t *wait = json_object();
    shape_int(wait, "id", query_int(query, 0));
    shape_int(wait, "lot", query_int(query, 1));
    shape_text(wait, "lot_name", query_text(query, 2));
    shape_text(wait, "unit", query_text(query, 3));
    shape_text(wait, "stall", query_text(query, 4));
    shape_int(wait, "quantity", query_int(query, 5));
    shape_int(wait, "min", query_int(query, 6));
    shape_text(wait, "state", query_text(query, 7));
    shape_text(wait, "order", query_text(query, 8));
    shape_id(wait, "ends_at", query_int(query, 9));
    shape_int(wait, "made_at", query_int(query, 10));
    shape_int(wait, "ahead", query_int(query, 11));
    shape_text(wait, "name", query_text(query, 12));
    return wait;
}

json_t *waitlist_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store,
                              WAIT_COLUMNS "wait w JOIN lot l ON l.id = w.lot" WAIT_JOINS " WHERE w.id = $1",
                              ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

enum result waitlist_list(struct trade *trade, int64_t stall, int64_t person, json_t **out)
{
    static const char of_stall[] = WAIT_COLUMNS
        "lot l CROSS JOIN wait w" WAIT_JOINS
        " WHERE l.stall = $1 AND w.lot = l.id AND w.state IN ('waiting', 'offered') ORDER BY w.id LIMIT $3";
    static const char of_person[] =
        WAIT_COLUMNS "wait w JOIN lot l ON l.id = w.lot" WAIT_JOINS
                     " WHERE w.person = $2 AND w.state IN ('waiting', 'offered') ORDER BY w.id LIMIT $3";
    QUERY query = store_query(trade->store, stall ? of_stall : of_person, ARG_INT(stall), ARG_INT(person),
                              ARG_INT(LIST_MAX));
    return trade_rows(trade, query, row_json, out);
}
