/* taxrate.h: which tax rates count from which day on. An admin sets them for a day to come; a day that has
 * begun keeps its rates, so no settlement is ever changed by it. Desk thread; reading: any reader. */
#ifndef TRADE_TAXRATE_H
#define TRADE_TAXRATE_H

#include "market/trade/tax.h"
#include "market/trade/trade.h"

enum { TAXRATE_POINTS_MAX = 5000, TAXRATES_MAX = 100 };

struct taxrate {
    int64_t starts_at; /* 0: the law's own, before anybody set any */
    struct tax_rates rates;
};

/* All kinds from `starts_at` on. R_BAD_FIELD "from": not a day to come.
 * R_WRONG_MOMENT {"reason":"full"}: there are TAXRATES_MAX. */
enum result taxrate_add(struct trade *trade, const struct taxrate *rate);
/* [{from_day|null, state: past|now|next|replaced, goods_vat, goods_income, transport_vat, transport_income,
 * services_vat, services_income, made_by|null, made_at|null}], the oldest first. */
enum result taxrate_list(struct trade *trade, json_t **out);

/* All that were set, oldest first, behind the law's own at [0]. How many; 0: reading failed. */
size_t taxrate_load(struct trade *trade, struct taxrate rates[TAXRATES_MAX + 1]);
/* Which of them counts at a moment. */
size_t taxrate_at(const struct taxrate *rates, size_t count, int64_t at_ms);

#endif
