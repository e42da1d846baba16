/* live.h: a stall's live session: planned → live ⇄ paused → ended. One open session a stall at most.
 * A cadre's approval is a flag beside the state: a planned session may be published only when it is set. */
#ifndef TRADE_LIVE_H
#define TRADE_LIVE_H

#include "market/trade/stall.h"
#include "market/trade/trade.h"

enum live_state {
    LIVE_PLANNED,
    LIVE_LIVE,
    LIVE_PAUSED,
    LIVE_ENDED,
    LIVE_STATES
}; /* by name in the database */

struct live {
    int64_t id, stall;
    enum live_state state;
    bool approved;
};

enum result live_by_id(struct trade *trade, int64_t id, struct live *out);   /* R_UNKNOWN */
enum result live_open(struct trade *trade, int64_t stall, struct live *out); /* R_NOT_LIVE: none is open */

/* The open session, or a new planned one (*made). */
enum result live_plan(struct trade *trade, const struct stall *stall, const char *title, int64_t planned_at,
                      struct live *out, bool *made);
enum result live_approve(struct trade *trade, const struct stall *stall, struct live *live);
/* Moves to another state if the table allows it; R_WRONG_MOMENT, R_NOT_APPROVED. Journals and announces. */
enum result live_advance(struct trade *trade, const struct stall *stall, struct live *live,
                         enum live_state to, const char *reason);
/* A stall that closes ends its session. */
enum result live_stall_closed(struct trade *trade, const struct stall *stall);

/* May the asker publish to or watch this stall now? {"room":slug,"live":LIVE|null} or the refusal. */
enum result live_allowed(struct trade *trade, const struct stall *stall, bool publish, json_t **out);

json_t *live_json(struct trade *trade, int64_t id);         /* LIVE, NULL when unknown */
json_t *live_open_json(struct trade *trade, int64_t stall); /* NULL when none is open */
/* {"lives":[LIVE+{slug,stall_name,farmer_name}]}, newest first. */
enum result live_list(struct trade *trade, bool open, json_t **out);
/* {"rooms":[{room,live,paused}]}: what the relay should have. */
enum result live_rooms(struct trade *trade, json_t **out);

#endif
