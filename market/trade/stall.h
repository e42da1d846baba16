/* stall.h: a farmer's shop in a village. */
#ifndef TRADE_STALL_H
#define TRADE_STALL_H

#include "market/trade/trade.h"

struct stall {
    int64_t id, farmer;
    char slug[33];
    char name[80 * 4 + 1];
    bool open;
    int64_t hold_minutes; /* how long goods are kept for an order that waits for its transfer; 0: for ever */
};

struct stall_request {
    const char *slug, *name, *village, *about;
    int64_t farmer;
};

enum result stall_by_slug(struct trade *trade, const char *slug,
                          struct stall *out); /* R_UNKNOWN sets field "stall" */
enum result stall_by_id(struct trade *trade, int64_t id, struct stall *out);
/* May the asker run this stall: its farmer or a cadre? R_OK, R_NOT_LOGGED_IN or R_FORBIDDEN. */
enum result stall_mine(const struct trade *trade, const struct stall *stall);

/* R_ALREADY when the slug is taken; the farmer must be a farmer. */
enum result stall_add(struct trade *trade, const struct stall_request *request, struct stall *out);
/* NULL, and hold_minutes below 0: leave as it is. */
enum result stall_change(struct trade *trade, struct stall *stall, const char *state, const char *name,
                         const char *village, const char *about, int64_t hold_minutes);

json_t *stall_json(struct trade *trade, int64_t id); /* STALL */
enum result stall_list(struct trade *trade, json_t **out);
/* SNAPSHOT without room and poster. Within one read transaction. */
enum result stall_snapshot(struct trade *trade, const struct stall *stall, json_t **out);

#endif
