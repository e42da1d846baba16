/* weigh.h: what became of the lines of a confirmed order: the farmer's scale, the buyer's answer to what is
 * too much, and the end, which needs all of it settled.
 *
 *   ordered ──▶ weighed                      up to the lot's tolerance above what was ordered: the price
 * follows the scale └──────▶ extra ──▶ accepted | declined  beyond it: until the buyer answers, goods and
 * price stay as agreed
 *
 * Every state may be weighed again until the order is closed. Each change is one immutable row of line_event.
 *
 * When a confirmed order may be closed, by where it is:
 *
 *   on no trip, fetched at the stall, a door that is done (delivered, partial, failed)     yes
 *   a door ahead: waiting or arrived, whether the trip moves yet or not                    no, "on-a-trip"
 *   with a delivery company that is to collect at the door and has not said so             no, "with-carrier"
 *   with one that has nothing to collect (paid before): it never says what became of it    yes
 *
 * A closed order goes on no trip, to no company, and no door of it is taken back. Desk thread. */
#ifndef TRADE_WEIGH_H
#define TRADE_WEIGH_H

#include "market/trade/order.h"

enum line_state { LINE_ORDERED, LINE_WEIGHED, LINE_EXTRA, LINE_ACCEPTED, LINE_DECLINED, LINE_STATES };
const char *line_state_name(enum line_state state); /* stored, never renamed */

/* What the scale showed of the order's line of this lot: 0 (nothing was there) to QUANTITY_LINE_MAX.
 * R_UNKNOWN: no such line; R_WRONG_MOMENT: not confirmed, or closed; R_SOLD_OUT: what is above the order
 * belongs to others by now. device_at: 0 unknown. */
enum result weigh_line(struct trade *trade, const struct stall *stall, const struct order *order, int64_t lot,
                       int64_t weighed, int64_t device_at);
/* What the order has after a door, its undo or a write-off: an extra that the buyer agreed to is not asked
 * about again. Refused as weigh_line. */
enum result weigh_keep(struct trade *trade, const struct stall *stall, const struct order *order, int64_t lot,
                       int64_t quantity, int64_t device_at);
/* The buyer's answer to an extra. R_WRONG_MOMENT when there is none; R_SOLD_OUT as above. */
enum result weigh_answer(struct trade *trade, const struct stall *stall, const struct order *order,
                         int64_t lot, bool accepted, int64_t device_at);
/* The order is done. R_WRONG_MOMENT with {"reason":"open-difference","lot":N} while a buyer's answer is
 * missing,
 * {"reason":"not-paid","due":N} while there is something to pay, {"reason":"on-a-trip" | "with-carrier"}
 * while it is on its way. */
enum result weigh_close(struct trade *trade, const struct stall *stall, const struct order *order,
                        int64_t device_at);

#endif
