/* stop.h: one door of a trip:
 *
 *   waiting ──▶ arrived ──▶ delivered | partial | failed     arrived may be left out; within ten minutes it
 * can be undone
 *
 * Desk thread; reading: any reader. */
#ifndef TRADE_STOP_H
#define TRADE_STOP_H

#include "market/trade/proof.h"
#include "market/trade/trip.h"

enum { STOP_UNDO_MS = 10 * 60 * 1000, STOP_LINES_MAX = 20, STOP_CASH_MAX = 499999999 };
enum stop_state {
    STOP_WAITING,
    STOP_ARRIVED,
    STOP_DELIVERED,
    STOP_PARTIAL,
    STOP_FAILED,
    STOP_REMOVED,
    STOP_STATES
};
const char *stop_state_name(enum stop_state state); /* stored, never renamed */

/* Why a stop failed or was partial, and who bears it by rule. Pure. */
struct stop_reason {
    const char *code;
    bool partial, failed; /* where it may be given */
    const char *bears;    /* "buyer", "farmer", "courier", "coop" */
    bool spoils;          /* it is about the goods: what comes back is written off, never sold again */
};
const struct stop_reason *stop_reason(const char *code); /* NULL: unknown */
/* Why the goods of an order cannot be sold again, by its last door; NULL: they can, as far as doors know. */
const struct stop_reason *stop_spoiled(struct trade *trade, int64_t order);

struct stop {
    int64_t id, trip, order;
    enum stop_state state;
    int64_t tries, done_at;
};
struct stop_mark {
    enum stop_state to;
    const char *reason, *note; /* "" when there is none */
    enum proof_kind proof;
    const char *body; /* of the proof */
    int64_t collected, device_at;
    struct {
        int64_t lot, quantity;
    } lines[STOP_LINES_MAX]; /* what the buyer took, where it is less than was brought */
    size_t count;
};

enum result stop_by_id(struct trade *trade, int64_t id, struct stop *out, struct trip *trip); /* R_UNKNOWN */
/* *wrong_code: the four digits were wrong; that is written down, nothing else happened, the result is R_OK.
 * R_WRONG_MOMENT
 * {"reason":"not-moving" | "done" | "cancelled" | "code-locked"}. */
enum result stop_mark(struct trade *trade, const struct trip *trip, struct stop *stop,
                      const struct stop_mark *mark, bool *wrong_code);
/* Takes the last mark back: cash, refused goods (also what was written off), state. R_WRONG_MOMENT
 * {"reason":"too-late" | "nothing-to-undo" | "on-a-trip" | "with-carrier" (the order goes
 * another way by now) | "order-closed"}. */
enum result stop_undo(struct trade *trade, const struct trip *trip, struct stop *stop, int64_t device_at);

/* Has the buyer the order's goods, or some of them, from one of our doors? */
bool stop_handed_over(struct trade *trade, int64_t order);
/* Is there a door of it that nobody has been at, or stands at? */
bool stop_ahead(struct trade *trade, int64_t order);
/* Does the asker drive this order now? Its stop is on a trip of his that is loaded or under way, and has not
 * failed. */
bool stop_on_board(struct trade *trade, int64_t order);

/* Those concerned learn that something about the delivery changed, and ask for what they may see. */
enum result stop_announce(struct trade *trade, int64_t order, const char *state);

json_t *stop_json(struct trade *trade, int64_t id);
json_t *stops_json(struct trade *trade, int64_t trip); /* in order, removed ones left out */

#endif
