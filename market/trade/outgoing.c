/* outgoing.c: see outgoing.h. */
#include "market/trade/outgoing.h"

#include <string.h>
#include "market/trade/fold.h"
#include "market/trade/memo.h"
#include "market/trade/paytask.h"

enum { REFERENCE_LEAST = 5, CANDIDATES = 50 };

/* What one side knows of a payment: what the bank wrote, or what the person wrote. */
struct shown {
    const char *reference, *memo;
};

/* The number as the bank's own, or inside its words. */
static bool same_reference(const struct shown *bank, const char *noted)
{
    g_autofree char *want = fold_squash(noted), *number = fold_squash(bank->reference),
                    *memo = fold_squash(bank->memo);
    if (!*want)
        return false;
    return strcmp(want, number) == 0 || (strlen(want) >= REFERENCE_LEAST && strstr(memo, want));
}

static bool has_code(const struct shown *bank, const char *code)
{
    g_autoptr(GPtrArray) codes = memo_codes(bank->memo);
    for (guint i = 0; i < codes->len; i++)
        if (strcmp(codes->pdata[i], code) == 0)
            return true;
    return false;
}

struct payment {
    int64_t refund, payout;
};

/* Refunds paid by bank, of this amount and about this time, that no movement has been yet. */
static enum result find_refunds(struct trade *trade, const struct bank_event *e, const struct shown *bank,
                                struct payment *one, size_t *count)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT r.id, r.reference, o.code FROM refund r JOIN orders o ON o.id = r.order_id"
                    " WHERE r.state = 'paid'"
                    " AND r.amount = $1 AND r.paid_at BETWEEN $2 AND $3"
                    " AND NOT EXISTS (SELECT 1 FROM bank_paid b WHERE b.refund = r.id)"
                    " AND EXISTS (SELECT 1 FROM entry n JOIN posting p ON p.entry = n.id"
                    " JOIN account a ON a.id = p.account"
                    "  WHERE n.key = 'refund-pay:' || r.id AND a.kind = 'suspense') ORDER BY r.id LIMIT $4",
                    ARG_INT(money_dong(e->amount)), ARG_INT(e->at_ms - OUTGOING_NEAR_MS),
                    ARG_INT(e->at_ms + OUTGOING_NEAR_MS), ARG_INT(CANDIDATES));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        if (same_reference(bank, query_text(query, 1)) || has_code(bank, query_text(query, 2))) {
            *one = (struct payment){.refund = query_int(query, 0)};
            ++*count;
        }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result find_payouts(struct trade *trade, int64_t account, const struct bank_event *e,
                                const struct shown *bank, struct payment *one, size_t *count)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT t.id, t.reference FROM payout t WHERE t.amount = $1 AND t.at_ms BETWEEN $2 AND $3"
                    " AND t.account = $4 AND NOT EXISTS (SELECT 1 FROM bank_paid b WHERE b.payout = t.id)"
                    " ORDER BY t.id LIMIT $5",
                    ARG_INT(money_dong(e->amount)), ARG_INT(e->at_ms - OUTGOING_NEAR_MS),
                    ARG_INT(e->at_ms + OUTGOING_NEAR_MS), ARG_INT(account), ARG_INT(CANDIDATES));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        if (same_reference(bank, query_text(query, 1))) {
            *one = (struct payment){.payout = query_int(query, 0)};
            ++*count;
        }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result outgoing_shown(struct trade *trade, int64_t event, int64_t account, const struct bank_event *e,
                           bool *found)
{
    const struct shown bank = {e->reference, e->memo};
    struct payment one = {0};
    size_t count = 0;
    *found = false;
    enum result done = find_refunds(trade, e, &bank, &one, &count);
    if (done == R_OK)
        done = find_payouts(trade, account, e, &bank, &one, &count);
    if (done != R_OK || count != 1)
        return done;
    *found = true;
    enum step step = store_run(
        trade->store, "INSERT INTO bank_paid (event, refund, payout, at_ms) VALUES ($1, $2, $3, $4)",
        ARG_INT(event), ARG_ID(one.refund), ARG_ID(one.payout), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* An open task about money that left, and the event it is about. */
struct open_task {
    int64_t task, event, account;
    struct bank_event e; /* its texts are the query's no more: owned */
};

static void clear_task(struct open_task *open)
{
    g_free(open->e.memo);
    g_free(open->e.reference);
}

static GArray *open_tasks(struct trade *trade, int64_t amount)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(struct open_task));
    QUERY query = store_query(trade->store,
                              "SELECT t.id, b.id, b.account, b.memo, b.reference, b.at_ms FROM pay_task t"
                              " JOIN bank_event b ON b.id = t.event"
                              " WHERE t.kind = 'out' AND t.closed_at IS NULL AND t.amount = $1"
                              " ORDER BY t.id LIMIT $2",
                              ARG_INT(amount), ARG_INT(CANDIDATES));
    while (query_row(query)) {
        struct open_task open = {query_int(query, 0), query_int(query, 1), query_int(query, 2), {0}};
        open.e.memo = g_strdup(query_text(query, 3));
        open.e.reference = g_strdup(query_text(query, 4));
        open.e.at_ms = query_int(query, 5);
        if (money_make(&open.e.amount, amount))
            g_array_append_val(list, open);
        else
            clear_task(&open);
    }
    return list;
}

enum result outgoing_marked(struct trade *trade, int64_t refund, int64_t payout)
{
    int64_t amount = refund ? store_int(trade->store, "SELECT amount FROM refund WHERE id = $1", refund, 0)
                            : store_int(trade->store, "SELECT amount FROM payout WHERE id = $1", payout, 0);
    GArray *list = open_tasks(trade, amount);
    enum result done = R_OK;
    bool found = false;
    for (guint i = 0; done == R_OK && !found && i < list->len; i++) {
        const struct open_task *open = &g_array_index(list, struct open_task, i);
        done = outgoing_shown(trade, open->event, open->account, &open->e, &found);
        if (done == R_OK && found)
            done = paytask_close(trade, open->task, "out", "");
    }
    for (guint i = 0; i < list->len; i++)
        clear_task(&g_array_index(list, struct open_task, i));
    g_array_unref(list);
    return done;
}
