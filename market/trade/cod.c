/* cod.c: see cod.h. A number's orders are those of all persons who have it: whoever orders without logging in
 * is a new person each time. */
#include "market/trade/cod.h"

#include "market/trade/person.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

const char *cod_word(enum cod_verdict verdict)
{
    static const char *const words[] = {
        [COD_FINE] = NULL, [COD_REFUSED_BEFORE] = "cod-refusals", [COD_TOO_MUCH] = "cod-cap"};
    return words[verdict];
}

/* Those whose reason lies with the buyer: stop.h says who bears each. */
static int64_t refusals(struct trade *trade, int64_t order)
{
    QUERY query = store_query(
        trade->store,
        "SELECT COUNT(*) FROM orders me JOIN person p ON p.phone = me.phone JOIN orders o ON o.buyer = p.id"
        " JOIN stop s ON s.order_id = o.id AND s.state = 'failed' WHERE me.id = $1 AND s.done_at >= $2"
        " AND s.reason IN ('refused', 'not-home', 'no-answer', 'wrong-place')",
        ARG_INT(order), ARG_INT(trade->now_ms - COD_DAYS * day_ms));
    return query_row(query) ? query_int(query, 0) : 0;
}

/* Of all confirmed orders of the number, this one among them. */
static int64_t owed(struct trade *trade, int64_t order)
{
    return store_int(
        trade->store,
        "SELECT CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) FROM orders me JOIN person p ON p.phone = "
        "me.phone"
        " JOIN orders o ON o.buyer = p.id AND o.state = 'confirmed'"
        " JOIN account a ON a.kind = 'order' AND a.subject = o.id AND a.balance > 0 WHERE me.id = $1",
        order, 0);
}

static bool let_go(struct trade *trade, int64_t order)
{
    int64_t by =
        store_int(trade->store, "SELECT actor FROM pay_wish WHERE order_id = $1 AND way = 'cash'", order, 0);
    return by && (person_roles(trade->store, by) & (ROLE_CADRE | ROLE_ADMIN)) != 0;
}

enum result cod_look(struct trade *trade, const struct pay_order *order, enum cod_verdict *verdict)
{
    struct pay_view view;
    enum result done = books_view(trade, order, &view);
    *verdict = COD_FINE;
    if (done != R_OK || money_dong(pay_due(&view)) == 0 || let_go(trade, order->id))
        return done;
    *verdict = refusals(trade, order->id) >= COD_REFUSALS ? COD_REFUSED_BEFORE
               : owed(trade, order->id) > COD_OWED_MAX    ? COD_TOO_MUCH
                                                          : COD_FINE;
    return R_OK;
}

enum result cod_may(struct trade *trade, const struct pay_order *order)
{
    enum cod_verdict verdict;
    enum result done = cod_look(trade, order, &verdict);
    return done != R_OK || verdict == COD_FINE ? done : trade_refuse(trade, cod_word(verdict));
}
