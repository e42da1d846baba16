/* verify.h: do the books fit? Recomputes what can be recomputed and names what does not fit. */
#ifndef TRADE_VERIFY_H
#define TRADE_VERIFY_H

#include <jansson.h>
#include "market/store/store.h"

/* {"ok":bool,"journal":{rows,head},"lots":N,"orders":N,"entries":N} and when not ok "what" and "row", the
 * first that does not fit ("journal", "stock": a lot, "order", "entry", "account", "settlement", "whole",
 * "money": an order), "mismatched" and "mismatches": of lots and orders, how many sums and which (misfit.h).
 * Within a read transaction. `head`, kept somewhere else, shows later whether the end of the journal was cut
 * off. NULL when the database cannot be read. */
json_t *verify_all(struct store *store);

#endif
