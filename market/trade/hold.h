/* hold.h: for how long goods are kept for an order. Only a placed order at a stall whose buyers pay by
 * transfer has such an end, as only there the next step is the buyer's: whoever pays in cash waits for the
 * farmer, and is not punished for it. Any money, the farmer's yes or a cancellation ends the hold; else the
 * desk's timer cancels the order with the reason "expired" and its goods go back on sale, once. The deadline
 * is stored, so a restart changes nothing. Desk thread. */
#ifndef TRADE_HOLD_H
#define TRADE_HOLD_H

#include "market/trade/stall.h"

#define HOLD_EXPIRED "expired" /* the reason of such a cancellation; pages have words for it */

/* Until when a new order at this stall is kept, ms since 1970; 0: without an end. */
int64_t hold_end(struct trade *trade, const struct stall *stall);
enum result hold_begin(struct trade *trade, int64_t order, int64_t ends_at); /* ends_at 0: nothing to do */
/* It is paid (in part), confirmed or cancelled: no longer the timer's business. Without an open hold nothing
 * happens. */
enum result hold_over(struct trade *trade, int64_t order);
/* Cancels what has run out, at most HOLD_BATCH at a time; *count says how many. */
enum { HOLD_BATCH = 100 };
enum result hold_expire(struct trade *trade, int64_t *count);

#endif
