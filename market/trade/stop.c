/* stop.c: see stop.h. */
#include "market/trade/stop.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/carrier.h"
#include "market/trade/cash.h"
#include "market/trade/credit.h"
#include "market/trade/journal.h"
#include "market/trade/ledger.h"
#include "market/trade/pace.h"
#include "market/trade/paywish.h"
#include "market/trade/waitlist.h"
#include "market/trade/weigh.h"
#include "market/trade/writeoff.h"

static const char *const names[STOP_STATES] = {"waiting", "arrived", "delivered",
                                               "partial", "failed",  "removed"};
static const unsigned next[STOP_STATES] = {
    [STOP_WAITING] = 1u << STOP_ARRIVED | 1u << STOP_DELIVERED | 1u << STOP_PARTIAL | 1u << STOP_FAILED,
    [STOP_ARRIVED] = 1u << STOP_DELIVERED | 1u << STOP_PARTIAL | 1u << STOP_FAILED,
};

/* The codes are stored; the pages have words for them. */
static const struct stop_reason reasons[] = {
    {"not-home", false, true, "buyer", false},    {"refused", true, true, "buyer", false},
    {"wrong-place", false, true, "buyer", false}, {"no-answer", false, true, "buyer", false},
    {"quality", true, true, "farmer", true},      {"missing", true, true, "farmer", false},
    {"damaged", true, true, "courier", true},     {"spoiled", true, true, "coop", true},
    {"vehicle", false, true, "courier", false},   {"road", false, true, "coop", false},
    {"weather", false, true, "coop", false},
};

/* Guesses at an order's digits are counted over all its trips: another trip gives no more of them. */
#define TRIES "(SELECT CAST(SUM(t.tries) AS BIGINT) FROM stop t WHERE t.order_id = s.order_id)"

const char *stop_state_name(enum stop_state state)
{
    return names[state];
}

const struct stop_reason *stop_reason(const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0)
            return &reasons[i];
    return NULL;
}

const struct stop_reason *stop_spoiled(struct trade *trade, int64_t order)
{
    QUERY query = store_query(
        trade->store,
        "SELECT reason FROM stop WHERE order_id = $1 AND state = 'failed' ORDER BY id DESC LIMIT 1",
        ARG_INT(order));
    const struct stop_reason *reason = query_row(query) ? stop_reason(query_text(query, 0)) : NULL;
    return reason && reason->spoils ? reason : NULL;
}

enum result stop_by_id(struct trade *trade, int64_t id, struct stop *out, struct trip *trip)
{
    QUERY query = store_query(trade->store,
                              "SELECT trip, order_id, " TRIES ", done_at, state FROM stop s WHERE id = $1",
                              ARG_INT(id));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct stop){.id = id,
                         .trip = query_int(query, 0),
                         .order = query_int(query, 1),
                         .tries = query_int(query, 2),
                         .done_at = query_int(query, 3)};
    while (out->state < STOP_REMOVED && strcmp(names[out->state], query_text(query, 4)) != 0)
        out->state++;
    return trip_by_id(trade, out->trip, trip);
}

enum result stop_announce(struct trade *trade, int64_t order, const char *state)
{
    QUERY query = store_query(trade->store,
                              "SELECT o.code, o.stall, o.buyer, s.slug FROM orders o"
                              " JOIN stall s ON s.id = o.stall WHERE o.id = $1",
                              ARG_INT(order));
    if (!query_row(query))
        return trade_fault(trade);
    json_t *full = json_object();
    shape_text(full, "order", query_text(query, 0));
    shape_text(full, "state", state);
    return journal_add(trade, &(struct journal_entry){.kind = "delivery.changed",
                                                      .stall = query_int(query, 1),
                                                      .person = query_int(query, 2),
                                                      .slug = query_text(query, 3),
                                                      .full = full});
}

/* The one writer of a stop's state. */
static enum result write_state(struct trade *trade, struct stop *stop, enum stop_state to,
                               const struct stop_mark *mark, int64_t done_at)
{
    enum step step = store_run(
        trade->store,
        "UPDATE stop SET state = $2, reason = $3, note = $4, collected = $5, done_at = $6 WHERE id = $1",
        ARG_INT(stop->id), ARG_TEXT(names[to]), ARG_TEXT(mark->reason), ARG_TEXT(mark->note),
        ARG_INT(mark->collected), ARG_ID(done_at));
    stop->state = to;
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* The four digits. A wrong guess is kept, and there are few of them. */
static enum result check_code(struct trade *trade, struct stop *stop, const struct stop_mark *mark,
                              bool *wrong)
{
    char code[DOOR_CODE_CHARS + 1] = "";
    if (mark->proof != PROOF_CODE)
        return R_OK;
    if (stop->tries >= DOOR_CODE_TRIES)
        return trade_refuse(trade, "code-locked");
    if (proof_code_read(trade, stop->order, code) && strcmp(code, mark->body) == 0)
        return R_OK;
    *wrong = true;
    stop->tries++;
    if (store_run(trade->store, "UPDATE stop SET tries = tries + 1 WHERE id = $1", ARG_INT(stop->id)) !=
        STEP_DONE)
        return trade_fault(trade);
    return trip_event_add(
        trade,
        &(struct trip_event){
            .trip = stop->trip, .stop = stop->id, .word = "wrong-code", .device_at = mark->device_at},
        NULL);
}

/* --- goods that the buyer did not take --- */

static enum result load_order(struct trade *trade, int64_t id, struct order *order, struct stall *stall)
{
    struct pay_order head;
    enum result done = books_order(trade, id, &head);
    if (done == R_OK)
        done = order_by_code(trade, head.code, order);
    return done == R_OK ? stall_by_id(trade, order->stall, stall) : done;
}

static int64_t quantity_now(struct trade *trade, int64_t order, int64_t lot)
{
    QUERY query = store_query(
        trade->store,
        "SELECT COALESCE(s.quantity, l.quantity) FROM order_line l LEFT JOIN line_state s"
        " ON s.order_id = l.order_id AND s.position = l.position WHERE l.order_id = $1 AND l.lot = $2",
        ARG_INT(order), ARG_INT(lot));
    return query_row(query) ? query_int(query, 0) : -1;
}

/* Duplicates are refused: what was there before would be told wrongly. */
static bool lot_twice(const struct stop_mark *mark, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (mark->lines[i].lot == mark->lines[at].lot)
            return true;
    return false;
}

/* What was brought of each line, and the write-off of what came back. */
struct came_back {
    int64_t before, writeoff;
};

/* Goods, price and books follow what was taken. What was refused for what it is, is not for sale again; the
 * rest is, for whoever waits in line first. */
static enum result take_back_goods(struct trade *trade, const struct stop *stop, const struct stop_mark *mark,
                                   struct came_back back[STOP_LINES_MAX])
{
    struct order order;
    struct stall stall;
    const struct stop_reason *reason = stop_reason(mark->reason);
    enum result done = mark->count ? load_order(trade, stop->order, &order, &stall) : R_OK;
    for (size_t i = 0; done == R_OK && i < mark->count; i++) {
        int64_t lot = mark->lines[i].lot, after = mark->lines[i].quantity;
        int64_t before = quantity_now(trade, stop->order, lot);
        if (before < 0 || after > before || lot_twice(mark, i))
            return trade_bad_field(trade, "lines", "each of the goods once, and at most what was brought");
        back[i] = (struct came_back){.before = before};
        if (after == before)
            continue;
        if (reason && reason->spoils)
            done = writeoff_add(trade, &stall, &order,
                                &(struct writeoff){.lot = lot,
                                                   .amount = before - after,
                                                   .device_at = mark->device_at,
                                                   .why = reason->code,
                                                   .bears = reason->bears},
                                &back[i].writeoff);
        else
            done = weigh_keep(trade, &stall, &order, lot, after, mark->device_at);
        if (done == R_OK && !back[i].writeoff)
            done = waitlist_serve(trade, &stall, lot);
    }
    return done;
}

static enum result keep_lines(struct trade *trade, int64_t event, const struct stop_mark *mark,
                              const struct came_back *back)
{
    for (size_t i = 0; i < mark->count; i++)
        if (store_run(
                trade->store,
                "INSERT INTO stop_line (event, lot, before, after, writeoff) VALUES ($1, $2, $3, $4, $5)",
                ARG_INT(event), ARG_INT(mark->lines[i].lot), ARG_INT(back[i].before),
                ARG_INT(mark->lines[i].quantity), ARG_ID(back[i].writeoff)) != STEP_DONE)
            return trade_fault(trade);
    return R_OK;
}

/* Written-off goods are put back first: the order takes what nobody else could have bought. */
static enum result give_goods_again(struct trade *trade, const struct stop *stop, int64_t event,
                                    int64_t device_at)
{
    struct {
        int64_t lot, before, writeoff;
    } lines[STOP_LINES_MAX];
    size_t count = 0;
    struct order order;
    struct stall stall;
    {
        QUERY query = store_query(
            trade->store, "SELECT lot, before, writeoff FROM stop_line WHERE event = $1 AND before <> after",
            ARG_INT(event));
        for (; count < STOP_LINES_MAX && query_row(query); count++) {
            lines[count].lot = query_int(query, 0);
            lines[count].before = query_int(query, 1);
            lines[count].writeoff = query_int(query, 2);
        }
    }
    enum result done = count ? load_order(trade, stop->order, &order, &stall) : R_OK;
    for (size_t i = 0; done == R_OK && i < count; i++) {
        if (lines[i].writeoff)
            done = writeoff_back(trade, &stall, lines[i].writeoff);
        if (done == R_OK)
            done = weigh_keep(trade, &stall, &order, lines[i].lot, lines[i].before, device_at);
    }
    return done;
}

/* --- marking --- */

static enum result take_cash(struct trade *trade, const struct stop *stop, const struct stop_mark *mark,
                             int64_t *entry)
{
    struct pay_order order;
    struct receipt receipt;
    struct money amount;
    char fact[ID_SECRET_CHARS + 1];
    if (!mark->collected)
        return R_OK;
    enum result done = books_order(trade, stop->order, &order);
    if (done != R_OK)
        return done;
    if (!money_make(&amount, mark->collected))
        return R_FAULT;
    id_secret(fact); /* the client's key has been seen to already: this names the fact */
    done = cash_collect(trade, fact, &order, amount, &receipt);
    *entry = receipt.entry;
    return done;
}

static enum result may_mark(struct trade *trade, const struct trip *trip, const struct stop *stop,
                            const struct stop_mark *mark)
{
    struct pay_order order;
    if (trip->state != TRIP_MOVING)
        return trade_refuse(trade, "not-moving");
    if (!(next[stop->state] >> mark->to & 1u))
        return trade_refuse(trade, stop->state == STOP_REMOVED ? "removed" : "done");
    enum result done = books_order(trade, stop->order, &order);
    if (done == R_OK && order.cancelled && mark->to != STOP_FAILED)
        return trade_refuse(trade, "cancelled");
    return done;
}

static enum result write_mark(struct trade *trade, const struct trip *trip, struct stop *stop,
                              const struct stop_mark *mark)
{
    struct trip_event event = {.trip = stop->trip,
                               .stop = stop->id,
                               .word = names[mark->to],
                               .reason = mark->reason,
                               .note = mark->note,
                               .proof = proof_name(mark->proof),
                               .collected = mark->collected,
                               .device_at = mark->device_at};
    struct came_back back[STOP_LINES_MAX];
    int64_t id = 0;
    int64_t moment = pace_moment(mark->device_at, trip->moved_at, trade->now_ms);
    enum result done = take_back_goods(trade, stop, mark, back);
    if (done == R_OK)
        done = take_cash(trade, stop, mark, &event.entry);
    if (done == R_OK)
        done = trip_event_add(trade, &event, &id);
    if (done == R_OK)
        done = keep_lines(trade, id, mark, back);
    if (done == R_OK)
        done = proof_keep(trade, id, mark->proof, mark->body);
    return done == R_OK ? write_state(trade, stop, mark->to, mark, mark->to == STOP_ARRIVED ? 0 : moment)
                        : done;
}

enum result stop_mark(struct trade *trade, const struct trip *trip, struct stop *stop,
                      const struct stop_mark *mark, bool *wrong_code)
{
    *wrong_code = false;
    enum result done = may_mark(trade, trip, stop, mark);
    if (done == R_OK)
        done = check_code(trade, stop, mark, wrong_code);
    if (done != R_OK || *wrong_code)
        return done;
    done = write_mark(trade, trip, stop, mark);
    return done == R_OK ? stop_announce(trade, stop->order, names[mark->to]) : done;
}

/* --- taking it back --- */

struct last {
    int64_t event, entry, device_at, at_ms;
};

/* The mark that made the state what it is. */
static bool last_mark(struct trade *trade, int64_t stop, struct last *out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, entry, device_at, at_ms FROM trip_event WHERE stop = $1 AND word IN"
                              " ('arrived', 'delivered', 'partial', 'failed') ORDER BY id DESC LIMIT 1",
                              ARG_INT(stop));
    if (!query_row(query))
        return false;
    *out = (struct last){query_int(query, 0), query_int(query, 1), query_int(query, 2), query_int(query, 3)};
    return true;
}

/* Ten minutes by our clock, or by the phone's for both: what was pressed without network is sent much later.
 */
static bool in_time(const struct trade *trade, const struct last *last, int64_t device_at)
{
    bool by_phone =
        device_at && last->device_at && device_at >= last->device_at && device_at <= trade->now_ms;
    return trade->now_ms - last->at_ms <= STOP_UNDO_MS ||
           (by_phone && device_at - last->device_at <= STOP_UNDO_MS);
}

/* A door that failed let its order go: it may be on another trip or with a delivery company by now. */
static enum result still_ours(struct trade *trade, const struct stop *stop)
{
    if (stop->state != STOP_FAILED)
        return R_OK;
    if (store_int(trade->store,
                  "SELECT 1 FROM stop WHERE order_id = $1 AND state IN ('waiting', 'arrived', 'delivered',"
                  " 'partial')",
                  stop->order, 0))
        return trade_refuse(trade, "on-a-trip");
    return carrier_has(trade, stop->order) ? trade_refuse(trade, "with-carrier") : R_OK;
}

/* Nothing about a closed order changes: not its money, and not that it is on its way again. */
static enum result order_open(struct trade *trade, const struct stop *stop, int64_t *buyer)
{
    struct order order;
    enum result done = order_by_id(trade, stop->order, &order);
    if (done == R_OK)
        *buyer = order.buyer;
    return done == R_OK && order.closed ? trade_refuse(trade, "order-closed") : done;
}

enum result stop_undo(struct trade *trade, const struct trip *trip, struct stop *stop, int64_t device_at)
{
    static const struct stop_mark nothing = {.reason = "", .note = ""};
    struct last last;
    int64_t buyer = 0;
    if (trip->state != TRIP_MOVING)
        return trade_refuse(trade, "not-moving");
    if (stop->state == STOP_WAITING || stop->state == STOP_REMOVED || !last_mark(trade, stop->id, &last))
        return trade_refuse(trade, "nothing-to-undo");
    if (!in_time(trade, &last, device_at))
        return trade_refuse(trade, "too-late");
    enum result done = still_ours(trade, stop);
    if (done == R_OK)
        done = order_open(trade, stop, &buyer);
    if (done == R_OK && last.entry) {
        g_autofree char *key = g_strdup_printf("undo:%" G_GINT64_FORMAT, last.event);
        done = ledger_reverse(trade, last.entry, key, "", NULL);
        /* What had been too much of it waits for nobody any more, and what is missing does. */
        if (done == R_OK)
            done = credit_tasks(trade, buyer, "seen");
        if (done == R_OK)
            done = books_changed(trade, stop->order);
    }
    if (done == R_OK)
        done = give_goods_again(trade, stop, last.event, device_at);
    if (done == R_OK)
        done = trip_event_add(
            trade,
            &(struct trip_event){
                .trip = stop->trip, .stop = stop->id, .word = "undone", .device_at = device_at},
            NULL);
    if (done == R_OK)
        done = write_state(trade, stop, STOP_WAITING, &nothing, 0);
    return done == R_OK ? stop_announce(trade, stop->order, names[STOP_WAITING]) : done;
}

/* --- showing --- */

#define STOP_COLUMNS                                                                                         \
    "SELECT s.id, s.trip, s.position, s.state, s.reason, s.note, s.collected, " TRIES ", s.done_at, o.id,"   \
    " o.code, o.name, o.phone, o.place, o.note, o.total, o.state, l.slug, l.name, p.name, p.place"           \
    " FROM stop s JOIN orders o ON o.id = s.order_id JOIN stall l ON l.id = o.stall"                         \
    " LEFT JOIN order_fee f ON f.order_id = o.id LEFT JOIN point p ON p.id = f.point"

static json_t *lines_json(struct trade *trade, int64_t order)
{
    json_t *lines = json_array();
    QUERY query = store_query(
        trade->store,
        "SELECT l.lot, l.name, l.unit, COALESCE(s.quantity, l.quantity), l.price FROM order_line l LEFT JOIN"
        " line_state s ON s.order_id = l.order_id AND s.position = l.position"
        " WHERE l.order_id = $1 ORDER BY l.position",
        ARG_INT(order));
    while (query_row(query)) {
        json_t *line = json_object();
        shape_int(line, "lot", query_int(query, 0));
        shape_text(line, "name", query_text(query, 1));
        shape_text(line, "unit", query_text(query, 2));
        shape_int(line, "quantity", query_int(query, 3));
        shape_int(line, "price", query_int(query, 4));
        json_array_append_new(lines, line);
    }
    return lines;
}

static int64_t due_of(struct trade *trade, int64_t id)
{
    struct pay_order order;
    struct pay_view view;
    bool known = books_order(trade, id, &order) == R_OK && books_view(trade, &order, &view) == R_OK;
    return known && !order.cancelled ? money_dong(pay_due(&view)) : 0;
}

/* How long the last mark may be taken back by our clock. */
static int64_t undo_until(struct trade *trade, int64_t stop, const char *state)
{
    struct last last;
    bool marked = strcmp(state, names[STOP_WAITING]) != 0 && strcmp(state, names[STOP_REMOVED]) != 0;
    return marked && last_mark(trade, stop, &last) ? last.at_ms + STOP_UNDO_MS : 0;
}

static json_t *row_json(struct trade *trade, struct query *query)
{
    json_t *stop = json_object();
    int64_t id = query_int(query, 0), order = query_int(query, 9);
    const char *reason = query_text(query, 4);
    const struct stop_reason *known = stop_reason(reason);
    shape_int(stop, "id", id);
    shape_int(stop, "trip", query_int(query, 1));
    shape_int(stop, "position", query_int(query, 2));
    shape_text(stop, "state", query_text(query, 3));
    shape_text(stop, "reason", reason);
    shape_text(stop, "bears", known ? known->bears : NULL);
    shape_text(stop, "note", query_text(query, 5));
    shape_int(stop, "collected", query_int(query, 6));
    shape_int(stop, "due", due_of(trade, order));
    shape_int(stop, "tries_left", MAX(DOOR_CODE_TRIES - query_int(query, 7), 0));
    shape_id(stop, "done_at", query_int(query, 8));
    shape_id(stop, "undo_until", undo_until(trade, id, query_text(query, 3)));
    shape_text(stop, "order", query_text(query, 10));
    shape_text(stop, "order_state", query_text(query, 16));
    shape_text(stop, "name", query_text(query, 11));
    shape_text(stop, "phone", query_text(query, 12));
    shape_text(stop, "place", query_text(query, 13));
    shape_text(stop, "order_note", query_text(query, 14));
    shape_int(stop, "total", query_int(query, 15));
    shape_json(stop, "pay_way", paywish_json(trade, order));
    shape_text(stop, "stall", query_text(query, 17));
    shape_text(stop, "stall_name", query_text(query, 18));
    shape_text(stop, "point_name", query_text(query, 19));
    shape_text(stop, "point_place", query_text(query, 20));
    shape_json(stop, "lines", lines_json(trade, order));
    return stop;
}

bool stop_handed_over(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT 1 FROM stop s WHERE s.order_id = $1 AND s.state IN ('delivered', 'partial')"
                     " AND EXISTS (SELECT 1 FROM order_line l"
                     " LEFT JOIN line_state w ON w.order_id = l.order_id AND w.position = l.position"
                     " WHERE l.order_id = s.order_id AND COALESCE(w.quantity, l.quantity) > 0) LIMIT 1",
                     order, 0) != 0;
}

bool stop_ahead(struct trade *trade, int64_t order)
{
    return store_int(trade->store,
                     "SELECT 1 FROM stop WHERE order_id = $1 AND state IN ('waiting', 'arrived') LIMIT 1",
                     order, 0) != 0;
}

bool stop_on_board(struct trade *trade, int64_t order)
{
    QUERY query = store_query(trade->store,
                              "SELECT 1 FROM stop s JOIN trip t ON t.id = s.trip WHERE s.order_id = $1"
                              " AND s.state IN ('waiting', 'arrived', 'delivered', 'partial')"
                              " AND t.courier = $2 AND t.state IN ('loaded', 'moving')",
                              ARG_INT(order), ARG_INT(trade->who.person));
    return query_row(query);
}

json_t *stop_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, STOP_COLUMNS " WHERE s.id = $1", ARG_INT(id));
    return query_row(query) ? row_json(trade, query) : NULL;
}

json_t *stops_json(struct trade *trade, int64_t trip)
{
    QUERY query = store_query(
        trade->store, STOP_COLUMNS " WHERE s.trip = $1 AND s.state <> 'removed' ORDER BY s.position, s.id",
        ARG_INT(trip));
    json_t *stops = json_array();
    while (query_row(query))
        json_array_append_new(stops, row_json(trade, query));
    return stops;
}
