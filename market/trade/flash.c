/* flash.c: see flash.h. */
#include "market/trade/flash.h"

#include "market/base/shape.h"

enum { MINUTE_MS = 60000, EXPIRE_BATCH = 100 };
static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM flash";

enum result flash_start(struct trade *trade, const struct stall *stall, int64_t lot,
                        const struct flash_request *r)
{
    {
        QUERY query =
            store_query(trade->store, "SELECT price, state = 'open' FROM lot WHERE id = $1", ARG_INT(lot));
        if (!query_row(query))
            return trade_fault(trade);
        if (!query_int(query, 1))
            return R_WRONG_MOMENT;
        if (r->price >= query_int(query, 0))
            return trade_bad_field(trade, "price", "a flash price is below the price");
    }
    enum step step = store_run(
        trade->store,
        "INSERT INTO flash (id, lot, price, amount, taken, buyer_limit, starts_at, ends_at, made_by)"
        " VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8)",
        ARG_INT(store_next_id(trade->store, max_id)), ARG_INT(lot), ARG_INT(r->price), ARG_INT(r->amount),
        ARG_ID(r->buyer_limit), ARG_INT(trade->now_ms), ARG_INT(trade->now_ms + r->minutes * MINUTE_MS),
        ARG_ID(trade->who.person));
    if (step == STEP_CONFLICT)
        return R_ALREADY;
    return step == STEP_DONE ? lot_announce(trade, stall, lot) : trade_fault(trade);
}

enum result flash_end(struct trade *trade, const struct stall *stall, int64_t lot)
{
    enum step step =
        store_run(trade->store, "UPDATE flash SET ended_at = $2 WHERE lot = $1 AND ended_at IS NULL",
                  ARG_INT(lot), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? lot_announce(trade, stall, lot) : R_WRONG_MOMENT;
}

enum result flash_expire(struct trade *trade)
{
    int64_t lots[EXPIRE_BATCH];
    size_t count = 0;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT lot FROM flash WHERE ended_at IS NULL AND ends_at <= $1 LIMIT $2",
                                  ARG_INT(trade->now_ms), ARG_INT(EXPIRE_BATCH));
        while (count < EXPIRE_BATCH && query_row(query))
            lots[count++] = query_int(query, 0);
    }
    enum result done = R_OK;
    for (size_t i = 0; done == R_OK && i < count; i++) {
        struct stall stall;
        done = lot_stall(trade, lots[i], &stall);
        if (done == R_OK)
            done = flash_end(trade, &stall, lots[i]);
    }
    return done;
}

enum result flash_hold(struct trade *trade, int64_t stall, const struct lot_claim *c, struct lot_taken *taken)
{
    int64_t id, left, limit, price;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT f.id, f.amount - f.taken, f.buyer_limit, l.price FROM flash f"
                                  " JOIN lot l ON l.id = f.lot WHERE f.lot = $1 AND f.price = $2"
                                  " AND f.ended_at IS NULL AND f.ends_at > $3",
                                  ARG_INT(c->lot), ARG_INT(c->price), ARG_INT(trade->now_ms));
        enum step step = query_step(query);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_PRICE_CHANGED : trade_fault(trade);
        id = query_int(query, 0);
        left = query_int(query, 1);
        limit = query_int(query, 2);
        price = query_int(query, 3);
    }
    if (left < c->least || left <= 0) {
        shape_int(trade_extra(trade), "flash_left", left);
        return R_PRICE_CHANGED;
    }
    json_object_clear(trade_extra(trade)); /* what lot_hold said of the price */
    int64_t most = left < c->quantity ? left : c->quantity;
    const struct lot_claim claim = {c->lot, price, most, c->least};
    enum result held = lot_hold(trade, stall, &claim, taken);
    if (held != R_OK)
        return held;
    enum step step =
        store_run(trade->store, "UPDATE flash SET taken = taken + $2 WHERE id = $1 AND taken + $2 <= amount",
                  ARG_INT(id), ARG_INT(taken->quantity));
    if (step != STEP_DONE || store_changes(trade->store) != 1)
        return trade_fault(trade);
    taken->flash = id;
    taken->flash_left = left - taken->quantity;
    taken->flash_limit = limit;
    return R_OK;
}

/* From the buyer's few orders to what they took, never over all who bought. */
static enum result check_limit(struct trade *trade, const struct lot_taken *taken, int64_t lot, int64_t buyer,
                               const char *phone)
{
    QUERY query = store_query(
        trade->store,
        "SELECT CAST(COALESCE(SUM(f.quantity), 0) AS BIGINT), (SELECT price FROM lot WHERE id = $4)"
        " FROM orders o JOIN flash_line f ON f.order_id = o.id AND f.lot = $4"
        " WHERE o.buyer IN (SELECT id FROM person"
        " WHERE id = $2 OR phone = $3) AND f.flash = $1 AND f.back = 0",
        ARG_INT(taken->flash), ARG_INT(buyer), ARG_TEXT(phone), ARG_INT(lot));
    if (!query_row(query))
        return trade_fault(trade);
    if (query_int(query, 0) <= taken->flash_limit)
        return R_OK;
    shape_int(trade_extra(trade), "lot", lot);
    shape_int(trade_extra(trade), "limit", taken->flash_limit);
    shape_int(trade_extra(trade), "had", query_int(query, 0) - taken->quantity);
    shape_int(trade_extra(trade), "price", query_int(query, 1));
    return R_LIMIT;
}

enum result flash_note(struct trade *trade, const struct lot_taken *taken, int64_t lot, int64_t order,
                       int64_t buyer, const char *phone)
{
    enum step step = store_run(
        trade->store, "INSERT INTO flash_line (order_id, lot, flash, quantity) VALUES ($1, $2, $3, $4)",
        ARG_INT(order), ARG_INT(lot), ARG_INT(taken->flash), ARG_INT(taken->quantity));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return taken->flash_limit ? check_limit(trade, taken, lot, buyer, phone) : R_OK;
}

enum result flash_back(struct trade *trade, const struct stall *stall, int64_t order)
{
    int64_t lots[32];
    size_t count = 0;
    {
        QUERY query = store_query(
            trade->store, "UPDATE flash_line SET back = 1 WHERE order_id = $1 AND back = 0 RETURNING lot",
            ARG_INT(order));
        while (query_row(query) && count < 32)
            lots[count++] = query_int(query, 0);
    }
    for (size_t i = 0; i < count; i++) {
        enum step step =
            store_run(trade->store,
                      "UPDATE flash SET taken = taken - (SELECT quantity FROM flash_line"
                      " WHERE order_id = $1 AND lot = $2) WHERE id = (SELECT flash FROM flash_line"
                      " WHERE order_id = $1 AND lot = $2)",
                      ARG_INT(order), ARG_INT(lots[i]));
        if (step != STEP_DONE)
            return trade_fault(trade);
        enum result told = lot_announce(trade, stall, lots[i]);
        if (told != R_OK)
            return told;
    }
    return R_OK;
}

/* One order may take another's place in a flash, not the sum's: two of one lot and flash become one line. Of
 * two flashes of one lot the later counts; the earlier is over, nobody can have what goes back to it. */
enum result flash_moved(struct trade *trade, int64_t from, int64_t to)
{
    enum step step = store_run(
        trade->store,
        "UPDATE flash SET taken = taken - (SELECT t.quantity FROM flash_line t"
        " WHERE t.order_id = $2 AND t.lot = flash.lot) WHERE id IN (SELECT t.flash FROM flash_line t"
        " JOIN flash_line f ON f.order_id = $1 AND f.lot = t.lot"
        " WHERE t.order_id = $2 AND f.back = 0 AND t.flash <> f.flash)",
        ARG_INT(from), ARG_INT(to));
    if (step == STEP_DONE)
        step = store_run(
            trade->store,
            "INSERT INTO flash_line (order_id, lot, flash, quantity) SELECT $2, lot, flash, quantity"
            " FROM flash_line WHERE order_id = $1 AND back = 0"
            " ON CONFLICT (order_id, lot) DO UPDATE"
            " SET quantity = excluded.quantity + CASE WHEN flash_line.flash = excluded.flash"
            " THEN flash_line.quantity ELSE 0 END, flash = excluded.flash",
            ARG_INT(from), ARG_INT(to));
    if (step == STEP_DONE)
        step = store_run(trade->store, "UPDATE flash_line SET back = 1 WHERE order_id = $1", ARG_INT(from));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}
