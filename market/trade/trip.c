/* trip.c: see trip.h. */
#include "market/trade/trip.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/carrier.h"
#include "market/trade/cod.h"
#include "market/trade/books.h"
#include "market/trade/ledger.h"
#include "market/trade/pace.h"
#include "market/trade/split.h"
#include "market/trade/stop.h"

static const char *const names[TRIP_STATES] = {"planned", "loaded", "moving", "closed"};
static const unsigned next[TRIP_STATES] = {
    [TRIP_PLANNED] = 1u << TRIP_LOADED | 1u << TRIP_CLOSED,
    [TRIP_LOADED] = 1u << TRIP_MOVING | 1u << TRIP_PLANNED,
    [TRIP_MOVING] = 1u << TRIP_CLOSED,
};

const char *trip_state_name(enum trip_state state)
{
    return names[state];
}

enum result trip_event_add(struct trade *trade, const struct trip_event *e, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM trip_event";
    int64_t event = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO trip_event (id, trip, stop, word, reason, note, collected, entry, proof,"
                  " actor, key, device_at,"
                  " at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                  ARG_INT(event), ARG_INT(e->trip), ARG_ID(e->stop), ARG_TEXT(e->word),
                  ARG_TEXT(e->reason ? e->reason : ""), ARG_TEXT(e->note ? e->note : ""),
                  ARG_INT(e->collected), ARG_ID(e->entry), ARG_TEXT(e->proof), ARG_INT(trade->who.person),
                  ARG_TEXT(trade->key ? trade->key : ""), ARG_ID(e->device_at), ARG_INT(trade->now_ms));
    if (id)
        *id = event;
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result trip_add(struct trade *trade, int64_t courier, const char *title, int64_t planned_at, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM trip";
    *id = store_next_id(trade->store, max_id);
    if (store_run(
            trade->store,
            "INSERT INTO trip (id, courier, title, state, planned_at) VALUES ($1, $2, $3, 'planned', $4)",
            ARG_INT(*id), ARG_INT(courier), ARG_TEXT(title), ARG_INT(planned_at)) != STEP_DONE)
        return trade_fault(trade);
    return trip_event_add(trade, &(struct trip_event){.trip = *id, .word = "planned"}, NULL);
}

enum result trip_by_id(struct trade *trade, int64_t id, struct trip *out)
{
    QUERY query =
        store_query(trade->store, "SELECT courier, moved_at, state FROM trip WHERE id = $1", ARG_INT(id));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = (struct trip){.id = id, .courier = query_int(query, 0), .moved_at = query_int(query, 1)};
    while (out->state < TRIP_CLOSED && strcmp(names[out->state], query_text(query, 2)) != 0)
        out->state++;
    return out->courier == trade->who.person || who_is_cadre(&trade->who) ? R_OK : R_UNKNOWN;
}

/* --- its stops --- */

static enum result not_this(struct trade *trade, const char *reason, const char *code)
{
    shape_text(trade_extra(trade), "order", code);
    return trade_refuse(trade, reason);
}

/* What was let on a trip once may stay there: its other stops must not become impossible to arrange. */
static bool been_on(struct trade *trade, int64_t trip, int64_t order)
{
    QUERY query = store_query(trade->store, "SELECT 1 FROM stop WHERE trip = $1 AND order_id = $2",
                              ARG_INT(trip), ARG_INT(order));
    return query_row(query);
}

/* The order is stop number `position` of the trip from now on. */
static enum result place_order(struct trade *trade, const struct trip *trip, const char *typed,
                               int64_t position)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM stop";
    struct pay_order order;
    char code[ID_CODE_CHARS + 1];
    if (!id_code_read(typed, code))
        return trade_bad_field(trade, "orders", "an order's code is expected");
    enum result done = books_order_by_code(trade, code, &order);
    if (done != R_OK)
        return done;
    if (!order.confirmed)
        return not_this(trade, "not-confirmed", code);
    if (order.closed && !been_on(trade, trip->id, order.id))
        return not_this(trade, "order-closed", code);
    if (carrier_has(trade, order.id))
        return not_this(trade, "with-carrier", code);
    enum cod_verdict cash = COD_FINE;
    if (!been_on(trade, trip->id, order.id))
        done = cod_look(trade, &order, &cash);
    if (done != R_OK || cash != COD_FINE)
        return done != R_OK ? done : not_this(trade, cod_word(cash), code);
    int64_t stop = store_next_id(trade->store, max_id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO stop (id, trip, order_id, position, state, reason, note, collected, tries)"
        " VALUES ($1, $2, $3, $4, 'waiting', '', '', 0, 0) ON CONFLICT (trip, order_id) DO UPDATE SET"
        " position = excluded.position,"
        " state = CASE stop.state WHEN 'removed' THEN 'waiting' ELSE stop.state END",
        ARG_INT(stop), ARG_INT(trip->id), ARG_INT(order.id), ARG_INT(position));
    if (step == STEP_CONFLICT)
        return not_this(trade, "on-a-trip", code);
    if (step != STEP_DONE)
        return trade_fault(trade);
    done = proof_code_make(trade, order.id);
    return done == R_OK ? stop_announce(trade, order.id, "waiting") : done;
}

/* What waits comes off first; what is named comes on again. */
static enum result take_off(struct trade *trade, const struct trip *trip)
{
    enum step step =
        store_run(trade->store, "UPDATE stop SET state = 'removed' WHERE trip = $1 AND state = 'waiting'",
                  ARG_INT(trip->id));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* One event for each order that came on or went off: what the stops were is in `was`, by order and state. */
static enum result note_changes(struct trade *trade, const struct trip *trip, GHashTable *was)
{
    GArray *changed = g_array_new(FALSE, FALSE, sizeof(int64_t));
    {
        QUERY query = store_query(trade->store, "SELECT id, state FROM stop WHERE trip = $1 ORDER BY id",
                                  ARG_INT(trip->id));
        while (query_row(query)) {
            int64_t id = query_int(query, 0);
            bool removed = strcmp(query_text(query, 1), "removed") == 0;
            bool was_on = g_hash_table_contains(was, GSIZE_TO_POINTER((gsize)id));
            int64_t mark = removed ? -id : id;
            if (was_on == removed)
                g_array_append_val(changed, mark);
        }
    }
    enum result done = R_OK;
    for (guint i = 0; done == R_OK && i < changed->len; i++) {
        int64_t mark = g_array_index(changed, int64_t, i);
        done = trip_event_add(trade,
                              &(struct trip_event){.trip = trip->id,
                                                   .stop = mark < 0 ? -mark : mark,
                                                   .word = mark < 0 ? "removed" : "waiting"},
                              NULL);
    }
    g_array_free(changed, TRUE);
    return done;
}

enum result trip_arrange(struct trade *trade, const struct trip *trip, json_t *codes)
{
    size_t i;
    json_t *code;
    if (trip->state == TRIP_CLOSED)
        return trade_refuse(trade, "closed");
    GHashTable *was = g_hash_table_new(g_direct_hash, g_direct_equal);
    {
        QUERY query = store_query(trade->store, "SELECT id FROM stop WHERE trip = $1 AND state <> 'removed'",
                                  ARG_INT(trip->id));
        while (query_row(query))
            g_hash_table_add(was, GSIZE_TO_POINTER((gsize)query_int(query, 0)));
    }
    enum result done = take_off(trade, trip);
    json_array_foreach(codes, i, code)
    {
        if (done == R_OK && !json_is_string(code))
            done = trade_bad_field(trade, "orders", "codes of orders are expected");
        if (done == R_OK)
            done = place_order(trade, trip, json_string_value(code), (int64_t)i + 1);
    }
    if (done == R_OK)
        done = note_changes(trade, trip, was);
    g_hash_table_destroy(was);
    return done;
}

/* --- its states --- */

static int64_t stops_in(struct trade *trade, int64_t trip)
{
    return store_int(trade->store, "SELECT COUNT(*) FROM stop WHERE trip = $1 AND state <> 'removed'", trip,
                     0);
}

/* Orders of the trip, for g_array_free; `done`: only those whose goods were handed over. */
static GArray *orders_of(struct trade *trade, int64_t trip, bool done)
{
    GArray *orders = g_array_new(FALSE, FALSE, sizeof(int64_t));
    QUERY query = store_query(
        trade->store, "SELECT order_id, state FROM stop WHERE trip = $1 AND state <> 'removed' ORDER BY id",
        ARG_INT(trip));
    while (query_row(query)) {
        int64_t order = query_int(query, 0);
        const char *state = query_text(query, 1);
        if (!done || strcmp(state, "delivered") == 0 || strcmp(state, "partial") == 0)
            g_array_append_val(orders, order);
    }
    return orders;
}

/* What buyers who have their goods still owe. */
static enum result count_missing(struct trade *trade, const GArray *orders, struct money *missing)
{
    *missing = (struct money){0};
    for (guint i = 0; i < orders->len; i++) {
        struct pay_order order;
        struct pay_view view;
        enum result done = books_order(trade, g_array_index(orders, int64_t, i), &order);
        if (done == R_OK)
            done = books_view(trade, &order, &view);
        if (done != R_OK)
            return done;
        if (!order.cancelled && !money_add(missing, *missing, pay_due(&view)))
            return R_FAULT;
    }
    return R_OK;
}

/* The driver's part of each fee, by the rule of its zone; the rest stays the co-op's, so nothing is lost by
 * rounding. */
static enum result share_fees(struct trade *trade, const struct trip *trip, const GArray *orders)
{
    struct money share = {0};
    for (guint i = 0; i < orders->len; i++) {
        struct money fee, part;
        QUERY query =
            store_query(trade->store,
                        "SELECT f.amount, z.courier_points FROM order_fee f JOIN zone z ON z.id = f.zone"
                        " JOIN orders o ON o.id = f.order_id WHERE f.order_id = $1 AND o.state = 'confirmed'",
                        ARG_INT(g_array_index(orders, int64_t, i)));
        if (!query_row(query))
            continue;
        if (!money_make(&fee, query_int(query, 0)) || !split_rate(fee, query_int(query, 1), &part) ||
            !money_add(&share, share, part))
            return R_FAULT;
    }
    if (money_dong(share) == 0)
        return R_OK;
    g_autofree char *key = g_strdup_printf("trip-share:%" G_GINT64_FORMAT, trip->id);
    const struct posting postings[] = {
        {.kind = ACCOUNT_DELIVERY, .amount = share},
        {.kind = ACCOUNT_DELIVERY, .subject = trip->courier, .amount = money_negative(share)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_ADJUST};
    return ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
}

static enum result may_close(struct trade *trade, const struct trip *trip, const GArray *orders,
                             const char *note)
{
    struct money missing;
    if (store_int(trade->store,
                  "SELECT COUNT(*) FROM stop WHERE trip = $1 AND state IN ('waiting', 'arrived')", trip->id,
                  0))
        return trade_refuse(trade, "stops-open");
    enum result done = count_missing(trade, orders, &missing);
    if (done != R_OK || money_dong(missing) == 0 || *note)
        return done;
    shape_int(trade_extra(trade), "due", money_dong(missing));
    return trade_refuse(trade, "cash-missing");
}

static enum result close_trip(struct trade *trade, const struct trip *trip, const char *note)
{
    GArray *orders = orders_of(trade, trip->id, true);
    enum result done = may_close(trade, trip, orders, note);
    if (done == R_OK)
        done = share_fees(trade, trip, orders);
    g_array_free(orders, TRUE);
    if (done == R_OK &&
        store_run(trade->store, "DELETE FROM trip_spot WHERE trip = $1", ARG_INT(trip->id)) != STEP_DONE)
        return trade_fault(trade);
    return done;
}

static enum result tell_buyers(struct trade *trade, const struct trip *trip, const char *word)
{
    GArray *orders = orders_of(trade, trip->id, false);
    enum result done = R_OK;
    for (guint i = 0; done == R_OK && i < orders->len; i++)
        done = stop_announce(trade, g_array_index(orders, int64_t, i), word);
    g_array_free(orders, TRUE);
    return done;
}

enum result trip_advance(struct trade *trade, struct trip *trip, enum trip_state to, const char *note,
                         int64_t device_at)
{
    if (!(next[trip->state] >> to & 1u))
        return trade_refuse(trade, names[trip->state]);
    if (to == TRIP_LOADED && !stops_in(trade, trip->id))
        return trade_refuse(trade, "no-stops");
    enum result done = to == TRIP_CLOSED ? close_trip(trade, trip, note) : R_OK;
    if (done != R_OK)
        return done;
    int64_t moment = pace_moment(device_at, trip->moved_at ? trip->moved_at : 1, trade->now_ms);
    if (store_run(trade->store,
                  "UPDATE trip SET state = $2, moved_at = CASE $2 WHEN 'moving' THEN $3 ELSE moved_at END,"
                  " closed_at = CASE $2 WHEN 'closed' THEN $4 ELSE closed_at END WHERE id = $1",
                  ARG_INT(trip->id), ARG_TEXT(names[to]), ARG_INT(moment),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    trip->state = to;
    done = trip_event_add(
        trade,
        &(struct trip_event){.trip = trip->id, .word = names[to], .note = note, .device_at = device_at},
        NULL);
    return done == R_OK ? tell_buyers(trade, trip, names[to]) : done;
}

enum result trip_spot(struct trade *trade, const struct trip *trip, int64_t lat, int64_t lon)
{
    if (trip->state != TRIP_MOVING || trip->courier != trade->who.person)
        return trade_refuse(trade, "not-moving");
    enum step step =
        store_run(trade->store,
                  "INSERT INTO trip_spot (trip, lat, lon, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (trip)"
                  " DO UPDATE SET lat = excluded.lat, lon = excluded.lon, at_ms = excluded.at_ms",
                  ARG_INT(trip->id), ARG_INT(lat), ARG_INT(lon), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}
