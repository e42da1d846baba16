/* settle.c: see settle.h. The farmer's account in the ledger is a debt of ours (-); here its sign is turned,
 * so that + is his. */
#include "market/trade/settle.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/tax.h"

struct sums {
    int64_t earned, paid, taken_back, balance;
};

static json_t *row_json(struct query *query, struct sums *sums)
{
    const char *kind = query_text(query, 1);
    int64_t amount = -query_int(query, 4);
    sums->balance += amount;
    if (strcmp(kind, "payout") == 0 || strcmp(kind, "direct") == 0)
        sums->paid -= amount;
    else if (amount < 0)
        sums->taken_back -= amount;
    else
        sums->earned += amount;
    json_t *row = json_object();
    shape_int(row, "at", query_int(query, 0));
    shape_text(row, "kind", kind);
    shape_text(row, "order", query_text(query, 2));
    shape_text(row, "words", query_text(query, 3));
    shape_int(row, "amount", amount);
    shape_int(row, "balance", sums->balance);
    return row;
}

/* What he earned by driving has an account of its own. */
static int64_t driven(struct trade *trade, int64_t person, int64_t first, int64_t end)
{
    QUERY query = store_query(
        trade->store,
        "SELECT CAST(COALESCE(SUM(-p.amount), 0) AS BIGINT) FROM account a JOIN posting p ON p.account = a.id"
        " WHERE a.kind = 'delivery' AND a.subject = $1 AND p.entry >= $2 AND p.entry < $3",
        ARG_INT(person), ARG_INT(first), ARG_INT(end));
    return person && query_row(query) ? query_int(query, 0) : 0;
}

/* Goods and transport are taxed apart. Reversed sales offset. */
static json_t *tax_json(int64_t goods, int64_t transport)
{
    struct tax_line lines[] = {{.kind = TAX_GOODS}, {.kind = TAX_TRANSPORT}};
    struct tax taxes[TAX_KINDS];
    json_t *list = json_array();
    if (!money_make(&lines[0].amount, MAX(goods, 0)) || !money_make(&lines[1].amount, MAX(transport, 0)) ||
        !tax_of(&tax_rates_2025, lines, G_N_ELEMENTS(lines), taxes))
        return list;
    for (int kind = TAX_GOODS; kind <= TAX_TRANSPORT; kind++) {
        if (kind == TAX_TRANSPORT && money_dong(taxes[kind].amount) == 0)
            continue;
        json_t *row = json_object();
        shape_text(row, "kind", tax_kind_name((enum tax_kind)kind));
        shape_int(row, "amount", money_dong(taxes[kind].amount));
        shape_int(row, "vat", money_dong(taxes[kind].vat));
        shape_int(row, "income", money_dong(taxes[kind].income));
        json_array_append_new(list, row);
    }
    return list;
}

/* From what he has now, so that the cost is what happened since and not the years before. */
static int64_t balance_before(struct trade *trade, int64_t farmer, int64_t first)
{
    QUERY query = store_query(
        trade->store,
        "SELECT CAST(COALESCE(SUM(-p.amount), 0) AS BIGINT) FROM account a JOIN posting p ON p.account = a.id"
        " WHERE a.kind = 'farmer' AND a.subject = $1 AND p.entry >= $2",
        ARG_INT(farmer), ARG_INT(first));
    int64_t since = query_row(query) ? query_int(query, 0) : 0;
    return -money_dong(ledger_balance(trade, ACCOUNT_FARMER, farmer)) - since;
}

enum result settle_statement(struct trade *trade, int64_t farmer, int64_t from_ms, int64_t to_ms,
                             json_t **out)
{
    int64_t first = ledger_since(trade, from_ms), end = ledger_since(trade, to_ms);
    int64_t opening = balance_before(trade, farmer, first);
    struct sums sums = {.balance = opening};
    JSON rows = json_array();
    enum step step;
    {
        QUERY query = store_query(trade->store,
                                  "SELECT e.at_ms, e.kind, o.code, e.words, p.amount FROM account a JOIN "
                                  "posting p ON p.account = a.id"
                                  " JOIN entry e ON e.id = p.entry LEFT JOIN orders o ON o.id = e.order_id"
                                  " WHERE a.kind = 'farmer' AND a.subject = $1 AND p.entry >= $2 AND p.entry "
                                  "< $3 ORDER BY p.entry LIMIT 10000",
                                  ARG_INT(farmer), ARG_INT(first), ARG_INT(end));
        while ((step = query_step(query)) == STEP_ROW)
            json_array_append_new(rows, row_json(query, &sums));
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    int64_t now = -money_dong(ledger_balance(trade, ACCOUNT_FARMER, farmer));
    json_t *s = json_object();
    shape_int(s, "farmer", farmer);
    shape_int(s, "opening", opening);
    shape_json(s, "rows", json_incref(rows));
    shape_int(s, "earned", sums.earned);
    shape_int(s, "paid", sums.paid);
    shape_int(s, "taken_back", sums.taken_back);
    shape_int(s, "closing", sums.balance);
    shape_int(s, "payable", now > 0 ? now : 0);
    shape_int(s, "clawback", now < 0 ? -now : 0);
    shape_json(s, "tax", tax_json(sums.earned - sums.taken_back, driven(trade, farmer, first, end)));
    *out = s;
    return R_OK;
}

static void put_cell(GString *csv, const char *text, bool last)
{
    bool formula = *text && strchr("=+-@\t\r", *text) && g_ascii_strtod(text, NULL) == 0.0;
    g_string_append(csv, formula ? "\"'" : "\"");
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            g_string_append_c(csv, '"');
        g_string_append_c(csv, *p);
    }
    g_string_append(csv, last ? "\"\r\n" : "\",");
}

char *settle_csv(json_t *statement)
{
    GString *csv = g_string_new("\xef\xbb\xbfNgày,Loại,Đơn hàng,Diễn giải,Số tiền,Số dư\r\n");
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(statement, "rows"), i, row)
    {
        int64_t at = json_integer_value(json_object_get(row, "at"));
        g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(at / 1000 + 7 * 3600);
        g_autofree char *day = g_date_time_format(when, "%d/%m/%Y %H:%M");
        g_autofree char *amount =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "amount")));
        g_autofree char *balance =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "balance")));
        const char *order = json_string_value(json_object_get(row, "order"));
        put_cell(csv, day, false);
        put_cell(csv, json_string_value(json_object_get(row, "kind")), false);
        put_cell(csv, order ? order : "", false);
        put_cell(csv, json_string_value(json_object_get(row, "words")), false);
        put_cell(csv, amount, false);
        put_cell(csv, balance, true);
    }
    return g_string_free(csv, FALSE);
}

enum result settle_pay(struct trade *trade, int64_t farmer, struct money amount, bool in_cash,
                       int64_t account, const char *reference, int64_t *payout)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM payout";
    char key[40];
    int64_t entry_id;
    *payout = store_next_id(trade->store, max_id);
    g_snprintf(key, sizeof key, "payout:%" G_GINT64_FORMAT, *payout);
    const struct posting postings[] = {
        {.kind = ACCOUNT_FARMER, .subject = farmer, .amount = amount, .within = true},
        {.kind = in_cash ? ACCOUNT_CASH : ACCOUNT_SUSPENSE,
         .subject = in_cash ? trade->who.person : 0,
         .amount = money_negative(amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_PAYOUT, .words = reference};
    enum result done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), &entry_id);
    if (done != R_OK)
        return done;
    enum step step = store_run(trade->store,
                               "INSERT INTO payout (id, farmer, amount, account, reference, entry, paid_by, "
                               "at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                               ARG_INT(*payout), ARG_INT(farmer), ARG_INT(money_dong(amount)),
                               ARG_ID(in_cash ? 0 : account), ARG_TEXT(reference), ARG_INT(entry_id),
                               ARG_ID(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result settle_direct(struct trade *trade, int64_t farmer, struct money *amount)
{
    /* What came for orders into his own accounts, and what of it was counted before. */
    int64_t came =
        store_int(trade->store,
                  "SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) FROM bank_event e JOIN bank_account b "
                  "ON b.id = e.account"
                  " WHERE b.owner = $1 AND (EXISTS (SELECT 1 FROM disposition d WHERE d.event = e.id AND "
                  "d.kind = 'matched')"
                  " OR EXISTS (SELECT 1 FROM pay_task t WHERE t.event = e.id AND t.outcome = 'matched'))",
                  farmer, 0);
    int64_t counted = -money_dong(ledger_balance(trade, ACCOUNT_OWNED, farmer));
    int64_t owed = -money_dong(ledger_balance(trade, ACCOUNT_FARMER, farmer));
    int64_t now = MIN(came - counted, owed);
    int64_t round = store_int(
        trade->store,
        "SELECT COUNT(*) FROM entry e JOIN posting p ON p.entry = e.id JOIN account a ON a.id = p.account"
        " WHERE a.kind = 'owned' AND a.subject = $1 AND e.kind = 'direct'",
        farmer, 0);
    if (!money_make(amount, MAX(now, 0)))
        return R_FAULT;
    if (now <= 0)
        return R_OK;
    g_autofree char *key =
        g_strdup_printf("direct:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, farmer, round + 1);
    const struct posting postings[] = {
        {.kind = ACCOUNT_FARMER, .subject = farmer, .amount = *amount, .within = true},
        {.kind = ACCOUNT_OWNED, .subject = farmer, .amount = money_negative(*amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_DIRECT};
    return ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), NULL);
}
