/* run_order.c: orders from the buyer's tap to the farmer's yes or no. order.place is the busiest command of
 * all: it reads its few fields, and everything else is in trade/order.c. */
#include "market/desk/call.h"

#include <glib.h>
#include <string.h>
#include "market/base/quantity.h"
#include "market/base/shape.h"
#include "market/trade/credit.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"
#include "market/trade/placer.h"
#include "market/trade/session.h"
#include "market/trade/waitlist.h"

static void read_lines(struct fields *f, struct order_request *request)
{
    size_t i;
    json_t *item, *list = field_array(f, "lines", 1, ORDER_LINES_MAX);
    json_array_foreach(list, i, item)
    {
        struct fields line;
        fields_open(&line, item);
        request->lines[i].lot = field_int(&line, "lot", 1, INT64_MAX);
        request->lines[i].quantity = field_int(&line, "quantity", 1, QUANTITY_LINE_MAX);
        request->lines[i].price = field_int(&line, "price", 1, PRICE_MAX);
        int64_t quantity = request->lines[i].quantity;
        request->lines[i].least = field_int_or(&line, "min", 1, MAX(quantity, 1), quantity);
        if (!fields_close(&line))
            fields_refuse(f, line.bad[0] ? line.bad : "lines", line.why);
        request->count = i + 1;
    }
}

void call_delivery_wish(struct fields *f, struct fee_wish *out)
{
    struct fields wish;
    if (!field_given(f, "delivery"))
        return;
    fields_open(&wish, json_object_get(f->in, "delivery"));
    out->zone = field_int(&wish, "zone", 1, INT64_MAX);
    out->point = field_int_or(&wish, "point", 1, INT64_MAX, 0);
    out->shown = field_int(&wish, "fee", 0, MONEY_MAX);
    if (!fields_close(&wish))
        fields_refuse(f, wish.bad[0] ? wish.bad : "delivery", wish.why);
}

enum result call_buyer(struct call *call, const char *name, const char *phone, const char *place,
                       int64_t *buyer)
{
    *buyer = call->trade.who.person;
    if (*buyer)
        return R_OK;
    enum result done = person_walk_in(&call->trade, name, phone, place, buyer);
    return done == R_OK ? call_log_in(call, *buyer) : done;
}

/* The order that was just placed is paid with what its buyer has good with us, as far as that goes and up to
 * `most`: who has nothing has ordered all the same. */
static enum result answer_with_credit(struct call *call, struct order_placed *placed, int64_t most)
{
    struct pay_order order;
    struct money usable;
    g_free(placed->text);
    enum result done = books_order(&call->trade, placed->id, &order);
    if (done == R_OK)
        done = credit_usable(&call->trade, &order, &usable);
    if (done == R_OK && money_dong(usable) > 0)
        done = credit_use(&call->trade, &order, MIN(most, money_dong(usable)));
    if (done != R_OK)
        return done;
    call_body(call, "order", order_json(&call->trade, placed->id)); /* paid whole, it has no end any more */
    return R_CREATED;
}

/* Who of the office gives another's number orders for that household; else the asker is the buyer. `by` gets
 * the placer's name. */
static enum result find_buyer(struct call *call, struct order_request *r, char **by)
{
    struct trade *trade = &call->trade;
    if (!placer_is(trade, r->phone))
        return call_buyer(call, r->name, r->phone, r->place, &r->buyer);
    r->placer = trade->who.person;
    r->placed_by = *by = person_name(trade, r->placer);
    return placer_household(trade, r->name, r->phone, r->place, &r->buyer);
}

enum result run_order_place_run(struct call *call)
{
    g_autofree char *by = NULL;
    struct fields f;
    struct stall stall;
    struct order_request request = {0};
    char phone[TEXT_PHONE_MAX + 1];
    struct order_placed order;
    fields_open(&f, call->params);
    enum result done = call_stall(call, &f, &stall);
    read_lines(&f, &request);
    call_delivery_wish(&f, &request.delivery);
    request.device_at = call_device_time(&f);
    request.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    request.place = field_text_or(&f, "place", TEXT_LINE, 0, 200, "");
    request.note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    call_phone(&f, phone);
    request.phone = phone;
    int64_t credit = field_int_or(&f, "credit", 1, MONEY_MAX, 0);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK && !stall.open)
        done = R_STALL_CLOSED;
    if (done == R_OK)
        done = find_buyer(call, &request, &by);
    if (done == R_OK && request.placer && credit)
        done = trade_bad_field(&call->trade, "credit", "a household's credit is used on its order's page");
    if (done == R_OK)
        done = order_place(&call->trade, &stall, &request, &order);
    fields_free(&f);
    if (done != R_OK)
        return done;
    if (credit)
        return answer_with_credit(call, &order, credit);
    call->text = g_strconcat("{\"order\":", order.text, "}", NULL);
    g_free(order.text);
    return R_CREATED;
}

enum result call_order(struct call *call, struct fields *f, struct order *order, struct stall *stall)
{
    const char *code = field_raw(f, "code", 1, 24);
    if (f->bad)
        return R_BAD_FIELD;
    enum result found = order_by_code(&call->trade, code, order);
    return found == R_OK ? order_mine(&call->trade, order, stall) : found;
}

enum result run_order_get(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        call_body(call, "order", order_json(&call->trade, order.id));
    return done;
}

enum result run_order_list_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    int64_t person;
    json_t *orders = NULL;
    fields_open(&f, call->params);
    int64_t before = field_number_or(&f, "before", 1, INT64_MAX, 0);
    int64_t limit = field_number_or(&f, "limit", 1, ORDERS_MAX, ORDERS_MAX);
    enum result done = call_whose(call, &f, &stall, &person);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        done = order_list(&call->trade, stall.id, person, before, limit, &orders);
    if (done == R_OK)
        call_body(call, "orders", orders);
    return done;
}

enum result call_order_answer(struct call *call, enum result done, const struct order *order)
{
    if (done == R_OK)
        call_body(call, "order", order_json(&call->trade, order->id));
    return done;
}

enum result run_order_confirm(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    const struct why_move move = {"", "", call_device_time(&f)};
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    if (done == R_OK && waitlist_asks(&call->trade, order.id)) {
        shape_text(trade_extra(&call->trade), "reason", "offered"); /* nobody has ordered yet */
        done = R_WRONG_MOMENT;
    }
    if (done == R_OK)
        done = order_advance(&call->trade, &stall, &order, ORDER_CONFIRMED, &move);
    return call_order_answer(call, done, &order);
}

/* The code, which must be one for the side that cancels; without one, the most likely. */
static const char *cancel_code(struct fields *f, bool seller, bool offered)
{
    if (!field_given(f, "why"))
        return seller ? "other" : offered ? "declined" : "changed-mind";
    const struct why *why = why_find(field_raw(f, "why", 1, 20));
    if (!f->bad && (!why || !(why->side & (seller ? WHY_SELLER : WHY_BUYER))))
        fields_refuse(f, "why", "one of the codes for this is expected");
    return why ? why->code : "";
}

enum result run_order_cancel(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    bool seller = done == R_OK && stall_mine(&call->trade, &stall) == R_OK;
    bool offered = done == R_OK && waitlist_asks(&call->trade, order.id);
    const struct why_move move = {field_text_or(&f, "reason", TEXT_LINE, 0, 300, ""),
                                  cancel_code(&f, seller, offered), call_device_time(&f)};
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    /* The buyer may think again until the farmer has said yes. */
    if (done == R_OK && !seller && order.state != ORDER_PLACED)
        done = R_WRONG_MOMENT;
    if (done == R_OK)
        done = order_advance(&call->trade, &stall, &order, ORDER_CANCELLED, &move);
    fields_free(&f);
    return call_order_answer(call, done, &order);
}
