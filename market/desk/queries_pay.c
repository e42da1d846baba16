/* queries_pay.c: what the pages about money ask beyond the books themselves: which orders some money may be
 * for, what cash is to be expected from whom, and who takes it. */
#include <string.h>
#include "market/base/shape.h"
#include "market/desk/call_pay.h"
#include "market/trade/books.h"
#include "market/trade/paytask.h"
#include "market/trade/vntime.h"

enum { SUGGESTIONS_MAX = 8, LOOK_BACK = 2000, STOPS_MAX = 2000 };
#define DAY_MS INT64_C(86400000)
#define VIETNAM_MS INT64_C(25200000) /* UTC+7, no summer time */

/* ---- which orders */

/* One order that is not cancelled and has something due; added once. */
static enum result add_suggestion(struct call *call, json_t *list, int64_t id, const char *why)
{
    struct pay_order order;
    struct pay_view view;
    size_t i;
    json_t *known;
    enum result done = books_order(&call->trade, id, &order);
    if (done == R_OK)
        done = books_view(&call->trade, &order, &view);
    if (done != R_OK)
        return done;
    json_array_foreach(list, i, known) if (!strcmp(json_string_value(json_object_get(known, "order")),
                                                   order.code)) return R_OK;
    QUERY query = store_query(
        call->trade.store,
        "SELECT o.name, s.name, o.placed_at FROM orders o JOIN stall s ON s.id = o.stall WHERE o.id = $1",
        ARG_INT(id));
    if (!query_row(query))
        return trade_fault(&call->trade);
    json_t *one = json_object();
    shape_text(one, "order", order.code);
    shape_text(one, "name", query_text(query, 0));
    shape_text(one, "stall_name", query_text(query, 1));
    shape_int(one, "placed_at", query_int(query, 2));
    shape_int(one, "total", money_dong(view.total));
    shape_int(one, "due", money_dong(pay_due(&view)));
    shape_text(one, "why", why);
    json_array_append_new(list, one);
    return R_OK;
}

/* Codes that look like the memo's come first, whatever they owe: the memo was written for one of them. */
static enum result suggest_near(struct call *call, int64_t task, json_t *list)
{
    QUERY query = store_query(
        call->trade.store,
        "SELECT o.id FROM pay_task t JOIN orders o ON ' ' || t.near || ' ' LIKE '% ' || o.code || ' %'"
        " WHERE t.id = $1 AND t.near <> '' AND o.id > (SELECT COALESCE(MAX(id), 0) FROM orders) - $2"
        " ORDER BY o.id DESC LIMIT 5",
        ARG_INT(task), ARG_INT(LOOK_BACK));
    enum result done = R_OK;
    while (done == R_OK && query_row(query))
        done = add_suggestion(call, list, query_int(query, 0), "memo");
    return done;
}

/* Among the newest orders those that owe exactly this. Never booked by that alone: a person says so. */
static enum result suggest_amount(struct call *call, const struct paytask *task, json_t *list)
{
    QUERY query =
        store_query(call->trade.store,
                    "SELECT o.id FROM orders o WHERE o.id > (SELECT COALESCE(MAX(id), 0) FROM orders) - $1"
                    " AND o.state <> 'cancelled' AND o.total >= $2 ORDER BY o.id DESC",
                    ARG_INT(LOOK_BACK), ARG_INT(money_dong(task->amount)));
    enum result done = R_OK;
    while (done == R_OK && json_array_size(list) < SUGGESTIONS_MAX && query_row(query)) {
        struct pay_order order;
        struct pay_view view;
        done = books_order(&call->trade, query_int(query, 0), &order);
        if (done == R_OK)
            done = books_view(&call->trade, &order, &view);
        if (done == R_OK && money_compare(pay_due(&view), task->amount) == 0)
            done = add_suggestion(call, list, order.id, "amount");
    }
    return done;
}

enum result run_payment_suggest(struct call *call)
{
    struct fields f;
    struct paytask task;
    bool open;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = paytask_get(&call->trade, id, &task, &open);
    if (done != R_OK)
        return done;
    JSON list = json_array();
    done = suggest_near(call, id, list);
    if (done == R_OK && open)
        done = suggest_amount(call, &task, list);
    if (done == R_OK)
        call_body(call, "suggestions", json_incref(list));
    return done;
}

/* ---- cash to be expected */

/* What the order still owes, and what this courier took for it already, by whatever page it was booked. */
static enum result expected_at(struct call *call, int64_t courier, int64_t order_id, int64_t *dong)
{
    struct pay_order order;
    struct pay_view view;
    enum result done = books_order(&call->trade, order_id, &order);
    if (done == R_OK)
        done = books_view(&call->trade, &order, &view);
    if (done != R_OK)
        return done;
    QUERY query = store_query(
        call->trade.store,
        "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM entry e JOIN posting p ON p.entry = e.id"
        " JOIN account a ON a.id = p.account WHERE e.order_id = $1 AND e.kind IN ('cash', 'reverse')"
        " AND a.kind = 'cash' AND a.subject = $2",
        ARG_INT(order_id), ARG_INT(courier));
    if (!query_row(query))
        return trade_fault(&call->trade);
    *dong = query_int(query, 0) + money_dong(pay_due(&view));
    return R_OK;
}

/* Rows come ordered by day and courier: the row of the last one goes on while they are the same. */
static enum result add_stop(struct call *call, json_t *list, struct query *query)
{
    char day[11];
    int64_t dong = 0;
    enum result done = expected_at(call, query_int(query, 1), query_int(query, 3), &dong);
    if (done != R_OK)
        return done;
    vntime_day(query_int(query, 0) * DAY_MS - VIETNAM_MS, day);
    json_t *last = json_array_size(list) ? json_array_get(list, json_array_size(list) - 1) : NULL;
    if (!last || json_integer_value(json_object_get(last, "person")) != query_int(query, 1) ||
        strcmp(json_string_value(json_object_get(last, "day")), day) != 0) {
        last = json_object();
        shape_text(last, "day", day);
        shape_int(last, "person", query_int(query, 1));
        shape_text(last, "name", query_text(query, 2));
        shape_int(last, "stops", 0);
        shape_int(last, "expected", 0);
        json_array_append_new(list, last);
    }
    shape_int(last, "stops", json_integer_value(json_object_get(last, "stops")) + 1);
    shape_int(last, "expected", json_integer_value(json_object_get(last, "expected")) + dong);
    return R_OK;
}

/* Everybody sees their own; the office sees all. By the day the trip is planned for. */
enum result run_cash_expected(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    const struct period of = call_period(&f);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    JSON list = json_array();
    QUERY query = store_query(call->trade.store,
                              "SELECT (t.planned_at + 25200000) / 86400000, t.courier, n.name, s.order_id"
                              " FROM trip t JOIN stop s ON s.trip = t.id JOIN person n ON n.id = t.courier"
                              " WHERE ($1 = 0 OR t.courier = $1) AND t.planned_at >= $2 AND t.planned_at < $3"
                              " AND s.state NOT IN ('removed', 'failed') ORDER BY 1, 2, s.id LIMIT $4",
                              ARG_INT(who_is_cadre(&call->trade.who) ? 0 : call->trade.who.person),
                              ARG_INT(of.from_ms), ARG_INT(of.to_ms), ARG_INT(STOPS_MAX));
    while (done == R_OK && query_row(query))
        done = add_stop(call, list, query);
    if (done == R_OK)
        call_body(call, "days", json_incref(list));
    return done;
}

/* Couriers may not list people; whom they can hand cash to they must know. Names only. */
enum result run_cash_takers(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    JSON list = json_array();
    QUERY query = store_query(call->trade.store,
                              "SELECT id, name FROM person"
                              " WHERE login IS NOT NULL AND roles & $1 <> 0 AND id <> $2"
                              " ORDER BY name, id LIMIT 50",
                              ARG_INT(PAY_OFFICE), ARG_INT(call->trade.who.person));
    while (query_row(query)) {
        json_t *one = json_object();
        shape_int(one, "id", query_int(query, 0));
        shape_text(one, "name", query_text(query, 1));
        json_array_append_new(list, one);
    }
    call_body(call, "takers", json_incref(list));
    return R_OK;
}
