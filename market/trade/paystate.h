/* paystate.h: how far an order's payment is: a pure function of what the order costs and what the ledger says
 * about it. Nobody ever sets it by hand. Pure; any thread. */
#ifndef TRADE_PAYSTATE_H
#define TRADE_PAYSTATE_H

#include <stdbool.h>
#include "market/base/money.h"

#define PAY_STATES(X)                                                                                        \
    X(NONE, "none") /* nothing to pay, nothing paid */                                                       \
    X(EXPECTED, "expected")                                                                                  \
    X(PART, "part")                                                                                          \
    X(CASH, "cash") /* paid, and some of it is still in a courier's pocket */                                \
    X(PAID, "paid")                                                                                          \
    X(SETTLED, "settled") /* and the farmer has got his part */                                              \
    X(OVER, "over")                                                                                          \
    X(RETURNED, "returned") /* cancelled: what had been paid is the buyer's credit or refund */
enum pay_state {
#define X(name, word) PAY_##name,
    PAY_STATES(X)
#undef X
};
const char *pay_state_name(enum pay_state state);

struct pay_view {
    bool cancelled;
    struct money total;    /* of the order as it is now */
    struct money received; /* everything that came in for it, bank, cash and credit; ≥ 0 */
    struct money returned; /* of that, made the buyer's credit or refund again; ≥ 0 */
    struct money cash;     /* of what was received, still with couriers; ≥ 0 */
    bool settled;
};

enum pay_state pay_state(const struct pay_view *view);
/* What is still to be paid: never below 0, 0 for a cancelled order. */
struct money pay_due(const struct pay_view *view);
/* What has been paid beyond what it costs: for a cancelled order all that is still with us. */
struct money pay_surplus(const struct pay_view *view);

#endif
