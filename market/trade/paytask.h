/* paytask.h: what about money a person has to decide: one list, each item closed once, with an outcome and a
 * name. Desk thread. */
#ifndef TRADE_PAYTASK_H
#define TRADE_PAYTASK_H

#include "market/base/money.h"
#include "market/trade/trade.h"

#define TASK_KINDS(X)                                                                                        \
    X(UNMATCHED, "unmatched") /* money nobody knows: no order's code in it, or several */                    \
    X(UNDER, "under")         /* an order paid in part */                                                    \
    X(OVER, "over")           /* more than it cost: the rest is the buyer's credit */                        \
    X(LATE, "late")           /* for an order that was cancelled: all of it is the buyer's credit */         \
    X(DUPLICATE, "duplicate") /* the bank's number was booked before: the same or another? Not booked yet */ \
    X(REFUND_DUE, "refund-due") /* a cancelled order had been paid */                                        \
    X(OUT, "out")               /* money left the account: which refund or payout was it? */                 \
    X(UNREADABLE, "unreadable") /* a notice that is not what its sender usually sends */
enum task_kind {
#define X(name, word) TASK_##name,
    TASK_KINDS(X)
#undef X
        TASK_KIND_COUNT
};

struct paytask {
    enum task_kind kind;
    int64_t event, raw, order; /* 0: none */
    struct money amount;
    const char *near; /* codes between blanks, or NULL */
};

enum result paytask_open(struct trade *trade, const struct paytask *task);
/* R_UNKNOWN; R_WRONG_MOMENT when somebody closed it before. `outcome` is one of the table's words. */
enum result paytask_close(struct trade *trade, int64_t id, const char *outcome, const char *reason);
/* The order's open tasks of this kind have become pointless: closed as "cleared". */
enum result paytask_clear(struct trade *trade, int64_t order, enum task_kind kind);
enum result paytask_get(struct trade *trade, int64_t id, struct paytask *out,
                        bool *open); /* R_UNKNOWN; near is not filled */

/* JSON array, oldest open first; kind NULL: all. */
enum result paytask_list(struct trade *trade, const char *kind, int64_t after, int64_t limit, json_t **out);
bool task_kind_read(const char *name, enum task_kind *kind);

#endif
