/* run_push.c: who wants to be told of an order by web push, what is due to whom, and how a buyer means to
 * pay. Sending is the edge's. */
#include "market/desk/call_push.h"

#include "market/base/shape.h"
#include "market/trade/cod.h"
#include "market/trade/paywish.h"
#include "market/trade/push.h"

/* What a browser needs to subscribe: our public key, null where this market sends nothing. */
enum result run_push_key(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    call->body = json_object();
    shape_text(call->body, "key", call->trade.push ? call->trade.push->public_key : NULL);
    return R_OK;
}

/* The order is the asker's own as a buyer: farmers and cadres have their own pages for news. */
static enum result own_order(struct call *call, struct fields *f, struct order *order, struct stall *stall)
{
    enum result done = call_order(call, f, order, stall);
    if (done != R_OK)
        return done;
    bool own = call->trade.who.person == order->buyer;
    return own ? R_OK : R_FORBIDDEN;
}

static void read_wish(struct call *call, struct fields *f, struct push_wish *wish)
{
    static const char *const langs[] = {"vi", "en", "fr", NULL};
    const struct push_setup *setup = call->trade.push;
    *wish = (struct push_wish){.endpoint = field_raw(f, "endpoint", 12, PUSH_ENDPOINT_MAX),
                               .p256dh = field_raw(f, "p256dh", PUSH_P256DH_CHARS, PUSH_P256DH_CHARS),
                               .auth = field_raw(f, "auth", PUSH_AUTH_CHARS, PUSH_AUTH_CHARS)};
    int lang = field_word(f, "lang", langs);
    wish->lang = langs[lang < 0 ? 0 : lang];
    if (!f->bad && !push_endpoint_ok(wish->endpoint, setup ? setup->allowed : NULL))
        fields_refuse(f, "endpoint", "the https address of a push service is expected");
    if (!f->bad && !push_keys_ok(wish->p256dh, wish->auth))
        fields_refuse(f, "p256dh", "the browser's keys are expected, base64url");
}

static enum result answer_on(struct call *call, enum result done)
{
    if (done == R_TOO_MANY)
        call->retry_after_s = 3600;
    if (done != R_OK)
        return done;
    call->body = json_object();
    shape_bool(call->body, "on", true);
    return R_CREATED;
}

enum result run_push_add_run(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    struct push_wish wish;
    fields_open(&f, call->params);
    enum result done = own_order(call, &f, &order, &stall);
    read_wish(call, &f, &wish);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = call->trade.push ? push_add(&call->trade, &order, &wish) : R_WRONG_MOMENT;
    return answer_on(call, done);
}

enum result run_push_wait_run(struct call *call)
{
    struct fields f;
    struct push_wish wish;
    fields_open(&f, call->params);
    int64_t wait = call_id(&f, "wait");
    read_wish(call, &f, &wish);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = call->trade.push ? push_wait(&call->trade, wait, &wish) : R_WRONG_MOMENT;
    return answer_on(call, done);
}

enum result run_push_wait_stop_run(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t wait = call_id(&f, "wait");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = push_wait_stop(&call->trade, wait);
    return done == R_OK ? R_NO_CONTENT : done;
}

enum result run_push_stop_run(struct call *call)
{
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = own_order(call, &f, &order, &stall);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = push_stop(&call->trade, &order);
    return done == R_OK ? R_NO_CONTENT : done;
}

enum result run_push_due_run(struct call *call)
{
    return push_due(&call->trade, &call->body);
}

enum result run_push_done_run(struct call *call)
{
    static const char *const outcomes[] = {"told", "gone", "later", NULL};
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    const char *word = field_raw(&f, "word", 1, 20);
    int outcome = field_word(&f, "outcome", outcomes);
    int64_t wait_s = field_int_or(&f, "wait_s", 0, 86400, 0);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = push_done(&call->trade, id, word, (enum push_outcome)outcome, wait_s);
    return done == R_OK ? R_NO_CONTENT : done;
}

static enum result cash_may(struct call *call, int64_t id)
{
    struct pay_order order;
    enum result done = books_order(&call->trade, id, &order);
    return done == R_OK ? cod_may(&call->trade, &order) : done;
}

enum result run_order_pay_way(struct call *call)
{
    static const char *const ways[] = {"bank", "cash", NULL};
    struct fields f;
    struct order order;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_order(call, &f, &order, &stall);
    bool own = call->trade.who.person == order.buyer;
    bool office = (call->trade.who.roles & (ROLE_CADRE | ROLE_ADMIN)) != 0;
    if (done == R_OK && !own && !office) /* the office's word lets it go for cash: cod.h */
        done = R_FORBIDDEN;
    int way = field_word(&f, "way", ways);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK && way == 1 && !office)
        done = cash_may(call, order.id);
    if (done == R_OK)
        done = paywish_set(&call->trade, &stall, &order, ways[way]);
    return call_order_answer(call, done, &order);
}
