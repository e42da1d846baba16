/* placer.h: orders that the village team (who has a role of the office) places for a household, at its door
 * or on the telephone. The buyer is who logs in with the number of the order, and nobody else: a number that
 * was only typed proves nothing. A number that nobody logs in with yet becomes a person who can, by a link
 * that the team makes at the door; whoever is written down under it later is that person. Desk thread. */
#ifndef TRADE_PLACER_H
#define TRADE_PLACER_H

#include "market/trade/person.h"

/* Is the asker of the office, and the number another than the asker's own? */
bool placer_is(struct trade *trade, const char *phone);
enum result placer_household(struct trade *trade, const char *name, const char *phone, const char *place,
                             int64_t *buyer);
enum result placer_note(struct trade *trade, int64_t order, int64_t placer); /* once an order */
/* The household becomes what the office writes down of it: R_ALREADY for a number that is known in any other
 * way. */
enum result placer_adopt(struct trade *trade, int64_t person, const struct person_request *request);

#endif
