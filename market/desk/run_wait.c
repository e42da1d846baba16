/* run_wait.c: the buyer's side of goods that are short or many: a place in line, the answer to an offer,
 * several orders made one. */
#include "market/base/quantity.h"
#include "market/base/shape.h"
#include "market/desk/call_goods.h"
#include "market/trade/merge.h"
#include "market/trade/waitlist.h"

enum result run_wait_join(struct call *call)
{
    struct fields f;
    struct stall stall;
    char phone[TEXT_PHONE_MAX + 1];
    int64_t id = 0;
    struct wait_request r = {0};
    fields_open(&f, call->params);
    enum result done = call_stall(call, &f, &stall);
    r.lot = field_int(&f, "lot", 1, INT64_MAX);
    r.quantity = field_int(&f, "quantity", 1, QUANTITY_LINE_MAX);
    r.least = field_int_or(&f, "min", 1, r.quantity > 0 ? r.quantity : 1, r.quantity);
    r.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    r.place = field_text_or(&f, "place", TEXT_LINE, 0, 200, "");
    call_phone(&f, phone);
    r.phone = phone;
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = call_buyer(call, r.name, phone, r.place, &r.person);
    if (done == R_OK)
        done = waitlist_join(&call->trade, &stall, &r, &id);
    fields_free(&f);
    if (done != R_OK)
        return done;
    call_body(call, "wait", waitlist_json(&call->trade, id));
    return R_CREATED;
}

enum result run_wait_leave(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "wait");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = waitlist_leave(&call->trade, id);
    if (done == R_OK)
        call_body(call, "wait", waitlist_json(&call->trade, id));
    return done;
}

/* My own places; of ?stall= for those who run it. */
enum result run_wait_list(struct call *call)
{
    struct fields f;
    struct stall stall;
    int64_t person;
    json_t *waits = NULL;
    fields_open(&f, call->params);
    enum result done = call_whose(call, &f, &stall, &person);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        done = waitlist_list(&call->trade, stall.id, person, &waits);
    if (done == R_OK)
        call_body(call, "waits", waits);
    return done;
}

/* The buyer's own word; a cadre may have the buyer on the telephone. */
static enum result speaks_for(const struct call *call, const struct order *order)
{
    const struct who *who = &call->trade.who;
    return who->person == order->buyer || who_is_cadre(who) ? R_OK : R_FORBIDDEN;
}

enum result run_order_take(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    struct fee_wish delivery = {0};
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    call_delivery_wish(&f, &delivery);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = speaks_for(call, &order);
    if (done == R_OK)
        done = waitlist_take(&call->trade, &stall, &order, &delivery);
    return call_order_answer(call, done, &order);
}

enum result run_order_merge(struct call *call)
{
    struct fields f;
    struct order orders[MERGE_MAX];
    struct stall stall;
    struct merged merged;
    json_t *code;
    size_t i;
    enum result done = R_OK;
    fields_open(&f, call->params);
    json_t *codes = field_array(&f, "orders", 2, MERGE_MAX);
    int64_t fee = field_int_or(&f, "fee", 0, MONEY_MAX, 0);
    done = call_fields(call, &f);
    json_array_foreach(codes, i, code)
    {
        if (done == R_OK)
            done = json_is_string(code) ? order_by_code(&call->trade, json_string_value(code), &orders[i])
                                        : trade_bad_field(&call->trade, "orders", "codes are expected");
        if (done == R_OK)
            done = order_mine(&call->trade, &orders[i], &stall);
        if (done == R_OK)
            done = speaks_for(call, &orders[i]);
    }
    if (done == R_OK)
        done = merge_orders(&call->trade, &stall, orders, json_array_size(codes), fee, &merged);
    if (done != R_OK)
        return done;
    call_body(call, "order", merged.order);
    shape_bool(call->body, "way_differed", merged.way_differed);
    return R_OK;
}
