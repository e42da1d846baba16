/* factorrule.c: see factorrule.h. */
#include "market/trade/factorrule.h"

#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/factor.h"
#include "market/trade/journal.h"

#define NEWEST                                                                                               \
    "SELECT r.required, p.name, r.made_at FROM factor_rule r JOIN person p ON p.id = r.made_by"              \
    " ORDER BY r.id DESC LIMIT $1"

bool factorrule_required(struct store *store)
{
    QUERY query = store_query(store, NEWEST, ARG_INT(1));
    return query_row(query) && query_int(query, 0);
}

bool factorrule_asks(struct store *store, int64_t person, uint32_t roles)
{
    return roles & (ROLE_CADRE | ROLE_ADMIN) && factorrule_required(store) && !factor_on(store, person);
}

enum result factorrule_set(struct trade *trade, bool required)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM factor_rule";
    if (required && !factor_on(trade->store, trade->who.person))
        return trade_refuse(trade, "no-factor");
    int64_t id = store_next_id(trade->store, max_id);
    if (id > FACTORRULES_MAX)
        return trade_refuse(trade, "full");
    if (store_run(
            trade->store, "INSERT INTO factor_rule (id, required, made_by, made_at) VALUES ($1, $2, $3, $4)",
            ARG_INT(id), ARG_INT(required), ARG_INT(trade->who.person), ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    json_t *body = json_object();
    shape_bool(body, "required", required);
    log_line(LOG_LEVEL_INFO, "factor.rule", LOG_NUMBER("required", required),
             LOG_NUMBER("by", trade->who.person));
    return journal_add(trade, &(struct journal_entry){.kind = "factor.rule", .full = body});
}

static json_t *row_json(struct query *query)
{
    json_t *row = json_object();
    shape_int(row, "id", query_int(query, 0));
    shape_text(row, "name", query_text(query, 1));
    shape_bool(row, "on", query_int(query, 2) != 0);
    return row;
}

enum result factorrule_json(struct trade *trade, json_t **out)
{
    json_t *people = NULL;
    QUERY office =
        store_query(trade->store,
                    "SELECT p.id, p.name, COALESCE((SELECT f.on_at FROM factor f WHERE f.person = p.id), 0)"
                    " FROM person p WHERE p.login IS NOT NULL AND p.roles & $1 <> 0 ORDER BY p.id LIMIT $2",
                    ARG_INT(ROLE_CADRE | ROLE_ADMIN), ARG_INT(LIST_MAX));
    enum result done = trade_rows(trade, office, row_json, &people);
    if (done != R_OK)
        return done;
    QUERY query = store_query(trade->store, NEWEST, ARG_INT(1));
    bool set = query_row(query);
    *out = json_object();
    shape_bool(*out, "required", set && query_int(query, 0));
    shape_text(*out, "made_by", set ? query_text(query, 1) : NULL);
    shape_id(*out, "made_at", set ? query_int(query, 2) : 0);
    shape_json(*out, "people", people);
    return R_OK;
}
