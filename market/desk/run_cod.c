/* run_cod.c: whether cash at the door may be had: asked before ordering. */
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
