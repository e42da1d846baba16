/* run_carrier.c: delivery companies: who they are, what was handed to them, their lists, what is still to
 * come. */
#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/desk/call_carrier.h"
#include "market/trade/carrier.h"
#include "market/trade/order.h"

enum { LIST_TEXT_MAX = 1024 * 1024, DIFFERENCE_MAX = 499999999 };

static enum result answer_list(struct call *call, enum result good)
{
    json_t *carriers = NULL;
    enum result done = carrier_list(&call->trade, &carriers);
    if (done != R_OK)
        return done;
    call_body(call, "carriers", carriers);
    return good;
}

enum result run_carrier_list(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    return done == R_OK ? answer_list(call, R_OK) : done;
}

/* Digits and what stands between them; NULL when it is not given. */
static const char *phone_field(struct fields *f)
{
    if (!field_given(f, "phone"))
        return NULL;
    const char *phone = field_raw(f, "phone", 0, CARRIER_PHONE);
    if (!f->bad && phone[strspn(phone, "0123456789 +.-")])
        fields_refuse(f, "phone", "a telephone number is expected");
    return phone;
}

/* An address that pages may link to; NULL when it is not given. */
static const char *link_field(struct fields *f)
{
    if (!field_given(f, "link"))
        return NULL;
    const char *link = field_raw(f, "link", 0, CARRIER_LINK);
    bool bad = *link && !g_str_has_prefix(link, "https://");
    for (const char *c = link; *c; c++)
        bad = bad || *c <= ' ' || *c >= 0x7f || strchr("\"'<>\\", *c);
    if (!f->bad && bad)
        fields_refuse(f, "link", "an address that begins with https:// is expected");
    return link;
}

enum result run_carrier_set(struct call *call)
{
    static const char *const states[] = {"open", "closed", NULL};
    struct fields f;
    int64_t made;
    fields_open(&f, call->params);
    const struct carrier_request request = {
        .id = field_number_or(&f, "id", 1, INT64_MAX, 0),
        .name = field_text(&f, "name", TEXT_LINE, 1, CARRIER_TEXT),
        .phone = phone_field(&f),
        .link = link_field(&f),
        .open = !field_given(&f, "state") || field_word(&f, "state", states) == 0,
    };
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = carrier_set(&call->trade, &request, &made);
    fields_free(&f);
    return done == R_OK ? answer_list(call, R_OK) : done;
}

static const char *tracking_field(struct fields *f, char out[REMIT_TRACKING_MAX + 1])
{
    const char *typed = field_raw(f, "tracking", REMIT_TRACKING_MIN, 2 * REMIT_TRACKING_MAX);
    if (!f->bad && !remit_tracking(typed, out))
        fields_refuse(f, "tracking", "the carrier's number of the parcel is expected");
    return out;
}

enum result run_carrier_hand(struct call *call)
{
    struct fields f;
    struct order order;
    struct pay_order paid;
    char tracking[REMIT_TRACKING_MAX + 1] = "";
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "carrier");
    const char *code = field_raw(&f, "order", 1, 24);
    tracking_field(&f, tracking);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = order_by_code(&call->trade, code, &order);
    if (done == R_OK)
        done = books_order(&call->trade, order.id, &paid);
    if (done == R_OK)
        done = carrier_hand(&call->trade, id, &paid, tracking);
    return done == R_OK ? answer_list(call, R_CREATED) : done;
}

enum result run_carrier_returned(struct call *call)
{
    struct fields f;
    char tracking[REMIT_TRACKING_MAX + 1] = "";
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "carrier");
    tracking_field(&f, tracking);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = carrier_returned(&call->trade, id, tracking);
    return done == R_OK ? answer_list(call, R_OK) : done;
}

/* ---- lists */

static enum result refuse_list(struct call *call, const char *word, size_t row)
{
    shape_text(trade_extra(&call->trade), "reason", word);
    if (row)
        shape_int(trade_extra(&call->trade), "row", (int64_t)row);
    return trade_bad_field(&call->trade, "file", "a carrier's list that can be read is expected");
}

static json_t *lines_json(const GArray *lines)
{
    json_t *rows = json_array();
    for (guint i = 0; i < lines->len; i++) {
        const struct remit_line *line = &((const struct remit_line *)(const void *)lines->data)[i];
        json_array_append_new(rows,
                              json_pack("[s, I, I, I]", line->tracking, (json_int_t)money_dong(line->cod),
                                        (json_int_t)money_dong(line->fee), (json_int_t)line->day_ms));
    }
    return rows;
}

/* {id: carrier, file: base64 of the bytes as the carrier gave them}. The lines it has stand for it from here
 * on. */
enum result before_remit(struct desk *desk, struct call *call)
{
    (void)desk;
    struct fields f;
    gsize size = 0;
    size_t bad_row = 0;
    struct sheet *sheet = NULL;
    GArray *lines = NULL;
    fields_open(&f, call->params);
    call_id(&f, "id");
    field_key(&f);
    const char *file = field_raw(&f, "file", 1, LIST_TEXT_MAX);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    g_autofree guchar *bytes = g_base64_decode(file, &size);
    enum sheet_reason readable = sheet_read((const char *)bytes, size, &sheet);
    if (readable != SHEET_OK)
        return refuse_list(call, sheet_word(readable), 0);
    enum remit_reason reason = remit_read(sheet, &lines, &bad_row);
    sheet_free(sheet);
    if (reason != REMIT_OK)
        return refuse_list(call, remit_word(reason), bad_row);
    json_object_del(call->params, "file");
    shape_json(call->params, "lines", lines_json(lines));
    g_array_unref(lines);
    return R_OK;
}

enum result run_carrier_remit(struct call *call)
{
    struct fields f;
    json_t *counts = NULL, *row;
    size_t i;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "carrier");
    json_t *rows = field_array(&f, "lines", 1, REMIT_ROWS);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    size_t count = json_array_size(rows);
    g_autofree struct remit_line *lines = g_new0(struct remit_line, count);
    json_array_foreach(rows, i, row)
    {
        if (!remit_tracking(json_string_value(json_array_get(row, 0)), lines[i].tracking) ||
            !money_make(&lines[i].cod, json_integer_value(json_array_get(row, 1))) ||
            !money_make(&lines[i].fee, json_integer_value(json_array_get(row, 2))))
            return R_FAULT;
        lines[i].day_ms = json_integer_value(json_array_get(row, 3));
    }
    done = carrier_remit(&call->trade, id, lines, count, &counts);
    if (done == R_OK)
        call_body(call, "counts", counts);
    return done;
}

enum result run_carrier_report(struct call *call)
{
    struct fields f;
    json_t *report = NULL;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "carrier");
    const struct period of = call_period(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = carrier_report(&call->trade, id, of.from_ms, of.to_ms, &report);
    if (done == R_OK)
        call_body(call, "report", report);
    return done;
}

enum result run_carrier_difference(struct call *call)
{
    struct fields f;
    struct money amount = {0};
    char fact[ID_SECRET_CHARS + 1];
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "carrier");
    int64_t dong = field_int(&f, "amount", -DIFFERENCE_MAX, DIFFERENCE_MAX);
    const char *reason = field_text(&f, "reason", TEXT_LINE, 1, 300);
    if (!f.bad && (!dong || !money_make(&amount, dong)))
        fields_refuse(&f, "amount", "an amount above or below nothing is expected");
    enum result done = call_fields(call, &f);
    id_secret(fact); /* the client's key has been seen to already: this names the fact */
    if (done == R_OK)
        done = carrier_difference(&call->trade, id, fact, amount, reason);
    fields_free(&f);
    return done == R_OK ? answer_list(call, R_OK) : done;
}
