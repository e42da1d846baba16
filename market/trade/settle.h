/* settle.h: what a farmer has earned, what he has got of it, and what is still his. Desk thread; reading: any
 * reader. */
#ifndef TRADE_SETTLE_H
#define TRADE_SETTLE_H

#include "market/trade/books.h"

/* The farmer's statement between two moments:
 * {farmer,opening,rows:[{at,kind,order,words,amount,balance}],earned,paid,taken_back,closing,
 * payable,clawback,tax:[{kind,since,vat_points,income_points,amount,vat,income}]}. Amounts as the farmer sees
 * them: + is his. Tax is by the rates of when an order's money first came into the book, so that a new rate
 * changes nothing that was settled before it. */
enum result settle_statement(struct trade *trade, int64_t farmer, int64_t from_ms, int64_t to_ms,
                             json_t **out);
/* The same rows as CSV with Vietnamese titles, UTF-8 with a mark (spreadsheets ask for it); yours to g_free.
 * Cells that a spreadsheet would take for a formula are quoted with an apostrophe. */
char *settle_csv(json_t *statement);

/* How a farmer is paid: in cash out of the asker's pocket, or from an account of the co-op's to one that is
 * written down as the farmer's own. */
struct payout_way {
    bool in_cash;
    int64_t account, to;   /* rows of bank_account; `to` 0: the only one he has */
    const char *reference; /* of the transfer, which clears when the bank shows it; or the receipt's words */
};
/* Paid to the farmer. R_WRONG_MOMENT {"reason":"not-enough"}: more than he is owed; {"reason":"no-account"}:
 * none is written down as his. R_BAD_FIELD "account": not the co-op's; "to": not his, or it is not said
 * which.
 */
enum result settle_pay(struct trade *trade, int64_t farmer, struct money amount, const struct payout_way *way,
                       int64_t *payout);

/* Money that buyers sent straight to the farmer's own bank account counts as paid out: books what of it is
 * not yet. *amount may be 0. */
enum result settle_direct(struct trade *trade, int64_t farmer, struct money *amount);

#endif
