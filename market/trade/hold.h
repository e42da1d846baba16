/* hold.h: for how long goods are kept for an order. Only a placed order at a stall whose buyers pay by
 * transfer has such an end, as only there the next step is the buyer's: whoever pays in cash waits for the
 * farmer, and is not punished for it. All of its money, cash in somebody's hand, the farmer's yes or a
 * cancellation ends the hold; else the desk's timer cancels the order with the reason "expired", its goods go
 * back on sale, once, and what had come of its money is somebody's task to give back. The first part that
 * comes by transfer makes the hold longer, once. The deadline is stored, so a restart changes nothing. Desk
 * thread. This is the only writer of the table. */
#ifndef TRADE_HOLD_H
#define TRADE_HOLD_H

#include "market/trade/stall.h"

#define HOLD_EXPIRED "expired" /* the reason of such a cancellation; pages have words for it */

/* Until when a new order at this stall is kept, ms since 1970; 0: without an end. */
int64_t hold_end(struct trade *trade, const struct stall *stall);
enum result hold_begin(struct trade *trade, int64_t order, int64_t ends_at); /* ends_at 0: nothing to do */
/* Another end, for an order whose buyer said yes to an offer; 0: without one. */
enum result hold_until(struct trade *trade, int64_t order, int64_t ends_at);
/* A part of its money has come by transfer: the first time its goods are kept for HOLD_PART_MINUTES from now
 * on, or as long as before, whichever is longer. Without an open hold nothing happens. */
enum { HOLD_PART_MINUTES = 120 };
enum result hold_part(struct trade *trade, int64_t order);
/* It is paid, confirmed or cancelled: no longer the timer's business. Without an open hold nothing
 * happens. */
enum result hold_over(struct trade *trade, int64_t order);
/* Cancels what has run out, at most HOLD_BATCH at a time; *count says how many. */
enum { HOLD_BATCH = 100 };
enum result hold_expire(struct trade *trade, int64_t *count);

#endif
