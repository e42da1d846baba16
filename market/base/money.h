/* money.h: đồng, as a type so that it is never mixed with grams or ids. Whole đồng only, never a fraction,
 * never a float. Values stay within ±MONEY_MAX; every operation that would leave that range is refused
 * (false, output untouched). Any thread. Only money.c and this header look inside. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>
#include "market/base/quantity.h"

struct money {
    int64_t dong;
};

#define MONEY_MAX                                                                                            \
    INT64_C(1000000000000000) /* 10^15 đ: all the money in the country fits, and so does a double in a      \
                                 browser */
#define MONEY_MUST __attribute__((warn_unused_result))

MONEY_MUST bool money_make(struct money *out, int64_t dong);
MONEY_MUST bool money_add(struct money *sum, struct money a, struct money b);
MONEY_MUST bool money_sub(struct money *difference, struct money a, struct money b);
/* What `quantity` of goods costs at `price` đồng per kilogram, bunch or piece. Grams are thousandths of a
 * kilogram, rounded half up to whole đồng. Refuses negative quantities and prices. */
MONEY_MUST bool money_of(struct money *amount, struct money price, struct quantity quantity);

static inline int64_t money_dong(struct money m)
{
    return m.dong;
}
static inline int money_compare(struct money a, struct money b)
{
    return (a.dong > b.dong) - (a.dong < b.dong);
}

#endif
