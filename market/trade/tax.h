/* tax.h: what Decree 117/2025 asks to be kept apart and, from those who must, withheld: goods, transport and
 * services each with their own rates, an unknown kind at the highest. Rates are settings (taxrate.h); a market whose
 * buyers pay the seller directly only shows the lines. Pure; any thread. */
#ifndef TRADE_TAX_H
#define TRADE_TAX_H

#include <stddef.h>
#include "market/base/money.h"

enum tax_kind { TAX_GOODS, TAX_TRANSPORT, TAX_SERVICES, TAX_UNKNOWN, TAX_KINDS }; /* names are stored */
const char *tax_kind_name(enum tax_kind kind);

struct tax_rates { /* basis points */
    struct {
        int64_t vat, income;
    } of[TAX_UNKNOWN];
};
extern const struct tax_rates
    tax_rates_2025; /* goods 1 % + 0.5 %, transport 3 % + 1.5 %, services 5 % + 2 % */

struct tax_line {
    enum tax_kind kind;
    struct money amount; /* ≥ 0 */
};
struct tax {
    struct money amount, vat, income; /* sums per kind, each kind rounded once, half up */
};

/* Sums the lines of one transaction by kind into taxes[TAX_KINDS]. False: a negative amount or too much. */
MONEY_MUST bool tax_of(const struct tax_rates *rates, const struct tax_line *lines, size_t count,
                       struct tax taxes[TAX_KINDS]);

#endif
