/* tally.h: what the desk counts about itself. Written by its threads, read by any: relaxed atomics, since
 * nobody draws conclusions from two of them together. */
#ifndef DESK_TALLY_H
#define DESK_TALLY_H

#include <stdatomic.h>
#include "market/base/result.h"
#include "market/desk/desk.h"

struct tally {
    _Atomic uint64_t done, refused, failed, batches, batched;
    struct span queued, run, commit;
    _Atomic uint64_t placed, sold_out, orders_refused, logins, logins_failed, logins_throttled;
};

void tally_call(struct tally *tally, const char *command, enum result result); /* it is being answered */
void tally_batch(struct tally *tally, size_t commands, int64_t run_us, int64_t commit_us);
void tally_read(const struct tally *tally, struct desk_figures *out); /* but for the queues */

#endif
