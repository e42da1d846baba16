/* quantity.h: how much of something: grams when it is sold by the kilogram, else whole bunches or pieces.
 * The unit travels with the number, so grams are never added to bunches. Any thread. */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

enum unit { UNIT_KG, UNIT_BUNCH, UNIT_PIECE, UNIT_COUNT };

struct quantity {
    int64_t count; /* grams for UNIT_KG, else bunches or pieces */
    enum unit unit;
};

#define QUANTITY_MAX INT64_C(1000000000)   /* of a lot: a thousand tonnes */
#define QUANTITY_LINE_MAX INT64_C(1000000) /* of one order line: a tonne */

const char *unit_name(enum unit unit); /* "kg", "bunch", "piece": stored and shown, never renamed */
bool unit_read(const char *name, enum unit *unit); /* false: no such unit */
/* Sum of two of the same unit; false on another unit or beyond ±QUANTITY_MAX. */
__attribute__((warn_unused_result)) bool quantity_add(struct quantity *sum, struct quantity a,
                                                      struct quantity b);

#endif
