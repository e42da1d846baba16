/* highwater.c: see highwater.h. */
#include "market/trade/highwater.h"

bool highwater_read(struct store *store, int64_t *at_ms)
{
    QUERY query = store_query(store, "SELECT at_ms FROM highwater WHERE one = $1", ARG_INT(1));
    if (query_step(query) != STEP_ROW)
        return false;
    *at_ms = query_int(query, 0);
    return true;
}

bool highwater_raise(struct store *store, int64_t at_ms)
{
    return store_run(store, "UPDATE highwater SET at_ms = $1 WHERE one = 1 AND at_ms < $1", ARG_INT(at_ms)) ==
           STEP_DONE;
}

bool highwater_set(struct store *store, int64_t at_ms)
{
    return store_run(store, "UPDATE highwater SET at_ms = $1 WHERE one = 1", ARG_INT(at_ms)) == STEP_DONE;
}
