/* verify.c: the checks in a row. */
#include "market/trade/verify.h"

#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/audit.h"
#include "market/trade/journal.h"
#include "market/trade/ledger.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"

/* What does not fit, by the first of the checks that says so; the chain before all. */
struct verdict {
    const char *what; /* NULL: all of it fits */
    int64_t row;
};

static void say(struct verdict *verdict, bool fits, const char *what, int64_t row)
{
    if (!fits && !verdict->what)
        *verdict = (struct verdict){what, row};
}

/* One kind of check: its mismatches behind those of the others. */
static void say_all(struct verdict *verdict, struct misfits *all, struct misfits *some, const char *what)
{
    say(verdict, some->count == 0, what, some->first);
    all->count += some->count;
    some->count = some->first = 0;
    some->list = all->list;
}

json_t *verify_all(struct store *store)
{
    char head[ID_HASH_CHARS + 1];
    int64_t rows = 0, lots = 0, orders = 0, entries = 0, bad = 0;
    const char *book = "";
    struct verdict verdict = {0};
    JSON list = json_array();
    struct misfits all = {.list = list}, some = {.list = list};
    bool fits = journal_verify(store, &rows, &bad, head);
    say(&verdict, fits, "journal", bad);
    bool read = lot_verify(store, &lots, &some);
    say_all(&verdict, &all, &some, "stock");
    read = order_verify(store, &orders, &some) && read;
    say_all(&verdict, &all, &some, "order");
    say(&verdict, ledger_verify(store, &entries, &book, &bad), book, bad);
    read = audit_orders(store, &some) && read;
    say_all(&verdict, &all, &some, "money");
    if (!read || store_failed(store))
        return NULL;
    json_t *report = json_object(), *journal = json_object();
    shape_bool(report, "ok", !verdict.what);
    shape_int(journal, "rows", rows);
    shape_text(journal, "head", head);
    shape_json(report, "journal", journal);
    shape_int(report, "lots", lots);
    shape_int(report, "orders", orders);
    shape_int(report, "entries", entries);
    if (verdict.what) {
        shape_text(report, "what", verdict.what);
        shape_int(report, "row", verdict.row);
        shape_int(report, "mismatched", all.count);
        shape_json(report, "mismatches", json_incref(list));
    }
    return report;
}
