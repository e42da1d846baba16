/* outgoing.h: a movement out of a bank account and the refund or payout it was. The bank's number, which
 * whoever paid wrote down, says so; of a refund its order's code, too. One sure answer or none: a person
 * decides then. Which comes first, the bank's word or the person's, does not matter. Desk thread. */
#ifndef TRADE_OUTGOING_H
#define TRADE_OUTGOING_H

#include "market/trade/bank_event.h"
#include "market/trade/trade.h"

enum { OUTGOING_NEAR_MS = 7 * 24 * 3600 * 1000 }; /* how far the two may be apart */

/* The bank showed `event` (bank_event row) leaving `account`. *found: it is known what it was. */
enum result outgoing_shown(struct trade *trade, int64_t event, int64_t account, const struct bank_event *e,
                           bool *found);
/* A refund or a payout (the other is 0) was marked as paid by bank: did the bank show it already? Then the
 * task about that is closed. */
enum result outgoing_marked(struct trade *trade, int64_t refund, int64_t payout);

#endif
