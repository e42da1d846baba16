/* books.h: how the market's events become entries of the ledger. One function for each thing that happens to
 * money; every entry's key is the fact's own name, so a fact told twice is booked once. Banks' accounts move
 * only by what banks tell (bankbook.h): what is paid out goes through suspense until the bank shows it. Desk
 * thread; reading: any reader. */
#ifndef TRADE_BOOKS_H
#define TRADE_BOOKS_H

#include "market/base/id.h"
#include "market/trade/ledger.h"
#include "market/trade/paystate.h"

struct pay_order {
    int64_t id, stall, buyer, farmer;
    struct money total;
    bool cancelled, confirmed, closed;
    char code[ID_CODE_CHARS + 1];
};

enum result books_order(struct trade *trade, int64_t id, struct pay_order *out); /* R_UNKNOWN */
enum result books_order_by_code(struct trade *trade, const char *code, struct pay_order *out);

/* What the ledger says of the order's payment; whether the farmer has been paid his share (settled) is not
 * looked into. */
enum result books_view(struct trade *trade, const struct pay_order *order, struct pay_view *out);
/* {state,total,received,returned,due,surplus,cash}; NULL when the disk refuses. */
json_t *books_payment_json(struct trade *trade, const struct pay_order *order);

/* Where money for an order was put. */
struct receipt {
    int64_t entry;
    struct money taken;  /* for the order */
    struct money credit; /* beyond what was due: the buyer's */
};
/* Money for an order has come: debits `where`, credits the order with what is due and the buyer's credit with
 * the rest. Opens and clears the tasks under, over and late. All of it ends the hold, and so does cash, which
 * somebody has taken who knows; a part that came by transfer makes it longer, once. `event` is the bank's
 * row, 0 for cash. */
enum result books_receive(struct trade *trade, const char *key, enum entry_kind kind, enum account_kind where,
                          int64_t subject, const struct pay_order *order, struct money amount, int64_t event,
                          struct receipt *out);

/* The farmer said yes: the buyer owes, the farmer and the co-op have earned. */
enum result books_confirmed(struct trade *trade, int64_t order);
/* The order costs something else now (weighed, a line taken off): the charge follows its total, what was paid
 * beyond it becomes the buyer's credit. Called again it finds nothing to do. Nothing is charged before the
 * farmer's yes. */
enum result books_changed(struct trade *trade, int64_t order);
/* The order is off: the charge is reversed; what had been paid becomes the buyer's credit, and somebody's
 * task. */
enum result books_cancelled(struct trade *trade, int64_t order);

/* A buyer pays with what he has good with us. R_WRONG_MOMENT: not that much is good or due. What pays all of
 * it ends the hold; a part does not, the rest is still to come. */
enum result books_spend_credit(struct trade *trade, const char *key, const struct pay_order *order,
                               struct money amount);

#endif
