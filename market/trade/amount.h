/* amount.h: amounts as statements print them: 1,234 or 1.234 or 1 234, with or without .00 behind. One file
 * keeps to one style, so the style is decided once over all its cells; 1.234 alone could be either. Pure; any
 * thread. */
#ifndef TRADE_AMOUNT_H
#define TRADE_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include "market/base/money.h"

enum amount_style {
    AMOUNT_COMMA, /* 1,234.00 */
    AMOUNT_DOT,   /* 1.234,00 */
    AMOUNT_BLANK, /* 1 234, 1 234.00 and 1 234,00 */
    AMOUNT_STYLES
};

enum amount_sign { AMOUNT_UNSIGNED, AMOUNT_PLUS, AMOUNT_MINUS };

/* Whole đồng: a part of a đồng that is not zero is refused. A sign in front or behind, brackets for minus,
 * VND or đ behind. *out has the sign in it. False: not an amount in this style. */
bool amount_read(const char *text, enum amount_style style, struct money *out, enum amount_sign *sign);

/* Nothing, blanks, or a dash alone. */
bool amount_is_empty(const char *text);

/* The style in which all the cells that are amounts at all can be read. False when they contradict each
 * other. */
bool amount_decide(const char *const *cells, size_t count, enum amount_style *style);

#endif
