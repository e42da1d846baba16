/* order_place.c: placing: the goods taken, the fee counted, the order written and told, in one transaction.
 */
#include "market/trade/order_inner.h"

#include <glib.h>
#include <string.h>
#include "market/base/money.h"
#include "market/base/shape.h"
#include "market/base/text.h"
#include "market/trade/flash.h"
#include "market/trade/hold.h"
#include "market/trade/journal.h"
#include "market/trade/lot.h"
#include "market/trade/placer.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM orders";

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
                                   "INSERT INTO orders (id, code, stall, buyer, state, total, name, phone,"
                                   " place, note, reason, placed_at)"
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

/* The order that has just been written, without reading it again. For g_free. */
static char *placed_text(struct trade *trade, const struct stall *stall, const struct order_request *r,
                         const struct placing *p)
{
    struct jot lines __attribute__((uninitialized)), out __attribute__((uninitialized));
    jot_init(&lines);
    jot_char(&lines, '[');
    for (size_t i = 0; i < r->count; i++) {
        const struct order_line_shape line = {.lot = r->lines[i].lot,
                                              .name = p->taken[i].name,
                                              .unit = unit_name(p->taken[i].unit),
                                              .quantity = r->lines[i].quantity,
                                              .price = r->lines[i].price,
                                              .amount = money_dong(p->amounts[i]),
                                              .state = "ordered"};
        order_line_jot(&lines, &line);
    }
    jot_put(&lines, "]", 2); /* with its zero */
    const struct order_head head = {.id = p->id,
                                    .code = p->code,
                                    .stall = stall->slug,
                                    .stall_name = stall->name,
                                    .state = order_names[ORDER_PLACED],
                                    .total = money_dong(p->total),
                                    .name = r->name,
                                    .phone = r->phone,
                                    .place = r->place,
                                    .note = r->note,
                                    .placed_at = trade->now_ms,
                                    .expires_at = p->held_until,
                                    .offer = r->offer,
                                    .placed_by = r->placed_by,
                                    .reason = ""};
    JSON delivery = p->fee.zone ? fee_json(trade, p->id) : NULL;
    g_autofree char *fee = delivery ? shape_dump(delivery, false) : NULL;
    jot_init(&out);
    order_head_jot(&out, &head, lines.text, fee);
    jot_done(&lines);
    return jot_take(&out);
}

/* What is left of each lot, as lot_stock_json and lot_taken_json have it. */
static void jot_lots(struct jot *out, const struct order_request *r, const struct placing *p)
{
    jot_put(out, ",\"lots\":[", 9);
    for (size_t i = 0; i < r->count; i++) {
        jot_between(out);
        jot_char(out, '{');
        jot_int(out, "lot", r->lines[i].lot);
        jot_int(out, "available", p->taken[i].available);
        if (p->taken[i].flash)
            jot_int(out, "flash_left", p->taken[i].flash_left);
        jot_char(out, '}');
    }
    jot_put(out, "]}", 2);
}

/* The goods and a first name are all that strangers see. For g_free. */
static char *seen_text(const struct order_request *r, const struct placing *p)
{
    struct jot out __attribute__((uninitialized));
    g_autofree char *first_name = text_first_name(r->name);
    jot_init(&out);
    jot_put(&out, "{\"lines\":[", 10);
    for (size_t i = 0; i < r->count; i++) {
        jot_between(&out);
        jot_char(&out, '{');
        jot_text(&out, "name", p->taken[i].name);
        jot_text(&out, "unit", unit_name(p->taken[i].unit));
        jot_int(&out, "quantity", r->lines[i].quantity);
        jot_char(&out, '}');
    }
    jot_char(&out, ']');
    jot_text(&out, "first_name", first_name);
    jot_lots(&out, r, p);
    return jot_take(&out);
}

/* Tells everybody; `order` is what the people concerned see. */
static enum result announce_placed(struct trade *trade, const struct stall *stall,
                                   const struct order_request *r, const struct placing *p, const char *order)
{
    struct jot full __attribute__((uninitialized));
    jot_init(&full);
    jot_char(&full, '{');
    jot_json(&full, "order", order);
    jot_lots(&full, r, p);
    return journal_add(trade, &(struct journal_entry){.kind = r->offer ? "order.offered" : "order.placed",
                                                      .stall = stall->id,
                                                      .slug = stall->slug,
                                                      .person = r->buyer,
                                                      .open_text = seen_text(r, p),
                                                      .full_text = jot_take(&full)});
}

enum result order_place(struct trade *trade, const struct stall *stall, struct order_request *r,
                        struct order_placed *out)
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
    if (done == R_OK && r->placer)
        done = placer_note(trade, p.id, r->placer);
    if (done == R_OK && r->device_at)
        done = order_note(trade, p.id, ORDER_PLACED, &(struct why_move){"", "", r->device_at});
    if (done != R_OK)
        return done;
    g_autofree char *order = placed_text(trade, stall, r, &p);
    done = announce_placed(trade, stall, r, &p, order);
    if (done != R_OK)
        return done;
    out->id = p.id;
    memcpy(out->code, p.code, sizeof out->code);
    out->text = g_steal_pointer(&order);
    return R_OK;
}
