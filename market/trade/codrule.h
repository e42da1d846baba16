/* codrule.h: the bounds of cash at the door (cod.h) as the office has set them. A change counts at once, for
 * all that has not set off; earlier ones are kept by name. Desk thread; reading: any reader. */
#ifndef TRADE_CODRULE_H
#define TRADE_CODRULE_H

#include "market/trade/trade.h"

enum {
    CODRULE_REFUSALS_MAX = 50,
    CODRULE_DAYS_MAX = 730,
    CODRULE_OWED_MAX = 100000000,
    CODRULES_MAX = 1000, /* that may ever be set */
    CODRULES_SHOWN = 20, /* the newest, in a list */
};

struct codrule {
    int64_t refusals; /* 1 to CODRULE_REFUSALS_MAX doors that failed by the buyer's side, within `days` */
    int64_t days;     /* 1 to CODRULE_DAYS_MAX, counted back from now, the last moment included */
    int64_t owed_max; /* 0 to CODRULE_OWED_MAX đồng that the orders of one number may owe at once */
};
extern const struct codrule codrule_first; /* 3 doors, 90 days, 5,000,000 đ: before anybody set any */

enum result codrule_now(struct trade *trade, struct codrule *out);
/* R_BAD_FIELD: beyond its range. R_WRONG_MOMENT {"reason":"full"}: there are CODRULES_MAX. */
enum result codrule_set(struct trade *trade, const struct codrule *rule);
/* [{refusals, days, owed_max, made_by|null, made_at|null}], the one that counts first; the last has nobody's
 * name when it is codrule_first. */
enum result codrule_list(struct trade *trade, json_t **out);
/* The three numbers. */
void codrule_show(const struct codrule *rule, json_t *into);

#endif
