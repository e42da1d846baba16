/* run_weigh.c: the scale's part of an order's life: weighing, the buyer's answer to an extra, and the end. */
#include "market/base/quantity.h"
#include "market/desk/call.h"
#include "market/trade/waitlist.h"
#include "market/trade/weigh.h"

enum result run_order_weigh(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    int64_t lot = field_int(&f, "lot", 1, INT64_MAX);
    int64_t weighed = field_int(&f, "weighed", 0, QUANTITY_LINE_MAX);
    int64_t at = call_device_time(&f);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    if (done == R_OK)
        done = weigh_line(&call->trade, &stall, &order, lot, weighed, at);
    if (done == R_OK)
        done = waitlist_serve(&call->trade, &stall, lot);
    return call_order_answer(call, done, &order);
}

/* The farmer cannot answer for the buyer; a cadre may, who has the buyer on the telephone, and is named in
 * the event. */
static enum result may_answer(const struct call *call, const struct order *order)
{
    const struct who *who = &call->trade.who;
    return who->person == order->buyer || who_is_cadre(who) ? R_OK : R_FORBIDDEN;
}

enum result run_order_extra(struct call *call)
{
    static const char *const answers[] = {"accept", "decline", NULL};
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    int64_t lot = field_int(&f, "lot", 1, INT64_MAX);
    int answer = field_word(&f, "answer", answers);
    int64_t at = call_device_time(&f);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = may_answer(call, &order);
    if (done == R_OK)
        done = weigh_answer(&call->trade, &stall, &order, lot, answer == 0, at);
    return call_order_answer(call, done, &order);
}

enum result run_order_close(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    int64_t at = call_device_time(&f);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    if (done == R_OK)
        done = weigh_close(&call->trade, &stall, &order, at);
    return call_order_answer(call, done, &order);
}
