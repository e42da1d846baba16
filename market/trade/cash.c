/* cash.c: see cash.h. */
#include "market/trade/cash.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/vntime.h"

enum result cash_collect(struct trade *trade, const char *key, const struct pay_order *order,
                         struct money amount, struct receipt *out)
{
    g_autofree char *fact = g_strdup_printf("cash:%" G_GINT64_FORMAT ":%s", trade->who.person, key);
    if (money_dong(amount) <= 0)
        return R_BAD_FIELD;
    return books_receive(trade, fact, ENTRY_CASH, ACCOUNT_CASH, trade->who.person, order, amount, 0, out);
}

static enum result not_enough(struct trade *trade)
{
    shape_text(trade_extra(trade), "reason", "not-enough");
    return R_WRONG_MOMENT;
}

enum result cash_give(struct trade *trade, int64_t taker, struct money amount, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM handover";
    int64_t giver = trade->who.person;
    struct money offered, whole;
    if (!store_int(trade->store, "SELECT 1 FROM person WHERE id = $1", taker, 0))
        return R_UNKNOWN;
    if (taker == giver)
        return R_FORBIDDEN;
    int64_t open = store_int(
        trade->store,
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM handover WHERE giver = $1 AND taken_at IS NULL",
        giver, 0);
    if (!money_make(&offered, open) || !money_add(&whole, offered, amount))
        return R_FAULT;
    if (money_compare(whole, ledger_balance(trade, ACCOUNT_CASH, giver)) > 0)
        return not_enough(trade);
    *id = store_next_id(trade->store, max_id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO handover (id, giver, taker, amount, reason, given_at) VALUES ($1, $2, $3, $4, '', $5)",
        ARG_INT(*id), ARG_INT(giver), ARG_INT(taker), ARG_INT(money_dong(amount)), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result book_handover(struct trade *trade, int64_t id, int64_t giver, struct money counted,
                                 const char *reason, int64_t *entry_id)
{
    char key[40];
    g_snprintf(key, sizeof key, "handover:%" G_GINT64_FORMAT, id);
    const struct posting postings[] = {
        {.kind = ACCOUNT_CASH, .subject = trade->who.person, .amount = counted},
        {.kind = ACCOUNT_CASH, .subject = giver, .amount = money_negative(counted)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_HANDOVER, .words = reason};
    *entry_id = 0;
    return money_dong(counted) ? ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), entry_id)
                               : R_OK;
}

enum result cash_take(struct trade *trade, int64_t id, struct money counted, const char *reason)
{
    int64_t giver, amount, entry;
    {
        QUERY query = store_query(
            trade->store, "SELECT giver, taker, amount, taken_at FROM handover WHERE id = $1", ARG_INT(id));
        enum step step = query_step(query);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
        if (query_int(query, 1) != trade->who.person)
            return R_FORBIDDEN;
        if (query_int(query, 3))
            return R_WRONG_MOMENT;
        giver = query_int(query, 0);
        amount = query_int(query, 2);
    }
    if (money_dong(counted) != amount && !*reason)
        return trade_bad_field(trade, "reason", "a difference needs its reason");
    if (money_dong(counted) < 0 || money_dong(counted) > amount)
        return trade_bad_field(trade, "counted", "from nothing up to what was given");
    enum result done = book_handover(trade, id, giver, counted, reason, &entry);
    if (done != R_OK)
        return done;
    enum step step = store_run(
        trade->store,
        "UPDATE handover SET counted = $2, reason = $3, entry = $4, taken_at = $5 WHERE id = $1", ARG_INT(id),
        ARG_INT(money_dong(counted)), ARG_TEXT(reason), ARG_ID(entry), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

#define HANDOVER_COLUMNS                                                                                     \
    "SELECT h.id, h.giver, g.name, h.taker, t.name, h.amount, h.counted, h.reason, h.given_at, h.taken_at "  \
    "FROM handover h"                                                                                        \
    " JOIN person g ON g.id = h.giver JOIN person t ON t.id = h.taker"

static json_t *row_json(struct query *query)
{
    json_t *handover = json_object();
    shape_int(handover, "id", query_int(query, 0));
    shape_int(handover, "giver", query_int(query, 1));
    shape_text(handover, "giver_name", query_text(query, 2));
    shape_int(handover, "taker", query_int(query, 3));
    shape_text(handover, "taker_name", query_text(query, 4));
    shape_int(handover, "amount", query_int(query, 5));
    shape_json(handover, "counted", query_int(query, 9) ? json_integer(query_int(query, 6)) : NULL);
    shape_text(handover, "reason", query_text(query, 7));
    shape_int(handover, "given_at", query_int(query, 8));
    shape_id(handover, "taken_at", query_int(query, 9));
    return handover;
}

json_t *handover_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, HANDOVER_COLUMNS " WHERE h.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(query) : NULL;
}

enum result handover_list(struct trade *trade, int64_t person, json_t **out)
{
    QUERY query =
        store_query(trade->store,
                    HANDOVER_COLUMNS
                    " WHERE h.taken_at IS NULL AND (h.taker = $1 OR h.giver = $1) ORDER BY h.id LIMIT 200",
                    ARG_INT(person));
    return trade_rows(trade, query, row_json, out);
}

/* 25200000 ms: Vietnam's seven hours, so that a day is theirs. */
enum result cash_report(struct trade *trade, int64_t person, int64_t from_ms, int64_t to_ms, json_t **out)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT (e.at_ms + 25200000) / 86400000, a.subject, n.name,"
                    " CAST(SUM(CASE WHEN e.kind = 'cash' THEN p.amount ELSE 0 END) AS BIGINT),"
                    " CAST(SUM(CASE WHEN e.kind IN ('handover', 'banked') AND p.amount < 0 THEN -p.amount"
                    " ELSE 0 END) AS BIGINT),"
                    " CAST(SUM(CASE WHEN e.kind = 'handover' AND p.amount > 0 THEN p.amount"
                    " ELSE 0 END) AS BIGINT), a.balance"
                    " FROM account a JOIN posting p ON p.account = a.id JOIN entry e ON e.id = p.entry"
                    " JOIN person n ON n.id = a.subject"
                    " WHERE a.kind = 'cash' AND ($1 = 0 OR a.subject = $1) AND e.at_ms >= $2"
                    " AND e.at_ms < $3"
                    " GROUP BY 1, a.subject, n.name, a.balance ORDER BY 1, a.subject",
                    ARG_INT(person), ARG_INT(from_ms), ARG_INT(to_ms));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        char day[11];
        json_t *row = json_object();
        vntime_day(query_int(query, 0) * INT64_C(86400000) - INT64_C(25200000), day);
        shape_text(row, "day", day);
        shape_int(row, "person", query_int(query, 1));
        shape_text(row, "name", query_text(query, 2));
        shape_int(row, "collected", query_int(query, 3));
        shape_int(row, "remitted", query_int(query, 4));
        shape_int(row, "taken_over", query_int(query, 5));
        shape_int(row, "balance", query_int(query, 6));
        json_array_append_new(list, row);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}
