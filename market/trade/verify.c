/* verify.c: the checks in a row. */
#include "market/trade/verify.h"

#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/journal.h"
#include "market/trade/ledger.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"

json_t *verify_all(struct store *store)
{
    char head[ID_HASH_CHARS + 1];
    int64_t rows = 0, lots = 0, orders = 0, bad_row = 0, bad_lot = 0, bad_order = 0, entries = 0,
            bad_book = 0;
    const char *book = "";
    bool journal_fits = journal_verify(store, &rows, &bad_row, head);
    bool lots_fit = lot_verify(store, &lots, &bad_lot);
    bool orders_fit = order_verify(store, &orders, &bad_order);
    bool books_fit = ledger_verify(store, &entries, &book, &bad_book);
    if (store_failed(store))
        return NULL;
    json_t *report = json_object(), *journal = json_object();
    shape_bool(report, "ok", journal_fits && lots_fit && orders_fit && books_fit);
    shape_int(journal, "rows", rows);
    shape_text(journal, "head", head);
    shape_json(report, "journal", journal);
    shape_int(report, "lots", lots);
    shape_int(report, "orders", orders);
    shape_int(report, "entries", entries);
    if (!journal_fits || !lots_fit || !orders_fit || !books_fit) {
        shape_text(report, "what",
                   !journal_fits ? "journal"
                   : !lots_fit   ? "stock"
                   : !orders_fit ? "order"
                                 : book);
        shape_int(report, "row",
                  !journal_fits ? bad_row
                  : !lots_fit   ? bad_lot
                  : !orders_fit ? bad_order
                                : bad_book);
    }
    return report;
}
