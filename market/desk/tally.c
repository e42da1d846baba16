/* tally.c: counting, on whatever thread answers. */
#include "market/desk/tally.h"

#include <string.h>

static void add(_Atomic uint64_t *number, uint64_t more)
{
    atomic_fetch_add_explicit(number, more, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

void tally_call(struct tally *tally, const char *command, enum result result)
{
    int status = result_http(result);
    add(status < 400 ? &tally->done : status < 500 ? &tally->refused : &tally->failed, 1);
    if (!strcmp(command, "order.place"))
        add(status < 400           ? &tally->placed
            : result == R_SOLD_OUT ? &tally->sold_out
                                   : &tally->orders_refused,
            1);
    else if (result != R_CODE_NEEDED && /* half of a log-in: it goes on with the code */
             (!strcmp(command, "person.login") || !strcmp(command, "person.login_link")))
        add(status < 400           ? &tally->logins
            : result == R_TOO_MANY ? &tally->logins_throttled
                                   : &tally->logins_failed,
            1);
}

void tally_batch(struct tally *tally, size_t commands, int64_t run_us, int64_t commit_us)
{
    span_add(&tally->run, run_us, 1);
    span_add(&tally->commit, commit_us, 1);
    add(&tally->batches, 1);
    add(&tally->batched, commands);
}

void tally_read(const struct tally *tally, struct desk_figures *out)
{
    *out = (struct desk_figures){.done = get(&tally->done),
                                 .refused = get(&tally->refused),
                                 .failed = get(&tally->failed),
                                 .batches = get(&tally->batches),
                                 .batched = get(&tally->batched),
                                 .orders_placed = get(&tally->placed),
                                 .orders_sold_out = get(&tally->sold_out),
                                 .orders_refused = get(&tally->orders_refused),
                                 .logins = get(&tally->logins),
                                 .logins_failed = get(&tally->logins_failed),
                                 .logins_throttled = get(&tally->logins_throttled)};
    span_read(&tally->queued, &out->queued);
    span_read(&tally->run, &out->run);
    span_read(&tally->commit, &out->commit);
}
