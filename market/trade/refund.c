/* refund.c: see refund.h. */
#include "market/trade/refund.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/credit.h"
#include "market/trade/outgoing.h"
#include "market/trade/paytask.h"

/* What the order's buyer was to get back by its open tasks. */
static int64_t waiting(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM pay_task WHERE order_id = $1"
                     " AND kind IN ('refund-due', 'over', 'late') AND closed_at IS NULL",
                     order, 0);
}

/* A part that was granted settles a part: the rest goes on waiting, as one task. */
static enum result close_tasks(struct trade *trade, const struct pay_order *paid, struct money granted)
{
    int64_t order = paid->id, rest = waiting(trade, order) - money_dong(granted);
    int64_t credit = -money_dong(ledger_balance(trade, ACCOUNT_CREDIT, paid->buyer));
    struct paytask task = {.kind = TASK_REFUND_DUE, .order = order};
    enum step step =
        store_run(trade->store,
                  "UPDATE pay_task SET closed_at = $2, closed_by = $3, outcome = 'refund'"
                  " WHERE order_id = $1 AND kind IN ('refund-due', 'over', 'late') AND closed_at IS NULL",
                  ARG_INT(order), ARG_INT(trade->now_ms), ARG_ID(trade->who.person));
    if (step != STEP_DONE)
        return trade_fault(trade);
    rest = MIN(rest, credit);
    if (rest <= 0)
        return R_OK;
    return money_make(&task.amount, rest) ? paytask_open(trade, &task) : R_FAULT;
}

enum result refund_grant(struct trade *trade, const struct pay_order *order, struct money amount,
                         const char *reason, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM refund";
    char key[40];
    *id = store_next_id(trade->store, max_id);
    g_snprintf(key, sizeof key, "refund:%" G_GINT64_FORMAT, *id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO refund (id, order_id, buyer, amount, reason, state, granted_by, granted_at, reference)"
        " VALUES ($1, $2, $3, $4, $5, 'granted', $6, $7, '')",
        ARG_INT(*id), ARG_INT(order->id), ARG_INT(order->buyer), ARG_INT(money_dong(amount)),
        ARG_TEXT(reason), ARG_ID(trade->who.person), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    const struct posting postings[] = {
        {.kind = ACCOUNT_CREDIT, .subject = order->buyer, .amount = amount},
        {.kind = ACCOUNT_REFUND, .subject = *id, .amount = money_negative(amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_REFUND_GRANT, .order = order->id, .words = reason};
    enum result done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    if (done == R_OK)
        done = close_tasks(trade, order, amount);
    return done == R_OK ? credit_tasks(trade, order->buyer, "refund") : done;
}

enum result refund_pay(struct trade *trade, int64_t id, bool in_cash, const char *reference)
{
    struct money amount;
    int64_t order;
    char key[40];
    {
        QUERY query =
            store_query(trade->store, "SELECT amount, state, granted_by, order_id FROM refund WHERE id = $1",
                        ARG_INT(id));
        enum step step = query_step(query);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
        if (strcmp(query_text(query, 1), "granted") != 0)
            return R_WRONG_MOMENT;
        if (query_int(query, 2) == trade->who.person)
            return R_FORBIDDEN;
        order = query_int(query, 3);
        if (!money_make(&amount, query_int(query, 0)))
            return R_FAULT;
    }
    g_snprintf(key, sizeof key, "refund-pay:%" G_GINT64_FORMAT, id);
    const struct posting postings[] = {
        {.kind = ACCOUNT_REFUND, .subject = id, .amount = amount},
        {.kind = in_cash ? ACCOUNT_CASH : ACCOUNT_SUSPENSE,
         .subject = in_cash ? trade->who.person : 0,
         .amount = money_negative(amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_REFUND_PAY, .order = order, .words = reference};
    enum result done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    if (done != R_OK)
        return done;
    enum step step = store_run(
        trade->store,
        "UPDATE refund SET state = 'paid', paid_by = $2, paid_at = $3, reference = $4 WHERE id = $1",
        ARG_INT(id), ARG_ID(trade->who.person), ARG_INT(trade->now_ms), ARG_TEXT(reference));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return in_cash ? R_OK : outgoing_marked(trade, id, 0);
}

#define REFUND_COLUMNS                                                                                       \
    "SELECT r.id, o.code, r.amount, r.reason, r.state, r.granted_at, r.paid_at, r.reference, g.name, "       \
    "p.name, o.name, o.phone, (SELECT e.at_ms FROM bank_paid b JOIN bank_event e ON e.id = b.event WHERE "   \
    "b.refund = r.id)"                                                                                       \
    " FROM refund r JOIN orders o ON o.id = r.order_id JOIN person g ON g.id = r.granted_by LEFT JOIN "      \
    "person p ON p.id = r.paid_by"

static json_t *row_json(struct query *query)
{
    json_t *refund = json_object();
    shape_int(refund, "id", query_int(query, 0));
    shape_text(refund, "order", query_text(query, 1));
    shape_int(refund, "amount", query_int(query, 2));
    shape_text(refund, "reason", query_text(query, 3));
    shape_text(refund, "state", query_text(query, 4));
    shape_int(refund, "granted_at", query_int(query, 5));
    shape_id(refund, "paid_at", query_int(query, 6));
    shape_text(refund, "reference", query_text(query, 7));
    shape_text(refund, "granted_by", query_text(query, 8));
    shape_text(refund, "paid_by", query_text(query, 9));
    shape_text(refund, "name", query_text(query, 10));
    shape_text(refund, "phone", query_text(query, 11));
    shape_id(refund, "bank_at", query_int(query, 12));
    return refund;
}

json_t *refund_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, REFUND_COLUMNS " WHERE r.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

enum result refund_list(struct trade *trade, const char *state, json_t **out)
{
    static const char all[] = REFUND_COLUMNS " ORDER BY r.id DESC LIMIT 500";
    static const char granted[] = REFUND_COLUMNS " WHERE r.state = 'granted' ORDER BY r.id DESC LIMIT 500";
    static const char paid[] = REFUND_COLUMNS " WHERE r.state = 'paid' ORDER BY r.id DESC LIMIT 500";
    const char *sql = !state ? all : strcmp(state, "granted") == 0 ? granted : paid;
    QUERY query = store_query_args(trade->store, sql, NULL, 0);
    return trade_rows(trade, query, row_json, out);
}
