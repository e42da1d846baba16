/* paywish.c: see paywish.h. */
#include "market/trade/paywish.h"

#include <string.h>
#include "market/trade/person.h"

static bool said_by_office(struct trade *trade, int64_t order, const char *way)
{
    QUERY query = store_query(trade->store, "SELECT actor FROM pay_wish WHERE order_id = $1 AND way = $2",
                              ARG_INT(order), ARG_TEXT(way));
    return query_row(query) &&
           (person_roles(trade->store, query_int(query, 0)) & (ROLE_CADRE | ROLE_ADMIN)) != 0;
}

/* The one writer of a wish. */
static enum result write_wish(struct trade *trade, const struct stall *stall, const struct order *order,
                              const char *way, int64_t actor, bool differed)
{
    if (store_run(trade->store,
                  "INSERT INTO pay_wish (order_id, way, actor, at_ms, differed) VALUES ($1, $2, $3, $4, $5)"
                  " ON CONFLICT (order_id) DO UPDATE SET way = excluded.way, actor = excluded.actor, at_ms ="
                  " excluded.at_ms, differed = excluded.differed",
                  ARG_INT(order->id), ARG_TEXT(way), ARG_INT(actor), ARG_INT(trade->now_ms),
                  ARG_INT(differed)) != STEP_DONE)
        return trade_fault(trade);
    return order_changed(trade, stall, order, "order.pay-way", json_array());
}

enum result paywish_set(struct trade *trade, const struct stall *stall, const struct order *order,
                        const char *way)
{
    if (order->state == ORDER_CANCELLED || order->closed)
        return R_WRONG_MOMENT;
    if (said_by_office(trade, order->id, way) && trade->who.person == order->buyer)
        return R_OK;
    return write_wish(trade, stall, order, way, trade->who.person, false);
}

enum result paywish_merge(struct trade *trade, const struct stall *stall, const struct order *old,
                          size_t count, const struct order *into)
{
    static const char *const ways[] = {"bank", "cash"};
    int said = -1;
    bool differed = false, office = true;
    int64_t actor = 0;
    for (size_t i = 0; i < count; i++) {
        QUERY query = store_query(trade->store, "SELECT way, actor FROM pay_wish WHERE order_id = $1",
                                  ARG_INT(old[i].id));
        if (query_row(query)) {
            int way = strcmp(query_text(query, 0), ways[1]) == 0;
            differed = differed || (said >= 0 && said != way);
            said = way;
            actor = query_int(query, 1);
        }
        office = office && said_by_office(trade, old[i].id, ways[1]);
    }
    if (said < 0)
        return R_OK;
    return write_wish(trade, stall, into, ways[said], office ? actor : into->buyer, differed);
}

bool paywish_differed(struct trade *trade, int64_t order)
{
    return store_int(trade->store, "SELECT differed FROM pay_wish WHERE order_id = $1", order, 0) == 1;
}

json_t *paywish_json(struct trade *trade, int64_t order)
{
    QUERY query = store_query(trade->store, "SELECT way FROM pay_wish WHERE order_id = $1", ARG_INT(order));
    return query_row(query) ? json_string(query_text(query, 0)) : json_null();
}
