/* run_goods.c: what a farmer says of a lot beside its price and amount: flash prices, the picking, what
 * spoiled, where it comes from. */
#include "market/base/quantity.h"
#include "market/base/shape.h"
#include "market/desk/call_goods.h"
#include "market/trade/certificate.h"
#include "market/trade/flash.h"
#include "market/trade/harvest.h"
#include "market/trade/lot.h"
#include "market/trade/origin.h"
#include "market/trade/waitlist.h"
#include "market/trade/writeoff.h"

#define TIME_MAX (INT64_C(1) << 53)

/* The lot's stall, which the asker must run. */
static enum result own_lot(struct call *call, struct fields *f, int64_t id, struct stall *stall)
{
    enum result done = call_fields(call, f);
    if (done == R_OK)
        done = lot_stall(&call->trade, id, stall);
    return done == R_OK ? stall_mine(&call->trade, stall) : done;
}

static enum result lot_answer(struct call *call, enum result done, int64_t id)
{
    if (done == R_OK)
        call_body(call, "lot", lot_json(&call->trade, id));
    return done;
}

enum result run_lot_flash(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    const struct flash_request request = {.price = field_int(&f, "price", 1, PRICE_MAX),
                                          .amount = field_int(&f, "amount", 1, QUANTITY_MAX),
                                          .minutes = field_int(&f, "minutes", 1, FLASH_MINUTES_MAX),
                                          .buyer_limit = field_int_or(&f, "limit", 1, QUANTITY_LINE_MAX, 0)};
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK)
        done = flash_start(&call->trade, &stall, id, &request);
    return lot_answer(call, done, id);
}

enum result run_lot_flash_end(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK)
        done = flash_end(&call->trade, &stall, id);
    return lot_answer(call, done, id);
}

enum result run_lot_picked(struct call *call)
{
    struct fields f;
    struct stall stall;
    int64_t missing = 0;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    int64_t amount = field_int(&f, "amount", 0, QUANTITY_MAX);
    int64_t at = call_device_time(&f);
    enum result done = own_lot(call, &f, id, &stall);
    if (!at || at > call->trade.now_ms)
        at = call->trade.now_ms;
    if (done == R_OK)
        done = harvest_picked(&call->trade, &stall, id, amount, at, &missing);
    if (done == R_OK)
        done = waitlist_serve(&call->trade, &stall, id);
    done = lot_answer(call, done, id);
    if (done == R_OK)
        shape_int(call->body, "missing", missing);
    return done;
}

enum result run_lot_spoil(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct order order;
    int64_t writeoff;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    struct writeoff w = {.lot = id, .amount = field_int(&f, "amount", 1, QUANTITY_MAX)};
    const struct why *why = why_find(field_raw(&f, "reason", 1, 20));
    if (!f.bad && (!why || !(why->side & WHY_GOODS)))
        fields_refuse(&f, "reason", "one of the codes for this is expected");
    if (why) {
        w.why = why->code;
        w.bears = why->bears;
    }
    const char *code = field_given(&f, "order") ? field_raw(&f, "order", 1, 24) : NULL;
    w.device_at = call_device_time(&f);
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK && code)
        done = order_by_code(&call->trade, code, &order);
    if (done == R_OK && code && order.stall != stall.id)
        done = R_UNKNOWN;
    if (done == R_OK)
        done = writeoff_add(&call->trade, &stall, code ? &order : NULL, &w, &writeoff);
    return lot_answer(call, done, id);
}

enum result run_lot_spoiled(struct call *call)
{
    struct fields f;
    struct stall stall;
    json_t *list = NULL;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        done = writeoff_list(&call->trade, stall.id, &list);
    if (done == R_OK)
        call_body(call, "writeoffs", list);
    return done;
}

enum result run_lot_origin(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    struct origin_change change = {.plot = field_text_or(&f, "plot", TEXT_LINE, 0, 80, NULL),
                                   .picked_at = field_int_or(&f, "picked_at", 1, TIME_MAX, 0),
                                   .moment_at = field_int_or(&f, "moment", 0, TIME_MAX, -1)};
    if (change.moment_at <= 0) /* 0: the stream shows it now */
        change.moment_at = change.moment_at ? 0 : call->trade.now_ms;
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK)
        done = origin_set(&call->trade, &stall, id, &change);
    if (done == R_OK)
        done = origin_get(&call->trade, id, &call->body);
    fields_free(&f);
    return done;
}

enum result run_lot_from(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    enum result done = call_fields(call, &f);
    return done == R_OK ? origin_get(&call->trade, id, &call->body) : done;
}

/* Of ?lot=, or of the lines of ?order=. */
enum result run_lot_labels(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct order order = {0};
    enum result done = R_OK;
    fields_open(&f, call->params);
    int64_t lot = field_number_or(&f, "lot", 1, INT64_MAX, 0);
    const char *code = lot ? NULL : field_raw(&f, "order", 1, 24);
    if (f.bad)
        return call_fields(call, &f);
    if (code)
        done = order_by_code(&call->trade, code, &order);
    if (done == R_OK)
        done = code ? stall_by_id(&call->trade, order.stall, &stall) : lot_stall(&call->trade, lot, &stall);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    return done == R_OK ? origin_labels(&call->trade, lot, order.id, &call->body) : done;
}

/* --- its picture: the door has written the file, see edge/picture.c --- */

enum result run_lot_shown(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    enum result done = own_lot(call, &f, id, &stall);
    if (done != R_OK)
        return done;
    call->body = json_object();
    shape_text(call->body, "slug", stall.slug);
    shape_json(call->body, "picture", lot_picture_json(&call->trade, id));
    return R_OK;
}

enum result run_lot_picture(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    const char *picture = field_given(&f, "picture") ? field_raw(&f, "picture", 1, 200) : NULL;
    enum result done = own_lot(call, &f, id, &stall);
    json_t *was = done == R_OK ? lot_picture_json(&call->trade, id) : NULL;
    if (done == R_OK)
        done = lot_picture_set(&call->trade, &stall, id, picture);
    if (done == R_OK) {
        call_body(call, "lot", lot_json(&call->trade, id));
        shape_json(call->body, "was", json_incref(was));
    }
    json_decref(was);
    return done;
}

/* --- papers --- */

enum result run_certificate_add(struct call *call)
{
    static const char *const kinds[] = {"vietgap", "ocop", "organic", "other", NULL};
    struct fields f;
    struct stall stall;
    int64_t paper;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    int kind = field_word(&f, "kind", kinds);
    const char *file = field_raw(&f, "file", 8, CERTIFICATE_BYTES_MAX * 3 / 2);
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK)
        done = certificate_add(&call->trade, &stall, id, kinds[kind], file, &paper);
    if (done != R_OK)
        return done;
    call_body(call, "id", json_integer(paper));
    return R_CREATED;
}

enum result run_certificate_remove(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    int64_t paper = field_int(&f, "certificate", 1, INT64_MAX);
    enum result done = own_lot(call, &f, id, &stall);
    if (done == R_OK)
        done = certificate_remove(&call->trade, &stall, id, paper);
    if (done == R_OK)
        done = origin_get(&call->trade, id, &call->body);
    return done;
}

enum result run_certificate_file(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "certificate");
    enum result done = call_fields(call, &f);
    return done == R_OK ? certificate_file(&call->trade, id, &call->body) : done;
}
