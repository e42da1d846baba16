/* order_read.c: orders found, shown, and checked against their lines and the stock ledger. */
#include "market/trade/order_inner.h"

#include <string.h>
#include "market/base/shape.h"
#include "market/trade/fee.h"

#define FIND_COLUMNS                                                                                         \
    "SELECT o.id, o.stall, o.buyer, o.state, e.at_ms FROM orders o LEFT JOIN order_end e ON e.order_id = "   \
    "o.id"

static enum result read_order(struct trade *trade, struct query *query, struct order *out)
{
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct order){.id = query_int(query, 0),
                          .stall = query_int(query, 1),
                          .buyer = query_int(query, 2),
                          .closed = query_int(query, 4) != 0};
    while (out->state < ORDER_CANCELLED && strcmp(order_names[out->state], query_text(query, 3)) != 0)
        out->state++;
    return R_OK;
}

enum result order_by_code(struct trade *trade, const char *typed, struct order *out)
{
    char code[ID_CODE_CHARS + 1];
    if (!id_code_read(typed, code))
        return R_UNKNOWN;
    QUERY query = store_query(trade->store, FIND_COLUMNS " WHERE o.code = $1", ARG_TEXT(code));
    return read_order(trade, query, out);
}

enum result order_by_id(struct trade *trade, int64_t id, struct order *out)
{
    QUERY query = store_query(trade->store, FIND_COLUMNS " WHERE o.id = $1", ARG_INT(id));
    return read_order(trade, query, out);
}

enum result order_mine(struct trade *trade, const struct order *order, struct stall *stall)
{
    enum result found = stall_by_id(trade, order->stall, stall);
    if (found != R_OK)
        return found;
    bool buyer = trade->who.person && trade->who.person == order->buyer;
    return buyer || stall_mine(trade, stall) == R_OK ? R_OK : R_UNKNOWN;
}

/* Columns of ORDER's head, in this order everywhere. */
#define ORDER_COLUMNS                                                                                        \
    "o.id, o.code, s.slug, s.name, o.state, o.total, o.name, o.phone, o.place, o.note, o.placed_at, "        \
    "o.reason, e.at_ms, h.ends_at, y.way, w.id, v.why, n.code, a.name"                                       \
    " FROM orders o JOIN stall s ON s.id = o.stall LEFT JOIN order_end e ON e.order_id = o.id"               \
    " LEFT JOIN hold h ON h.order_id = o.id AND h.state = 'open'"                                            \
    " LEFT JOIN wait w ON w.order_id = o.id AND w.state = 'offered' AND h.part_at IS NULL"                   \
    " LEFT JOIN order_event v ON v.order_id = o.id AND v.state = 'cancelled'"                                \
    " LEFT JOIN order_merge m ON m.old = o.id LEFT JOIN orders n ON n.id = m.new"                            \
    " LEFT JOIN pay_wish y ON y.order_id = o.id LEFT JOIN order_placer b ON b.order_id = o.id"               \
    " LEFT JOIN person a ON a.id = b.placer"

/* One list of fields for both forms, so that an order reads alike when it is placed and ever after. */
#define LINE_FIELDS(X)                                                                                       \
    X(int, "lot", l->lot)                                                                                    \
    X(text, "name", l->name)                                                                                 \
    X(text, "unit", l->unit)                                                                                 \
    X(int, "quantity", l->quantity)                                                                          \
    X(int, "price", l->price)                                                                                \
    X(int, "amount", l->amount)                                                                              \
    X(text, "state", l->state)
#define HEAD_FIELDS(X)                                                                                       \
    X(int, "id", h->id)                                                                                      \
    X(text, "code", h->code)                                                                                 \
    X(text, "stall", h->stall)                                                                               \
    X(text, "stall_name", h->stall_name)                                                                     \
    X(text, "state", h->state)                                                                               \
    X(json, "lines", lines)                                                                                  \
    X(int, "total", h->total)                                                                                \
    X(text, "name", h->name)                                                                                 \
    X(text, "phone", h->phone)                                                                               \
    X(text, "place", h->place)                                                                               \
    X(text, "note", h->note)                                                                                 \
    X(int, "placed_at", h->placed_at)                                                                        \
    X(text, "reason", h->reason)                                                                             \
    X(id, "closed_at", h->closed_at)                                                                         \
    X(json, "delivery", delivery)                                                                            \
    X(id, "expires_at", h->expires_at)                                                                       \
    X(text, "pay_way", h->pay_way)                                                                           \
    X(bool, "offer", h->offer)                                                                               \
    X(text, "why", h->why)                                                                                   \
    X(text, "merged_into", h->into)                                                                          \
    X(text, "placed_by", h->placed_by)
#define SHAPE(kind, name, value) shape_##kind(out, name, value);
#define JOT(kind, name, value) jot_##kind(out, name, value);

static bool is_weighed(const struct order_line_shape *l)
{
    return strcmp(l->state, "ordered") != 0;
}

json_t *order_line_json(const struct order_line_shape *l)
{
    json_t *out = json_object();
    LINE_FIELDS(SHAPE)
    shape_json(out, "weighed", is_weighed(l) ? json_integer(l->weighed) : NULL);
    return out;
}

void order_line_jot(struct jot *out, const struct order_line_shape *l)
{
    jot_between(out);
    jot_char(out, '{');
    LINE_FIELDS(JOT)
    if (is_weighed(l))
        jot_int(out, "weighed", l->weighed);
    else
        jot_json(out, "weighed", NULL);
    jot_char(out, '}');
}

static json_t *lines_json(struct trade *trade, int64_t order)
{
    json_t *lines = json_array();
    QUERY query = store_query(trade->store,
                              "SELECT l.lot, l.name, l.unit, l.quantity, l.price, COALESCE(s.amount,"
                              " l.amount), COALESCE(s.state, 'ordered'), s.weighed FROM order_line l"
                              " LEFT JOIN line_state s ON s.order_id = l.order_id"
                              " AND s.position = l.position"
                              " WHERE l.order_id = $1 ORDER BY l.position",
                              ARG_INT(order));
    while (query_row(query)) {
        const struct order_line_shape line = {.lot = query_int(query, 0),
                                              .name = query_text(query, 1),
                                              .unit = query_text(query, 2),
                                              .quantity = query_int(query, 3),
                                              .price = query_int(query, 4),
                                              .amount = query_int(query, 5),
                                              .state = query_text(query, 6),
                                              .weighed = query_int(query, 7)};
        json_array_append_new(lines, order_line_json(&line));
    }
    return lines;
}

json_t *order_head_json(const struct order_head *h, json_t *lines, json_t *delivery)
{
    json_t *out = json_object();
    HEAD_FIELDS(SHAPE)
    return out;
}

void order_head_jot(struct jot *out, const struct order_head *h, const char *lines, const char *delivery)
{
    jot_char(out, '{');
    HEAD_FIELDS(JOT)
    jot_char(out, '}');
}

static json_t *row_json(struct trade *trade, struct query *query)
{
    const struct order_head head = {.id = query_int(query, 0),
                                    .code = query_text(query, 1),
                                    .stall = query_text(query, 2),
                                    .stall_name = query_text(query, 3),
                                    .state = query_text(query, 4),
                                    .total = query_int(query, 5),
                                    .name = query_text(query, 6),
                                    .phone = query_text(query, 7),
                                    .place = query_text(query, 8),
                                    .note = query_text(query, 9),
                                    .placed_at = query_int(query, 10),
                                    .reason = query_text(query, 11),
                                    .closed_at = query_int(query, 12),
                                    .expires_at = query_int(query, 13),
                                    .pay_way = query_text(query, 14),
                                    .offer = query_int(query, 15) && query_int(query, 13),
                                    .why = query_text(query, 16),
                                    .into = query_text(query, 17),
                                    .placed_by = query_text(query, 18)};
    return order_head_json(&head, lines_json(trade, head.id), fee_json(trade, head.id));
}

json_t *order_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT " ORDER_COLUMNS " WHERE o.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(trade, query) : NULL;
}

enum result order_list(struct trade *trade, int64_t stall, int64_t buyer, int64_t before, int64_t limit,
                       json_t **out)
{
    static const char of_both[] =
        "SELECT " ORDER_COLUMNS
        " WHERE o.buyer = $2 AND o.stall = $1 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    static const char of_stall[] =
        "SELECT " ORDER_COLUMNS " WHERE o.stall = $1 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    static const char of_buyer[] =
        "SELECT " ORDER_COLUMNS " WHERE o.buyer = $2 AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    /* the team's own list has what it placed for households, too */
    static const char of_team[] =
        "SELECT " ORDER_COLUMNS " WHERE (o.buyer = $2 OR o.id IN (SELECT p.order_id FROM order_placer p"
        " WHERE p.placer = $2)) AND o.id < $3 ORDER BY o.id DESC LIMIT $4";
    bool team = buyer == trade->who.person && who_is_cadre(&trade->who);
    QUERY query =
        store_query(trade->store,
                    stall && buyer ? of_both
                    : stall        ? of_stall
                    : team         ? of_team
                                   : of_buyer,
                    ARG_INT(stall), ARG_INT(buyer), ARG_INT(before ? before : INT64_MAX), ARG_INT(limit));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        json_array_append_new(list, row_json(trade, query));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}

bool order_verify(struct store *store, int64_t *orders, struct misfits *misfits)
{
    static const char order_sql[] =
        "SELECT o.id, o.code, o.state, o.total, COALESCE((SELECT f.amount FROM order_fee f"
        " WHERE f.order_id = o.id), 0) +"
        " (SELECT CAST(COALESCE(SUM(COALESCE(s.amount, l.amount)), 0) AS BIGINT) FROM order_line l"
        "  LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
        " WHERE l.order_id = o.id),"
        " (SELECT CAST(COALESCE(SUM(COALESCE(s.quantity, l.quantity)), -1) AS BIGINT) FROM order_line l"
        "  LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position"
        " WHERE l.order_id = o.id)"
        " FROM orders o ORDER BY o.id";
    static const char ledger_sql[] =
        "SELECT order_id,"
        " CAST(SUM(CASE kind WHEN 'hold' THEN amount WHEN 'commit' THEN -amount WHEN 'release'"
        " THEN -amount ELSE 0 END) AS BIGINT),"
        " CAST(SUM(CASE kind WHEN 'commit' THEN amount WHEN 'return' THEN -amount ELSE 0 END) AS BIGINT)"
        " FROM stock WHERE order_id IS NOT NULL GROUP BY order_id ORDER BY order_id";
    QUERY each = store_query_args(store, order_sql, NULL, 0);
    QUERY ledger = store_query_args(store, ledger_sql, NULL, 0);
    bool more = query_row(ledger);
    enum step step;
    *orders = 0;
    while ((step = query_step(each)) == STEP_ROW) {
        int64_t id = query_int(each, 0), quantity = query_int(each, 5);
        const char *code = query_text(each, 1), *state = query_text(each, 2);
        bool placed = strcmp(state, order_names[ORDER_PLACED]) == 0;
        bool confirmed = strcmp(state, order_names[ORDER_CONFIRMED]) == 0;
        while (more && query_int(ledger, 0) < id) /* both are in the order of their ids */
            more = query_row(ledger);
        bool noted = more && query_int(ledger, 0) == id;
        misfit_order(misfits, "total", id, code, query_int(each, 3), query_int(each, 4));
        misfit_order(misfits, "held", id, code, placed ? quantity : 0, noted ? query_int(ledger, 1) : 0);
        misfit_order(misfits, "sold", id, code, confirmed ? quantity : 0, noted ? query_int(ledger, 2) : 0);
        ++*orders;
    }
    return step == STEP_DONE;
}
