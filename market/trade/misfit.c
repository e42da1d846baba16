/* misfit.c: see misfit.h. */
#include "market/trade/misfit.h"

#include "market/base/shape.h"

/* NULL when the list is full already. */
static json_t *next(struct misfits *misfits, const char *what, int64_t row)
{
    if (!misfits->first)
        misfits->first = row;
    if (misfits->count++ >= MISFITS_MAX)
        return NULL;
    json_t *one = json_object();
    shape_text(one, "what", what);
    json_array_append_new(misfits->list, one);
    return one;
}

static void sums(json_t *one, int64_t kept, int64_t counted)
{
    shape_int(one, "kept", kept);
    shape_int(one, "counted", counted);
}

void misfit_order(struct misfits *misfits, const char *what, int64_t order, const char *code, int64_t kept,
                  int64_t counted)
{
    json_t *one = kept == counted ? NULL : next(misfits, what, order);
    if (!one)
        return;
    shape_text(one, "order", code);
    sums(one, kept, counted);
}

void misfit_lot(struct misfits *misfits, const char *what, int64_t lot, int64_t kept, int64_t counted)
{
    json_t *one = kept == counted ? NULL : next(misfits, what, lot);
    if (!one)
        return;
    shape_int(one, "lot", lot);
    sums(one, kept, counted);
}
