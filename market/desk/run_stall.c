/* run_stall.c: stalls, lots, tokens. */
#include "market/desk/call.h"

#include <string.h>
#include "market/base/shape.h"
#include "market/trade/lot.h"
#include "market/trade/session.h"
#include "market/trade/waitlist.h"

static const char *const open_closed[] = {"open", "closed", NULL};

/* An optional word of open and closed; NULL when not given. */
static const char *state_field(struct fields *f)
{
    if (!field_given(f, "state"))
        return NULL;
    int i = field_word(f, "state", open_closed);
    return i < 0 ? NULL : open_closed[i];
}

enum result run_stall_list_run(struct call *call)
{
    return stall_list(&call->trade, &call->body);
}

enum result run_stall_get(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result found = call_stall(call, &f, &stall);
    if (f.bad)
        return call_fields(call, &f);
    return found == R_OK ? stall_snapshot(&call->trade, &stall, &call->body) : found;
}

enum result run_stall_add_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    struct stall_request request = {
        .slug = field_raw(&f, "slug", 1, 32),
        .name = field_text(&f, "name", TEXT_LINE, 1, 80),
        .village = field_text(&f, "village", TEXT_LINE, 1, 80),
        .about = field_text_or(&f, "about", TEXT_BLOCK, 0, 1000, ""),
        .farmer = field_int(&f, "farmer", 1, INT64_MAX),
    };
    if (!f.bad && !text_slug(request.slug))
        fields_refuse(&f, "slug", "small letters, digits and dashes are expected");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_add(&call->trade, &request, &stall);
    fields_free(&f);
    if (done != R_OK)
        return done;
    call_body(call, "stall", stall_json(&call->trade, stall.id));
    return R_CREATED;
}

enum result run_stall_change_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    const char *state = state_field(&f);
    const char *name = field_text_or(&f, "name", TEXT_LINE, 1, 80, NULL);
    const char *village = field_text_or(&f, "village", TEXT_LINE, 1, 80, NULL);
    const char *about = field_text_or(&f, "about", TEXT_BLOCK, 0, 1000, NULL);
    int64_t hold = field_int_or(&f, "hold_minutes", 0, 1440, -1);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = stall_change(&call->trade, &stall, state, name, village, about, hold);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "stall", stall_json(&call->trade, stall.id));
    return done;
}

/* A picture is a path on this site: nobody can make pages load things from elsewhere. Browsers take a
 * backslash for a slash. */
static const char *picture_field(struct fields *f)
{
    const char *picture = field_text_or(f, "picture", TEXT_LINE, 1, 200, NULL);
    if (picture && !f->bad &&
        (picture[0] != '/' || picture[1] == '/' || strchr(picture, '\\') || strstr(picture, "..")))
        fields_refuse(f, "picture", "a path on this site is expected");
    return picture;
}

enum result run_lot_add_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct lot_request request = {0};
    int64_t id;
    static const char *const units[] = {"kg", "bunch", "piece", NULL};
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    request.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    int unit = field_word(&f, "unit", units);
    request.unit = unit < 0 ? UNIT_KG : (enum unit)unit;
    request.price = field_int(&f, "price", 1, PRICE_MAX);
    request.amount = field_int(&f, "amount", 0, QUANTITY_MAX);
    request.tolerance = field_int_or(&f, "tolerance", 0, 100, request.unit == UNIT_KG ? 10 : 0);
    request.buyer_limit = field_int_or(&f, "limit", 1, QUANTITY_LINE_MAX, 0);
    request.pick_at = field_int_or(&f, "pick_at", 1, INT64_C(1) << 53, 0);
    request.order_until = field_int_or(&f, "order_until", 1, INT64_C(1) << 53, request.pick_at);
    request.picture = picture_field(&f);
    request.note = field_text_or(&f, "note", TEXT_LINE, 0, 300, "");
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = lot_add(&call->trade, &stall, &request, &id);
    fields_free(&f);
    if (done != R_OK)
        return done;
    call_body(call, "lot", lot_json(&call->trade, id));
    return R_CREATED;
}

enum result run_lot_change_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "lot");
    struct lot_changes changes = {
        .price = field_int_or(&f, "price", 1, PRICE_MAX, 0),
        .add = field_int_or(&f, "add", -QUANTITY_MAX, QUANTITY_MAX, 0),
        .buyer_limit = field_int_or(&f, "limit", 0, QUANTITY_LINE_MAX, -1),
        .state = state_field(&f),
        .name = field_text_or(&f, "name", TEXT_LINE, 1, 80, NULL),
    };
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = lot_stall(&call->trade, id, &stall);
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    if (done == R_OK)
        done = lot_change(&call->trade, &stall, id, &changes);
    if (done == R_OK && (changes.add > 0 || changes.state))
        done = waitlist_serve(&call->trade, &stall, id);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "lot", lot_json(&call->trade, id));
    return done;
}

/* --- bearer tokens: the secret is shown, never stored --- */

static void token_body(struct call *call, int64_t id, const char *secret)
{
    json_decref(call->kept);
    call_body(call, "id", json_integer(id));
    shape_text(call->body, "token", secret);
    call->kept = json_object();
    shape_int(call->kept, "id", id);
}

enum result run_token_add_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    int64_t id;
    char secret[ID_SECRET_CHARS + 1];
    static const char *const kinds[] = {"publish", "watch",
                                        NULL}; /* api tokens are not for everybody to make */
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    int kind = field_word(&f, "kind", kinds);
    const char *name = field_text_or(&f, "name", TEXT_LINE, 0, 80, "");
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = token_add(&call->trade, stall.farmer, stall.id, kind == 0 ? TOKEN_PUBLISH : TOKEN_WATCH, name,
                         &id, secret);
    fields_free(&f);
    if (done != R_OK)
        return done;
    token_body(call, id, secret);
    return R_CREATED;
}

/* The first answer was lost with its secret, so nobody has it: the same token gets another. */
enum result again_token(struct call *call, json_t *stored)
{
    char secret[ID_SECRET_CHARS + 1];
    int64_t id = json_integer_value(json_object_get(stored, "id"));
    enum result done = token_renew(&call->trade, id, secret);
    if (done != R_OK)
        return done;
    call->forget = true;
    token_body(call, id, secret);
    return R_CREATED;
}

enum result run_token_list_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result found = call_own_stall(call, &f, &stall);
    if (f.bad)
        return call_fields(call, &f);
    return found == R_OK ? token_list(&call->trade, stall.id, &call->body) : found;
}

enum result run_token_revoke_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    int64_t id = call_id(&f, "token");
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = token_revoke(&call->trade, stall.id, id);
    if (done != R_OK)
        return done;
    call->forget = call->ended_token = true;
    return R_NO_CONTENT;
}
