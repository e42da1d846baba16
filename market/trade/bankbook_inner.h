/* bankbook_inner.h: what bankbook*.c share. */
#ifndef TRADE_BANKBOOK_INNER_H
#define TRADE_BANKBOOK_INNER_H

#include "market/trade/trade.h"

struct disposition {
    int64_t event;
    const char *kind; /* of the table's words */
    int64_t order, first, entry;
    const char *reason;
};
/* R_WRONG_MOMENT: the event has one already. */
enum result bankbook_dispose(struct trade *trade, const struct disposition *d);

#endif
