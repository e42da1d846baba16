/* verify.h: do the books fit? Recomputes what can be recomputed and names the first row that does not fit. */
#ifndef TRADE_VERIFY_H
#define TRADE_VERIFY_H

#include <jansson.h>
#include "market/store/store.h"

/* {"ok":bool,"journal":{rows,head},"lots":N,"orders":N, and when not ok
 * "what":"journal|stock|order","row":N}. Within a read transaction. `head`, kept somewhere else, shows later
 * whether the end of the journal was cut off. NULL when the database cannot be read. */
json_t *verify_all(struct store *store);

#endif
