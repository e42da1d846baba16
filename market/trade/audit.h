/* audit.h: does the book of money say of every order what the order says, and have lots given what orders
 * took? One pass of SQL for each question, whatever the number of orders. */
#ifndef TRADE_AUDIT_H
#define TRADE_AUDIT_H

#include "market/store/store.h"
#include "market/trade/misfit.h"

/* Of orders: "charged" (charges less what was taken back of them, against the total: nothing before the
 * farmer's yes and after a cancellation), "receivable" (the account's balance, against what is owed less what
 * came in and went back), "fee" (what was booked for the way, against the fee it was shown), "line" (a
 * weighed line, against price × quantity), "flash" (1: it has what it took at a flash price), "refund"
 * (waiting to be paid). Of lots: "held-ordered" and "sold-ordered" (against the lines of their orders),
 * "flash" (taken at a flash price). False: reading failed. Within a read transaction. */
bool audit_orders(struct store *store, struct misfits *misfits);

#endif
