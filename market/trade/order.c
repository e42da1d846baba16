/* order.c: placing, confirming, cancelling. */
#include "market/trade/order.h"

#include <glib.h>
#include <string.h>
#include "market/base/money.h"
#include "market/base/shape.h"
#include "market/base/text.h"
#include "market/trade/books.h"
#include "market/trade/fee.h"
#include "market/trade/flash.h"
#include "market/trade/hold.h"
#include "market/trade/journal.h"
#include "market/trade/lot.h"
#include "market/trade/waitlist.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM orders";
static const char *const names[ORDER_STATES] = {"placed", "confirmed",
                                                "cancelled"}; /* stored, never renamed */

static const struct {
    unsigned next;       /* bits of states it may become */
    const char *entered; /* the journal's word */
} states[ORDER_STATES] = {
    [ORDER_PLACED] = {1u << ORDER_CONFIRMED | 1u << ORDER_CANCELLED, "order.placed"},
    [ORDER_CONFIRMED] = {1u << ORDER_CANCELLED, "order.confirmed"},
    [ORDER_CANCELLED] = {0, "order.cancelled"},
};

/* Codes are drawn by lot and there are 27 thousand million of them: a second draw is rare, a fifth never. */
enum { CODE_DRAWS = 5 };

/* What grows while an order is being placed. */
struct placing {
    int64_t id;
    int64_t held_until; /* 0: without an end */
    char code[ID_CODE_CHARS + 1];
    struct money total;
    struct lot_taken taken[ORDER_LINES_MAX];
    struct money amounts[ORDER_LINES_MAX];
    struct fee fee;
};

/* Two lines of one lot are one claim on it. */
static enum result merge_lines(struct trade *trade, struct order_request *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t same = 0;
        while (same < kept && r->lines[same].lot != r->lines[i].lot)
            same++;
        if (same == kept) {
            r->lines[kept++] = r->lines[i];
            continue;
        }
        if (r->lines[same].price != r->lines[i].price)
            return trade_bad_field(trade, "lines", "two lines of one lot have different prices");
        r->lines[same].quantity += r->lines[i].quantity; /* 20 lines of a million at most */
        r->lines[same].least += r->lines[i].least;
        if (r->lines[same].quantity > QUANTITY_LINE_MAX)
            return trade_bad_field(trade, "lines", "the lines of one lot ask for too much together");
    }
    r->count = kept;
    return R_OK;
}

/* The goods of a line, at the lot's price or its flash price. */
static enum result take_line(struct trade *trade, int64_t stall, const struct order_line *line,
                             struct lot_taken *taken)
{
    const struct lot_claim claim = {line->lot, line->price, line->quantity, line->least};
    enum result held = lot_hold(trade, stall, &claim, taken);
    return held == R_PRICE_CHANGED ? flash_hold(trade, stall, &claim, taken) : held;
}

/* Takes the goods of every line off the stall and counts what they cost. */
static enum result take_goods(struct trade *trade, const struct stall *stall, struct order_request *r,
                              struct placing *p)
{
    for (size_t i = 0; i < r->count; i++) {
        struct order_line *line = &r->lines[i];
        if (r->kept)
            p->taken[i] = r->kept[i];
        enum result held = r->kept ? R_OK : take_line(trade, stall->id, line, &p->taken[i]);
        if (held != R_OK)
            return held;
        line->quantity = p->taken[i].quantity;
        struct money price;
        if (!money_make(&price, line->price) ||
            !money_of(&p->amounts[i], price, (struct quantity){line->quantity, p->taken[i].unit}) ||
            !money_add(&p->total, p->total, p->amounts[i]))
            return trade_bad_field(trade, "lines", "the order is worth more than can be counted");
    }
    return R_OK;
}

/* What bringing the goods costs, on top of them. */
static enum result add_fee(struct trade *trade, const struct order_request *r, struct placing *p)
{
    int64_t grams = 0, pieces = 0; /* 20 lines of a million at most */
    for (size_t i = 0; i < r->count; i++)
        *(p->taken[i].unit == UNIT_KG ? &grams : &pieces) += r->lines[i].quantity;
    enum result done = fee_count(trade, &r->delivery, grams, pieces, &p->fee);
    if (done == R_OK && !money_add(&p->total, p->total, p->fee.amount))
        return trade_bad_field(trade, "lines", "the order is worth more than can be counted");
    return done;
}

static enum result check_limits(struct trade *trade, const struct order_request *r, const struct placing *p)
{
    for (size_t i = 0; i < r->count; i++) {
        int64_t limit = p->taken[i].buyer_limit;
        enum result fine = limit ? lot_limit(trade, r->lines[i].lot, p->id, r->buyer, r->phone, limit) : R_OK;
        if (fine == R_OK && p->taken[i].flash)
            fine = flash_note(trade, &p->taken[i], r->lines[i].lot, p->id, r->buyer, r->phone);
        if (fine != R_OK)
            return fine;
    }
    return R_OK;
}

static enum result insert_order(struct trade *trade, const struct stall *stall, const struct order_request *r,
                                struct placing *p)
{
    for (int draw = 0; draw < CODE_DRAWS; draw++) {
        id_code(p->code);
        enum step step = store_run(trade->store,
                                   "INSERT INTO orders (id, code, stall, buyer, state, total, name, phone, "
                                   "place, note, reason, placed_at)"
                                   " VALUES ($1, $2, $3, $4, 'placed', $5, $6, $7, $8, $9, '', $10)",
                                   ARG_INT(p->id), ARG_TEXT(p->code), ARG_INT(stall->id), ARG_INT(r->buyer),
                                   ARG_INT(money_dong(p->total)), ARG_TEXT(r->name), ARG_TEXT(r->phone),
                                   ARG_TEXT(r->place), ARG_TEXT(r->note), ARG_INT(trade->now_ms));
        if (step == STEP_DONE)
            return R_OK;
        if (step == STEP_FAILED)
            break;
    }
    return trade_fault(trade);
}

static enum result insert_lines(struct trade *trade, const struct order_request *r, const struct placing *p)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct order_line *line = &r->lines[i];
        enum step step =
            store_run(trade->store,
                      "INSERT INTO order_line (order_id, position, lot, name, unit, quantity, price, amount)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                      ARG_INT(p->id), ARG_INT((int64_t)i + 1), ARG_INT(line->lot), ARG_TEXT(p->taken[i].name),
                      ARG_TEXT(unit_name(p->taken[i].unit)), ARG_INT(line->quantity), ARG_INT(line->price),
                      ARG_INT(money_dong(p->amounts[i])));
        enum result noted =
            step == STEP_DONE ? lot_hold_note(trade, line->lot, p->id, line->quantity) : trade_fault(trade);
        if (noted != R_OK)
            return noted;
    }
    return R_OK;
}

static json_t *line_json(const char *name, const char *unit, int64_t quantity)
{
    json_t *line = json_object();
    shape_text(line, "name", name);
    shape_text(line, "unit", unit);
    shape_int(line, "quantity", quantity);
    return line;
}

/* Columns of ORDER's head, in this order everywhere. */
#define ORDER_COLUMNS                                                                                        \
    "o.id, o.code, s.slug, s.name, o.state, o.total, o.name, o.phone, o.place, o.note, o.placed_at, "        \
    "o.reason, e.at_ms, h.ends_at, y.way, w.id, v.why, n.code"                                               \
    " FROM orders o JOIN stall s ON s.id = o.stall LEFT JOIN order_end e ON e.order_id = o.id"               \
    " LEFT JOIN hold h ON h.order_id = o.id AND h.state = 'open'"                                            \
    " LEFT JOIN wait w ON w.order_id = o.id AND w.state = 'offered'"                                         \
    " LEFT JOIN order_event v ON v.order_id = o.id AND v.state = 'cancelled'"                                \
    " LEFT JOIN order_merge m ON m.old = o.id LEFT JOIN orders n ON n.id = m.new"                            \
    " LEFT JOIN pay_wish y ON y.order_id = o.id"

/* One line of ORDER, from the database or from what has just been written there: both must look alike, to the
 * byte. */
struct line_shape {
    int64_t lot, quantity, price, amount, weighed;
    const char *name, *unit, *state; /* "ordered": not weighed yet */
};

static json_t *full_line_json(const struct line_shape *l)
{
    bool weighed = strcmp(l->state, "ordered") != 0;
    json_t *line = json_object();
    shape_int(line, "lot", l->lot);
    shape_text(line, "name", l->name);
    shape_text(line, "unit", l->unit);
    shape_int(line, "quantity", l->quantity);
    shape_int(line, "price", l->price);
    shape_int(line, "amount", l->amount);
    shape_text(line, "state", l->state);
    shape_json(line, "weighed", weighed ? json_integer(l->weighed) : NULL);
    return line;
}

static json_t *lines_json(struct trade *trade, int64_t order)
{
    json_t *lines = json_array();
    QUERY query = store_query(trade->store,
                              "SELECT l.lot, l.name, l.unit, l.quantity, l.price, COALESCE(s.amount, "
                              "l.amount), COALESCE(s.state, 'ordered'), s.weighed FROM order_line l"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
                              " WHERE l.order_id = $1 ORDER BY l.position",
                              ARG_INT(order));
    while (query_row(query)) {
        const struct line_shape line = {.lot = query_int(query, 0),
                                        .name = query_text(query, 1),
                                        .unit = query_text(query, 2),
                                        .quantity = query_int(query, 3),
                                        .price = query_int(query, 4),
                                        .amount = query_int(query, 5),
                                        .state = query_text(query, 6),
                                        .weighed = query_int(query, 7)};
        json_array_append_new(lines, full_line_json(&line));
    }
    return lines;
}

/* ORDER without its lines. */
struct head {
    int64_t id, total, placed_at, closed_at, expires_at;
    const char *code, *stall, *stall_name, *state, *name, *phone, *place, *note, *reason;
    const char *pay_way; /* NULL: not said */
    const char *why, *into; /* NULL: not cancelled; not merged */
    bool offer;
};

/* TAKES lines and delivery (NULL: nothing was said about it). */
static json_t *head_json(const struct head *h, json_t *lines, json_t *delivery)
{
    json_t *order = json_object();
    shape_int(order, "id", h->id);
    shape_text(order, "code", h->code);
    shape_text(order, "stall", h->stall);
    shape_text(order, "stall_name", h->stall_name);
    shape_text(order, "state", h->state);
    shape_json(order, "lines", lines);
    shape_int(order, "total", h->total);
    shape_text(order, "name", h->name);
    shape_text(order, "phone", h->phone);
    shape_text(order, "place", h->place);
    shape_text(order, "note", h->note);
    shape_int(order, "placed_at", h->placed_at);
    shape_text(order, "reason", h->reason);
    shape_id(order, "closed_at", h->closed_at);
    shape_json(order, "delivery", delivery);
    shape_id(order, "expires_at", h->expires_at);
    shape_text(order, "pay_way", h->pay_way);
    shape_bool(order, "offer", h->offer);
    shape_text(order, "why", h->why);
    shape_text(order, "merged_into", h->into);
    return order;
}

static json_t *row_json(struct trade *trade, struct query *query)
{
    const struct head head = {.id = query_int(query, 0),
                              .code = query_text(query, 1),
                              .stall = query_text(query, 2),
                              .stall_name = query_text(query, 3),
                              .state = query_text(query, 4),
                              .total = query_int(query, 5),
                              .name = query_text(query, 6),
                              .phone = query_text(query, 7),
                              .place = query_text(query, 8),
                              .note = query_text(query, 9),
                              .placed_at = query_int(query, 10),
                              .reason = query_text(query, 11),
                              .closed_at = query_int(query, 12),
                              .expires_at = query_int(query, 13),
                              .pay_way = query_text(query, 14),
                              .offer = query_int(query, 15) && query_int(query, 13),
                              .why = query_text(query, 16),
                              .into = query_text(query, 17)};
    return head_json(&head, lines_json(trade, head.id), fee_json(trade, head.id));
}

json_t *order_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT " ORDER_COLUMNS " WHERE o.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(trade, query) : NULL;
}

/* Journals a change: everybody learns what is left, the people concerned see the order. TAKES order, lots,
 * seen. */
static enum result announce(struct trade *trade, const struct stall *stall, const char *kind, int64_t buyer,
                            json_t *order, json_t *lots, json_t *seen)
{
    json_t *open = seen ? seen : json_object(), *full = json_object();
    shape_json(full, "order", order);
    shape_json(full, "lots", json_incref(lots));
    shape_json(open, "lots", lots);
    return journal_add(trade, &(struct journal_entry){.kind = kind,
                                                      .stall = stall->id,
                                                      .slug = stall->slug,
                                                      .person = buyer,
                                                      .open = open,
                                                      .full = full});
}

/* The order that has just been written, without reading it again. */
static json_t *placed_json(struct trade *trade, const struct stall *stall, const struct order_request *r,
                           const struct placing *p)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < r->count; i++) {
        const struct line_shape line = {.lot = r->lines[i].lot,
                                        .name = p->taken[i].name,
                                        .unit = unit_name(p->taken[i].unit),
                                        .quantity = r->lines[i].quantity,
                                        .price = r->lines[i].price,
                                        .amount = money_dong(p->amounts[i]),
                                        .state = "ordered"};
        json_array_append_new(lines, full_line_json(&line));
    }
    const struct head head = {.id = p->id,
                              .code = p->code,
                              .stall = stall->slug,
                              .stall_name = stall->name,
                              .state = names[ORDER_PLACED],
                              .total = money_dong(p->total),
                              .name = r->name,
                              .phone = r->phone,
                              .place = r->place,
                              .note = r->note,
                              .placed_at = trade->now_ms,
                              .expires_at = p->held_until,
                              .offer = r->offer,
                              .reason = ""};
    return head_json(&head, lines, p->fee.zone ? fee_json(trade, p->id) : NULL);
}

/* Tells everybody; the goods and a first name are all that strangers see. TAKES order. */
static enum result announce_placed(struct trade *trade, const struct stall *stall,
                                   const struct order_request *r, const struct placing *p, json_t *order)
{
    json_t *seen = json_object(), *lots = json_array(), *lines = json_array();
    for (size_t i = 0; i < r->count; i++) {
        json_array_append_new(lots, lot_taken_json(r->lines[i].lot, &p->taken[i]));
        json_array_append_new(lines,
                              line_json(p->taken[i].name, unit_name(p->taken[i].unit), r->lines[i].quantity));
    }
    g_autofree char *first_name = text_first_name(r->name);
    shape_json(seen, "lines", lines);
    shape_text(seen, "first_name", first_name);
    const char *kind = r->offer ? "order.offered" : states[ORDER_PLACED].entered;
    return announce(trade, stall, kind, r->buyer, order, lots, seen);
}

static enum result note_event(struct trade *trade, int64_t order, enum order_state to,
                              const struct why_move *move)
{
    const struct why *why = why_find(move->code);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO order_event (order_id, state, why, bears, actor, key, device_at, "
                  "at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  ARG_INT(order), ARG_TEXT(names[to]), ARG_TEXT(move->code), ARG_TEXT(why ? why->bears : ""),
                  ARG_ID(trade->who.person), ARG_TEXT(trade->key ? trade->key : ""), ARG_ID(move->device_at),
                  ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result order_place(struct trade *trade, const struct stall *stall, struct order_request *r, json_t **out)
{
    if (!stall->open)
        return R_STALL_CLOSED;
    struct placing p = {.id = store_next_id(trade->store, max_id)};
    p.held_until = r->held_until ? MAX(r->held_until, 0) : hold_end(trade, stall);
    enum result done = merge_lines(trade, r);
    if (done == R_OK)
        done = take_goods(trade, stall, r, &p);
    if (done == R_OK)
        done = add_fee(trade, r, &p);
    if (done == R_OK)
        done = insert_order(trade, stall, r, &p);
    if (done == R_OK)
        done = fee_keep(trade, p.id, &p.fee);
    if (done == R_OK)
        done = insert_lines(trade, r, &p);
    if (done == R_OK)
        done = check_limits(trade, r, &p);
    if (done == R_OK)
        done = hold_begin(trade, p.id, p.held_until);
    if (done == R_OK && r->device_at)
        done = note_event(trade, p.id, ORDER_PLACED, &(struct why_move){"", "", r->device_at});
    if (done != R_OK)
        return done;
    JSON order = placed_json(trade, stall, r, &p);
    done = announce_placed(trade, stall, r, &p, json_incref(order));
    if (done == R_OK)
        *out = json_incref(order);
    return done;
}

#define FIND_COLUMNS                                                                                         \
    "SELECT o.id, o.stall, o.buyer, o.state, e.at_ms FROM orders o LEFT JOIN order_end e ON e.order_id = "   \
    "o.id"

static enum result read_order(struct trade *trade, struct query *query, struct order *out)
{
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct order){.id = query_int(query, 0),
                          .stall = query_int(query, 1),
                          .buyer = query_int(query, 2),
                          .closed = query_int(query, 4) != 0};
    while (out->state < ORDER_CANCELLED && strcmp(names[out->state], query_text(query, 3)) != 0)
        out->state++;
    return R_OK;
}

enum result order_by_code(struct trade *trade, const char *typed, struct order *out)
{
    char code[ID_CODE_CHARS + 1];
    if (!id_code_read(typed, code))
        return R_UNKNOWN;
    QUERY query = store_query(trade->store, FIND_COLUMNS " WHERE o.code = $1", ARG_TEXT(code));
    return read_order(trade, query, out);
}

enum result order_by_id(struct trade *trade, int64_t id, struct order *out)
{
    QUERY query = store_query(trade->store, FIND_COLUMNS " WHERE o.id = $1", ARG_INT(id));
    return read_order(trade, query, out);
}

enum result order_mine(struct trade *trade, const struct order *order, struct stall *stall)
{
    enum result found = stall_by_id(trade, order->stall, stall);
    if (found != R_OK)
        return found;
    bool buyer = trade->who.person && trade->who.person == order->buyer && !trade->who.token_stall;
    return buyer || stall_mine(trade, stall) == R_OK ? R_OK : R_UNKNOWN;
}

/* Moves the goods of an order that changes its state; gathers what is left of each lot. */
static enum result move_goods(struct trade *trade, const struct order *order, enum order_state to,
                              json_t *lots)
{
    QUERY query = store_query(trade->store,
                              "SELECT l.lot, COALESCE(s.quantity, l.quantity) FROM order_line l"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
                              " WHERE l.order_id = $1 ORDER BY l.position",
                              ARG_INT(order->id));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        int64_t lot = query_int(query, 0), quantity = query_int(query, 1), available = 0;
        if (!quantity) /* weighed, and there was nothing */
            continue;
        enum result moved = to == ORDER_CONFIRMED ? lot_commit(trade, lot, order->id, quantity)
                                                  : lot_release(trade, lot, order->id, quantity,
                                                                order->state == ORDER_CONFIRMED, &available);
        if (moved != R_OK)
            return moved;
        if (to == ORDER_CONFIRMED)
            available = store_int(trade->store, "SELECT available FROM lot WHERE id = $1", lot, 0);
        json_array_append_new(lots, lot_stock_json(lot, available));
    }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The one writer of an order's state. TAKES lots: what is left of each that moved. */
static enum result enter(struct trade *trade, const struct stall *stall, struct order *order,
                         enum order_state to, const struct why_move *move, json_t *lots)
{
    JSON left = lots;
    if (store_run(trade->store, "UPDATE orders SET state = $2, reason = $3 WHERE id = $1", ARG_INT(order->id),
                  ARG_TEXT(names[to]), ARG_TEXT(move->words)) != STEP_DONE)
        return trade_fault(trade);
    order->state = to;
    enum result done = note_event(trade, order->id, to, move);
    if (done == R_OK)
        done = hold_over(trade, order->id);
    if (done == R_OK)
        done = waitlist_ended(trade, order->id, to, move->code);
    if (done == R_OK)
        done = to == ORDER_CONFIRMED ? books_confirmed(trade, order->id) : books_cancelled(trade, order->id);
    if (done != R_OK)
        return done;
    return announce(trade, stall, states[to].entered, order->buyer, order_json(trade, order->id),
                    json_incref(left), NULL);
}

static bool may_enter(const struct order *order, enum order_state to)
{
    return (states[order->state].next >> to & 1u) && !order->closed;
}

enum result order_advance(struct trade *trade, const struct stall *stall, struct order *order,
                          enum order_state to, const struct why_move *move)
{
    if (!may_enter(order, to))
        return R_WRONG_MOMENT;
    JSON lots = json_array();
    enum result done = move_goods(trade, order, to, lots);
    if (done == R_OK)
        done = enter(trade, stall, order, to, move, json_incref(lots));
    if (done == R_OK && to == ORDER_CANCELLED)
        done = flash_back(trade, stall, order->id);
    if (done == R_OK && to == ORDER_CANCELLED)
        done = waitlist_serve_all(trade, stall, lots);
    return done;
}

enum result order_gone(struct trade *trade, const struct stall *stall, struct order *order,
                       const struct why_move *move)
{
    return may_enter(order, ORDER_CANCELLED) ? enter(trade, stall, order, ORDER_CANCELLED, move, json_array())
                                             : R_WRONG_MOMENT;
}

enum result order_changed(struct trade *trade, const struct stall *stall, const struct order *order,
                          const char *kind, json_t *lots)
{
    return announce(trade, stall, kind, order->buyer, order_json(trade, order->id), lots, NULL);
}

enum result order_list(struct trade *trade, int64_t stall, int64_t buyer, int64_t before, int64_t limit,
                       json_t **out)
{
    static const char of_both[] =
        "SELECT " ORDER_COLUMNS
        " WHERE o.buyer = $2 AND o.stall = $1 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    static const char of_stall[] =
        "SELECT " ORDER_COLUMNS " WHERE o.stall = $1 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    static const char of_buyer[] =
        "SELECT " ORDER_COLUMNS " WHERE o.buyer = $2 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    QUERY query =
        store_query(trade->store,
                    stall && buyer ? of_both
                    : stall        ? of_stall
                                   : of_buyer,
                    ARG_INT(stall), ARG_INT(buyer), ARG_INT(before ? before : INT64_MAX), ARG_INT(limit));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        json_array_append_new(list, row_json(trade, query));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}

/* What the stock ledger must say of an order, by its state. */
static bool ledger_fits(const char *state, int64_t quantity, int64_t held, int64_t sold)
{
    if (strcmp(state, names[ORDER_PLACED]) == 0)
        return held == quantity && sold == 0;
    if (strcmp(state, names[ORDER_CONFIRMED]) == 0)
        return held == 0 && sold == quantity;
    return held == 0 && sold == 0;
}

bool order_verify(struct store *store, int64_t *orders, int64_t *first_bad)
{
    static const char order_sql[] =
        "SELECT o.id, o.total - COALESCE((SELECT f.amount FROM order_fee f WHERE f.order_id = o.id), 0), "
        "o.state,"
        " (SELECT CAST(COALESCE(SUM(COALESCE(s.amount, l.amount)), 0) AS BIGINT) FROM order_line l"
        "  LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position WHERE l.order_id = "
        "o.id),"
        " (SELECT CAST(COALESCE(SUM(COALESCE(s.quantity, l.quantity)), -1) AS BIGINT) FROM order_line l"
        "  LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position WHERE l.order_id = "
        "o.id)"
        " FROM orders o ORDER BY o.id";
    static const char ledger_sql[] =
        "SELECT order_id,"
        " CAST(SUM(CASE kind WHEN 'hold' THEN amount WHEN 'commit' THEN -amount WHEN 'release' THEN -amount "
        "ELSE 0 END) AS BIGINT),"
        " CAST(SUM(CASE kind WHEN 'commit' THEN amount WHEN 'return' THEN -amount ELSE 0 END) AS BIGINT)"
        " FROM stock WHERE order_id IS NOT NULL GROUP BY order_id ORDER BY order_id";
    QUERY each = store_query_args(store, order_sql, NULL, 0);
    QUERY ledger = store_query_args(store, ledger_sql, NULL, 0);
    enum step step;
    *orders = *first_bad = 0;
    while ((step = query_step(each)) == STEP_ROW) {
        int64_t id = query_int(each, 0), quantity = query_int(each, 4);
        bool fits = query_int(each, 1) == query_int(each, 3) && quantity >= 0 && query_row(ledger) &&
                    query_int(ledger, 0) == id &&
                    ledger_fits(query_text(each, 2), quantity, query_int(ledger, 1), query_int(ledger, 2));
        if (!fits) {
            *first_bad = id;
            return false;
        }
        ++*orders;
    }
    return step == STEP_DONE;
}
