/* paytask.c: see paytask.h. */
#include "market/trade/paytask.h"

#include <string.h>
#include "market/base/shape.h"

static const char *const names[] = {
#define X(name, word) [TASK_##name] = word,
    TASK_KINDS(X)
#undef X
};

bool task_kind_read(const char *name, enum task_kind *kind)
{
    for (int i = 0; i < TASK_KIND_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (enum task_kind)i;
            return true;
        }
    return false;
}

enum result paytask_open(struct trade *trade, const struct paytask *task)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM pay_task";
    enum step step = store_run(
        trade->store,
        "INSERT INTO pay_task (id, kind, event, raw, order_id, amount, near, made_at, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')",
        ARG_INT(store_next_id(trade->store, max_id)), ARG_TEXT(names[task->kind]), ARG_ID(task->event),
        ARG_ID(task->raw), ARG_ID(task->order), ARG_INT(money_dong(task->amount)),
        ARG_TEXT(task->near ? task->near : ""), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result paytask_close(struct trade *trade, int64_t id, const char *outcome, const char *reason)
{
    enum step step = store_run(trade->store,
                               "UPDATE pay_task SET closed_at = $2, closed_by = $3, outcome = $4,"
                               " reason = $5 WHERE id = $1 AND closed_at IS NULL",
                               ARG_INT(id), ARG_INT(trade->now_ms), ARG_ID(trade->who.person),
                               ARG_TEXT(outcome), ARG_TEXT(reason));
    if (step != STEP_DONE)
        return trade_fault(trade);
    if (store_changes(trade->store) == 1)
        return R_OK;
    return store_int(trade->store, "SELECT 1 FROM pay_task WHERE id = $1", id, 0) ? R_WRONG_MOMENT
                                                                                  : R_UNKNOWN;
}

enum result paytask_clear(struct trade *trade, int64_t order, enum task_kind kind)
{
    enum step step = store_run(trade->store,
                               "UPDATE pay_task SET closed_at = $3, outcome = 'cleared'"
                               " WHERE order_id = $1 AND kind = $2 AND closed_at IS NULL",
                               ARG_INT(order), ARG_TEXT(names[kind]), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result paytask_get(struct trade *trade, int64_t id, struct paytask *out, bool *open)
{
    QUERY query = store_query(
        trade->store, "SELECT kind, event, raw, order_id, amount, closed_at FROM pay_task WHERE id = $1",
        ARG_INT(id));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct paytask){
        .event = query_int(query, 1), .raw = query_int(query, 2), .order = query_int(query, 3)};
    *open = query_int(query, 5) == 0;
    return task_kind_read(query_text(query, 0), &out->kind) && money_make(&out->amount, query_int(query, 4))
               ? R_OK
               : R_FAULT;
}

static json_t *row_json(struct query *query)
{
    json_t *task = json_object();
    shape_int(task, "id", query_int(query, 0));
    shape_text(task, "kind", query_text(query, 1));
    shape_id(task, "event", query_int(query, 2));
    shape_text(task, "order", query_text(query, 3));
    shape_int(task, "amount", query_int(query, 4));
    shape_text(task, "near", query_text(query, 5));
    shape_int(task, "made_at", query_int(query, 6));
    shape_text(task, "memo", query_text(query, 7));
    shape_text(task, "payer", query_text(query, 8));
    shape_text(task, "reference", query_text(query, 9));
    shape_id(task, "paid_at", query_int(query, 10));
    return task;
}

enum result paytask_list(struct trade *trade, const char *kind, int64_t after, int64_t limit, json_t **out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT t.id, t.kind, t.event, o.code, t.amount, t.near, t.made_at, e.memo, e.payer, e.reference,"
        " e.at_ms"
        " FROM pay_task t LEFT JOIN bank_event e ON e.id = t.event LEFT JOIN orders o ON o.id = t.order_id"
        " WHERE t.closed_at IS NULL AND t.id > $1 AND ($2 = '' OR t.kind = $2) ORDER BY t.id LIMIT $3",
        ARG_INT(after), ARG_TEXT(kind ? kind : ""), ARG_INT(limit));
    return trade_rows(trade, query, row_json, out);
}
