/* ledger.c: see ledger.h. The bounds of an account are CHECKs of the database: no code path can pass them. */
#include "market/trade/ledger.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"

enum bound { BOUND_NONE, BOUND_NOT_BELOW, BOUND_NOT_ABOVE }; /* zero */

static const struct {
    const char *name;
    enum bound bound;
} kinds[ACCOUNT_KINDS] = {
    [ACCOUNT_BANK] = {"bank", BOUND_NONE}, /* it began before we did */
    [ACCOUNT_CARRIER] = {"carrier", BOUND_NONE},    [ACCOUNT_CASH] = {"cash", BOUND_NOT_BELOW},
    [ACCOUNT_ORDER] = {"order", BOUND_NONE},        [ACCOUNT_FARMER] = {"farmer", BOUND_NONE},
    [ACCOUNT_CREDIT] = {"credit", BOUND_NOT_ABOVE}, [ACCOUNT_SUSPENSE] = {"suspense", BOUND_NONE},
    [ACCOUNT_FEES] = {"fees", BOUND_NONE},          [ACCOUNT_DELIVERY] = {"delivery", BOUND_NONE},
    [ACCOUNT_REFUND] = {"refund", BOUND_NOT_ABOVE}, [ACCOUNT_WRITEOFF] = {"writeoff", BOUND_NONE},
    [ACCOUNT_FUND] = {"fund", BOUND_NOT_ABOVE},     [ACCOUNT_OWNED] = {"owned", BOUND_NONE},
};

static const char *const entry_words[] = {
#define X(name, word) [ENTRY_##name] = word,
    ENTRY_KINDS(X)
#undef X
};

const char *account_kind_name(enum account_kind kind)
{
    return kinds[kind].name;
}

const char *entry_kind_name(enum entry_kind kind)
{
    return entry_words[kind];
}

struct money money_negative(struct money m)
{
    struct money zero = {0}, out = {0};
    bool fits = money_sub(&out, zero, m); /* the range is the same on both sides */
    g_assert(fits);
    return out;
}

static bool is_balanced(const struct posting *postings, size_t count)
{
    struct money sum = {0};
    size_t real = 0;
    for (size_t i = 0; i < count; i++) {
        if (!money_add(&sum, sum, postings[i].amount))
            return false;
        real += money_dong(postings[i].amount) != 0;
    }
    return money_dong(sum) == 0 && real >= 2 && count <= POSTINGS_MAX;
}

static void digest_of(const struct entry *entry, const struct posting *postings, size_t count,
                      char out[ID_HASH_CHARS + 1])
{
    g_autoptr(GString) text = g_string_new(entry_words[entry->kind]);
    g_string_append_printf(text, " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, entry->order, entry->reverses);
    for (size_t i = 0; i < count; i++)
        if (money_dong(postings[i].amount))
            g_string_append_printf(text, " %s:%" G_GINT64_FORMAT "%+" G_GINT64_FORMAT,
                                   kinds[postings[i].kind].name, postings[i].subject,
                                   money_dong(postings[i].amount));
    id_hash(text->str, out);
}

/* The account's row, made on first use; 0 when the disk refuses. */
static int64_t account_row(struct trade *trade, enum account_kind kind, int64_t subject)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM account";
    {
        QUERY query = store_query(trade->store, "SELECT id FROM account WHERE kind = $1 AND subject = $2",
                                  ARG_TEXT(kinds[kind].name), ARG_INT(subject));
        enum step step = query_step(query);
        if (step != STEP_DONE)
            return step == STEP_ROW ? query_int(query, 0) : 0;
    }
    int64_t id = store_next_id(trade->store, max_id);
    struct value none = {.kind = VALUE_NULL};
    enum bound bound = kinds[kind].bound;
    enum step step = store_run(
        trade->store,
        "INSERT INTO account (id, kind, subject, lowest, highest, balance) VALUES ($1, $2, $3, $4, $5, 0)",
        ARG_INT(id), ARG_TEXT(kinds[kind].name), ARG_INT(subject),
        bound == BOUND_NOT_BELOW ? ARG_INT(0) : none, bound == BOUND_NOT_ABOVE ? ARG_INT(0) : none);
    return step == STEP_DONE ? id : 0;
}

static enum result not_enough(struct trade *trade, const struct posting *p)
{
    json_t *extra = trade_extra(trade);
    shape_text(extra, "reason", "not-enough");
    shape_text(extra, "account", kinds[p->kind].name);
    return R_WRONG_MOMENT;
}

/* Beside the others of a farmer's or driver's account: what a settlement reads (settle.c). */
static enum step write_line(struct trade *trade, int64_t entry, int64_t position)
{
    return store_run(
        trade->store,
        "INSERT INTO account_line (account, entry, position, at_ms, taxed_at, kind, code, words, amount)"
        " SELECT p.account, p.entry, p.position, e.at_ms, COALESCE((SELECT f.at_ms FROM entry f"
        " WHERE f.order_id = e.order_id ORDER BY f.id LIMIT 1), e.at_ms), e.kind, o.code, e.words, p.amount"
        " FROM posting p JOIN entry e ON e.id = p.entry LEFT JOIN orders o ON o.id = e.order_id"
        " WHERE p.entry = $1 AND p.position = $2",
        ARG_INT(entry), ARG_INT(position));
}

static enum result write_posting(struct trade *trade, int64_t entry, int64_t position,
                                 const struct posting *p)
{
    int64_t account = account_row(trade, p->kind, p->subject);
    if (!account)
        return trade_fault(trade);
    enum step step =
        store_run(trade->store,
                  "UPDATE account SET balance = balance + $2 WHERE id = $1 AND ($3 = 0 OR balance + $2 <= 0)",
                  ARG_INT(account), ARG_INT(money_dong(p->amount)), ARG_INT(p->within));
    if (step == STEP_CONFLICT || (step == STEP_DONE && store_changes(trade->store) == 0))
        return not_enough(trade, p);
    if (step != STEP_DONE ||
        store_run(
            trade->store, "INSERT INTO posting (entry, position, account, amount) VALUES ($1, $2, $3, $4)",
            ARG_INT(entry), ARG_INT(position), ARG_INT(account), ARG_INT(money_dong(p->amount))) != STEP_DONE)
        return trade_fault(trade);
    bool settled = p->kind == ACCOUNT_FARMER || p->kind == ACCOUNT_DELIVERY;
    return settled && write_line(trade, entry, position) != STEP_DONE ? trade_fault(trade) : R_OK;
}

static enum result write_entry(struct trade *trade, const struct entry *entry, const char *digest,
                               const struct posting *postings, size_t count, int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM entry";
    *id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO entry (id, key, digest, kind, order_id, reverses, actor, words, at_ms)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  ARG_INT(*id), ARG_TEXT(entry->key), ARG_TEXT(digest), ARG_TEXT(entry_words[entry->kind]),
                  ARG_ID(entry->order), ARG_ID(entry->reverses), ARG_ID(trade->who.person),
                  ARG_TEXT(entry->words ? entry->words : ""), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return entry->reverses && step == STEP_CONFLICT ? R_WRONG_MOMENT : trade_fault(trade);
    int64_t position = 0;
    for (size_t i = 0; i < count; i++) {
        if (money_dong(postings[i].amount) == 0)
            continue;
        enum result written = write_posting(trade, *id, ++position, &postings[i]);
        if (written != R_OK)
            return written;
    }
    return R_OK;
}

enum result ledger_post(struct trade *trade, const struct entry *entry, const struct posting *postings,
                        size_t count, int64_t *id)
{
    char digest[ID_HASH_CHARS + 1];
    int64_t row = 0;
    if (!is_balanced(postings, count))
        return R_FAULT;
    digest_of(entry, postings, count, digest);
    {
        QUERY query =
            store_query(trade->store, "SELECT id, digest FROM entry WHERE key = $1", ARG_TEXT(entry->key));
        enum step step = query_step(query);
        if (step == STEP_FAILED)
            return trade_fault(trade);
        if (step == STEP_ROW) {
            if (strcmp(query_text(query, 1), digest) != 0)
                return R_KEY_REUSED;
            if (id)
                *id = query_int(query, 0);
            return R_OK;
        }
    }
    enum result written = write_entry(trade, entry, digest, postings, count, &row);
    if (written == R_OK && id)
        *id = row;
    return written;
}

enum result ledger_reverse(struct trade *trade, int64_t id, const char *key, const char *words,
                           int64_t *reversal)
{
    struct posting postings[POSTINGS_MAX];
    size_t count = 0;
    int64_t order = store_int(trade->store, "SELECT COALESCE(order_id, 0) FROM entry WHERE id = $1", id, -1);
    if (order < 0)
        return R_UNKNOWN;
    {
        QUERY query =
            store_query(trade->store,
                        "SELECT a.kind, a.subject, p.amount FROM posting p JOIN account a ON a.id = p.account"
                        " WHERE p.entry = $1 ORDER BY p.position",
                        ARG_INT(id));
        while (query_row(query) && count < POSTINGS_MAX) {
            struct posting *p = &postings[count++];
            *p = (struct posting){.subject = query_int(query, 1)};
            while (strcmp(kinds[p->kind].name, query_text(query, 0)) != 0)
                p->kind++;
            if (!money_make(&p->amount, -query_int(query, 2)))
                return R_FAULT;
        }
    }
    struct entry entry = {.key = key, .kind = ENTRY_REVERSE, .order = order, .reverses = id, .words = words};
    return ledger_post(trade, &entry, postings, count, reversal);
}

struct money ledger_balance(struct trade *trade, enum account_kind kind, int64_t subject)
{
    struct money balance = {0};
    QUERY query = store_query(trade->store, "SELECT balance FROM account WHERE kind = $1 AND subject = $2",
                              ARG_TEXT(kinds[kind].name), ARG_INT(subject));
    if (query_row(query)) {
        bool fits = money_make(&balance, query_int(query, 0)); /* the column's CHECK has the same range */
        g_assert(fits);
    }
    return balance;
}

int64_t ledger_find(struct trade *trade, const char *key)
{
    QUERY query = store_query(trade->store, "SELECT id FROM entry WHERE key = $1", ARG_TEXT(key));
    return query_row(query) ? query_int(query, 0) : 0;
}

/* The book's own order is the time in it: a clock that was set back does not move entries into another
 * period. */
int64_t ledger_since(struct trade *trade, int64_t at_ms)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM entry WHERE $1 = 0";
    static const char time_of[] = "SELECT at_ms FROM entry WHERE id >= $1 ORDER BY id LIMIT 1";
    int64_t low = 1, high = store_int(trade->store, max_id, 0, 0) + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (store_int(trade->store, time_of, middle, INT64_MAX) >= at_ms)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first row of an ordered (row, sum, wanted) list where they differ; 0: none; -1: the disk refuses. */
static int64_t first_difference(struct store *store, const char *sql, int64_t *rows)
{
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    *rows = 0;
    while ((step = query_step(query)) == STEP_ROW) {
        if (query_int(query, 1) != query_int(query, 2))
            return query_int(query, 0);
        ++*rows;
    }
    return step == STEP_DONE ? 0 : -1;
}

bool ledger_verify(struct store *store, int64_t *entries, const char **what, int64_t *first_bad)
{
    static const char sums[] = "SELECT e.id, (SELECT CAST(COALESCE(SUM(p.amount), 1) AS BIGINT)"
                               " FROM posting p WHERE p.entry = e.id), 0"
                               " FROM entry e ORDER BY e.id";
    static const char balances[] = "SELECT a.id, a.balance, (SELECT CAST(COALESCE(SUM(p.amount),"
                                   " 0) AS BIGINT) FROM posting p WHERE p.account = a.id)"
                                   " FROM account a ORDER BY a.id";
    static const char lines[] =
        "SELECT a.id, a.balance, (SELECT CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) FROM account_line l"
        " WHERE l.account = a.id) FROM account a WHERE a.kind = 'farmer' OR a.kind = 'delivery'"
        " ORDER BY a.id";
    static const char whole[] = "SELECT 1, CAST(COALESCE(SUM(balance), 0) AS BIGINT), 0 FROM account";
    int64_t rows;
    *what = "entry";
    *first_bad = first_difference(store, sums, entries);
    if (*first_bad == 0) {
        *what = "account";
        *first_bad = first_difference(store, balances, &rows);
    }
    if (*first_bad == 0) {
        *what = "settlement";
        *first_bad = first_difference(store, lines, &rows);
    }
    if (*first_bad == 0) {
        *what = "whole";
        *first_bad = first_difference(store, whole, &rows);
    }
    return *first_bad == 0;
}
