/* books.c: see books.h. */
#include "market/trade/books.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/fee.h"
#include "market/trade/hold.h"
#include "market/trade/journal.h"
#include "market/trade/paytask.h"
#include "market/trade/split.h"

#define PAY_ORDER_COLUMNS                                                                                    \
    "SELECT o.id, o.stall, o.buyer, s.farmer, o.total, o.state, o.code, (SELECT 1 FROM order_end e WHERE "   \
    "e.order_id = o.id) FROM orders o JOIN stall s ON s.id = o.stall"

static enum result read_order(struct trade *trade, struct query *query, struct pay_order *out)
{
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    const char *state = query_text(query, 5);
    *out = (struct pay_order){.id = query_int(query, 0),
                              .stall = query_int(query, 1),
                              .buyer = query_int(query, 2),
                              .farmer = query_int(query, 3),
                              .cancelled = strcmp(state, "cancelled") == 0,
                              .confirmed = strcmp(state, "placed") != 0 && strcmp(state, "cancelled") != 0};
    out->closed = query_int(query, 7) == 1;
    g_strlcpy(out->code, query_text(query, 6), sizeof out->code);
    return money_make(&out->total, query_int(query, 4)) ? R_OK : R_FAULT;
}

enum result books_order(struct trade *trade, int64_t id, struct pay_order *out)
{
    QUERY query = store_query(trade->store, PAY_ORDER_COLUMNS " WHERE o.id = $1", ARG_INT(id));
    return read_order(trade, query, out);
}

enum result books_order_by_code(struct trade *trade, const char *code, struct pay_order *out)
{
    QUERY query = store_query(trade->store, PAY_ORDER_COLUMNS " WHERE o.code = $1", ARG_TEXT(code));
    return read_order(trade, query, out);
}

/* Kinds of what was reversed count as what they were: a payment taken back is a negative payment. */
static enum result read_sums(struct trade *trade, int64_t order, struct pay_view *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT CAST(COALESCE(SUM(CASE WHEN k.kind IN ('payment', 'cash', 'resolve')"
                              " OR (k.kind = 'credit' AND k.amount < 0) THEN -k.amount ELSE 0 END), 0)"
                              " AS BIGINT),"
                              " CAST(COALESCE(SUM(CASE WHEN k.kind = 'credit' AND k.amount > 0"
                              " THEN k.amount ELSE 0 END), 0) AS BIGINT) FROM"
                              " (SELECT p.amount AS amount, COALESCE((SELECT r.kind FROM entry r"
                              " WHERE r.id = e.reverses), e.kind) AS kind"
                              "  FROM account a JOIN posting p ON p.account = a.id"
                              " JOIN entry e ON e.id = p.entry"
                              " WHERE a.kind = 'order' AND a.subject = $1) k",
                              ARG_INT(order));
    if (!query_row(query))
        return trade_fault(trade);
    return money_make(&out->received, query_int(query, 0)) && money_make(&out->returned, query_int(query, 1))
               ? R_OK
               : R_FAULT;
}

/* First in, first out: of what a courier collected, the last is what he still has. */
static enum result read_cash(struct trade *trade, int64_t order, struct pay_view *out)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT p.amount, CASE WHEN c.balance = 0 THEN 0 ELSE c.balance -"
                    " (SELECT CAST(COALESCE(SUM(later.amount), 0) AS BIGINT) FROM posting later"
                    "  WHERE later.account = c.id AND later.entry > e.id AND later.amount > 0) END"
                    " FROM entry e JOIN posting p ON p.entry = e.id JOIN account c ON c.id = p.account"
                    " WHERE e.order_id = $1 AND e.kind = 'cash' AND c.kind = 'cash' AND p.amount > 0"
                    " AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.reverses = e.id)",
                    ARG_INT(order));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        struct money part;
        if (!money_make(&part, CLAMP(query_int(query, 1), 0, query_int(query, 0))) ||
            !money_add(&out->cash, out->cash, part))
            return R_FAULT;
    }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The farmer's oldest shares are paid out first: this one is settled when all he is still owed is younger. */
static bool is_settled(struct trade *trade, int64_t order)
{
    return store_int(
               trade->store,
               "SELECT CASE WHEN a.balance >= 0 OR -a.balance <="
               " (SELECT CAST(COALESCE(SUM(-later.amount), 0) AS BIGINT) FROM posting later"
               "  WHERE later.account = a.id AND later.entry > e.id AND later.amount < 0) THEN 1 ELSE 0 END"
               " FROM entry e JOIN posting p ON p.entry = e.id JOIN account a ON a.id = p.account"
               " WHERE e.order_id = $1 AND e.kind = 'charge' AND a.kind = 'farmer'"
               " AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.reverses = e.id) ORDER BY e.id DESC LIMIT 1",
               order, 0) == 1;
}

enum result books_view(struct trade *trade, const struct pay_order *order, struct pay_view *out)
{
    *out = (struct pay_view){.cancelled = order->cancelled, .total = order->total};
    enum result done = read_sums(trade, order->id, out);
    if (done == R_OK)
        done = read_cash(trade, order->id, out);
    return done;
}

json_t *books_payment_json(struct trade *trade, const struct pay_order *order)
{
    struct pay_view view;
    if (books_view(trade, order, &view) != R_OK)
        return NULL;
    view.settled = pay_state(&view) == PAY_PAID && is_settled(trade, order->id);
    json_t *payment = json_object();
    shape_text(payment, "state", pay_state_name(pay_state(&view)));
    shape_int(payment, "total", money_dong(view.total));
    shape_int(payment, "received", money_dong(view.received));
    shape_int(payment, "returned", money_dong(view.returned));
    shape_int(payment, "due", money_dong(pay_due(&view)));
    shape_int(payment, "surplus", money_dong(pay_surplus(&view)));
    shape_int(payment, "cash", money_dong(view.cash));
    return payment;
}

/* The buyer, the farmer and the cadres see at once what became of the payment; nobody else does. */
static enum result announce(struct trade *trade, const struct pay_order *order)
{
    char slug[33] = "";
    {
        QUERY query =
            store_query(trade->store, "SELECT slug FROM stall WHERE id = $1", ARG_INT(order->stall));
        if (!query_row(query))
            return trade_fault(trade);
        g_strlcpy(slug, query_text(query, 0), sizeof slug);
    }
    json_t *full = json_object(), *payment = books_payment_json(trade, order);
    shape_text(full, "order", order->code);
    shape_json(full, "payment", payment);
    struct journal_entry entry = {
        .kind = "payment.changed", .stall = order->stall, .slug = slug, .person = order->buyer, .full = full};
    return journal_add(trade, &entry);
}

/* Which list the money puts the order on, and which it takes it off. */
static enum result note_receipt(struct trade *trade, const struct pay_order *order,
                                const struct receipt *receipt, struct money left, int64_t event)
{
    struct paytask task = {.event = event, .order = order->id};
    enum result done = R_OK;
    if (money_dong(receipt->taken) > 0 || money_dong(left) == 0)
        done = paytask_clear(trade, order->id, TASK_UNDER);
    if (done == R_OK && money_dong(left) > 0) {
        task.kind = TASK_UNDER;
        task.amount = left;
        done = paytask_open(trade, &task);
    }
    if (done == R_OK && money_dong(receipt->credit) > 0) {
        task.kind = order->cancelled ? TASK_LATE : TASK_OVER;
        task.amount = receipt->credit;
        done = paytask_open(trade, &task);
    }
    return done;
}

enum result books_receive(struct trade *trade, const char *key, enum entry_kind kind, enum account_kind where,
                          int64_t subject, const struct pay_order *order, struct money amount, int64_t event,
                          struct receipt *out)
{
    struct pay_view view;
    struct receipt receipt = {0};
    struct money left;
    if (ledger_find(trade, key)) /* told before; what was due then cannot be known from what is due now */
        return R_ALREADY;
    enum result done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    struct money due = pay_due(&view);
    receipt.taken = money_compare(amount, due) < 0 ? amount : due;
    if (!money_sub(&receipt.credit, amount, receipt.taken) || !money_sub(&left, due, receipt.taken))
        return R_FAULT;
    const struct posting postings[] = {
        {.kind = where, .subject = subject, .amount = amount},
        {.kind = ACCOUNT_ORDER, .subject = order->id, .amount = money_negative(receipt.taken)},
        {.kind = ACCOUNT_CREDIT, .subject = order->buyer, .amount = money_negative(receipt.credit)},
    };
    struct entry entry = {.key = key, .kind = kind, .order = order->id};
    done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), &receipt.entry);
    if (done == R_OK)
        done = note_receipt(trade, order, &receipt, left, event);
    if (done == R_OK)
        done = money_dong(left) > 0 && where != ACCOUNT_CASH ? hold_part(trade, order->id)
                                                             : hold_over(trade, order->id);
    if (done == R_OK)
        done = announce(trade, order);
    if (done == R_OK && out)
        *out = receipt;
    return done;
}

/* The co-op's rate at a stall as it was then. */
static int64_t fee_points(struct trade *trade, int64_t stall, int64_t at_ms)
{
    QUERY query = store_query(trade->store,
                              "SELECT fee_points FROM payee WHERE stall = $1 AND starts_at <= $2"
                              " ORDER BY id DESC LIMIT 1",
                              ARG_INT(stall), ARG_INT(at_ms));
    return query_row(query) ? query_int(query, 0) : 0;
}

enum result books_confirmed(struct trade *trade, int64_t id)
{
    struct pay_order order;
    struct money goods, fee, share, delivery = fee_of_order(trade, id);
    enum result done = books_order(trade, id, &order);
    if (done != R_OK || money_dong(order.total) == 0)
        return done;
    if (!money_sub(&goods, order.total, delivery) ||
        !split_rate(goods, fee_points(trade, order.stall, trade->now_ms), &fee) ||
        !money_sub(&share, goods, fee))
        return R_FAULT;
    g_autofree char *key = g_strdup_printf("charge:%" G_GINT64_FORMAT, id);
    const struct posting postings[] = {
        {.kind = ACCOUNT_ORDER, .subject = id, .amount = order.total},
        {.kind = ACCOUNT_FARMER, .subject = order.farmer, .amount = money_negative(share)},
        {.kind = ACCOUNT_FEES, .amount = money_negative(fee)},
        {.kind = ACCOUNT_DELIVERY, .amount = money_negative(delivery)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_CHARGE, .order = id};
    return ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
}

/* What is beyond what the order costs goes to the buyer's credit, as this kind of task. */
static enum result give_back(struct trade *trade, const struct pay_order *order, enum task_kind kind)
{
    struct pay_view view;
    enum result done = books_view(trade, order, &view);
    struct money beyond = pay_surplus(&view);
    if (done != R_OK || money_dong(beyond) == 0)
        return done;
    int64_t round = store_int(
        trade->store, "SELECT COUNT(*) FROM entry WHERE order_id = $1 AND kind = 'credit'", order->id, 0);
    g_autofree char *key =
        g_strdup_printf("surplus:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, order->id, round + 1);
    const struct posting postings[] = {
        {.kind = ACCOUNT_ORDER, .subject = order->id, .amount = beyond},
        {.kind = ACCOUNT_CREDIT, .subject = order->buyer, .amount = money_negative(beyond)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_CREDIT, .order = order->id};
    struct paytask task = {.kind = kind, .order = order->id, .amount = beyond};
    done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    return done == R_OK ? paytask_open(trade, &task) : done;
}

/* What the order has been charged by now, reversals taken off. */
static bool charged(struct trade *trade, int64_t order, struct money *out)
{
    int64_t dong = store_int(
        trade->store,
        "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM account a JOIN posting p ON p.account = a.id"
        " JOIN entry e ON e.id = p.entry WHERE a.kind = 'order' AND a.subject = $1"
        " AND COALESCE((SELECT r.kind FROM entry r WHERE r.id = e.reverses), e.kind) IN ('charge', 'adjust')",
        order, 0);
    return money_make(out, dong);
}

/* The co-op's part of an order so far. */
static bool fee_so_far(struct trade *trade, int64_t order, struct money *out)
{
    int64_t dong = store_int(
        trade->store,
        "SELECT CAST(COALESCE(SUM(-p.amount), 0) AS BIGINT) FROM entry e JOIN posting p ON p.entry = e.id"
        " JOIN account a ON a.id = p.account WHERE e.order_id = $1 AND a.kind = 'fees'",
        order, 0);
    return money_make(out, dong);
}

/* Charges the difference, which may be negative. The co-op's part is brought to that of the whole, at the
 * rate the order was charged at: what is left of an order never pays for what was taken off it, and nothing
 * is lost by rounding each step. */
static enum result adjust(struct trade *trade, const struct pay_order *order, int64_t charge,
                          struct money difference)
{
    struct money goods, whole, before, fee, share;
    int64_t charged_at = store_int(trade->store, "SELECT at_ms FROM entry WHERE id = $1", charge, 0);
    int64_t round = store_int(
        trade->store, "SELECT COUNT(*) FROM entry WHERE order_id = $1 AND kind = 'adjust'", order->id, 0);
    if (!money_sub(&goods, order->total, fee_of_order(trade, order->id)) ||
        !split_rate(goods, fee_points(trade, order->stall, charged_at), &whole) ||
        !fee_so_far(trade, order->id, &before) || !money_sub(&fee, whole, before) ||
        !money_sub(&share, difference, fee))
        return R_FAULT;
    g_autofree char *key =
        g_strdup_printf("adjust:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, order->id, round + 1);
    const struct posting postings[] = {
        {.kind = ACCOUNT_ORDER, .subject = order->id, .amount = difference},
        {.kind = ACCOUNT_FARMER, .subject = order->farmer, .amount = money_negative(share)},
        {.kind = ACCOUNT_FEES, .amount = money_negative(fee)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_ADJUST, .order = order->id};
    return ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
}

enum result books_changed(struct trade *trade, int64_t id)
{
    struct pay_order order;
    struct pay_view view;
    struct money before, difference;
    g_autofree char *charge_key = g_strdup_printf("charge:%" G_GINT64_FORMAT, id);
    enum result done = books_order(trade, id, &order);
    if (done != R_OK || order.cancelled)
        return done;
    if (!charged(trade, id, &before) || !money_sub(&difference, order.total, before))
        return R_FAULT;
    int64_t charge = ledger_find(trade, charge_key);
    if (charge && money_dong(difference))
        done = adjust(trade, &order, charge, difference);
    if (done == R_OK)
        done = paytask_clear(trade, id, TASK_UNDER);
    if (done == R_OK)
        done = give_back(trade, &order, TASK_OVER);
    if (done == R_OK)
        done = books_view(trade, &order, &view);
    if (done == R_OK && pay_state(&view) == PAY_PART)
        done =
            paytask_open(trade, &(struct paytask){.kind = TASK_UNDER, .order = id, .amount = pay_due(&view)});
    return done == R_OK ? announce(trade, &order) : done;
}

/* Takes back every charge of the order that stands: the scale may have been read a hundred times. What a
 * delivery company keeps for its way is no charge of the buyer's and stays. */
static enum result uncharge(struct trade *trade, int64_t order)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    {
        QUERY query = store_query(
            trade->store,
            "SELECT e.id FROM entry e WHERE e.order_id = $1 AND e.kind IN ('charge', 'adjust')"
            " AND EXISTS (SELECT 1 FROM posting p JOIN account a ON a.id = p.account WHERE p.entry = e.id"
            " AND a.kind = 'order')"
            " AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.reverses = e.id) ORDER BY e.id",
            ARG_INT(order));
        enum step step;
        while ((step = query_step(query)) == STEP_ROW) {
            int64_t id = query_int(query, 0);
            g_array_append_val(ids, id);
        }
        if (step != STEP_DONE)
            return trade_fault(trade);
    }
    enum result done = R_OK;
    for (guint i = 0; done == R_OK && i < ids->len; i++) {
        int64_t id = g_array_index(ids, int64_t, i);
        g_autofree char *key = g_strdup_printf("uncharge:%" G_GINT64_FORMAT, id);
        done = ledger_reverse(trade, id, key, "", NULL);
    }
    return done;
}

enum result books_cancelled(struct trade *trade, int64_t id)
{
    struct pay_order order;
    struct pay_view view;
    enum result done = books_order(trade, id, &order);
    if (done == R_OK)
        done = uncharge(trade, id);
    if (done == R_OK)
        done = paytask_clear(trade, id, TASK_UNDER);
    if (done != R_OK)
        return done;
    order.cancelled = true;
    done = books_view(trade, &order, &view);
    if (done != R_OK || money_dong(pay_surplus(&view)) == 0)
        return done;
    done = give_back(trade, &order, TASK_REFUND_DUE);
    return done == R_OK ? announce(trade, &order) : done;
}

enum result books_spend_credit(struct trade *trade, const char *key, const struct pay_order *order,
                               struct money amount)
{
    struct pay_view view;
    struct entry entry = {.key = key, .kind = ENTRY_CREDIT, .order = order->id};
    const struct posting postings[] = {
        {.kind = ACCOUNT_CREDIT, .subject = order->buyer, .amount = amount},
        {.kind = ACCOUNT_ORDER, .subject = order->id, .amount = money_negative(amount)},
    };
    enum result done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    if (money_dong(amount) <= 0 || money_compare(amount, pay_due(&view)) > 0)
        return R_WRONG_MOMENT;
    done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    bool whole = money_compare(amount, pay_due(&view)) == 0;
    if (done == R_OK && whole)
        done = hold_over(trade, order->id);
    if (done == R_OK && whole)
        done = paytask_clear(trade, order->id, TASK_UNDER);
    return done == R_OK ? announce(trade, order) : done;
}
