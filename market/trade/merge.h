/* merge.h: a buyer's open orders of one stall become one: one delivery, one payment. Only while the farmer
 * has not said yes to any of them and no money has come for any; what a buyer's credit paid goes on with
 * them. The prices are those each was ordered at; the goods never leave their hold, so nobody can be faster
 * in between; the fee is counted anew over all of it; the goods are kept as long as the one that was kept
 * longest, not longer. The old ones are cancelled as "merged" and name the new one. */
#ifndef TRADE_MERGE_H
#define TRADE_MERGE_H

#include "market/trade/order.h"

enum { MERGE_MAX = 10 };
struct merged {
    json_t *order;     /* the one, as ORDER; the caller's */
    bool way_differed; /* they said different ways to pay; the newest counts (paywish.h) */
};

/* At least two, newest last or in any order. `fee` is what the buyer was shown; R_PRICE_CHANGED {"fee":N}
 * when it is another. R_WRONG_MOMENT {"reason":"not-open" | "other-stall" | "same-order" | "paid" |
 * "prices-differ", "order" or "lot"}. */
enum result merge_orders(struct trade *trade, const struct stall *stall, struct order *orders, size_t count,
                         int64_t fee, struct merged *out);

#endif
