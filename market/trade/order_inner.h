/* order_inner.h: what the files of the order share and nobody else includes: order.c (its states),
 * order_place.c (placing), order_read.c (finding, showing, checking). */
#ifndef TRADE_ORDER_INNER_H
#define TRADE_ORDER_INNER_H

#include "market/base/jot.h"
#include "market/trade/order.h"

extern const char *const order_names[ORDER_STATES]; /* stored, never renamed */

/* One line of ORDER, from the database or from what has just been written there: both must look alike, to the
 * byte. */
struct order_line_shape {
    int64_t lot, quantity, price, amount, weighed;
    const char *name, *unit, *state; /* "ordered": not weighed yet */
};

json_t *order_line_json(const struct order_line_shape *line);
/* The same as text, behind what is there. */
void order_line_jot(struct jot *out, const struct order_line_shape *line);

/* ORDER without its lines. */
struct order_head {
    int64_t id, total, placed_at, closed_at, expires_at;
    const char *code, *stall, *stall_name, *state, *name, *phone, *place, *note, *reason;
    const char *pay_way;    /* NULL: not said */
    const char *why, *into; /* NULL: not cancelled; not merged */
    const char *placed_by;  /* NULL: the buyer did */
    bool offer;
};

/* TAKES lines and delivery (NULL: nothing was said about it). */
json_t *order_head_json(const struct order_head *head, json_t *lines, json_t *delivery);
/* The same as text; lines and delivery are JSON already. */
void order_head_jot(struct jot *out, const struct order_head *head, const char *lines, const char *delivery);

/* Journals a change: everybody learns what is left, the people concerned see the order. `kind` is static.
 * TAKES order, lots, seen (more that strangers may see; NULL: nothing). */
enum result order_announce(struct trade *trade, const struct stall *stall, const char *kind, int64_t buyer,
                           json_t *order, json_t *lots, json_t *seen);
/* The event of an order that entered a state: one immutable row. */
enum result order_note(struct trade *trade, int64_t order, enum order_state to, const struct why_move *move);

#endif
