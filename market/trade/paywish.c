/* paywish.c: see paywish.h. */
#include "market/trade/paywish.h"

#include "market/trade/person.h"

static bool said_by_office(struct trade *trade, int64_t order, const char *way)
{
    QUERY query = store_query(trade->store, "SELECT actor FROM pay_wish WHERE order_id = $1 AND way = $2",
                              ARG_INT(order), ARG_TEXT(way));
    return query_row(query) &&
           (person_roles(trade->store, query_int(query, 0)) & (ROLE_CADRE | ROLE_ADMIN)) != 0;
}

enum result paywish_set(struct trade *trade, const struct stall *stall, const struct order *order,
                        const char *way)
{
    if (order->state == ORDER_CANCELLED || order->closed)
        return R_WRONG_MOMENT;
    if (said_by_office(trade, order->id, way) && trade->who.person == order->buyer)
        return R_OK;
    if (store_run(trade->store,
                  "INSERT INTO pay_wish (order_id, way, actor, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT"
                  " (order_id) DO UPDATE SET way = excluded.way, actor = excluded.actor, at_ms ="
                  " excluded.at_ms",
                  ARG_INT(order->id), ARG_TEXT(way), ARG_INT(trade->who.person),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    return order_changed(trade, stall, order, "order.pay-way", json_array());
}

json_t *paywish_json(struct trade *trade, int64_t order)
{
    QUERY query = store_query(trade->store, "SELECT way FROM pay_wish WHERE order_id = $1", ARG_INT(order));
    return query_row(query) ? json_string(query_text(query, 0)) : json_null();
}
