/* misfit.h: what a check of the books found: each mismatch by name, with what a row says and what its parts
 * come to. All are counted, the first MISFITS_MAX are shown. One owner at a time. */
#ifndef TRADE_MISFIT_H
#define TRADE_MISFIT_H

#include <jansson.h>
#include <stdint.h>

enum { MISFITS_MAX = 100 };

struct misfits {
    json_t *list;  /* [{what, order|lot, kept, counted}]; whoever made it frees it */
    int64_t count; /* all of them */
    int64_t first; /* row of the first order or lot; 0: none */
};

/* Nothing when the two are the same. `what` is static; `kept` is what the row says, `counted` what its parts
 * come to. */
void misfit_order(struct misfits *misfits, const char *what, int64_t order, const char *code, int64_t kept,
                  int64_t counted);
void misfit_lot(struct misfits *misfits, const char *what, int64_t lot, int64_t kept, int64_t counted);

#endif
