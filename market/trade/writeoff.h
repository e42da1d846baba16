/* writeoff.h: goods that cannot be sold any more: spoiled on the stall, in an order that was already sold,
 * refused at a door for what they are, or of an order cancelled as bad. Each has a coded reason and who bears
 * it by rule (why.h, stop.h). Desk thread. */
#ifndef TRADE_WRITEOFF_H
#define TRADE_WRITEOFF_H

#include "market/trade/order.h"

struct writeoff {
    int64_t lot, amount, device_at;
    const char *why, *bears; /* the code and who bears it; of a table, for ever */
};
/* order NULL: from what is on sale. Else from what that order has of the lot: its buyer gets and pays less,
 * as if it had been weighed so. *id: the write-off's number. R_SOLD_OUT: there is not that much;
 * R_WRONG_MOMENT: the order is not confirmed, or closed. */
enum result writeoff_add(struct trade *trade, const struct stall *stall, const struct order *order,
                         const struct writeoff *w, int64_t *id);
/* What an order had and has just given back, in the same transaction: nobody can order it in between. */
enum result writeoff_returned(struct trade *trade, const struct stall *stall, int64_t order,
                              const struct writeoff *w, int64_t *id);
/* It was a mistake: the goods are on sale again, or taken by who asked, in the same transaction. Once. */
enum result writeoff_back(struct trade *trade, const struct stall *stall, int64_t id);
/* [{id,lot,name,unit,amount,reason,bears,order,at,device_at,back_at}] of a stall, newest first. */
enum result writeoff_list(struct trade *trade, int64_t stall, json_t **out);

#endif
