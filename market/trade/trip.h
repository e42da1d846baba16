/* trip.h: one drive of one courier along the road, with the orders of many farmers:
 *
 *   planned ──▶ loaded ──▶ moving ──▶ closed     loaded may go back to planned; a trip without stops may be
 * closed at once
 *
 * Closed only when every stop is done and every đồng is explained. Each change is one immutable row of
 * trip_event. A courier sees and moves his own trips, the office all. Desk thread; reading: any reader. */
#ifndef TRADE_TRIP_H
#define TRADE_TRIP_H

#include "market/trade/trade.h"

enum { TRIP_STOPS_MAX = 200, TRIP_ORDERS_MAX = 200 };
enum trip_state { TRIP_PLANNED, TRIP_LOADED, TRIP_MOVING, TRIP_CLOSED, TRIP_STATES };
const char *trip_state_name(enum trip_state state); /* stored, never renamed */

struct trip {
    int64_t id, courier, moved_at;
    enum trip_state state;
};

enum result trip_add(struct trade *trade, int64_t courier, const char *title, int64_t planned_at,
                     int64_t *id);
enum result trip_by_id(struct trade *trade, int64_t id,
                       struct trip *out); /* R_UNKNOWN: also when it is another's */
/* These orders (by code), in this order, are its stops now; those that wait and are not among them come off.
 * R_WRONG_MOMENT with {"reason":"not-confirmed" | "order-closed" | "on-a-trip" | …,"order":code}, or when the
 * trip is closed. */
enum result trip_arrange(struct trade *trade, const struct trip *trip, json_t *codes);
/* `note` explains money that is missing. R_WRONG_MOMENT {"reason":"no-stops" | "stops-open" |
 * "cash-missing","due":N}. */
enum result trip_advance(struct trade *trade, struct trip *trip, enum trip_state to, const char *note,
                         int64_t device_at);
/* The last place only; gone when the trip ends. R_WRONG_MOMENT: it does not move. */
enum result trip_spot(struct trade *trade, const struct trip *trip, int64_t lat, int64_t lon);

struct trip_event {
    int64_t trip, stop; /* stop 0: the trip itself */
    const char *word, *reason, *note, *proof;
    int64_t collected, entry, device_at;
};
enum result trip_event_add(struct trade *trade, const struct trip_event *event, int64_t *id);

json_t *trip_json(struct trade *trade, int64_t id); /* with its stops */
/* Newest first, without stops; courier 0: all; `open`: only those that are not closed. */
enum result trip_list(struct trade *trade, int64_t courier, bool open, json_t **out);
/* Confirmed orders that wait for a trip:
 * [{code,name,place,stall,stall_name,grams,placed_at,point_name,zone_name}]. */
enum result trip_waiting(struct trade *trade, json_t **out);
/* What the buyer of an order may know of its way; NULL when it is on no trip. */
json_t *trip_way_json(struct trade *trade, int64_t order, bool buyer);
/* What its last door did not take: [{lot, brought, taken, why}]; nothing of lines that were taken whole. A
 * door that failed for what the goods are took none of them. */
json_t *trip_refused_json(struct trade *trade, int64_t order);

#endif
