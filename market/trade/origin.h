/* origin.h: where a lot comes from: whose field, when it was picked, the minute of the stream that shows it,
 * and its papers (certificate.h). For everybody to read. Desk thread; reading: any reader. */
#ifndef TRADE_ORIGIN_H
#define TRADE_ORIGIN_H

#include "market/trade/stall.h"

struct origin_change {
    const char *plot;  /* NULL: leave */
    int64_t picked_at; /* 0: leave */
    int64_t moment_at; /* 0: leave; when the stream showed it */
};
/* R_BAD_FIELD: the stall was not live at that moment; picked in the future. */
enum result origin_set(struct trade *trade, const struct stall *stall, int64_t lot,
                       const struct origin_change *c);
/* {lot, stall, farmer, origin, certificates}; R_UNKNOWN. `origin` names the room and moment for the edge. */
enum result origin_get(struct trade *trade, int64_t lot, json_t **out);
/* Labels to print: [{lot, name, unit, quantity, …, url, svg}] of a lot, or of an order's lines (order 0: the
 * lot). */
enum result origin_labels(struct trade *trade, int64_t lot, int64_t order, json_t **out);

#endif
