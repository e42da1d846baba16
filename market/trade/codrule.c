/* codrule.c: see codrule.h. */
#include "market/trade/codrule.h"

#include "market/base/shape.h"

const struct codrule codrule_first = {.refusals = 3, .days = 90, .owed_max = 5000000};

#define RULE_COLUMNS                                                                                         \
    "SELECT r.refusals, r.days, r.owed_max, p.name, r.made_at FROM cod_rule r JOIN person p ON p.id = "      \
    "r.made_by ORDER BY r.id DESC LIMIT $1"

static struct codrule rule_row(struct query *query)
{
    return (struct codrule){query_int(query, 0), query_int(query, 1), query_int(query, 2)};
}

enum result codrule_now(struct trade *trade, struct codrule *out)
{
    QUERY query = store_query(trade->store, RULE_COLUMNS, ARG_INT(1));
    enum step step = query_step(query);
    *out = step == STEP_ROW ? rule_row(query) : codrule_first;
    return step == STEP_ROW || step == STEP_DONE ? R_OK : trade_fault(trade);
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

enum result codrule_set(struct trade *trade, const struct codrule *rule)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM cod_rule";
    const char *bad = !within(rule->refusals, 1, CODRULE_REFUSALS_MAX) ? "refusals"
                      : !within(rule->days, 1, CODRULE_DAYS_MAX)       ? "days"
                      : !within(rule->owed_max, 0, CODRULE_OWED_MAX)   ? "owed_max"
                                                                       : NULL;
    if (bad)
        return trade_bad_field(trade, bad, "a number within its range is expected");
    int64_t id = store_next_id(trade->store, max_id);
    if (id > CODRULES_MAX)
        return trade_refuse(trade, "full");
    enum step step = store_run(trade->store,
                               "INSERT INTO cod_rule (id, refusals, days, owed_max, made_by, made_at)"
                               " VALUES ($1, $2, $3, $4, $5, $6)",
                               ARG_INT(id), ARG_INT(rule->refusals), ARG_INT(rule->days),
                               ARG_INT(rule->owed_max), ARG_INT(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

void codrule_show(const struct codrule *rule, json_t *into)
{
    shape_int(into, "refusals", rule->refusals);
    shape_int(into, "days", rule->days);
    shape_int(into, "owed_max", rule->owed_max);
}

static json_t *rule_json(const struct codrule *rule, const char *by, int64_t at)
{
    json_t *row = json_object();
    codrule_show(rule, row);
    shape_text(row, "made_by", by);
    shape_id(row, "made_at", at);
    return row;
}

enum result codrule_list(struct trade *trade, json_t **out)
{
    enum step step;
    JSON list = json_array();
    QUERY query = store_query(trade->store, RULE_COLUMNS, ARG_INT(CODRULES_SHOWN));
    while ((step = query_step(query)) == STEP_ROW) {
        struct codrule rule = rule_row(query);
        json_array_append_new(list, rule_json(&rule, query_text(query, 3), query_int(query, 4)));
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    if (json_array_size(list) < CODRULES_SHOWN)
        json_array_append_new(list, rule_json(&codrule_first, NULL, 0));
    *out = json_incref(list);
    return R_OK;
}
