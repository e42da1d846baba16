/* tax.c: see tax.h. */
#include "market/trade/tax.h"

#include <string.h>
#include "market/trade/split.h"

const struct tax_rates tax_rates_2025 = {
    .of = {[TAX_GOODS] = {100, 50}, [TAX_TRANSPORT] = {300, 150}, [TAX_SERVICES] = {500, 200}}};

const char *tax_kind_name(enum tax_kind kind)
{
    static const char *const names[TAX_KINDS] = {"goods", "transport", "services", "unknown"};
    return names[kind];
}

static int64_t highest(const struct tax_rates *rates, bool vat)
{
    int64_t most = 0;
    for (int kind = 0; kind < TAX_UNKNOWN; kind++) {
        int64_t rate = vat ? rates->of[kind].vat : rates->of[kind].income;
        most = rate > most ? rate : most;
    }
    return most;
}

bool tax_of(const struct tax_rates *rates, const struct tax_line *lines, size_t count,
            struct tax taxes[TAX_KINDS])
{
    struct tax sums[TAX_KINDS] = {0};
    for (size_t i = 0; i < count; i++) {
        struct tax *sum = &sums[lines[i].kind];
        if (money_dong(lines[i].amount) < 0 || !money_add(&sum->amount, sum->amount, lines[i].amount))
            return false;
    }
    for (int kind = 0; kind < TAX_KINDS; kind++) {
        int64_t vat = kind == TAX_UNKNOWN ? highest(rates, true) : rates->of[kind].vat;
        int64_t income = kind == TAX_UNKNOWN ? highest(rates, false) : rates->of[kind].income;
        if (!split_rate(sums[kind].amount, vat, &sums[kind].vat) ||
            !split_rate(sums[kind].amount, income, &sums[kind].income))
            return false;
    }
    memcpy(taxes, sums, sizeof sums);
    return true;
}
