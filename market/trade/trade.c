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

enum result trade_fault(const struct trade *trade)
{
    return store_failed(trade->store) ? R_NOT_SAVED : R_FAULT;
}
