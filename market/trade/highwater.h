/* highwater.h: the latest time that was written, as one row: what the market's clock does not go behind after
 * a restart (base/clock.h). Every batch that keeps something raises it, in its own transaction. Desk thread.
 */
#ifndef TRADE_HIGHWATER_H
#define TRADE_HIGHWATER_H

#include <stdbool.h>
#include <stdint.h>
#include "market/store/store.h"

bool highwater_read(struct store *store, int64_t *at_ms); /* false: it cannot be read */
bool highwater_raise(struct store *store, int64_t at_ms); /* never lowers it; false: the disk refuses */
bool highwater_set(struct store *store, int64_t at_ms);   /* also lower, by a person's word */

#endif
