/* run_cod.c: whether cash at the door may be had, asked before ordering, and the office's bounds of it. */
#include <glib.h>
#include "market/base/shape.h"
#include "market/desk/call_pay.h"
#include "market/trade/cod.h"

enum result run_cod_mine(struct call *call)
{
    struct fields f;
    json_t *cash = NULL;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = cod_mine(&call->trade, &cash);
    if (done == R_OK)
        call_body(call, "cash", cash);
    return done;
}

static enum result answer_rules(struct call *call, enum result good)
{
    json_t *rules = NULL;
    enum result done = codrule_list(&call->trade, &rules);
    if (done != R_OK)
        return done;
    call_body(call, "bounds", rules);
    return good;
}

enum result run_cod_rules(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    return done == R_OK ? answer_rules(call, R_OK) : done;
}

enum result run_cod_set(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    const struct codrule rule = {
        .refusals = field_int(&f, "refusals", 1, CODRULE_REFUSALS_MAX),
        .days = field_int(&f, "days", 1, CODRULE_DAYS_MAX),
        .owed_max = field_int(&f, "owed_max", 0, CODRULE_OWED_MAX),
    };
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = codrule_set(&call->trade, &rule);
    return done == R_OK ? answer_rules(call, R_CREATED) : done;
}
