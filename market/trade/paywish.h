/* paywish.h: how the buyer means to pay, kept with the order so that courier and farmer know what to expect.
 * A wish decides nothing: what was paid is in the ledger. Desk thread; reading: any reader. */
#ifndef TRADE_PAYWISH_H
#define TRADE_PAYWISH_H

#include "market/trade/order.h"

/* `way` is "bank" or "cash". Those concerned hear "order.pay-way". R_WRONG_MOMENT: the order is cancelled or
 * closed. Whoever of the office let it go for cash is not forgotten when the buyer says cash, too. */
enum result paywish_set(struct trade *trade, const struct stall *stall, const struct order *order,
                        const char *way);
/* Orders have become one, which means to be paid as they were: as the newest of them that says so. When two
 * of them said different ways, that is remembered until somebody says it anew. The office's word for cash
 * counts for the one only when it was given for each. `old` is in the order in which they were placed. */
enum result paywish_merge(struct trade *trade, const struct stall *stall, const struct order *old,
                          size_t count, const struct order *into);
/* Was it made of orders that said different ways, and nobody has said anything since? */
bool paywish_differed(struct trade *trade, int64_t order);
/* "bank" or "cash" as JSON; null when the buyer has not said. */
json_t *paywish_json(struct trade *trade, int64_t order);

#endif
