/* run_bank.c: bank accounts, which stall is paid into which, tax rates, notices brought by the edge. */
#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/desk/call_pay.h"
#include "market/trade/bankbook.h"
#include "market/trade/payee.h"
#include "market/trade/taxrate.h"
#include "market/trade/vntime.h"

enum { WORK_AT_ONCE = 200, FILE_TEXT_MAX = 4 * 1024 * 1024 };

enum result run_bank_add(struct call *call)
{
    struct fields f;
    int64_t id;
    json_t *accounts = NULL;
    fields_open(&f, call->params);
    struct bank_account_request request = {
        .bin = field_raw(&f, "bin", 6, 6),
        .number = field_raw(&f, "number", 6, 19),
        .holder = field_text(&f, "holder", TEXT_LINE, 1, 80),
        .owner = field_int_or(&f, "owner", 1, INT64_MAX, 0),
    };
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = bank_account_add(&call->trade, &request, &id);
    fields_free(&f);
    if (done == R_OK)
        done = bank_account_list(&call->trade, &accounts);
    if (done != R_OK)
        return done;
    call_body(call, "id", json_integer(id));
    shape_json(call->body, "accounts", accounts);
    return R_CREATED;
}

enum result run_bank_list(struct call *call)
{
    json_t *accounts = NULL;
    enum result done = bank_account_list(&call->trade, &accounts);
    if (done == R_OK)
        call_body(call, "accounts", accounts);
    return done;
}

enum result run_payee_set(struct call *call)
{
    struct fields f;
    struct stall stall;
    int64_t starts_at;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    int64_t account = field_int(&f, "account", 1, INT64_MAX);
    int64_t fee_points = field_int_or(&f, "fee_points", 0, PAYEE_FEE_MAX, 0);
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = payee_set(&call->trade, stall.id, account, fee_points, &starts_at);
    if (done == R_OK)
        call_body(call, "payee", payee_json(&call->trade, stall.id));
    return done;
}

enum result run_payee_get(struct call *call)
{
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        call_body(call, "payee", payee_json(&call->trade, stall.id));
    return done;
}

/* ---- settings */

static enum result answer_rates(struct call *call, enum result good)
{
    json_t *rates = NULL;
    enum result done = taxrate_list(&call->trade, &rates);
    if (done != R_OK)
        return done;
    call_body(call, "rates", rates);
    return good;
}

enum result run_tax_list(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    return done == R_OK ? answer_rates(call, R_OK) : done;
}

/* {from: "yyyy-mm-dd", goods_vat, …: hundredths of a percent}. */
enum result run_tax_set(struct call *call)
{
    struct fields f;
    struct taxrate rate = {.rates = tax_rates_2025};
    fields_open(&f, call->params);
    const char *from = field_raw(&f, "from", 10, 10);
    rate.rates.of[TAX_GOODS].vat = field_int(&f, "goods_vat", 0, TAXRATE_POINTS_MAX);
    rate.rates.of[TAX_GOODS].income = field_int(&f, "goods_income", 0, TAXRATE_POINTS_MAX);
    rate.rates.of[TAX_TRANSPORT].vat = field_int(&f, "transport_vat", 0, TAXRATE_POINTS_MAX);
    rate.rates.of[TAX_TRANSPORT].income = field_int(&f, "transport_income", 0, TAXRATE_POINTS_MAX);
    rate.rates.of[TAX_SERVICES].vat = field_int(&f, "services_vat", 0, TAXRATE_POINTS_MAX);
    rate.rates.of[TAX_SERVICES].income = field_int(&f, "services_income", 0, TAXRATE_POINTS_MAX);
    if (!f.bad && !vntime_read(from, &rate.starts_at))
        fields_refuse(&f, "from", "a day as yyyy-mm-dd is expected");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = taxrate_add(&call->trade, &rate);
    return done == R_OK ? answer_rates(call, R_CREATED) : done;
}

/* ---- notices; from the edge only, which has checked who sent them */

/* {source, headers, body (base64)}. Answered when it is on disk; only then the sender is told. */
enum result run_hook_keep(struct call *call)
{
    struct fields f;
    enum bank_source source = BANK_SOURCES;
    int64_t raw;
    gsize size = 0;
    fields_open(&f, call->params);
    const char *name = field_raw(&f, "source", 1, 20);
    const char *headers = field_raw(&f, "headers", 0, 8000);
    const char *body = field_raw(&f, "body", 0, FILE_TEXT_MAX);
    if (!f.bad && (!bank_source_read(name, &source) || source == BANK_STATEMENT))
        fields_refuse(&f, "source", "a messenger's name is expected");
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    g_autofree guchar *bytes = g_base64_decode(body, &size);
    return bankbook_keep(&call->trade, source, HOOK_GENUINE, headers,
                         (struct hook_body){(const char *)bytes, size}, &raw);
}

enum result run_hook_work(struct call *call)
{
    int64_t worked;
    enum result done = bankbook_work(&call->trade, WORK_AT_ONCE, &worked);
    if (done == R_OK)
        call_body(call, "worked", json_integer(worked));
    return done;
}
