/* payee.c: see payee.h. Amount and memo come from the database only: nobody can hand in another. */
#include "market/trade/payee.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/bank.h"
#include "market/trade/qrimage.h"
#include "market/trade/vietqr.h"

static struct bank_table *table;

static void make_table(void)
{
    table = bank_table_new(NULL, NULL, 0);
}

static const struct bank_table *banks(void)
{
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, make_table);
    return table;
}

static enum result check_number(struct trade *trade, const struct bank_account_request *r)
{
    struct vietqr qr = {.bin = ""};
    g_autofree char *payload = NULL;
    if (!bank_bin_ok(r->bin))
        return trade_bad_field(trade, "bin", "six digits are expected");
    if (g_strlcpy(qr.account, r->number, sizeof qr.account) >= sizeof qr.account)
        return trade_bad_field(trade, "number", "6 to 19 letters and digits are expected");
    g_strlcpy(qr.bin, r->bin, sizeof qr.bin);
    return vietqr_make(&qr, &payload) == VIETQR_OK
               ? R_OK
               : trade_bad_field(trade, "number", "6 to 19 letters and digits are expected");
}

enum result bank_account_add(struct trade *trade, const struct bank_account_request *r, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM bank_account";
    enum result fine = check_number(trade, r);
    if (fine != R_OK)
        return fine;
    {
        QUERY query = store_query(
            trade->store,
            "SELECT id, holder, COALESCE(owner, 0) FROM bank_account WHERE bin = $1 AND number = $2",
            ARG_TEXT(r->bin), ARG_TEXT(r->number));
        if (query_row(query)) {
            *id = query_int(query, 0);
            return strcmp(query_text(query, 1), r->holder) == 0 && query_int(query, 2) == r->owner
                       ? R_OK
                       : R_ALREADY;
        }
    }
    if (r->owner && !store_int(trade->store, "SELECT 1 FROM person WHERE id = $1", r->owner, 0))
        return trade_bad_field(trade, "owner", "nobody has this number");
    *id = store_next_id(trade->store, max_id);
    enum step step = store_run(trade->store,
                               "INSERT INTO bank_account (id, bin, number, holder, owner, made_by,"
                               " made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                               ARG_INT(*id), ARG_TEXT(r->bin), ARG_TEXT(r->number), ARG_TEXT(r->holder),
                               ARG_ID(r->owner), ARG_ID(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* Columns from `first` on: id, bin, number, holder, owner. */
static json_t *account_json(struct query *query, int first)
{
    const struct bank *bank = bank_find(banks(), query_text(query, first + 1));
    json_t *account = json_object();
    shape_int(account, "id", query_int(query, first));
    shape_text(account, "bin", query_text(query, first + 1));
    shape_text(account, "bank", bank ? bank->short_name : NULL);
    shape_bool(account, "receives", bank && bank->receives);
    shape_text(account, "number", query_text(query, first + 2));
    shape_text(account, "holder", query_text(query, first + 3));
    shape_id(account, "owner", query_int(query, first + 4));
    return account;
}

enum result bank_account_list(struct trade *trade, json_t **out)
{
    QUERY query = store_query_args(trade->store,
                                   "SELECT b.id, b.bin, b.number, b.holder, b.owner,"
                                   " COALESCE((SELECT a.balance FROM account a WHERE a.kind = 'bank' AND"
                                   " a.subject = b.id), 0) FROM bank_account b ORDER BY b.id",
                                   NULL, 0);
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        json_t *account = account_json(query, 0);
        shape_int(account, "balance", query_int(query, 5));
        json_array_append_new(list, account);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_incref(list);
    return R_OK;
}

/* When an account that is chosen now begins to count: the one that counts already, or a stall's first, at
 * once; one that waits its day goes on waiting, however often it is named. */
static int64_t start_of(struct trade *trade, int64_t stall, int64_t account)
{
    int64_t chosen = 0, chosen_start = 0, counts = 0;
    QUERY query =
        store_query(trade->store, "SELECT account, starts_at FROM payee WHERE stall = $1 ORDER BY id DESC",
                    ARG_INT(stall));
    while (!counts && query_row(query)) {
        if (!chosen) {
            chosen = query_int(query, 0);
            chosen_start = query_int(query, 1);
        }
        if (query_int(query, 1) <= trade->now_ms)
            counts = query_int(query, 0);
    }
    if (!chosen || counts == account)
        return trade->now_ms;
    return chosen == account ? chosen_start : trade->now_ms + PAYEE_DELAY_MS;
}

enum result payee_set(struct trade *trade, int64_t stall, int64_t account, int64_t fee_points,
                      int64_t *starts_at)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM payee";
    int64_t owner =
        store_int(trade->store, "SELECT COALESCE(owner, 0) FROM bank_account WHERE id = $1", account, -1);
    int64_t farmer = store_int(trade->store, "SELECT farmer FROM stall WHERE id = $1", stall, 0);
    if (owner < 0 || !farmer)
        return R_UNKNOWN;
    if (owner && owner != farmer)
        return R_FORBIDDEN;
    *starts_at = start_of(trade, stall, account);
    enum step step = store_run(trade->store,
                               "INSERT INTO payee (id, stall, account, fee_points, starts_at, made_by,"
                               " made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                               ARG_INT(store_next_id(trade->store, max_id)), ARG_INT(stall), ARG_INT(account),
                               ARG_INT(fee_points), ARG_INT(*starts_at), ARG_ID(trade->who.person),
                               ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

json_t *payee_json(struct trade *trade, int64_t stall)
{
    json_t *now = NULL, *next = NULL;
    QUERY query = store_query(trade->store,
                              "SELECT b.id, b.bin, b.number, b.holder, b.owner, p.starts_at, p.fee_points"
                              " FROM payee p JOIN bank_account b ON b.id = p.account"
                              " WHERE p.stall = $1 ORDER BY p.id DESC LIMIT 20",
                              ARG_INT(stall));
    while (!now && query_row(query)) {
        json_t *account = account_json(query, 0);
        shape_int(account, "starts_at", query_int(query, 5));
        shape_int(account, "fee_points", query_int(query, 6));
        if (query_int(query, 5) <= trade->now_ms)
            now = account;
        else if (!next)
            next = account;
        else
            json_decref(account);
    }
    json_t *payee = json_object();
    shape_json(payee, "now", now);
    shape_json(payee, "next", next);
    return payee;
}

static enum result fill_qr(struct trade *trade, const struct pay_order *order, struct vietqr *qr, json_t *out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT b.id, b.bin, b.number, b.holder, b.owner FROM payee p JOIN bank_account b ON b.id = p.account"
        " WHERE p.stall = $1 AND p.starts_at <= $2 ORDER BY p.id DESC LIMIT 1",
        ARG_INT(order->stall), ARG_INT(trade->now_ms));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    g_strlcpy(qr->bin, query_text(query, 1), sizeof qr->bin);
    g_strlcpy(qr->account, query_text(query, 2), sizeof qr->account);
    g_strlcpy(qr->memo, order->code, sizeof qr->memo);
    JSON account = account_json(query, 0);
    json_object_del(account, "id");
    json_object_del(account, "owner");
    json_object_update(out, account);
    return R_OK;
}

enum result payee_qr(struct trade *trade, const struct pay_order *order, json_t **out)
{
    struct pay_view view;
    struct vietqr qr = {.has_amount = true};
    g_autofree char *payload = NULL, *svg = NULL;
    JSON body = json_object();
    enum result done = books_view(trade, order, &view);
    if (done != R_OK)
        return done;
    qr.amount = pay_due(&view);
    if (money_dong(qr.amount) == 0)
        return R_WRONG_MOMENT;
    done = fill_qr(trade, order, &qr, body);
    if (done != R_OK)
        return done;
    enum vietqr_reason reason = vietqr_make(&qr, &payload);
    if (reason == VIETQR_AMOUNT)
        return R_WRONG_MOMENT; /* too much for one transfer */
    svg = reason == VIETQR_OK ? qrimage_svg(payload, "VietQR") : NULL;
    if (!svg)
        return R_FAULT;
    shape_text(body, "payload", payload);
    shape_text(body, "svg", svg);
    shape_text(body, "memo", order->code);
    shape_int(body, "amount", money_dong(qr.amount));
    *out = json_incref(body);
    return R_OK;
}
