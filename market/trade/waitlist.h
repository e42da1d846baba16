/* waitlist.h: the line of people who wait for a lot that is sold out. When goods come back (an order is off,
 * a hold ran out, the farmer has more), the first in line who can do with what there is gets it in the same
 * transaction, before anybody else can: as an order that keeps the goods and waits for a yes. No, or no
 * answer in time: the next.
 *
 *   waiting ──▶ offered ──▶ taken | declined | expired          waiting ──▶ left
 *
 * Desk thread; reading: any reader. */
#ifndef TRADE_WAITLIST_H
#define TRADE_WAITLIST_H

#include "market/trade/order.h"

enum { WAIT_LINE_MAX = 500, WAIT_OFFER_MINUTES = 10 };

struct wait_request {
    int64_t lot, quantity, least, person;
    const char *name, *phone, *place;
};
/* R_WRONG_MOMENT {"reason":"in-stock"}: it can be ordered; R_ALREADY: in line; R_LIMIT: the line is full, or
 * {"limit","had"}: nobody may have more of the lot. */
enum result waitlist_join(struct trade *trade, const struct stall *stall, const struct wait_request *request,
                          int64_t *id);
enum result waitlist_leave(struct trade *trade, int64_t id); /* the asker's own; R_UNKNOWN, R_WRONG_MOMENT */
/* The buyer's yes to an offer, with how it is to be delivered. R_WRONG_MOMENT: there is no open offer. */
enum result waitlist_take(struct trade *trade, const struct stall *stall, const struct order *order,
                          const struct fee_wish *delivery);
bool waitlist_asks(struct trade *trade, int64_t order); /* it waits for its buyer's yes */

/* The order of an offer entered a state: so did the place in line. Nothing for any other order. */
enum result waitlist_ended(struct trade *trade, int64_t order, enum order_state to, const char *code);
/* Offers what there is of a lot to those in line. */
enum result waitlist_serve(struct trade *trade, const struct stall *stall, int64_t lot);
enum result waitlist_serve_all(struct trade *trade, const struct stall *stall,
                               const json_t *lots); /* [{lot,…}] */
enum result waitlist_sweep(struct trade *trade); /* the desk's timer: goods that came back in any other way */

json_t *waitlist_json(struct trade *trade, int64_t id);
/* Open places: of a stall (0: any) or a person (0: anybody). */
enum result waitlist_list(struct trade *trade, int64_t stall, int64_t person, json_t **out);

#endif
