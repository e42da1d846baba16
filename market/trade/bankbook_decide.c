/* bankbook_decide.c: a person's word on money that could not be placed. The event's disposition stays what it
 * was (in suspense); what is decided is an entry that takes it out of there. Only a suspected duplicate has
 * no disposition yet and gets it here. */
#include <glib.h>
#include "market/base/shape.h"
#include "market/trade/bankbook.h"
#include "market/trade/bankbook_inner.h"
#include "market/trade/books.h"
#include "market/trade/paytask.h"

/* The open task of one of two kinds, with its event's account. */
static enum result find_task(struct trade *trade, int64_t id, enum task_kind kind, enum task_kind other,
                             struct paytask *task, int64_t *account)
{
    bool open;
    enum result found = paytask_get(trade, id, task, &open);
    if (found != R_OK)
        return found;
    if (!open || (task->kind != kind && task->kind != other) || !task->event)
        return R_WRONG_MOMENT;
    *account =
        store_int(trade->store, "SELECT COALESCE(account, 0) FROM bank_event WHERE id = $1", task->event, 0);
    return *account ? R_OK : R_WRONG_MOMENT;
}

enum result bankbook_assign(struct trade *trade, int64_t id, int64_t order_id)
{
    struct paytask task;
    struct pay_order order;
    struct receipt receipt;
    int64_t account;
    char key[40];
    enum result done = find_task(trade, id, TASK_UNMATCHED, TASK_DUPLICATE, &task, &account);
    if (done == R_OK)
        done = books_order(trade, order_id, &order);
    if (done != R_OK)
        return done;
    bool booked = task.kind == TASK_UNMATCHED; /* then it waits in suspense */
    g_snprintf(key, sizeof key, "%s:%" G_GINT64_FORMAT, booked ? "resolve" : "event", task.event);
    done = books_receive(trade, key, booked ? ENTRY_RESOLVE : ENTRY_PAYMENT,
                         booked ? ACCOUNT_SUSPENSE : ACCOUNT_BANK, booked ? 0 : account, &order, task.amount,
                         task.event, &receipt);
    if (done == R_OK && !booked)
        done = bankbook_dispose(
            trade, &(struct disposition){
                       .event = task.event, .kind = "matched", .order = order.id, .entry = receipt.entry});
    return done == R_OK ? paytask_close(trade, id, "matched", "") : done;
}

enum result bankbook_join(struct trade *trade, int64_t id)
{
    struct paytask task;
    int64_t account;
    enum result done = find_task(trade, id, TASK_DUPLICATE, TASK_DUPLICATE, &task, &account);
    if (done != R_OK)
        return done;
    int64_t first = store_int(
        trade->store,
        "SELECT MIN(b.id) FROM bank_event b"
        " JOIN bank_event e ON e.account = b.account AND e.amount = b.amount"
        " AND e.reference = b.reference AND e.direction = b.direction WHERE e.id = $1 AND b.id < e.id",
        task.event, 0);
    if (!first)
        return R_WRONG_MOMENT;
    done =
        bankbook_dispose(trade, &(struct disposition){.event = task.event, .kind = "joined", .first = first});
    return done == R_OK ? paytask_close(trade, id, "joined", "") : done;
}

enum result bankbook_banked(struct trade *trade, int64_t id, enum account_kind whose, int64_t subject)
{
    struct paytask task;
    int64_t account;
    char key[40];
    enum result done = find_task(trade, id, TASK_UNMATCHED, TASK_UNMATCHED, &task, &account);
    if (done == R_OK && whose == ACCOUNT_CARRIER &&
        !store_int(trade->store, "SELECT 1 FROM carrier WHERE id = $1", subject, 0))
        done = R_UNKNOWN;
    if (done != R_OK)
        return done;
    g_snprintf(key, sizeof key, "resolve:%" G_GINT64_FORMAT, task.event);
    const struct posting postings[] = {
        {.kind = ACCOUNT_SUSPENSE, .amount = task.amount},
        {.kind = whose, .subject = subject, .amount = money_negative(task.amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_BANKED};
    done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    return done == R_OK ? paytask_close(trade, id, "banked", "") : done;
}
