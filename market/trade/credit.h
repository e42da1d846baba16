/* credit.h: what a buyer has good with us (the ledger's credit:<person>): paid too much, or for an order that
 * was cancelled. It pays other orders of the buyer, or is given back (refund.h). Desk thread; reading: any
 * reader. */
#ifndef TRADE_CREDIT_H
#define TRADE_CREDIT_H

#include "market/trade/books.h"

struct money credit_of(struct trade *trade, int64_t person); /* ≥ 0 */

/* Pays the order with its buyer's credit: `amount` đồng, or 0: as far as it goes. R_WRONG_MOMENT {"reason":
 * "cancelled" | "order-closed" | "offered" (say yes first) | "with-carrier" (which was told what to collect)
 * | "paid" | "no-credit" | "not-enough","have":N | "too-much","due":N}. */
enum result credit_use(struct trade *trade, const struct pay_order *order, int64_t amount);
/* How much credit_use would take with amount 0; 0 when it would refuse. */
enum result credit_usable(struct trade *trade, const struct pay_order *order, struct money *out);
/* {"have":N,"use":N} for the order's buyer and the office; null for anybody else: it is not the farmer's to
 * know. NULL when the disk refuses. */
json_t *credit_json(struct trade *trade, const struct pay_order *order);

/* What the order has of its buyer's credit now; ≥ 0. */
enum result credit_in(struct trade *trade, int64_t order, struct money *out);
/* Orders have become one: what they had of the credit, and has gone back to it, pays the one, as far as it is
 * due; the rest is somebody's task again. */
enum result credit_move(struct trade *trade, int64_t into, struct money amount);

/* No more waits to be given back than the buyer still has good: of the tasks over, late and refund-due the
 * newest shrink or end as `outcome` (a word of the table), those that waited longest stay. */
enum result credit_tasks(struct trade *trade, int64_t buyer, const char *outcome);

#endif
