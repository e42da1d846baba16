/* settle.c: see settle.h. The farmer's account in the ledger is a debt of ours (-); here its sign is turned,
 * so that + is his. Which rates an order's money is taxed at is decided by when it first came into the book
 * (`taxed_at`): what is taken back of it later offsets at the same rates, whatever they are by then. */
#include "market/trade/settle.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/outgoing.h"
#include "market/trade/taxrate.h"
#include "market/trade/vntime.h"

struct taxed {
    struct taxrate rates[TAXRATES_MAX + 1];
    int64_t goods[TAXRATES_MAX + 1], transport[TAXRATES_MAX + 1]; /* what was earned at each of them */
    size_t count;
};

struct sums {
    int64_t earned, paid, taken_back, balance;
};

static json_t *row_json(struct query *query, struct sums *sums, struct taxed *taxed)
{
    const char *kind = query_text(query, 1);
    int64_t amount = -query_int(query, 4);
    sums->balance += amount;
    if (strcmp(kind, "payout") == 0 || strcmp(kind, "direct") == 0)
        sums->paid -= amount;
    else {
        *(amount < 0 ? &sums->taken_back : &sums->earned) += ABS(amount);
        taxed->goods[taxrate_at(taxed->rates, taxed->count, query_int(query, 5))] += amount;
    }
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
static bool driven(struct trade *trade, int64_t person, int64_t first, int64_t end, struct taxed *taxed)
{
    enum step step;
    QUERY query =
        store_query(trade->store,
                    "SELECT -l.amount, l.taxed_at FROM account a JOIN account_line l ON l.account = a.id"
                    " WHERE a.kind = 'delivery' AND a.subject = $1 AND l.entry >= $2 AND l.entry < $3",
                    ARG_INT(person), ARG_INT(first), ARG_INT(end));
    while ((step = query_step(query)) == STEP_ROW)
        if (person)
            taxed->transport[taxrate_at(taxed->rates, taxed->count, query_int(query, 1))] +=
                query_int(query, 0);
    return step == STEP_DONE;
}

/* Less than nothing: more was taken back than earned, and offsets what else is declared. */
static bool tax_row(json_t *list, const struct taxrate *rate, enum tax_kind kind, int64_t sum)
{
    struct tax_line line = {.kind = kind};
    struct tax taxes[TAX_KINDS];
    int64_t sign = sum < 0 ? -1 : 1;
    if (!money_make(&line.amount, sign * sum) || !tax_of(&rate->rates, &line, 1, taxes))
        return false;
    json_t *row = json_object();
    shape_text(row, "kind", tax_kind_name(kind));
    shape_id(row, "since", rate->starts_at);
    shape_int(row, "vat_points", rate->rates.of[kind].vat);
    shape_int(row, "income_points", rate->rates.of[kind].income);
    shape_int(row, "amount", sum);
    shape_int(row, "vat", sign * money_dong(taxes[kind].vat));
    shape_int(row, "income", sign * money_dong(taxes[kind].income));
    json_array_append_new(list, row);
    return true;
}

/* Goods and transport are taxed apart, and what was earned under other rates apart, too. */
static json_t *tax_json(const struct taxed *taxed)
{
    JSON list = json_array();
    for (size_t i = 0; i < taxed->count; i++) {
        bool fine = !taxed->goods[i] || tax_row(list, &taxed->rates[i], TAX_GOODS, taxed->goods[i]);
        fine = fine &&
               (!taxed->transport[i] || tax_row(list, &taxed->rates[i], TAX_TRANSPORT, taxed->transport[i]));
        if (!fine)
            return NULL;
    }
    return json_incref(list);
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
    g_autofree struct taxed *taxed = g_new0(struct taxed, 1);
    taxed->count = taxrate_load(trade, taxed->rates);
    JSON rows = json_array();
    enum step step;
    {
        QUERY query =
            store_query(trade->store,
                        "SELECT l.at_ms, l.kind, l.code, l.words, l.amount, l.taxed_at FROM account a"
                        " JOIN account_line l"
                        " ON l.account = a.id WHERE a.kind = 'farmer' AND a.subject = $1 AND l.entry >= $2"
                        " AND l.entry < $3"
                        " ORDER BY l.entry, l.position LIMIT 10000",
                        ARG_INT(farmer), ARG_INT(first), ARG_INT(end));
        while ((step = query_step(query)) == STEP_ROW)
            json_array_append_new(rows, row_json(query, &sums, taxed));
    }
    if (step != STEP_DONE || !taxed->count || !driven(trade, farmer, first, end, taxed))
        return trade_fault(trade);
    json_t *tax = tax_json(taxed);
    if (!tax)
        return R_FAULT;
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
    shape_json(s, "tax", tax);
    *out = s;
    return R_OK;
}

/* A number with its sign is none, but only when nothing follows it. */
static bool is_formula(const char *text)
{
    char *end = NULL;
    if (!*text || !strchr("=+-@\t\r", *text))
        return false;
    g_ascii_strtod(text, &end);
    return end == text || *end;
}

static void put_cell(GString *csv, const char *text, bool last)
{
    bool formula = is_formula(text);
    g_string_append(csv, formula ? "\"'" : "\"");
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        g_string_append_len(csv, text, quote + 1 - text);
        g_string_append_c(csv, '"');
    }
    g_string_append(csv, text);
    g_string_append(csv, last ? "\"\r\n" : "\",");
}

static void put_number(GString *csv, const json_t *row, const char *name, bool last)
{
    char digits[24];
    g_snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
               json_integer_value(json_object_get(row, name)));
    put_cell(csv, digits, last);
}

char *settle_csv(json_t *statement)
{
    enum { USUAL_ROW = 128 };
    const json_t *rows = json_object_get(statement, "rows");
    GString *csv = g_string_sized_new((json_array_size(rows) + 1) * USUAL_ROW);
    size_t i;
    json_t *row;
    g_string_append(csv, "\xef\xbb\xbfNgày,Loại,Đơn hàng,Diễn giải,Số tiền,Số dư\r\n");
    json_array_foreach(rows, i, row)
    {
        char when[17];
        vntime_minute(json_integer_value(json_object_get(row, "at")), when);
        const char *order = json_string_value(json_object_get(row, "order"));
        put_cell(csv, when, false);
        put_cell(csv, json_string_value(json_object_get(row, "kind")), false);
        put_cell(csv, order ? order : "", false);
        put_cell(csv, json_string_value(json_object_get(row, "words")), false);
        put_number(csv, row, "amount", false);
        put_number(csv, row, "balance", true);
    }
    return g_string_free(csv, FALSE);
}

/* Money of the co-op's book leaves an account of the co-op's, never one that somebody else has. */
static bool is_coops(struct trade *trade, int64_t account)
{
    return store_int(trade->store, "SELECT 1 FROM bank_account WHERE id = $1 AND owner IS NULL", account, 0);
}

/* To which of the farmer's own accounts. */
static enum result find_target(struct trade *trade, int64_t farmer, int64_t named, int64_t *to)
{
    QUERY query = store_query(trade->store,
                              "SELECT COUNT(*), MIN(id), MAX(CASE WHEN id = $2 THEN 1 ELSE 0 END)"
                              " FROM bank_account WHERE owner = $1",
                              ARG_INT(farmer), ARG_INT(named));
    if (!query_row(query))
        return trade_fault(trade);
    if (query_int(query, 0) == 0)
        return trade_refuse(trade, "no-account");
    if (named ? query_int(query, 2) != 1 : query_int(query, 0) > 1)
        return trade_bad_field(trade, "to", "one of the farmer's own accounts is expected");
    *to = named ? named : query_int(query, 1);
    return R_OK;
}

enum result settle_pay(struct trade *trade, int64_t farmer, struct money amount, const struct payout_way *way,
                       int64_t *payout)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM payout";
    char key[40];
    int64_t entry_id, to = 0;
    if (!way->in_cash && !is_coops(trade, way->account))
        return trade_bad_field(trade, "account", "an account of the co-op's is expected");
    enum result done = way->in_cash ? R_OK : find_target(trade, farmer, way->to, &to);
    if (done != R_OK)
        return done;
    *payout = store_next_id(trade->store, max_id);
    g_snprintf(key, sizeof key, "payout:%" G_GINT64_FORMAT, *payout);
    const struct posting postings[] = {
        {.kind = ACCOUNT_FARMER, .subject = farmer, .amount = amount, .within = true},
        {.kind = way->in_cash ? ACCOUNT_CASH : ACCOUNT_SUSPENSE,
         .subject = way->in_cash ? trade->who.person : 0,
         .amount = money_negative(amount)},
    };
    struct entry entry = {.key = key, .kind = ENTRY_PAYOUT, .words = way->reference};
    done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), &entry_id);
    if (done != R_OK)
        return done;
    enum step step =
        store_run(trade->store,
                  "INSERT INTO payout (id, farmer, amount, account, reference, entry,"
                  " paid_by, at_ms, paid_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  ARG_INT(*payout), ARG_INT(farmer), ARG_INT(money_dong(amount)),
                  ARG_ID(way->in_cash ? 0 : way->account), ARG_TEXT(way->reference), ARG_INT(entry_id),
                  ARG_ID(trade->who.person), ARG_INT(trade->now_ms), ARG_ID(to));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return way->in_cash ? R_OK : outgoing_marked(trade, 0, *payout);
}

enum result settle_direct(struct trade *trade, int64_t farmer, struct money *amount)
{
    /* What came for orders into his own accounts, and what of it was counted before. */
    int64_t came =
        store_int(trade->store,
                  "SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) FROM bank_event e"
                  " JOIN bank_account b ON b.id = e.account"
                  " WHERE b.owner = $1 AND (EXISTS (SELECT 1 FROM disposition d"
                  " WHERE d.event = e.id AND d.kind = 'matched')"
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
