/* refund.h: money back to a buyer: granted by one person, paid by another. It comes out of what the buyer has
 * good with us (too much paid, a cancelled order), and is paid by hand: plain transfers cannot be refunded by
 * API. Desk thread. */
#ifndef TRADE_REFUND_H
#define TRADE_REFUND_H

#include "market/trade/books.h"

/* R_WRONG_MOMENT {"reason":"not-enough"}: the buyer has not that much good with us. Closes the order's task
 * refund-due, over or late. */
enum result refund_grant(struct trade *trade, const struct pay_order *order, struct money amount,
                         const char *reason, int64_t *id);

/* Marks it paid: by bank (reference of the transfer; it clears when the bank shows it), or in cash out of the
 * payer's pocket (`in_cash`). R_FORBIDDEN: who granted it may not pay it. R_WRONG_MOMENT: paid before, or not
 * that much cash. */
enum result refund_pay(struct trade *trade, int64_t id, bool in_cash, const char *reference);

json_t *refund_json(struct trade *trade, int64_t id);
enum result refund_list(struct trade *trade, const char *state,
                        json_t **out); /* state NULL: all; newest first */

#endif
