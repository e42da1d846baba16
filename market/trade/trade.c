/* trade.c: the few words all rules share. */
#include "market/trade/trade.h"

#include "market/base/shape.h"

json_t *trade_extra(struct trade *trade)
{
    if (!trade->extra)
        trade->extra = json_object();
    return trade->extra;
}

enum result trade_bad_field(struct trade *trade, const char *field, const char *detail)
{
    shape_text(trade_extra(trade), "field", field);
    shape_text(trade_extra(trade), "detail", detail);
    return R_BAD_FIELD;
}

enum result trade_refuse(struct trade *trade, const char *reason)
{
    shape_text(trade_extra(trade), "reason", reason);
    return R_WRONG_MOMENT;
}

enum result trade_fault(const struct trade *trade)
{
    return store_failed(trade->store) ? R_NOT_SAVED : R_FAULT;
}

enum result trade_rows(const struct trade *trade, struct query *query, json_t *(*row)(struct query *query),
                       json_t **out)
{
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        json_array_append_new(list, row(query));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}
