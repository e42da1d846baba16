/* flash.h: a lower price for an amount, a time and so much for each buyer. An order that names the flash
 * price takes from it; one that comes too late is told the price now (R_PRICE_CHANGED), and nothing is sold
 * for a price nobody was shown. An order at the lot's own price never looks here. Desk thread. */
#ifndef TRADE_FLASH_H
#define TRADE_FLASH_H

#include "market/trade/lot.h"

enum { FLASH_MINUTES_MAX = 1440 };

struct flash_request {
    int64_t price, amount, minutes;
    int64_t buyer_limit; /* 0: none */
};
/* R_BAD_FIELD: not below the lot's price; R_ALREADY: one is running; R_WRONG_MOMENT: the lot is closed. */
enum result flash_start(struct trade *trade, const struct stall *stall, int64_t lot,
                        const struct flash_request *request);
enum result flash_end(struct trade *trade, const struct stall *stall,
                      int64_t lot);            /* R_WRONG_MOMENT: none runs */
enum result flash_expire(struct trade *trade); /* ends those whose time is over; the desk's timer */

/* After lot_hold refused the price: takes the goods at the flash price, when that is what the claim names.
 * Refusals as lot_hold; R_PRICE_CHANGED has flash_left besides when less is left of the flash than was asked.
 */
enum result flash_hold(struct trade *trade, int64_t stall, const struct lot_claim *claim,
                       struct lot_taken *taken);
/* Notes it under the order, whose row is written by now. R_LIMIT (lot, limit, had, price: the lot's own). */
enum result flash_note(struct trade *trade, const struct lot_taken *taken, int64_t lot, int64_t order,
                       int64_t buyer, const char *phone);
/* The order is off: what it took can be had at the flash price again. */
enum result flash_back(struct trade *trade, const struct stall *stall, int64_t order);
enum result flash_moved(struct trade *trade, int64_t from, int64_t to); /* the order goes on as another */

#endif
