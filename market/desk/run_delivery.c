/* run_delivery.c: zones and their fees, trips, and what couriers tell from the door. */
#include "market/desk/call_delivery.h"

#include <string.h>
#include "market/base/quantity.h"
#include "market/base/shape.h"
#include "market/trade/carrier.h"
#include "market/trade/order.h"
#include "market/trade/stop.h"
#include "market/trade/zone.h"

/* The last moment of the year 9999 in Việt Nam: later days have no yyyy-mm-dd. */
#define YEAR_9999 INT64_C(253402275599999)

static const char *const open_words[] = {"open", "closed", NULL};

static bool opened(struct fields *f)
{
    return !field_given(f, "state") || field_word(f, "state", open_words) == 0;
}

enum result run_zone_list_run(struct call *call)
{
    struct fields f;
    json_t *zones = NULL;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = zone_list(&call->trade, &zones);
    if (done == R_OK)
        call_body(call, "zones", zones);
    return done;
}

enum result run_zone_set_run(struct call *call)
{
    struct fields f;
    struct zone zone = {0};
    int64_t id = 0;
    fields_open(&f, call->params);
    zone.id = field_number_or(&f, "id", 1, INT64_MAX, 0);
    zone.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    zone.base = field_int(&f, "base", 0, ZONE_MONEY_MAX);
    zone.included = field_int(&f, "included", 0, ZONE_GRAMS_MAX);
    zone.per_kg = field_int(&f, "per_kg", 0, ZONE_PER_KG_MAX);
    zone.piece_grams = field_int_or(&f, "piece_grams", 0, ZONE_PIECE_MAX, 500);
    zone.courier_points = field_int_or(&f, "courier_points", 0, 10000, 10000);
    zone.open = opened(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = zone_set(&call->trade, &zone, &id);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "zone", zone_json(&call->trade, id));
    return done;
}

enum result run_point_set_run(struct call *call)
{
    struct fields f;
    struct point point = {0};
    int64_t id = 0;
    fields_open(&f, call->params);
    point.id = field_number_or(&f, "id", 1, INT64_MAX, 0);
    point.zone = field_int(&f, "zone", 1, INT64_MAX);
    point.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    point.place = field_text(&f, "place", TEXT_LINE, 1, 200);
    point.note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    point.open = opened(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = point_set(&call->trade, &point, &id);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "point", point_json(&call->trade, id));
    return done;
}

/* --- trips --- */

static enum result answer_trip(struct call *call, enum result done, int64_t id)
{
    if (result_http(done) < 400)
        call_body(call, "trip", trip_json(&call->trade, id));
    return done;
}

enum result run_trip_list_run(struct call *call)
{
    struct fields f;
    json_t *trips = NULL;
    static const char *const states[] = {"open", "all", NULL};
    fields_open(&f, call->params);
    bool open = !field_given(&f, "state") || field_word(&f, "state", states) == 0;
    bool mine = field_given(&f, "mine") && strcmp(field_raw(&f, "mine", 1, 5), "1") == 0;
    enum result done = call_fields(call, &f);
    bool all = who_is_cadre(&call->trade.who) && !mine;
    if (done == R_OK)
        done = trip_list(&call->trade, all ? 0 : call->trade.who.person, open, &trips);
    if (done == R_OK)
        call_body(call, "trips", trips);
    return done;
}

/* The trip named by "id", when it is the asker's business. */
static enum result find_trip(struct call *call, int64_t id, struct trip *trip)
{
    return trip_by_id(&call->trade, id, trip);
}

enum result run_trip_get(struct call *call)
{
    struct fields f;
    struct trip trip;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "trip");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_trip(call, id, &trip);
    return answer_trip(call, done, id);
}

enum result run_trip_waiting_run(struct call *call)
{
    struct fields f;
    json_t *orders = NULL;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = trip_waiting(&call->trade, &orders);
    if (done == R_OK)
        call_body(call, "orders", orders);
    return done;
}

/* A courier plans for himself, the office for any courier. */
enum result run_trip_add_run(struct call *call)
{
    struct fields f;
    int64_t id = 0, me = call->trade.who.person;
    bool office = who_is_cadre(&call->trade.who);
    fields_open(&f, call->params);
    const char *title = field_text(&f, "title", TEXT_LINE, 1, 120);
    int64_t courier = field_int_or(&f, "courier", 1, INT64_MAX, me);
    int64_t planned_at = field_int_or(&f, "planned_at", 1, YEAR_9999, call->trade.now_ms);
    enum result done = call_fields(call, &f);
    if (done == R_OK && courier != me && !office)
        done = R_FORBIDDEN;
    if (done == R_OK && !(person_roles(call->trade.store, courier) & ROLE_COURIER))
        done = trade_bad_field(&call->trade, "courier", "a courier is expected");
    if (done == R_OK)
        done = trip_add(&call->trade, courier, title, planned_at, &id);
    fields_free(&f);
    return answer_trip(call, done == R_OK ? R_CREATED : done, id);
}

enum result run_trip_arrange_run(struct call *call)
{
    struct fields f;
    struct trip trip;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "trip");
    json_t *codes = field_array(&f, "orders", 0, TRIP_STOPS_MAX);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_trip(call, id, &trip);
    if (done == R_OK)
        done = trip_arrange(&call->trade, &trip, codes);
    return answer_trip(call, done, id);
}

enum result run_trip_move(struct call *call)
{
    struct fields f;
    struct trip trip;
    static const char *const words[] = {"planned", "loaded", "moving", "closed", NULL};
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "trip");
    int to = field_word(&f, "to", words);
    const char *note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    int64_t at = call_device_time(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_trip(call, id, &trip);
    if (done == R_OK)
        done = trip_advance(&call->trade, &trip, (enum trip_state)to, note, at);
    fields_free(&f);
    return answer_trip(call, done, id);
}

enum result run_trip_spot_run(struct call *call)
{
    struct fields f;
    struct trip trip;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "trip");
    int64_t lat = field_int(&f, "lat", -90000000, 90000000),
            lon = field_int(&f, "lon", -180000000, 180000000);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_trip(call, id, &trip);
    if (done == R_OK)
        done = trip_spot(&call->trade, &trip, lat, lon);
    return done == R_OK ? R_NO_CONTENT : done;
}

/* --- doors --- */

static enum result find_stop(struct call *call, int64_t id, struct stop *stop, struct trip *trip)
{
    return stop_by_id(&call->trade, id, stop, trip);
}

static void read_proof(struct fields *f, struct stop_mark *mark)
{
    static const char *const kinds[] = {"code", "photo", "signature", NULL};
    struct fields proof;
    mark->body = "";
    if (!field_given(f, "proof"))
        return;
    fields_open(&proof, json_object_get(f->in, "proof"));
    int kind = field_word(&proof, "kind", kinds);
    mark->body = field_raw(&proof, "body", 1, PROOF_BODY_MAX);
    if (!fields_close(&proof)) {
        fields_refuse(f, "proof", proof.why);
        return;
    }
    mark->proof = (enum proof_kind)(PROOF_CODE + kind);
    if (!proof_fits(mark->proof, mark->body))
        fields_refuse(f, "proof", "four digits, a JPEG in base64, or a drawn path");
}

static void read_lines(struct fields *f, struct stop_mark *mark)
{
    size_t i;
    json_t *item, *list = field_given(f, "lines") ? field_array(f, "lines", 1, STOP_LINES_MAX) : NULL;
    json_array_foreach(list, i, item)
    {
        struct fields line;
        fields_open(&line, item);
        mark->lines[i].lot = field_int(&line, "lot", 1, INT64_MAX);
        mark->lines[i].quantity = field_int(&line, "quantity", 0, QUANTITY_LINE_MAX);
        if (!fields_close(&line))
            fields_refuse(f, "lines", line.why);
        mark->count = i + 1;
    }
}

/* What belongs together: goods handed over have a proof, and what went wrong has a reason that fits. */
static void check_mark(struct fields *f, const struct stop_mark *mark)
{
    const struct stop_reason *reason = stop_reason(mark->reason);
    bool handed = mark->to == STOP_DELIVERED || mark->to == STOP_PARTIAL;
    bool wrong = mark->to == STOP_PARTIAL || mark->to == STOP_FAILED;
    if (f->bad)
        return;
    if (handed && mark->proof == PROOF_NONE)
        fields_refuse(f, "proof", "four digits, a photo or a signature is needed");
    else if (wrong ? !reason || !(mark->to == STOP_PARTIAL ? reason->partial : reason->failed)
                   : *mark->reason != '\0')
        fields_refuse(f, "reason", "one of the codes for this is expected");
    else if (mark->to != STOP_PARTIAL && mark->count)
        fields_refuse(f, "lines", "only when a part was taken");
    else if (!handed && mark->collected)
        fields_refuse(f, "collected", "only when goods were handed over");
}

enum result run_stop_mark_run(struct call *call)
{
    static const char *const words[] = {"arrived", "delivered", "partial", "failed", NULL};
    struct fields f;
    struct stop stop;
    struct trip trip;
    struct stop_mark mark = {0};
    bool wrong_code = false;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "stop");
    int word = field_word(&f, "to", words);
    mark.to = (enum stop_state)(STOP_ARRIVED + (word < 0 ? 0 : word));
    mark.reason = field_given(&f, "reason") ? field_raw(&f, "reason", 1, 20) : "";
    mark.note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    mark.collected = field_int_or(&f, "collected", 0, STOP_CASH_MAX, 0);
    mark.device_at = call_device_time(&f);
    read_proof(&f, &mark);
    read_lines(&f, &mark);
    check_mark(&f, &mark);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_stop(call, id, &stop, &trip);
    /* Whoever takes cash at the door has it in the pocket: it must be the one who drives. */
    if (done == R_OK && trip.courier != call->trade.who.person)
        done = R_FORBIDDEN;
    if (done == R_OK)
        done = stop_mark(&call->trade, &trip, &stop, &mark, &wrong_code);
    fields_free(&f);
    if (done == R_OK) {
        call_body(call, "stop", stop_json(&call->trade, id));
        shape_text(call->body, "refused", wrong_code ? "wrong-code" : NULL);
    }
    return done;
}

enum result run_stop_undo_run(struct call *call)
{
    struct fields f;
    struct stop stop;
    struct trip trip;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "stop");
    int64_t at = call_device_time(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_stop(call, id, &stop, &trip);
    if (done == R_OK && trip.courier != call->trade.who.person)
        done = R_FORBIDDEN;
    if (done == R_OK)
        done = stop_undo(&call->trade, &trip, &stop, at);
    if (done == R_OK)
        call_body(call, "stop", stop_json(&call->trade, id));
    return done;
}

enum result run_stop_proofs(struct call *call)
{
    struct fields f;
    struct stop stop;
    struct trip trip;
    json_t *proofs = NULL;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "stop");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = find_stop(call, id, &stop, &trip);
    if (done == R_OK)
        done = proof_list(&call->trade, id, &proofs);
    if (done == R_OK)
        call_body(call, "proofs", proofs);
    return done;
}

enum result run_delivery_get(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    bool buyer = order.buyer == call->trade.who.person;
    call_body(call, "delivery", trip_way_json(&call->trade, order.id, buyer));
    shape_json(call->body, "refused", trip_refused_json(&call->trade, order.id));
    shape_json(call->body, "carrier", carrier_way_json(&call->trade, order.id));
    return R_OK;
}
