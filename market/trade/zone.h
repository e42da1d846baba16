/* zone.h: where the market drives to and what that costs, and the points where buyers fetch their goods.
 * Settings of the office; the list is for everybody. Desk thread; reading: any reader. */
#ifndef TRADE_ZONE_H
#define TRADE_ZONE_H

#include "market/trade/trade.h"

enum {
    ZONE_MONEY_MAX = 10000000,
    ZONE_PER_KG_MAX = 1000000,
    ZONE_GRAMS_MAX = 1000000,
    ZONE_PIECE_MAX = 100000
};

struct zone {
    int64_t id; /* 0: a new one */
    const char *name;
    int64_t base, included, per_kg, piece_grams, courier_points;
    bool open;
};
struct point {
    int64_t id; /* 0: a new one */
    int64_t zone;
    const char *name, *place, *note;
    bool open;
};

/* Makes or changes; *id. R_UNKNOWN: no such zone; R_ALREADY: another has the name. */
enum result zone_set(struct trade *trade, const struct zone *zone, int64_t *id);
enum result point_set(struct trade *trade, const struct point *point, int64_t *id);

json_t *
zone_json(struct trade *trade,
          int64_t id); /* {id,name,base,included,per_kg,piece_grams,courier_points,state,points:[…]} */
json_t *point_json(struct trade *trade, int64_t id);
enum result zone_list(struct trade *trade, json_t **out);

#endif
