/* fee.h: what the delivery of an order costs: by zone and weight, shown before, a line of its own beside the
 * goods. It is the only way by which anything but goods comes into an order's total. Desk thread; reading:
 * any reader. */
#ifndef TRADE_FEE_H
#define TRADE_FEE_H

#include "market/base/money.h"
#include "market/trade/trade.h"

struct fee_rate {
    int64_t base, included, per_kg; /* đồng, grams, đồng for each kilogram begun beyond */
};
/* Pure. False: more than can be counted, or negative grams. */
MONEY_MUST bool fee_of(struct money *amount, const struct fee_rate *rate, int64_t grams);

/* What the buyer chose, and the fee the page showed. */
struct fee_wish {
    int64_t zone, point; /* zone 0: nothing chosen, no fee; point 0: to the door */
    int64_t shown;
};
struct fee {
    int64_t zone, point, grams; /* zone 0: none */
    struct money amount;
};
/* The fee of goods weighing `grams` beside `pieces`. R_BAD_FIELD: no such zone or point, or closed.
 * R_PRICE_CHANGED with
 * {"fee":N}: it is not what the buyer was shown. */
enum result fee_count(struct trade *trade, const struct fee_wish *wish, int64_t grams, int64_t pieces,
                      struct fee *out);
enum result fee_keep(struct trade *trade, int64_t order, const struct fee *fee); /* nothing for zone 0 */

struct money fee_of_order(struct trade *trade, int64_t order); /* 0: none */
/* {zone,zone_name,point,point_name,point_place,grams,amount}; NULL when the order has none. */
json_t *fee_json(struct trade *trade, int64_t order);

#endif
