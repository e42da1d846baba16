/* run_order.c: orders from the buyer's tap to the farmer's yes or no. order.place is the busiest command of
 * all: it reads its few fields, and everything else is in trade/order.c. */
#include "market/desk/call.h"

#include <glib.h>
#include <string.h>
#include "market/base/quantity.h"
#include "market/base/shape.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"
#include "market/trade/session.h"

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

static void read_delivery(struct fields *f, struct order_request *request)
{
    struct fields wish;
    if (!field_given(f, "delivery"))
        return;
    fields_open(&wish, json_object_get(f->in, "delivery"));
    request->delivery.zone = field_int(&wish, "zone", 1, INT64_MAX);
    request->delivery.point = field_int_or(&wish, "point", 1, INT64_MAX, 0);
    request->delivery.shown = field_int(&wish, "fee", 0, MONEY_MAX);
    if (!fields_close(&wish))
        fields_refuse(f, wish.bad[0] ? wish.bad : "delivery", wish.why);
}

/* Who orders: the one logged in, or somebody new, for whom this browser gets a session. */
static enum result find_buyer(struct call *call, struct order_request *request)
{
    request->buyer = call->trade.who.person;
    if (request->buyer)
        return R_OK;
    enum result done =
        person_walk_in(&call->trade, request->name, request->phone, request->place, &request->buyer);
    return done == R_OK ? call_log_in(call, request->buyer) : done;
}

enum result run_order_place_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct order_request request = {0};
    char phone[TEXT_PHONE_MAX + 1] = "";
    json_t *order = NULL;
    if (call->trade.who.token_stall)
        return R_FORBIDDEN; /* a stall's token is for streaming */
    fields_open(&f, call->params);
    enum result done = call_stall(call, &f, &stall);
    read_lines(&f, &request);
    read_delivery(&f, &request);
    request.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    request.place = field_text_or(&f, "place", TEXT_LINE, 0, 200, "");
    request.note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    if (!text_phone(field_raw(&f, "phone", 1, 40), phone))
        fields_refuse(&f, "phone", "a phone number is expected");
    request.phone = phone;
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK && !stall.open)
        done = R_STALL_CLOSED;
    if (done == R_OK)
        done = find_buyer(call, &request);
    if (done == R_OK)
        done = order_place(&call->trade, &stall, &request, &order);
    fields_free(&f);
    if (done != R_OK)
        return done;
    call_body(call, "order", order);
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
    struct stall stall = {0};
    json_t *orders = NULL;
    enum result done = R_OK;
    fields_open(&f, call->params);
    bool of_stall = field_given(&f, "stall") || field_given(&f, "slug");
    int64_t before = field_number_or(&f, "before", 1, INT64_MAX, 0);
    int64_t limit = field_number_or(&f, "limit", 1, ORDERS_MAX, ORDERS_MAX);
    if (of_stall)
        done = call_own_stall(call, &f, &stall);
    else if (call->trade.who.token_stall)
        done = R_FORBIDDEN;
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        done =
            order_list(&call->trade, stall.id, of_stall ? 0 : call->trade.who.person, before, limit, &orders);
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
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    if (done == R_OK)
        done = order_advance(&call->trade, &stall, &order, ORDER_CONFIRMED, "");
    return call_order_answer(call, done, &order);
}

enum result run_order_cancel(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    const char *reason = field_text_or(&f, "reason", TEXT_LINE, 0, 300, "");
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    /* The buyer may think again until the farmer has said yes. */
    if (done == R_OK && stall_mine(&call->trade, &stall) != R_OK && order.state != ORDER_PLACED)
        done = R_WRONG_MOMENT;
    if (done == R_OK)
        done = order_advance(&call->trade, &stall, &order, ORDER_CANCELLED, reason);
    fields_free(&f);
    return call_order_answer(call, done, &order);
}
