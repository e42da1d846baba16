/* lot.h: something on sale, and the only three movements its stock knows: hold, commit, release (and put, by
 * the farmer). Each is one guarded UPDATE plus one row in the append-only stock ledger; available + held +
 * sold = total by CHECK. */
#ifndef TRADE_LOT_H
#define TRADE_LOT_H

#include "market/base/money.h"
#include "market/base/quantity.h"
#include "market/trade/misfit.h"
#include "market/trade/stall.h"
#include "market/trade/trade.h"

#define PRICE_MAX INT64_C(100000000)

struct lot_request {
    const char *name, *picture, *note; /* picture NULL: none */
    enum unit unit;
    int64_t price, amount;
    int64_t tolerance;            /* percent above what was ordered that buyers take unasked; for ever */
    int64_t buyer_limit;          /* how much one buyer may have; 0: as much as there is */
    int64_t pick_at, order_until; /* a harvest lot (harvest.h); 0: it is there already */
};
struct lot_changes {
    const char *name, *state; /* NULL: leave */
    int64_t price, add;       /* 0: leave; add is signed */
    int64_t buyer_limit;      /* -1: leave; 0: none */
    const char *why;          /* of goods taken away or put back: the coded reason; NULL: none */
};

/* What an order took, as it was at that moment. */
struct lot_taken {
    char name[80 * 4 + 1];
    enum unit unit;
    int64_t quantity;    /* what was taken */
    int64_t available;   /* afterwards */
    int64_t buyer_limit; /* 0: none */
    int64_t flash; /* 0, or the flash price it was taken at, what is left of that, and its limit (0: none) */
    int64_t flash_left, flash_limit;
};

enum result lot_add(struct trade *trade, const struct stall *stall, const struct lot_request *request,
                    int64_t *id);
/* R_SOLD_OUT when less is available than should be taken away. */
enum result lot_change(struct trade *trade, const struct stall *stall, int64_t id,
                       const struct lot_changes *changes);
/* The stall a lot belongs to; R_UNKNOWN. */
enum result lot_stall(struct trade *trade, int64_t id, struct stall *out);

/* A buyer's claim on a lot. */
struct lot_claim {
    int64_t lot, price; /* the price the buyer saw */
    int64_t quantity;
    int64_t least; /* takes what there is when that is less than quantity and not less than this */
};
/* Takes goods for an order. R_UNKNOWN (not of this stall), R_PRICE_CHANGED (extra: lot, price), R_SOLD_OUT
 * (extra: lot, available). The buyer's limit is for lot_limit to check, once the order is known. */
enum result lot_hold(struct trade *trade, int64_t stall, const struct lot_claim *claim,
                     struct lot_taken *taken);
/* Has this buyer, by person or phone number, with this order more of the lot than one may have? R_LIMIT
 * (extra: lot, limit, had: by earlier orders). The order's lines are written by now. */
enum result lot_limit(struct trade *trade, int64_t lot, int64_t order, int64_t buyer, const char *phone,
                      int64_t limit);
/* The ledger's row of a hold: apart, because it names the order, whose row can be written only once the goods
 * are known. */
enum result lot_hold_note(struct trade *trade, int64_t lot, int64_t order, int64_t quantity);
/* The same goods are held for another order from now on: only the ledger's row of a release. */
enum result lot_pass(struct trade *trade, int64_t lot, int64_t order, int64_t quantity);
/* Resolves a hold: sold for good, or back on sale. `sold`: it had been committed before (a return). */
enum result lot_commit(struct trade *trade, int64_t lot, int64_t order, int64_t quantity);
enum result lot_release(struct trade *trade, int64_t lot, int64_t order, int64_t quantity, bool sold,
                        int64_t *available);
/* The scale showed more (+) or less (-) than what was sold to the order so far: the rest is held and
 * committed, or goes back on sale. `step` names the weighing, so that each moves goods once. R_SOLD_OUT
 * (extra: lot, available) when what is left does not reach. */
enum result lot_weigh(struct trade *trade, int64_t lot, int64_t order, int64_t step, int64_t change,
                      int64_t *available);

/* Its picture, a path on this site that the edge has a file for; NULL: none any more. */
enum result lot_picture_set(struct trade *trade, const struct stall *stall, int64_t id, const char *picture);
json_t *lot_picture_json(struct trade *trade, int64_t id); /* the path as a new string, or NULL */

/* Everybody learns what the lot is now. */
enum result lot_announce(struct trade *trade, const struct stall *stall, int64_t lot);
json_t *lot_json(struct trade *trade, int64_t id);
json_t *lot_list_json(struct trade *trade, int64_t stall);
json_t *lot_stock_json(int64_t lot, int64_t available); /* {lot,available} */
json_t *lot_taken_json(int64_t lot,
                       const struct lot_taken *taken); /* and flash_left where a flash was taken from */

/* Recomputes every lot from the ledger: "total", "available", "held", "sold". False: reading failed. */
bool lot_verify(struct store *store, int64_t *lots, struct misfits *misfits);

#endif
