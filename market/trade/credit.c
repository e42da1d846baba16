/* credit.c: see credit.h. */
#include "market/trade/credit.h"

#include <glib.h>
#include "market/base/shape.h"
#include "market/trade/carrier.h"
#include "market/trade/paytask.h"
#include "market/trade/waitlist.h"

struct money credit_of(struct trade *trade, int64_t person)
{
    return money_negative(ledger_balance(trade, ACCOUNT_CREDIT, person));
}

/* The reason it may not be used now; NULL: it may. */
static const char *obstacle(struct trade *trade, const struct pay_order *order)
{
    return order->cancelled                     ? "cancelled"
           : order->closed                      ? "order-closed"
           : waitlist_asks(trade, order->id)    ? "offered"
           : carrier_collects(trade, order->id) ? "with-carrier"
                                                : NULL;
}

/* The client's key has been seen to already: this names the fact. */
static enum result spend(struct trade *trade, const struct pay_order *order, struct money amount)
{
    int64_t round = store_int(
        trade->store, "SELECT COUNT(*) FROM entry WHERE order_id = $1 AND kind = 'credit'", order->id, 0);
    g_autofree char *key =
        g_strdup_printf("spend:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, order->id, round + 1);
    return books_spend_credit(trade, key, order, amount);
}

static enum result refuse(struct trade *trade, const char *reason, const char *name, struct money number)
{
    shape_int(trade_extra(trade), name, money_dong(number));
    return trade_refuse(trade, reason);
}

enum result credit_use(struct trade *trade, const struct pay_order *order, int64_t amount)
{
    struct pay_view view;
    const char *why = obstacle(trade, order);
    if (why)
        return trade_refuse(trade, why);
    enum result done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    struct money have = credit_of(trade, order->buyer), due = pay_due(&view),
                 part = money_compare(have, due) < 0 ? have : due;
    if (money_dong(due) == 0)
        return trade_refuse(trade, "paid");
    if (money_dong(have) == 0)
        return trade_refuse(trade, "no-credit");
    if (amount > money_dong(have))
        return refuse(trade, "not-enough", "have", have);
    if (amount > money_dong(due))
        return refuse(trade, "too-much", "due", due);
    if (amount && !money_make(&part, amount))
        return R_FAULT;
    done = spend(trade, order, part);
    return done == R_OK ? credit_tasks(trade, order->buyer, "credit") : done;
}

enum result credit_usable(struct trade *trade, const struct pay_order *order, struct money *out)
{
    struct pay_view view;
    *out = (struct money){0};
    if (obstacle(trade, order))
        return R_OK;
    enum result done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    struct money have = credit_of(trade, order->buyer), due = pay_due(&view);
    *out = money_compare(have, due) < 0 ? have : due;
    return R_OK;
}

json_t *credit_json(struct trade *trade, const struct pay_order *order)
{
    struct money use;
    if (trade->who.person != order->buyer && !who_is_cadre(&trade->who))
        return json_null();
    if (credit_usable(trade, order, &use) != R_OK)
        return NULL;
    json_t *credit = json_object();
    shape_int(credit, "have", money_dong(credit_of(trade, order->buyer)));
    shape_int(credit, "use", money_dong(use));
    return credit;
}

enum result credit_in(struct trade *trade, int64_t order, struct money *out)
{
    int64_t dong = store_int(
        trade->store,
        "SELECT CAST(COALESCE(SUM(-p.amount), 0) AS BIGINT) FROM account a JOIN posting p ON p.account = a.id"
        " JOIN entry e ON e.id = p.entry WHERE a.kind = 'order' AND a.subject = $1 AND e.kind = 'credit'",
        order, 0);
    return money_make(out, MAX(dong, 0)) ? R_OK : R_FAULT;
}

enum result credit_move(struct trade *trade, int64_t into, struct money amount)
{
    struct pay_order order;
    struct pay_view view;
    if (money_dong(amount) == 0)
        return R_OK;
    enum result done = books_order(trade, into, &order);
    if (done == R_OK)
        done = books_view(trade, &order, &view);
    if (done != R_OK)
        return done;
    struct money due = pay_due(&view), part = money_compare(amount, due) < 0 ? amount : due;
    struct paytask rest = {.kind = TASK_REFUND_DUE, .order = into};
    if (money_dong(part))
        done = spend(trade, &order, part);
    if (done == R_OK && money_sub(&rest.amount, amount, part) && money_dong(rest.amount))
        done = paytask_open(trade, &rest);
    return done == R_OK ? credit_tasks(trade, order.buyer, "credit") : done;
}

/* --- what waits to be given back --- */

struct waiting {
    int64_t task, amount;
};

/* The task ends; what is left of it waits on, as one of the same kind. */
static enum result shrink(struct trade *trade, const struct waiting *w, int64_t by, const char *outcome)
{
    struct paytask task;
    bool open;
    enum result done = paytask_get(trade, w->task, &task, &open);
    if (done == R_OK)
        done = paytask_close(trade, w->task, outcome, "");
    if (done != R_OK || by >= w->amount)
        return done;
    return money_make(&task.amount, w->amount - by) ? paytask_open(trade, &task) : R_FAULT;
}

enum result credit_tasks(struct trade *trade, int64_t buyer, const char *outcome)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct waiting));
    int64_t beyond = -money_dong(credit_of(trade, buyer));
    {
        QUERY query =
            store_query(trade->store,
                        "SELECT t.id, t.amount FROM orders o CROSS JOIN pay_task t WHERE o.buyer = $1"
                        " AND t.order_id = o.id AND t.closed_at IS NULL"
                        " AND t.kind IN ('over', 'late', 'refund-due') ORDER BY t.id DESC",
                        ARG_INT(buyer));
        enum step step;
        while ((step = query_step(query)) == STEP_ROW) {
            struct waiting w = {query_int(query, 0), query_int(query, 1)};
            g_array_append_val(list, w);
            beyond += w.amount;
        }
        if (step != STEP_DONE)
            return trade_fault(trade);
    }
    enum result done = R_OK;
    for (guint i = 0; done == R_OK && i < list->len && beyond > 0; i++) {
        const struct waiting *w = &g_array_index(list, struct waiting, i);
        done = shrink(trade, w, beyond, outcome);
        beyond -= w->amount;
    }
    return done;
}
