/* carrier.c: see carrier.h. */
#include "market/trade/carrier.h"

#include <string.h>
#include "market/base/shape.h"
#include "market/trade/cod.h"
#include "market/trade/stop.h"
#include "market/trade/vntime.h"

#define LIST_LIMIT 200

static const char *state_of(bool open)
{
    return open ? "open" : "closed";
}

enum result carrier_set(struct trade *trade, const struct carrier_request *r, int64_t *made)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM carrier";
    enum step step;
    *made = r->id ? r->id : store_next_id(trade->store, max_id);
    if (r->id)
        step = store_run(trade->store,
                         "UPDATE carrier SET name = $2, state = $3, made_by = $4, changed_at = $5,"
                         " phone = COALESCE($6, phone), link = COALESCE($7, link) WHERE id = $1",
                         ARG_INT(r->id), ARG_TEXT(r->name), ARG_TEXT(state_of(r->open)),
                         ARG_INT(trade->who.person), ARG_INT(trade->now_ms), ARG_TEXT(r->phone),
                         ARG_TEXT(r->link));
    else
        step = store_run(trade->store,
                         "INSERT INTO carrier (id, name, state, made_by, changed_at, phone, link) VALUES"
                         " ($1, $2, $3, $4, $5, COALESCE($6, ''), COALESCE($7, ''))",
                         ARG_INT(*made), ARG_TEXT(r->name), ARG_TEXT(state_of(r->open)),
                         ARG_INT(trade->who.person), ARG_INT(trade->now_ms), ARG_TEXT(r->phone),
                         ARG_TEXT(r->link));
    if (step == STEP_DONE && r->id && !store_changes(trade->store))
        return R_UNKNOWN;
    return step == STEP_DONE ? R_OK : step == STEP_CONFLICT ? R_ALREADY : trade_fault(trade);
}

#define CARRIER_COLUMNS                                                                                      \
    "SELECT c.id, c.name, c.state, COALESCE(a.balance, 0), (SELECT COUNT(*) FROM parcel p WHERE p.carrier "  \
    "= "                                                                                                     \
    "c.id AND p.state = 'handed'), c.phone, c.link FROM carrier c LEFT JOIN account a ON a.kind = "          \
    "'carrier' AND a.subject = "                                                                             \
    "c.id"

static json_t *carrier_row(struct query *query)
{
    json_t *row = json_object();
    shape_int(row, "id", query_int(query, 0));
    shape_text(row, "name", query_text(query, 1));
    shape_text(row, "phone", query_text(query, 5));
    shape_text(row, "link", query_text(query, 6));
    shape_text(row, "state", query_text(query, 2));
    shape_int(row, "balance", query_int(query, 3));
    shape_int(row, "under_way", query_int(query, 4));
    return row;
}

enum result carrier_list(struct trade *trade, json_t **out)
{
    QUERY query = store_query(trade->store, CARRIER_COLUMNS " ORDER BY c.name LIMIT $1", ARG_INT(LIST_LIMIT));
    return trade_rows(trade, query, carrier_row, out);
}

bool carrier_has(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT 1 FROM parcel WHERE order_id = $1 AND state IN ('handed', 'collected')", order,
                     0) != 0;
}

bool carrier_collects(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT 1 FROM parcel WHERE order_id = $1 AND state = 'handed' AND cod > 0 LIMIT 1",
                     order, 0) != 0;
}

bool carrier_brought(struct trade *trade, int64_t order)
{
    return store_int(trade->store, "SELECT 1 FROM parcel WHERE order_id = $1 AND state = 'collected' LIMIT 1",
                     order, 0) != 0;
}

static void shape_given(json_t *out, const char *name, const char *text)
{
    shape_text(out, name, text && *text ? text : NULL);
}

json_t *carrier_way_json(struct trade *trade, int64_t order)
{
    QUERY query = store_query(trade->store,
                              "SELECT c.name, c.phone, c.link, p.tracking, p.state, p.handed_at FROM parcel p"
                              " JOIN carrier c ON c.id = p.carrier WHERE p.order_id = $1"
                              " ORDER BY p.id DESC LIMIT 1",
                              ARG_INT(order));
    if (!query_row(query))
        return NULL;
    json_t *way = json_object();
    shape_text(way, "name", query_text(query, 0));
    shape_given(way, "phone", query_text(query, 1));
    shape_given(way, "link", query_text(query, 2));
    shape_text(way, "tracking", query_text(query, 3));
    shape_text(way, "state", query_text(query, 4));
    shape_int(way, "handed_at", query_int(query, 5));
    return way;
}

/* --- what it collected --- */

struct parcel {
    int64_t id, order;
    bool handed;
};

/* False: none under this number. */
static bool find_parcel(struct trade *trade, int64_t carrier, const char *tracking, struct parcel *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, order_id, state FROM parcel WHERE carrier = $1 AND tracking = $2",
                              ARG_INT(carrier), ARG_TEXT(tracking));
    if (!query_row(query))
        return false;
    *out = (struct parcel){query_int(query, 0), query_int(query, 1),
                           strcmp(query_text(query, 2), "handed") == 0};
    return true;
}

static enum result set_state(struct trade *trade, int64_t parcel, const char *state)
{
    enum step step =
        store_run(trade->store, "UPDATE parcel SET state = $2 WHERE id = $1 AND state = 'handed'",
                  ARG_INT(parcel), ARG_TEXT(state));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_WRONG_MOMENT;
}

/* The carrier owes what it collected, less its fee, which is a cost of driving. */
static enum result book_line(struct trade *trade, int64_t carrier, int64_t line, const struct parcel *parcel,
                             struct money cod, struct money fee)
{
    char key[48];
    struct pay_order order;
    enum result done = books_order(trade, parcel->order, &order);
    g_snprintf(key, sizeof key, "cod:%" G_GINT64_FORMAT, line);
    if (done == R_OK && money_dong(cod))
        done = books_receive(trade, key, ENTRY_PAYMENT, ACCOUNT_CARRIER, carrier, &order, cod, 0, NULL);
    if (done == R_OK && money_dong(fee)) {
        g_snprintf(key, sizeof key, "cod-fee:%" G_GINT64_FORMAT, line);
        const struct posting postings[] = {
            {.kind = ACCOUNT_DELIVERY, .amount = fee},
            {.kind = ACCOUNT_CARRIER, .subject = carrier, .amount = money_negative(fee)},
        };
        struct entry entry = {.key = key, .kind = ENTRY_ADJUST, .order = order.id};
        done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
    }
    return done == R_OK && parcel->handed ? set_state(trade, parcel->id, "collected") : done;
}

/* A line that waited for its parcel has it now. */
static enum result claim_line(struct trade *trade, int64_t carrier, const char *tracking,
                              const struct parcel *parcel)
{
    int64_t line;
    struct money cod, fee;
    {
        QUERY query = store_query(
            trade->store,
            "SELECT id, cod, fee FROM remit WHERE carrier = $1 AND tracking = $2 AND parcel IS NULL",
            ARG_INT(carrier), ARG_TEXT(tracking));
        if (!query_row(query))
            return R_OK;
        line = query_int(query, 0);
        if (!money_make(&cod, query_int(query, 1)) || !money_make(&fee, query_int(query, 2)))
            return R_FAULT;
    }
    if (store_run(trade->store, "UPDATE remit SET parcel = $2 WHERE id = $1", ARG_INT(line),
                  ARG_INT(parcel->id)) != STEP_DONE)
        return trade_fault(trade);
    return book_line(trade, carrier, line, parcel, cod, fee);
}

/* --- handing over, and back --- */

static enum result may_hand(struct trade *trade, int64_t carrier, const struct pay_order *order)
{
    QUERY query = store_query(trade->store, "SELECT state FROM carrier WHERE id = $1", ARG_INT(carrier));
    if (!query_row(query))
        return R_UNKNOWN;
    if (strcmp(query_text(query, 0), "open") != 0)
        return trade_refuse(trade, "closed");
    if (!order->confirmed)
        return trade_refuse(trade, "not-confirmed");
    if (order->closed)
        return trade_refuse(trade, "order-closed");
    if (carrier_has(trade, order->id))
        return trade_refuse(trade, "with-carrier");
    if (store_int(trade->store,
                  "SELECT 1 FROM stop WHERE order_id = $1 AND state IN ('waiting', 'arrived', 'delivered',"
                  " 'partial')",
                  order->id, 0))
        return trade_refuse(trade, "on-a-trip");
    return cod_may(trade, order);
}

enum result carrier_hand(struct trade *trade, int64_t carrier, const struct pay_order *order,
                         const char *tracking)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM parcel";
    struct pay_view view;
    struct parcel parcel = {.order = order->id, .handed = true};
    enum result done = may_hand(trade, carrier, order);
    if (done == R_OK)
        done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    parcel.id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO parcel (id, carrier, order_id, tracking, cod, state, handed_by, handed_at)"
                  " VALUES ($1, $2, $3, $4, $5, 'handed', $6, $7)",
                  ARG_INT(parcel.id), ARG_INT(carrier), ARG_INT(order->id), ARG_TEXT(tracking),
                  ARG_INT(money_dong(pay_due(&view))), ARG_INT(trade->who.person), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return step == STEP_CONFLICT ? R_ALREADY : trade_fault(trade);
    done = claim_line(trade, carrier, tracking, &parcel);
    return done == R_OK ? stop_announce(trade, order->id, "handed") : done;
}

enum result carrier_returned(struct trade *trade, int64_t carrier, const char *tracking)
{
    struct parcel parcel;
    if (!find_parcel(trade, carrier, tracking, &parcel))
        return R_UNKNOWN;
    enum result done = set_state(trade, parcel.id, "returned");
    return done == R_OK ? stop_announce(trade, parcel.order, "returned") : done;
}

/* --- its lists --- */

enum line_verdict { LINE_BOOKED, LINE_KNOWN, LINE_CHANGED, LINE_UNKNOWN, LINE_VERDICTS };

/* Was the line told before? LINE_BOOKED: no. */
static enum line_verdict told_before(struct trade *trade, int64_t carrier, const struct remit_line *line)
{
    QUERY query =
        store_query(trade->store, "SELECT cod, fee, parcel FROM remit WHERE carrier = $1 AND tracking = $2",
                    ARG_INT(carrier), ARG_TEXT(line->tracking));
    if (!query_row(query))
        return LINE_BOOKED;
    if (query_int(query, 0) != money_dong(line->cod) || query_int(query, 1) != money_dong(line->fee))
        return LINE_CHANGED;
    return query_int(query, 2) ? LINE_KNOWN : LINE_UNKNOWN;
}

static enum result take_line(struct trade *trade, int64_t carrier, const struct remit_line *line,
                             enum line_verdict *verdict)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM remit";
    struct parcel parcel;
    *verdict = told_before(trade, carrier, line);
    if (*verdict != LINE_BOOKED)
        return R_OK;
    bool found = find_parcel(trade, carrier, line->tracking, &parcel);
    int64_t id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO remit (id, carrier, tracking, cod, fee, parcel, day_ms, made_by, made_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  ARG_INT(id), ARG_INT(carrier), ARG_TEXT(line->tracking), ARG_INT(money_dong(line->cod)),
                  ARG_INT(money_dong(line->fee)), ARG_ID(found ? parcel.id : 0),
                  ARG_INT(line->day_ms ? line->day_ms : trade->now_ms), ARG_INT(trade->who.person),
                  ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    if (!found)
        *verdict = LINE_UNKNOWN;
    return found ? book_line(trade, carrier, id, &parcel, line->cod, line->fee) : R_OK;
}

enum result carrier_remit(struct trade *trade, int64_t carrier, const struct remit_line *lines, size_t count,
                          json_t **out)
{
    static const char *const names[LINE_VERDICTS] = {"booked", "known", "changed", "unknown"};
    int64_t counts[LINE_VERDICTS] = {0};
    if (!store_int(trade->store, "SELECT 1 FROM carrier WHERE id = $1", carrier, 0))
        return R_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        enum line_verdict verdict;
        enum result done = take_line(trade, carrier, &lines[i], &verdict);
        if (done != R_OK)
            return done;
        counts[verdict]++;
    }
    *out = json_object();
    shape_int(*out, "rows", (int64_t)count);
    for (int v = 0; v < LINE_VERDICTS; v++)
        shape_int(*out, names[v], counts[v]);
    return R_OK;
}

enum result carrier_difference(struct trade *trade, int64_t carrier, const char *fact, struct money amount,
                               const char *reason)
{
    if (!store_int(trade->store, "SELECT 1 FROM carrier WHERE id = $1", carrier, 0))
        return R_UNKNOWN;
    g_autofree char *key = g_strdup_printf("cod-difference:%" G_GINT64_FORMAT ":%s", carrier, fact);
    const struct posting postings[] = {
        {.kind = ACCOUNT_WRITEOFF, .amount = amount},
        {.kind = ACCOUNT_CARRIER, .subject = carrier, .amount = money_negative(amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_DIFFERENCE, .words = reason};
    return ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
}

/* --- what it comes to, by day --- */

/* 25200000 ms: Vietnam's seven hours, so that a day is theirs. */
static json_t *day_row(struct query *query)
{
    char day[11];
    json_t *row = json_object();
    vntime_day(query_int(query, 0) * INT64_C(86400000) - INT64_C(25200000), day);
    shape_text(row, "day", day);
    shape_int(row, "expected", query_int(query, 1));
    shape_int(row, "collected", query_int(query, 2));
    shape_int(row, "fees", query_int(query, 3));
    shape_int(row, "remitted", query_int(query, 4));
    shape_int(row, "put_away", query_int(query, 5));
    return row;
}

static enum result days_json(struct trade *trade, int64_t carrier, int64_t from_ms, int64_t to_ms,
                             json_t **out)
{
    static const char sql[] =
        "SELECT (x.at_ms + 25200000) / 86400000 AS day, CAST(SUM(x.expected) AS BIGINT),"
        " CAST(SUM(x.collected) AS BIGINT), CAST(SUM(x.fees) AS BIGINT), CAST(SUM(x.remitted) AS BIGINT),"
        " CAST(SUM(x.put_away) AS BIGINT) FROM ("
        "SELECT handed_at AS at_ms, cod AS expected, 0 AS collected, 0 AS fees, 0 AS remitted, 0 AS put_away"
        "  FROM parcel WHERE carrier = $1 AND state <> 'returned' AND handed_at >= $2 AND handed_at < $3"
        " UNION ALL SELECT day_ms, 0, cod, fee, 0, 0 FROM remit"
        "  WHERE carrier = $1 AND day_ms >= $2 AND day_ms < $3 AND parcel IS NOT NULL"
        " UNION ALL SELECT e.at_ms, 0, 0, 0, CASE e.kind WHEN 'banked' THEN -p.amount ELSE 0 END,"
        "  CASE e.kind WHEN 'difference' THEN -p.amount ELSE 0 END"
        "  FROM account a JOIN posting p ON p.account = a.id JOIN entry e ON e.id = p.entry"
        "  WHERE a.kind = 'carrier' AND a.subject = $1 AND e.at_ms >= $2 AND e.at_ms < $3"
        "  AND e.kind IN ('banked', 'difference')) x GROUP BY 1 ORDER BY 1";
    QUERY query = store_query(trade->store, sql, ARG_INT(carrier), ARG_INT(from_ms), ARG_INT(to_ms));
    return trade_rows(trade, query, day_row, out);
}

static json_t *difference_row(struct query *query)
{
    json_t *row = json_object();
    int64_t expected = query_int(query, 2), collected = query_int(query, 3);
    bool told = query_int(query, 5) != 0, known = query_text(query, 1) != NULL;
    shape_text(row, "tracking", query_text(query, 0));
    shape_text(row, "order", query_text(query, 1));
    shape_text(row, "what", !known ? "unknown" : !told ? "waiting" : collected < expected ? "less" : "more");
    shape_int(row, "expected", expected);
    shape_int(row, "collected", collected);
    shape_int(row, "at", query_int(query, 4));
    return row;
}

/* What is still waited for, what came as another amount, and what nobody handed over. */
static enum result differences_json(struct trade *trade, int64_t carrier, json_t **out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT p.tracking, o.code, p.cod, COALESCE(r.cod, 0), p.handed_at AS at_ms, COALESCE(r.id, 0)"
        " FROM parcel p JOIN orders o ON o.id = p.order_id LEFT JOIN remit r ON r.parcel = p.id"
        " WHERE p.carrier = $1"
        " AND (p.state = 'handed' OR (r.id IS NOT NULL AND r.cod <> p.cod))"
        " UNION ALL SELECT tracking, NULL, 0, cod, day_ms, id FROM remit"
        " WHERE carrier = $1 AND parcel IS NULL ORDER BY at_ms LIMIT $2",
        ARG_INT(carrier), ARG_INT(LIST_LIMIT));
    return trade_rows(trade, query, difference_row, out);
}

enum result carrier_report(struct trade *trade, int64_t carrier, int64_t from_ms, int64_t to_ms, json_t **out)
{
    json_t *days = NULL, *differences = NULL;
    JSON head = NULL;
    {
        QUERY query = store_query(trade->store, CARRIER_COLUMNS " WHERE c.id = $1", ARG_INT(carrier));
        enum step step = query_step(query);
        if (step != STEP_ROW)
            return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
        head = carrier_row(query);
    }
    enum result done = days_json(trade, carrier, from_ms, to_ms, &days);
    if (done == R_OK)
        done = differences_json(trade, carrier, &differences);
    if (done != R_OK) {
        json_decref(days);
        return done;
    }
    *out = json_object();
    shape_json(*out, "carrier", json_incref(head));
    shape_json(*out, "days", days);
    shape_json(*out, "differences", differences);
    return R_OK;
}
