/* run_pay.c: what buyers, couriers, farmers and the office ask about an order's money, refunds, cash and
 * settlements. */
#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/desk/call_pay.h"
#include "market/trade/bankbook.h"
#include "market/trade/cash.h"
#include "market/trade/cod.h"
#include "market/trade/credit.h"
#include "market/trade/order.h"
#include "market/trade/paytask.h"
#include "market/trade/paywish.h"
#include "market/trade/payee.h"
#include "market/trade/refund.h"
#include "market/trade/settle.h"
#include "market/trade/stop.h"

enum { AMOUNT_MAX = 499999999, TASKS_MAX = 200 };

/* An amount of 1 đồng up to what one transfer carries. */
static struct money amount_field(struct fields *f, const char *name, int64_t min)
{
    struct money amount = {0};
    if (!money_make(&amount, field_int(f, name, min, AMOUNT_MAX)))
        fields_refuse(f, name, "that is more than can be counted");
    return amount;
}

/* The order of "code" that the asker may see. */
static enum result find_order(struct call *call, struct fields *f, struct pay_order *out, struct stall *stall)
{
    struct order order;
    const char *code = field_raw(f, "code", 1, 24);
    if (f->bad)
        return R_BAD_FIELD;
    enum result found = order_by_code(&call->trade, code, &order);
    if (found == R_OK)
        found = order_mine(&call->trade, &order, stall);
    return found == R_OK ? books_order(&call->trade, order.id, out) : found;
}

enum result run_payment_get(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct pay_order order;
    json_t *qr = NULL, *cash = NULL;
    fields_open(&f, call->params);
    enum result done = find_order(call, &f, &order, &stall);
    if (f.bad || !fields_close(&f))
        return call_fields(call, &f);
    if (done != R_OK)
        return done;
    done = payee_qr(&call->trade, &order, &qr);
    if (done != R_OK && done != R_UNKNOWN && done != R_WRONG_MOMENT)
        return done;
    done = cod_json(&call->trade, &order, &cash);
    json_t *payment = done == R_OK ? books_payment_json(&call->trade, &order) : NULL;
    json_t *credit = payment ? credit_json(&call->trade, &order) : NULL;
    if (!credit) {
        json_decref(payment);
        json_decref(qr);
        json_decref(cash);
        return trade_fault(&call->trade);
    }
    call_body(call, "payment", payment);
    shape_json(call->body, "qr", qr);
    shape_json(call->body, "way", paywish_json(&call->trade, order.id));
    shape_bool(call->body, "way_differed", paywish_differed(&call->trade, order.id));
    shape_json(call->body, "cash", cash);
    shape_json(call->body, "credit", credit);
    return R_OK;
}

static enum result answer_payment(struct call *call, enum result done, const struct pay_order *order)
{
    if (done == R_OK)
        call_body(call, "payment", books_payment_json(&call->trade, order));
    return done;
}

/* The buyer's own; a cadre may, who has the buyer on the telephone, and is named in the entry. */
enum result run_payment_credit(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct pay_order order;
    fields_open(&f, call->params);
    enum result done = find_order(call, &f, &order, &stall);
    int64_t amount = field_int_or(&f, "amount", 1, AMOUNT_MAX, 0);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK && order.buyer != call->trade.who.person && !who_is_cadre(&call->trade.who))
        done = R_FORBIDDEN;
    if (done == R_OK)
        done = credit_use(&call->trade, &order, amount);
    return answer_payment(call, done, &order);
}

/* The farmer at the stall, the office, and the courier who has the order on board. To other couriers it does
 * not exist: what is due is not theirs to know. */
static enum result may_collect(struct call *call, const struct order *order)
{
    struct stall stall;
    enum result mine = order_mine(&call->trade, order, &stall);
    if (mine == R_OK)
        mine = stall_mine(&call->trade, &stall);
    bool courier = (call->trade.who.roles & ROLE_COURIER) != 0;
    return mine != R_OK && courier && stop_on_board(&call->trade, order->id) ? R_OK : mine;
}

enum result run_payment_cash(struct call *call)
{
    struct fields f;
    struct pay_order order;
    struct receipt receipt;
    char fact[ID_HASH_CHARS + 1];
    fields_open(&f, call->params);
    const char *code = field_raw(&f, "code", 1, 24);
    struct money amount = amount_field(&f, "amount", 1);
    enum result done = call_fields(call, &f);
    struct order found;
    if (done == R_OK)
        done = order_by_code(&call->trade, code, &found);
    if (done == R_OK)
        done = may_collect(call, &found);
    if (done == R_OK)
        done = books_order(&call->trade, found.id, &order);
    if (done == R_OK && order.cancelled)
        done = R_WRONG_MOMENT;
    fields_free(&f);
    if (done != R_OK)
        return done;
    id_secret(fact); /* the client's key has been seen to already: this names the fact */
    done = cash_collect(&call->trade, fact, &order, amount, &receipt);
    return answer_payment(call, done, &order);
}

enum result run_payment_tasks(struct call *call)
{
    struct fields f;
    json_t *tasks = NULL;
    enum task_kind kind;
    fields_open(&f, call->params);
    const char *name = field_given(&f, "kind") ? field_raw(&f, "kind", 1, 20) : NULL;
    int64_t after = field_number_or(&f, "after", 0, INT64_MAX, 0);
    int64_t limit = field_number_or(&f, "limit", 1, TASKS_MAX, TASKS_MAX);
    if (name && !f.bad && !task_kind_read(name, &kind))
        fields_refuse(&f, "kind", "a kind of task is expected");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = paytask_list(&call->trade, name, after, limit, &tasks);
    if (done == R_OK)
        call_body(call, "tasks", tasks);
    return done;
}

static const char *const outcomes[] = {"matched", "joined", "banked", "seen", "carrier", NULL};
enum { OUTCOME_MATCHED, OUTCOME_JOINED, OUTCOME_BANKED, OUTCOME_SEEN, OUTCOME_CARRIER };

/* Only what is booked already can be put away by having been seen. */
static enum result see(struct trade *trade, int64_t id, const char *reason)
{
    struct paytask task;
    bool open;
    enum result done = paytask_get(trade, id, &task, &open);
    if (done == R_OK && (!open || task.kind == TASK_UNMATCHED || task.kind == TASK_DUPLICATE))
        return R_WRONG_MOMENT;
    return done == R_OK ? paytask_close(trade, id, "seen", reason) : done;
}

static enum result decide(struct call *call, int64_t id, int outcome, const char *code, int64_t person,
                          const char *reason)
{
    struct order order;
    enum result done = R_OK;
    switch (outcome) {
    case OUTCOME_MATCHED:
        done = order_by_code(&call->trade, code, &order);
        return done == R_OK ? bankbook_assign(&call->trade, id, order.id) : done;
    case OUTCOME_JOINED:
        return bankbook_join(&call->trade, id);
    case OUTCOME_BANKED:
        return bankbook_banked(&call->trade, id, ACCOUNT_CASH, person);
    case OUTCOME_CARRIER:
        return bankbook_banked(&call->trade, id, ACCOUNT_CARRIER, person);
    default:
        return see(&call->trade, id, reason);
    }
}

enum result run_payment_decide(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    int outcome = field_word(&f, "outcome", outcomes);
    const char *code = outcome == OUTCOME_MATCHED ? field_raw(&f, "order", 1, 24) : "";
    int64_t person = outcome == OUTCOME_BANKED    ? field_int(&f, "person", 1, INT64_MAX)
                     : outcome == OUTCOME_CARRIER ? field_int(&f, "carrier", 1, INT64_MAX)
                                                  : 0;
    const char *reason = outcome == OUTCOME_SEEN ? field_text(&f, "reason", TEXT_LINE, 1, 300) : "";
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = decide(call, id, outcome, code, person, reason);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "id", json_integer(id));
    return done;
}

enum result run_refund_grant(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct pay_order order;
    int64_t id;
    fields_open(&f, call->params);
    enum result done = find_order(call, &f, &order, &stall);
    struct money amount = amount_field(&f, "amount", 1);
    const char *reason = field_text(&f, "reason", TEXT_LINE, 1, 300);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = refund_grant(&call->trade, &order, amount, reason, &id);
    fields_free(&f);
    if (done != R_OK)
        return done;
    call_body(call, "refund", refund_json(&call->trade, id));
    return R_CREATED;
}

enum result run_refund_pay(struct call *call)
{
    struct fields f;
    static const char *const ways[] = {"bank", "cash", NULL};
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    int way = field_word(&f, "way", ways);
    const char *reference = field_text_or(&f, "reference", TEXT_LINE, 0, 80, "");
    if (way == 0 && !*reference && !f.bad)
        fields_refuse(&f, "reference", "the bank's number of the transfer is expected");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = refund_pay(&call->trade, id, way == 1, reference);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "refund", refund_json(&call->trade, id));
    return done;
}

enum result run_refund_list(struct call *call)
{
    struct fields f;
    static const char *const states[] = {"granted", "paid", NULL};
    json_t *refunds = NULL;
    fields_open(&f, call->params);
    int state = field_given(&f, "state") ? field_word(&f, "state", states) : -1;
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = refund_list(&call->trade, state < 0 ? NULL : states[state], &refunds);
    if (done == R_OK)
        call_body(call, "refunds", refunds);
    return done;
}

enum result run_settlement_get(struct call *call)
{
    struct fields f;
    json_t *statement = NULL;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    const struct period of = call_period(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK && id != call->trade.who.person && !who_is_cadre(&call->trade.who))
        done = R_FORBIDDEN;
    if (done == R_OK && !store_int(call->trade.store, "SELECT 1 FROM person WHERE id = $1", id, 0))
        done = R_UNKNOWN;
    if (done == R_OK)
        done = settle_statement(&call->trade, id, of.from_ms, of.to_ms, &statement);
    if (done != R_OK)
        return done;
    g_autofree char *csv = settle_csv(statement);
    call_body(call, "settlement", statement);
    shape_text(call->body, "csv", csv);
    return R_OK;
}

enum result run_settlement_pay(struct call *call)
{
    struct fields f;
    enum { WAY_BANK, WAY_CASH, WAY_DIRECT };
    static const char *const ways[] = {"bank", "cash", "direct", NULL};
    struct money direct = {0};
    json_t *statement = NULL;
    int64_t payout;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    int said = field_word(&f, "way", ways);
    struct money amount = said == WAY_DIRECT ? direct : amount_field(&f, "amount", 1);
    const struct payout_way way = {
        .in_cash = said == WAY_CASH,
        .account = said == WAY_BANK ? field_int(&f, "account", 1, INT64_MAX) : 0,
        .to = said == WAY_BANK ? field_int_or(&f, "to", 1, INT64_MAX, 0) : 0,
        .reference = said == WAY_DIRECT ? "" : field_text(&f, "reference", TEXT_LINE, 1, 80)};
    enum result done = call_fields(call, &f);
    if (done == R_OK && !store_int(call->trade.store, "SELECT 1 FROM person WHERE id = $1", id, 0))
        done = R_UNKNOWN;
    if (done == R_OK)
        done = said == WAY_DIRECT ? settle_direct(&call->trade, id, &direct)
                                  : settle_pay(&call->trade, id, amount, &way, &payout);
    fields_free(&f);
    if (done == R_OK)
        done = settle_statement(&call->trade, id, 0, INT64_MAX, &statement);
    if (done == R_OK)
        call_body(call, "settlement", statement);
    return done;
}

enum result run_cash_give(struct call *call)
{
    struct fields f;
    int64_t id;
    fields_open(&f, call->params);
    int64_t taker = field_int(&f, "to", 1, INT64_MAX);
    struct money amount = amount_field(&f, "amount", 1);
    enum result done = call_fields(call, &f);
    if (done == R_OK && !(person_roles(call->trade.store, taker) & PAY_HANDS))
        done = R_UNKNOWN;
    if (done == R_OK)
        done = cash_give(&call->trade, taker, amount, &id);
    if (done != R_OK)
        return done;
    call_body(call, "handover", handover_json(&call->trade, id));
    return R_CREATED;
}

enum result run_cash_take(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "id");
    struct money counted = amount_field(&f, "counted", 0);
    const char *reason = field_text_or(&f, "reason", TEXT_LINE, 0, 300, "");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = cash_take(&call->trade, id, counted, reason);
    fields_free(&f);
    if (done == R_OK)
        call_body(call, "handover", handover_json(&call->trade, id));
    return done;
}

enum result run_cash_list(struct call *call)
{
    json_t *list = NULL;
    enum result done = handover_list(&call->trade, call->trade.who.person, &list);
    if (done != R_OK)
        return done;
    call_body(call, "handovers", list);
    shape_int(call->body, "balance",
              money_dong(ledger_balance(&call->trade, ACCOUNT_CASH, call->trade.who.person)));
    return R_OK;
}

/* Everybody sees their own; the office sees all. */
enum result run_cash_report(struct call *call)
{
    struct fields f;
    json_t *days = NULL;
    fields_open(&f, call->params);
    const struct period of = call_period(&f);
    int64_t person = field_number_or(&f, "person", 1, INT64_MAX, 0);
    enum result done = call_fields(call, &f);
    if (!who_is_cadre(&call->trade.who))
        person = call->trade.who.person;
    if (done == R_OK)
        done = cash_report(&call->trade, person, of.from_ms, of.to_ms, &days);
    if (done == R_OK)
        call_body(call, "days", days);
    return done;
}
