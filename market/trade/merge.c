/* merge.c: see merge.h. */
#include "market/trade/merge.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/base/text.h"
#include "market/trade/credit.h"
#include "market/trade/flash.h"
#include "market/trade/lot.h"
#include "market/trade/paytask.h"
#include "market/trade/paywish.h"
#include "market/trade/person.h"
#include "market/trade/push.h"
#include "market/trade/waitlist.h"

/* What the new order is made of. */
struct whole {
    struct order_request request;
    struct lot_taken kept[ORDER_LINES_MAX];
    char name[80 * 4 + 1], phone[TEXT_PHONE_MAX + 1], place[200 * 4 + 1];
    GString *note;
    char *placed_by;     /* the newest placer's name; ours to free */
    bool endless;        /* one of them had no end to its hold */
    struct money credit; /* what they have of their buyer's credit */
};

/* Whose money has come stays what the payer named. The buyer's credit is ours to move. */
static enum result may_merge(struct trade *trade, const struct order *order, const struct order *first,
                             struct money *credit)
{
    struct pay_order paid;
    struct pay_view view;
    struct money kept;
    if (order->stall != first->stall || order->buyer != first->buyer)
        return trade_refuse(trade, "other-stall");
    if (order->state != ORDER_PLACED || order->closed || waitlist_asks(trade, order->id))
        return trade_refuse(trade, "not-open");
    enum result done = books_order(trade, order->id, &paid);
    if (done == R_OK)
        done = books_view(trade, &paid, &view);
    if (done == R_OK)
        done = credit_in(trade, order->id, credit);
    if (done != R_OK || !money_sub(&kept, view.received, view.returned))
        return done != R_OK ? done : R_FAULT;
    return money_compare(kept, *credit) ? trade_refuse(trade, "paid") : R_OK;
}

/* One line of an old order: beside the same goods at the same price, or one more. */
static enum result add_line(struct trade *trade, struct whole *w, struct query *query)
{
    struct order_request *r = &w->request;
    int64_t lot = query_int(query, 0), quantity = query_int(query, 3), price = query_int(query, 4);
    size_t at = 0;
    while (at < r->count && r->lines[at].lot != lot)
        at++;
    if (at == ORDER_LINES_MAX)
        return trade_bad_field(trade, "orders", "together they have too many lines");
    if (at < r->count && r->lines[at].price != price) {
        shape_int(trade_extra(trade), "lot", lot);
        return trade_refuse(trade, "prices-differ");
    }
    if (at == r->count) {
        r->lines[r->count++] = (struct order_line){.lot = lot, .price = price};
        g_strlcpy(w->kept[at].name, query_text(query, 1), sizeof w->kept[at].name);
        if (!unit_read(query_text(query, 2), &w->kept[at].unit))
            return R_FAULT;
    }
    r->lines[at].quantity += quantity;
    r->lines[at].least = w->kept[at].quantity = r->lines[at].quantity;
    w->kept[at].available = query_int(query, 5);
    return r->lines[at].quantity <= QUANTITY_LINE_MAX
               ? R_OK
               : trade_bad_field(trade, "orders", "together they ask for too much of one lot");
}

static enum result add_lines(struct trade *trade, int64_t order, struct whole *w)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT i.lot, i.name, i.unit, i.quantity, i.price, l.available FROM order_line i"
                    " JOIN lot l ON l.id = i.lot WHERE i.order_id = $1 ORDER BY i.position",
                    ARG_INT(order));
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        enum result added = add_line(trade, w, query);
        if (added != R_OK)
            return added;
    }
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* Name, number and place of the newest; notes of all; the newest choice of delivery; the longest hold. What
 * its buyer's credit paid had its end taken away for that alone: it does not keep the others' goods for ever.
 */
static enum result add_head(struct trade *trade, int64_t order, bool by_credit, struct whole *w)
{
    QUERY query = store_query(
        trade->store,
        "SELECT o.name, o.phone, o.place, o.note, f.zone, f.point, h.ends_at, b.placer FROM orders o"
        " LEFT JOIN order_fee f ON f.order_id = o.id"
        " LEFT JOIN hold h ON h.order_id = o.id AND h.state = 'open'"
        " LEFT JOIN order_placer b ON b.order_id = o.id WHERE o.id = $1",
        ARG_INT(order));
    if (!query_row(query))
        return trade_fault(trade);
    g_strlcpy(w->name, query_text(query, 0), sizeof w->name);
    g_strlcpy(w->phone, query_text(query, 1), sizeof w->phone);
    g_strlcpy(w->place, query_text(query, 2), sizeof w->place);
    const char *note = query_text(query, 3);
    if (*note && g_utf8_strlen(w->note->str, -1) + g_utf8_strlen(note, -1) + 3 <= 300)
        g_string_append_printf(w->note, "%s%s", w->note->len ? " · " : "", note);
    if (query_int(query, 4)) {
        w->request.delivery.zone = query_int(query, 4);
        w->request.delivery.point = query_int(query, 5);
    }
    if (query_int(query, 7)) {
        w->request.placer = query_int(query, 7);
        g_free(w->placed_by);
        w->request.placed_by = w->placed_by = person_name(trade, w->request.placer);
    }
    w->request.held_until = MAX(w->request.held_until, query_int(query, 6));
    w->endless = w->endless || !(query_int(query, 6) || by_credit);
    return R_OK;
}

/* The old order is off; its goods stay held. */
static enum result give_up(struct trade *trade, const struct stall *stall, struct order *order)
{
    int64_t lots[ORDER_LINES_MAX], quantities[ORDER_LINES_MAX];
    size_t count = 0;
    {
        QUERY query = store_query(trade->store, "SELECT lot, quantity FROM order_line WHERE order_id = $1",
                                  ARG_INT(order->id));
        for (; count < ORDER_LINES_MAX && query_row(query); count++) {
            lots[count] = query_int(query, 0);
            quantities[count] = query_int(query, 1);
        }
    }
    for (size_t i = 0; i < count; i++) {
        enum result passed = lot_pass(trade, lots[i], order->id, quantities[i]);
        if (passed != R_OK)
            return passed;
    }
    enum result gone = order_gone(trade, stall, order, &(struct why_move){"merged", "merged", 0});
    /* its credit goes on into the one order: nobody has to give it back */
    return gone == R_OK ? paytask_clear(trade, order->id, TASK_REFUND_DUE) : gone;
}

static int by_id(const void *a, const void *b)
{
    int64_t left = ((const struct order *)a)->id, right = ((const struct order *)b)->id;
    return (left > right) - (left < right);
}

static enum result gather(struct trade *trade, const struct order *orders, size_t count, struct whole *w)
{
    for (size_t i = 0; i < count; i++) {
        if (i && orders[i].id == orders[i - 1].id)
            return trade_refuse(trade, "same-order");
        struct money credit = {0};
        enum result done = may_merge(trade, &orders[i], &orders[0], &credit);
        if (done == R_OK && !money_add(&w->credit, w->credit, credit))
            done = R_FAULT;
        if (done == R_OK)
            done = add_lines(trade, orders[i].id, w);
        if (done == R_OK)
            done = add_head(trade, orders[i].id, money_dong(credit) > 0, w);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

/* Writes which became which, tells what the old ones are now. */
static enum result join(struct trade *trade, const struct stall *stall, struct order *orders, size_t count,
                        int64_t into)
{
    for (size_t i = 0; i < count; i++) {
        if (store_run(trade->store,
                      "INSERT INTO order_merge (old, new, actor, key, at_ms) VALUES ($1, $2, $3, $4, $5)",
                      ARG_INT(orders[i].id), ARG_INT(into), ARG_ID(trade->who.person),
                      ARG_TEXT(trade->key ? trade->key : ""), ARG_INT(trade->now_ms)) != STEP_DONE)
            return trade_fault(trade);
        enum result done = flash_moved(trade, orders[i].id, into);
        if (done == R_OK)
            done = push_moved(trade, orders[i].id, into);
        if (done == R_OK)
            done = order_changed(trade, stall, &orders[i], "order.merged", json_array());
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

/* What the orders had beside their goods is the one's: credit, and how it is to be paid. */
static enum result inherit(struct trade *trade, const struct stall *stall, const struct order *orders,
                           size_t count, int64_t into, const struct whole *w)
{
    struct order one;
    enum result done = credit_move(trade, into, w->credit);
    if (done == R_OK)
        done = order_by_id(trade, into, &one);
    return done == R_OK ? paywish_merge(trade, stall, orders, count, &one) : done;
}

enum result merge_orders(struct trade *trade, const struct stall *stall, struct order *orders, size_t count,
                         int64_t fee, struct merged *out)
{
    struct whole w = {.note = g_string_new("")};
    qsort(orders, count, sizeof *orders, by_id);
    enum result done = gather(trade, orders, count, &w);
    for (size_t i = 0; done == R_OK && i < count; i++)
        done = give_up(trade, stall, &orders[i]);
    w.request.name = w.name;
    w.request.phone = w.phone;
    w.request.place = w.place;
    w.request.note = w.note->str;
    w.request.buyer = orders[0].buyer;
    w.request.delivery.shown = fee;
    w.request.kept = w.kept;
    if (w.endless || !w.request.held_until)
        w.request.held_until = ORDER_HELD;
    struct order_placed order = {0};
    if (done == R_OK)
        done = order_place(trade, stall, &w.request, &order);
    if (done == R_OK)
        done = join(trade, stall, orders, count, order.id);
    if (done == R_OK)
        done = inherit(trade, stall, orders, count, order.id, &w);
    g_string_free(w.note, TRUE);
    g_free(w.placed_by);
    g_free(order.text);
    if (done == R_OK)
        *out = (struct merged){order_json(trade, order.id), paywish_differed(trade, order.id)};
    return done;
}
