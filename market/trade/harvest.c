/* harvest.c: see harvest.h. */
#include "market/trade/harvest.h"

#include "market/base/shape.h"

enum { EXPIRE_BATCH = 100 };

enum result harvest_plan(struct trade *trade, int64_t lot, int64_t pick_at, int64_t order_until)
{
    if (pick_at <= trade->now_ms || pick_at > trade->now_ms + HARVEST_AHEAD_MS)
        return trade_bad_field(trade, "pick_at", "a time within the next 60 days");
    if (order_until <= trade->now_ms || order_until > pick_at)
        return trade_bad_field(trade, "order_until", "from now up to the picking");
    enum step step =
        store_run(trade->store, "INSERT INTO harvest (lot, pick_at, order_until) VALUES ($1, $2, $3)",
                  ARG_INT(lot), ARG_INT(pick_at), ARG_INT(order_until));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result harvest_picked(struct trade *trade, const struct stall *stall, int64_t lot, int64_t amount,
                           int64_t at, int64_t *missing)
{
    int64_t total, available;
    enum step step = store_run(
        trade->store, "UPDATE harvest SET picked_at = $2, picked = $3 WHERE lot = $1 AND picked_at IS NULL",
        ARG_INT(lot), ARG_INT(at), ARG_INT(amount));
    if (step != STEP_DONE)
        return trade_fault(trade);
    if (store_changes(trade->store) != 1)
        return R_WRONG_MOMENT;
    {
        QUERY query =
            store_query(trade->store, "SELECT total, available FROM lot WHERE id = $1", ARG_INT(lot));
        if (!query_row(query))
            return trade_fault(trade);
        total = query_int(query, 0);
        available = query_int(query, 1);
    }
    int64_t change = amount - total;
    *missing = change < -available ? -available - change : 0;
    struct lot_changes changes = {.add = change + *missing, .buyer_limit = -1, .state = "open"};
    return lot_change(trade, stall, lot, &changes);
}

enum result harvest_expire(struct trade *trade)
{
    int64_t lots[EXPIRE_BATCH];
    size_t count = 0;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT lot FROM harvest WHERE shut_at IS NULL AND picked_at IS NULL"
                                  " AND order_until <= $1 LIMIT $2",
                                  ARG_INT(trade->now_ms), ARG_INT(EXPIRE_BATCH));
        while (count < EXPIRE_BATCH && query_row(query))
            lots[count++] = query_int(query, 0);
    }
    enum result done = R_OK;
    for (size_t i = 0; done == R_OK && i < count; i++) {
        struct stall stall;
        const struct lot_changes changes = {.buyer_limit = -1, .state = "closed"};
        if (store_run(trade->store, "UPDATE harvest SET shut_at = $2 WHERE lot = $1", ARG_INT(lots[i]),
                      ARG_INT(trade->now_ms)) != STEP_DONE)
            return trade_fault(trade);
        done = lot_stall(trade, lots[i], &stall);
        if (done == R_OK)
            done = lot_change(trade, &stall, lots[i], &changes);
    }
    return done;
}
