/* hold.c: see hold.h. */
#include "market/trade/hold.h"

#include "market/trade/order.h"

enum { MINUTE_MS = 60000 };

int64_t hold_end(struct trade *trade, const struct stall *stall)
{
    if (!stall->hold_minutes)
        return 0;
    QUERY query =
        store_query(trade->store, "SELECT 1 FROM payee WHERE stall = $1 AND starts_at <= $2 LIMIT 1",
                    ARG_INT(stall->id), ARG_INT(trade->now_ms));
    return query_row(query) ? trade->now_ms + stall->hold_minutes * MINUTE_MS : 0;
}

enum result hold_begin(struct trade *trade, int64_t order, int64_t ends_at)
{
    if (!ends_at)
        return R_OK;
    enum step step =
        store_run(trade->store, "INSERT INTO hold (order_id, ends_at, state) VALUES ($1, $2, 'open')",
                  ARG_INT(order), ARG_INT(ends_at));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result hold_until(struct trade *trade, int64_t order, int64_t ends_at)
{
    if (!ends_at)
        return hold_over(trade, order);
    enum step step =
        store_run(trade->store, "UPDATE hold SET ends_at = $2 WHERE order_id = $1 AND state = 'open'",
                  ARG_INT(order), ARG_INT(ends_at));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result hold_part(struct trade *trade, int64_t order)
{
    enum step step = store_run(trade->store,
                               "UPDATE hold SET part_at = $2, ends_at = CASE WHEN ends_at > $3 THEN ends_at"
                               " ELSE $3 END WHERE order_id = $1 AND state = 'open' AND part_at IS NULL",
                               ARG_INT(order), ARG_INT(trade->now_ms),
                               ARG_INT(trade->now_ms + HOLD_PART_MINUTES * MINUTE_MS));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result hold_over(struct trade *trade, int64_t order)
{
    enum step step = store_run(
        trade->store, "UPDATE hold SET state = 'over', ended_at = $2 WHERE order_id = $1 AND state = 'open'",
        ARG_INT(order), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result expire(struct trade *trade, int64_t id)
{
    struct order order;
    struct stall stall;
    enum step step =
        store_run(trade->store,
                  "UPDATE hold SET state = 'expired', ended_at = $2 WHERE order_id = $1 AND state = 'open'",
                  ARG_INT(id), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    enum result done = order_by_id(trade, id, &order);
    if (done == R_OK)
        done = stall_by_id(trade, order.stall, &stall);
    const struct why_move move = {HOLD_EXPIRED, HOLD_EXPIRED, 0};
    return done == R_OK ? order_advance(trade, &stall, &order, ORDER_CANCELLED, &move) : done;
}

enum result hold_expire(struct trade *trade, int64_t *count)
{
    int64_t ids[HOLD_BATCH];
    enum step step;
    *count = 0;
    {
        QUERY query = store_query(
            trade->store,
            "SELECT order_id FROM hold WHERE state = 'open' AND ends_at <= $1 ORDER BY ends_at LIMIT $2",
            ARG_INT(trade->now_ms), ARG_INT(HOLD_BATCH));
        while ((step = query_step(query)) == STEP_ROW && *count < HOLD_BATCH)
            ids[(*count)++] = query_int(query, 0);
    }
    if (step == STEP_FAILED)
        return trade_fault(trade);
    for (int64_t i = 0; i < *count; i++) {
        enum result done = expire(trade, ids[i]);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}
