/* why.h: the coded reasons for which an order ends before its time, goods are written off or come back, and
 * who bears each by rule. The doors' reasons are in stop.h. Pure; any thread. */
#ifndef TRADE_WHY_H
#define TRADE_WHY_H

#include <stdint.h>

/* Cancels; cancels; is written off; the goods are bad: what the cancelled order had is not sold again. */
enum why_side { WHY_BUYER = 1, WHY_SELLER = 2, WHY_GOODS = 4, WHY_BAD = 8 };

struct why {
    const char *code; /* stored, never renamed; the pages have words for it */
    unsigned side;
    const char *bears; /* "farmer", "buyer", "courier", "coop" or "nobody" */
};
const struct why *why_find(const char *code); /* NULL: unknown */

/* How an order changes its state: the words a person gave, a code, and the phone's clock (0: unknown). */
struct why_move {
    const char *words, *code; /* "" when there is none */
    int64_t device_at;
};

#endif
