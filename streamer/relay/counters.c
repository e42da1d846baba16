/* counters.c: walks the list of counters. */
#include "streamer/relay/counters.h"

void counters_add(struct counters *sum, const struct counters *c)
{
#define X(name) sum->name += c->name;
    COUNTERS(X)
#undef X
    meter_add(&sum->meter, &c->meter);
}

void counters_each(const struct counters *c, void (*each_cb)(void *arg, const char *name, uint64_t value),
                   void *arg)
{
#define X(name) each_cb(arg, #name, c->name);
    COUNTERS(X)
#undef X
}
