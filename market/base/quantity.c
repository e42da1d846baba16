/* quantity.c: units by name, and sums that refuse to mix them. */
#include "market/base/quantity.h"

#include <string.h>

static const char *const names[UNIT_COUNT] = {
    [UNIT_KG] = "kg", [UNIT_BUNCH] = "bunch", [UNIT_PIECE] = "piece"};

const char *unit_name(enum unit unit)
{
    return names[unit];
}

bool unit_read(const char *name, enum unit *unit)
{
    for (int i = 0; name && i < UNIT_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *unit = (enum unit)i;
            return true;
        }
    }
    return false;
}

bool quantity_add(struct quantity *sum, struct quantity a, struct quantity b)
{
    int64_t count;
    if (a.unit != b.unit || __builtin_add_overflow(a.count, b.count, &count))
        return false;
    if (count > QUANTITY_MAX || count < -QUANTITY_MAX)
        return false;
    *sum = (struct quantity){count, a.unit};
    return true;
}
