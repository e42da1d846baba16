/* order.h: what a buyer asked for: placed → confirmed → cancelled. Placing takes the goods off the stall in
 * the same transaction. */
#ifndef TRADE_ORDER_H
#define TRADE_ORDER_H

#include "market/base/id.h"
#include "market/trade/fee.h"
#include "market/trade/misfit.h"
#include "market/trade/stall.h"
#include "market/trade/trade.h"
#include "market/trade/why.h"

enum { ORDER_LINES_MAX = 20 };
enum order_state {
    ORDER_PLACED,
    ORDER_CONFIRMED,
    ORDER_CANCELLED,
    ORDER_STATES
}; /* by name in the database */

struct order_line {
    int64_t lot, quantity, price;
    int64_t least; /* "2 to 5 kg, what there is": not less than this; else as quantity */
};
struct order_request {
    const char *name, *phone, *place, *note; /* cleaned; phone normalised */
    int64_t buyer;
    int64_t placer;        /* who of the office orders for the buyer (placer.h); 0: the buyer */
    const char *placed_by; /* the placer's name */
    struct order_line lines[ORDER_LINES_MAX];
    size_t count;
    struct fee_wish delivery;
    int64_t device_at;  /* when it was pressed, on a phone without network; 0: now */
    int64_t held_until; /* 0: as the stall keeps goods; ORDER_HELD: without an end */
    bool offer;         /* to somebody of the waitlist, who has not said yes yet (waitlist.h) */
    const struct lot_taken
        *kept; /* goods that are held already, one a line (merge.h); NULL: they are to be taken */
};
enum { ORDER_HELD = -1 };
struct order {
    int64_t id, stall, buyer;
    enum order_state state;
    bool closed; /* done: nothing about it changes any more */
};

/* An order that has just been placed. */
struct order_placed {
    int64_t id;
    char code[ID_CODE_CHARS + 1];
    char *text; /* ORDER as JSON; for g_free */
};

/* Duplicate lots are summed first; all lines or none. Refusals: R_STALL_CLOSED and those of lot_hold; *out is
 * left alone then. */
enum result order_place(struct trade *trade, const struct stall *stall, struct order_request *request,
                        struct order_placed *out);
enum result order_by_code(struct trade *trade, const char *code, struct order *out); /* as typed; R_UNKNOWN */
enum result order_by_id(struct trade *trade, int64_t id, struct order *out);
/* May the asker see it? Its buyer, the stall's farmer, a cadre; to everybody else it does not exist. */
enum result order_mine(struct trade *trade, const struct order *order, struct stall *stall);
/* Its goods move with it: sold, or back on sale, where the waitlist has the first word. R_WRONG_MOMENT
 * {"reason":"delivered"}: they are with the buyer, who can only bring them back (writeoff.h). */
enum result order_advance(struct trade *trade, const struct stall *stall, struct order *order,
                          enum order_state to, const struct why_move *move);
/* Cancelled, but its goods stay held: another order has them now. */
enum result order_gone(struct trade *trade, const struct stall *stall, struct order *order,
                       const struct why_move *move);

/* Tells those concerned about the order as it is now; strangers learn what is left. TAKES lots (an array of
 * lot_stock_json). `kind` is static. */
enum result order_changed(struct trade *trade, const struct stall *stall, const struct order *order,
                          const char *kind, json_t *lots);

json_t *order_json(struct trade *trade, int64_t id);
/* JSON array, newest first, of a stall and/or a buyer (0: any), older than `before` (0: from the newest). */
enum result order_list(struct trade *trade, int64_t stall, int64_t buyer, int64_t before, int64_t limit,
                       json_t **out);

/* "total" against lines and fee, and by its state what the stock ledger has "held" and "sold" for it. False:
 * reading failed. */
bool order_verify(struct store *store, int64_t *orders, struct misfits *misfits);

#endif
