/* taxrate.c: see taxrate.h. */
#include "market/trade/taxrate.h"

#include "market/base/shape.h"
#include "market/trade/vntime.h"

enum result taxrate_add(struct trade *trade, const struct taxrate *rate)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM tax_rate";
    if (rate->starts_at <= trade->now_ms)
        return trade_bad_field(trade, "from", "a day to come is expected");
    if (store_int(trade->store, "SELECT COUNT(*) FROM tax_rate WHERE id > $1", 0, 0) >= TAXRATES_MAX)
        return trade_refuse(trade, "full");
    int64_t id = store_next_id(trade->store, max_id);
    const struct tax_rates *r = &rate->rates;
    enum step step = store_run(
        trade->store,
        "INSERT INTO tax_rate (id, starts_at, goods_vat, goods_income, transport_vat, transport_income,"
        " services_vat, services_income, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        ARG_INT(id), ARG_INT(rate->starts_at), ARG_INT(r->of[TAX_GOODS].vat),
        ARG_INT(r->of[TAX_GOODS].income), ARG_INT(r->of[TAX_TRANSPORT].vat),
        ARG_INT(r->of[TAX_TRANSPORT].income), ARG_INT(r->of[TAX_SERVICES].vat),
        ARG_INT(r->of[TAX_SERVICES].income), ARG_INT(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

#define RATE_COLUMNS                                                                                         \
    "SELECT t.starts_at, t.goods_vat, t.goods_income, t.transport_vat, t.transport_income, "                 \
    "t.services_vat, t.services_income, p.name, t.made_at"                                                   \
    " FROM tax_rate t JOIN person p ON p.id = t.made_by ORDER BY t.starts_at, t.id LIMIT $1"

static struct taxrate rate_row(struct query *query)
{
    struct taxrate rate = {.starts_at = query_int(query, 0), .rates = tax_rates_2025};
    rate.rates.of[TAX_GOODS].vat = query_int(query, 1);
    rate.rates.of[TAX_GOODS].income = query_int(query, 2);
    rate.rates.of[TAX_TRANSPORT].vat = query_int(query, 3);
    rate.rates.of[TAX_TRANSPORT].income = query_int(query, 4);
    rate.rates.of[TAX_SERVICES].vat = query_int(query, 5);
    rate.rates.of[TAX_SERVICES].income = query_int(query, 6);
    return rate;
}

size_t taxrate_load(struct trade *trade, struct taxrate rates[TAXRATES_MAX + 1])
{
    size_t count = 1;
    enum step step;
    rates[0] = (struct taxrate){.rates = tax_rates_2025};
    QUERY query = store_query(trade->store, RATE_COLUMNS, ARG_INT(TAXRATES_MAX));
    while ((step = query_step(query)) == STEP_ROW)
        rates[count++] = rate_row(query);
    return step == STEP_DONE ? count : 0;
}

size_t taxrate_at(const struct taxrate *rates, size_t count, int64_t at_ms)
{
    size_t found = 0;
    for (size_t i = 1; i < count && rates[i].starts_at <= at_ms; i++)
        found = i;
    return found;
}

static json_t *rate_json(const struct taxrate *rate, const char *state)
{
    char day[11];
    json_t *row = json_object();
    if (rate->starts_at)
        vntime_day(rate->starts_at, day);
    shape_text(row, "from", rate->starts_at ? day : NULL);
    shape_text(row, "state", state);
    shape_int(row, "goods_vat", rate->rates.of[TAX_GOODS].vat);
    shape_int(row, "goods_income", rate->rates.of[TAX_GOODS].income);
    shape_int(row, "transport_vat", rate->rates.of[TAX_TRANSPORT].vat);
    shape_int(row, "transport_income", rate->rates.of[TAX_TRANSPORT].income);
    shape_int(row, "services_vat", rate->rates.of[TAX_SERVICES].vat);
    shape_int(row, "services_income", rate->rates.of[TAX_SERVICES].income);
    return row;
}

enum result taxrate_list(struct trade *trade, json_t **out)
{
    struct taxrate rates[TAXRATES_MAX + 1];
    size_t count = taxrate_load(trade, rates), now = taxrate_at(rates, count, trade->now_ms), i = 0;
    if (!count)
        return trade_fault(trade);
    JSON list = json_array();
    for (; i < count; i++) {
        bool again = i + 1 < count && rates[i + 1].starts_at == rates[i].starts_at;
        json_array_append_new(list, rate_json(&rates[i], again      ? "replaced"
                                                         : i < now  ? "past"
                                                         : i == now ? "now"
                                                                    : "next"));
    }
    shape_text(json_array_get(list, 0), "made_by", NULL);
    shape_id(json_array_get(list, 0), "made_at", 0);
    QUERY query = store_query(trade->store, RATE_COLUMNS, ARG_INT(TAXRATES_MAX));
    for (i = 1; i < count && query_row(query); i++) {
        shape_text(json_array_get(list, i), "made_by", query_text(query, 7));
        shape_int(json_array_get(list, i), "made_at", query_int(query, 8));
    }
    *out = json_incref(list);
    return i == count ? R_OK : trade_fault(trade);
}
