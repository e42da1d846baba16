/* harvest.h: lots that are ordered before they are picked ("picked on Friday, order now"). Their amount is
 * what the farmer promises; orders are taken until order_until (the desk's timer then closes the lot); when
 * it is picked the amount becomes what there really is, and the lot is a live one like any other. Desk
 * thread. */
#ifndef TRADE_HARVEST_H
#define TRADE_HARVEST_H

#include "market/trade/lot.h"

#define HARVEST_AHEAD_MS (INT64_C(60) * 24 * 3600 * 1000)

/* R_BAD_FIELD: not in the future, too far, or orders end after the picking. Before the lot is announced. */
enum result harvest_plan(struct trade *trade, int64_t lot, int64_t pick_at, int64_t order_until);
/* It is picked, `amount` of it. *missing: how much more was sold than there is; the farmer then weighs less
 * or cancels. R_WRONG_MOMENT: no harvest lot, or picked already. */
enum result harvest_picked(struct trade *trade, const struct stall *stall, int64_t lot, int64_t amount,
                           int64_t at, int64_t *missing);
enum result harvest_expire(struct trade *trade); /* closes those whose time for orders is over */

#endif
