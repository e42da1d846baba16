/* writeoff.h: goods that cannot be sold any more: spoiled on the stall, in an order that was already sold, or
 * come back from a door. Each has a coded reason and who bears it by rule (why.h). Desk thread. */
#ifndef TRADE_WRITEOFF_H
#define TRADE_WRITEOFF_H

#include "market/trade/order.h"
#include "market/trade/why.h"

struct writeoff {
    int64_t lot, amount, device_at;
    const struct why *why;
};
/* order NULL: from what is on sale. Else from what that order has of the lot: its buyer gets and pays less,
 * as if it had been weighed so. R_SOLD_OUT: there is not that much; R_WRONG_MOMENT: the order is not
 * confirmed, or closed. */
enum result writeoff_add(struct trade *trade, const struct stall *stall, const struct order *order,
                         const struct writeoff *w);
/* [{id,lot,name,unit,amount,reason,bears,order,at,device_at}] of a stall, newest first. */
enum result writeoff_list(struct trade *trade, int64_t stall, json_t **out);

#endif
