/* split.h: divides an amount by weights so that the parts add up to it exactly. Pure; any thread. */
#ifndef TRADE_SPLIT_H
#define TRADE_SPLIT_H

#include <stddef.h>
#include "market/base/money.h"

enum { SPLIT_MAX = 64, SPLIT_WHOLE = 10000 /* basis points */ };

/* Largest remainder: each part is its exact share rounded down; what is left goes, one đồng each, to the
 * largest remainders, the earlier first among equals. False: no positive weight, a negative one, more than
 * SPLIT_MAX, or a negative amount; *parts is untouched. */
MONEY_MUST bool split_by_weight(struct money whole, const int64_t *weights, size_t count,
                                struct money *parts);

/* `points` basis points (0…10000) of an amount ≥ 0, rounded half up. */
MONEY_MUST bool split_rate(struct money whole, int64_t points, struct money *part);

#endif
