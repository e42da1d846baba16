/* bankbook.c: see bankbook.h; taking events in. What people decide about them is in bankbook_decide.c. */
#include "market/trade/bankbook.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/bankbook_inner.h"
#include "market/trade/books.h"
#include "market/trade/fold.h"
#include "market/trade/memo.h"
#include "market/trade/outgoing.h"
#include "market/trade/paytask.h"
#include "market/trade/vntime.h"

enum { SAME_DAY_MS = 36 * 3600 * 1000, NEAR_MAX = 5 };

const char *bank_verdict_name(enum bank_verdict verdict)
{
    static const char *const names[BANK_VERDICTS] = {"repeated", "joined",   "matched", "unsure",
                                                     "review",   "outgoing", "foreign"};
    return names[verdict];
}

enum result bankbook_keep(struct trade *trade, enum bank_source source, enum hook_auth auth,
                          const char *headers, struct hook_body body, int64_t *raw)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM bank_raw";
    char digest[ID_HASH_CHARS + 1];
    struct id_part part = {body.bytes, body.size};
    if (auth != HOOK_GENUINE)
        return R_BAD_TOKEN;
    id_digest(&part, 1, digest);
    {
        QUERY query = store_query(trade->store, "SELECT id FROM bank_raw WHERE source = $1 AND digest = $2",
                                  ARG_TEXT(bank_source_name(source)), ARG_TEXT(digest));
        enum step step = query_step(query);
        if (step != STEP_DONE) {
            *raw = step == STEP_ROW ? query_int(query, 0) : 0;
            return step == STEP_ROW ? R_OK : trade_fault(trade);
        }
    }
    bool is_text = g_utf8_validate(body.bytes, (gssize)body.size, NULL);
    g_autofree char *text =
        is_text ? g_strndup(body.bytes, body.size) : g_base64_encode((const guchar *)body.bytes, body.size);
    *raw = store_next_id(trade->store, max_id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO bank_raw (id, source, auth, headers, body, digest, read, actor, at_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)",
        ARG_INT(*raw), ARG_TEXT(bank_source_name(source)), ARG_TEXT(hook_auth_word(auth)), ARG_TEXT(headers),
        ARG_TEXT(text), ARG_TEXT(digest), ARG_ID(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static enum result mark_read(struct trade *trade, int64_t raw, bool readable)
{
    if (store_run(trade->store, "UPDATE bank_raw SET read = $2 WHERE id = $1 AND read = 'waiting'",
                  ARG_INT(raw), ARG_TEXT(readable ? "read" : "unreadable")) != STEP_DONE)
        return trade_fault(trade);
    struct paytask task = {.kind = TASK_UNREADABLE, .raw = raw};
    return readable ? R_OK : paytask_open(trade, &task);
}

static enum result read_one(struct trade *trade, int64_t raw, enum bank_source source, const char *body)
{
    g_autoptr(GPtrArray) events = bank_event_list();
    bool readable = hook_read(source, (struct hook_body){body, strlen(body)}, events);
    enum result done = R_OK;
    for (guint i = 0; done == R_OK && i < events->len; i++) {
        enum bank_verdict verdict;
        const struct bank_event *event = events->pdata[i];
        if (!event->test)
            done = bankbook_take(trade, raw, event, &verdict);
    }
    return done == R_OK ? mark_read(trade, raw, readable) : done;
}

enum result bankbook_work(struct trade *trade, int64_t limit, int64_t *worked)
{
    for (*worked = 0; *worked < limit; ++*worked) {
        g_autofree char *body = NULL;
        enum bank_source source;
        int64_t raw;
        {
            QUERY query = store_query_args(
                trade->store,
                "SELECT id, source, body FROM bank_raw WHERE read = 'waiting' ORDER BY id LIMIT 1", NULL, 0);
            enum step step = query_step(query);
            if (step != STEP_ROW)
                return step == STEP_DONE ? R_OK : trade_fault(trade);
            raw = query_int(query, 0);
            body = g_strdup(query_text(query, 2));
            if (!bank_source_read(query_text(query, 1), &source))
                return R_FAULT;
        }
        enum result done = read_one(trade, raw, source, body);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

/* ---- one event */

static enum result insert_event(struct trade *trade, int64_t raw, const struct bank_event *e, int64_t account,
                                int64_t *id)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM bank_event";
    struct value none = {.kind = VALUE_NULL};
    *id = store_next_id(trade->store, max_id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO bank_event (id, source, source_id, raw, number, account, direction, amount, memo,"
        " reference, payer,"
        " balance, at_ms, heard_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        " ON CONFLICT (source, source_id) DO NOTHING",
        ARG_INT(*id), ARG_TEXT(bank_source_name(e->source)), ARG_TEXT(e->id), ARG_ID(raw),
        ARG_TEXT(e->account), ARG_ID(account), ARG_TEXT(e->direction == BANK_IN ? "in" : "out"),
        ARG_INT(money_dong(e->amount)), ARG_TEXT(e->memo), ARG_TEXT(e->reference), ARG_TEXT(e->payer),
        e->has_balance ? ARG_INT(money_dong(e->balance)) : none, ARG_INT(e->at_ms), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result bankbook_dispose(struct trade *trade, const struct disposition *d)
{
    enum step step =
        store_run(trade->store,
                  "INSERT INTO disposition (event, kind, order_id, first, entry, reason, at_ms)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  ARG_INT(d->event), ARG_TEXT(d->kind), ARG_ID(d->order), ARG_ID(d->first), ARG_ID(d->entry),
                  ARG_TEXT(d->reason ? d->reason : ""), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : step == STEP_CONFLICT ? R_WRONG_MOMENT : trade_fault(trade);
}

/* One memo inside the other, or both with the same order's code: banks wrap the same words differently. */
static bool same_words(const char *a, const char *b)
{
    g_autofree char *fa = fold_squash(a), *fb = fold_squash(b);
    if (strcmp(fa, fb) == 0)
        return true;
    if (strlen(fa) >= 6 && strlen(fb) >= 6 && (strstr(fa, fb) || strstr(fb, fa)))
        return true;
    g_autoptr(GPtrArray) ca = memo_codes(a);
    g_autoptr(GPtrArray) cb = memo_codes(b);
    return ca->len == 1 && cb->len == 1 && strcmp(ca->pdata[0], cb->pdata[0]) == 0;
}

static bool same_reference(const char *a, const char *b)
{
    g_autofree char *fa = fold_squash(a), *fb = fold_squash(b);
    return *fa && strcmp(fa, fb) == 0;
}

/* Two different numbers of one numbering ("FT24123000017", "FT24123000018"): whatever else agrees, these are
 * two movements. Sources that number in ways of their own say nothing by it, and bare digits have no form to
 * know. */
static bool other_number(const char *a, const char *b)
{
    enum { FORM_MIN = 6 };
    g_autofree char *fa = fold_squash(a), *fb = fold_squash(b);
    size_t length = strlen(fa), letters = 0;
    if (length < FORM_MIN || strlen(fb) != length || strcmp(fa, fb) == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool digits = g_ascii_isdigit(fa[i]) && g_ascii_isdigit(fb[i]);
        if (!digits && fa[i] != fb[i])
            return false;
        letters += !digits;
    }
    return letters > 0;
}

/* What an event that was there before may be to a new one. */
struct twin {
    int64_t first; /* the same movement, from another source, not joined from ours yet; 0: none */
    bool review;   /* the same source tells the same bank reference under another id */
};

/* The same source tells the same bank reference under another id. A statement numbers its own rows. Reference
 * first: what else must agree is compared here, or the planner would go through all that paid the same price.
 */
static bool is_told_again(struct trade *trade, int64_t id, int64_t account, const struct bank_event *e)
{
    if (e->source == BANK_STATEMENT || !*e->reference)
        return false;
    QUERY query =
        store_query(trade->store,
                    "SELECT b.id, b.account, b.amount, b.direction, b.at_ms, d.kind FROM bank_event b"
                    " LEFT JOIN disposition d ON d.event = b.id"
                    " WHERE b.source = $1 AND b.reference = $2 AND b.reference <> ''",
                    ARG_TEXT(bank_source_name(e->source)), ARG_TEXT(e->reference));
    while (query_row(query)) {
        const char *kind = query_text(query, 5);
        int64_t apart = query_int(query, 4) - e->at_ms;
        if (query_int(query, 0) != id && query_int(query, 1) == account &&
            query_int(query, 2) == money_dong(e->amount) &&
            (strcmp(query_text(query, 3), "in") == 0) == (e->direction == BANK_IN) && apart >= -SAME_DAY_MS &&
            apart <= SAME_DAY_MS && (!kind || strcmp(kind, "joined") != 0))
            return true;
    }
    return false;
}

/* Only what other sources told is looked at one by one: thousands a day may pay the same price into the same
 * account. */
static enum result find_twin(struct trade *trade, int64_t id, int64_t account, const struct bank_event *e,
                             struct twin *twin)
{
    const char *others[BANK_SOURCES] = {0};
    for (int source = 0, count = 0; source < BANK_SOURCES; source++)
        if (source != (int)e->source)
            others[count++] = bank_source_name((enum bank_source)source);
    QUERY query =
        store_query(trade->store,
                    "SELECT b.id, b.reference, b.memo, b.balance,"
                    " EXISTS (SELECT 1 FROM disposition j CROSS JOIN bank_event m WHERE j.first = b.id"
                    " AND m.id = j.event AND m.source = $5)"
                    " FROM bank_event b LEFT JOIN disposition d ON d.event = b.id"
                    " WHERE b.account = $1 AND b.amount = $2 AND b.source IN ($7, $8, $9)"
                    " AND b.at_ms BETWEEN $3 AND $4 AND b.direction = $6"
                    " AND (d.kind IS NULL OR d.kind <> 'joined') ORDER BY b.id",
                    ARG_INT(account), ARG_INT(money_dong(e->amount)), ARG_INT(e->at_ms - SAME_DAY_MS),
                    ARG_INT(e->at_ms + SAME_DAY_MS), ARG_TEXT(bank_source_name(e->source)),
                    ARG_TEXT(e->direction == BANK_IN ? "in" : "out"), ARG_TEXT(others[0]),
                    ARG_TEXT(others[1]), ARG_TEXT(others[2]));
    enum step step;
    int64_t by_words = 0;
    while ((step = query_step(query)) == STEP_ROW) {
        if (query_int(query, 4))
            continue;
        bool reference = same_reference(e->reference, query_text(query, 1));
        bool balance =
            e->has_balance && query_text(query, 3) && query_int(query, 3) == money_dong(e->balance);
        if ((reference || balance) && !twin->first)
            twin->first = query_int(query, 0);
        else if (!by_words && !other_number(e->reference, query_text(query, 1)) &&
                 same_words(e->memo, query_text(query, 2)))
            by_words = query_int(query, 0);
    }
    if (!twin->first)
        twin->first = by_words;
    twin->review = is_told_again(trade, id, account, e);
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* Codes that are close to something in the memo and belong to orders, for the person who will decide. */
static char *near_codes(struct trade *trade, const char *memo)
{
    g_autoptr(GString) near = g_string_new(NULL);
    g_autoptr(GPtrArray) slips = memo_slips(memo);
    g_autoptr(GPtrArray) begun = memo_beginnings(memo);
    int found = 0;
    for (guint i = 0; i < slips->len && found < NEAR_MAX; i++) {
        struct pay_order order;
        if (books_order_by_code(trade, slips->pdata[i], &order) == R_OK && ++found)
            g_string_append_printf(near, "%s%s", near->len ? " " : "", order.code);
    }
    for (guint i = 0; i < begun->len && found < NEAR_MAX; i++) {
        g_autofree char *end =
            g_strconcat(begun->pdata[i], "ZZZZ", NULL); /* behind every code that begins so */
        QUERY query = store_query(
            trade->store, "SELECT code FROM orders WHERE code >= $1 AND code < $2 ORDER BY code LIMIT 5",
            ARG_TEXT(begun->pdata[i]), ARG_TEXT(end));
        while (query_row(query) && found < NEAR_MAX)
            if (!strstr(near->str, query_text(query, 0)) && ++found)
                g_string_append_printf(near, "%s%s", near->len ? " " : "", query_text(query, 0));
    }
    return g_string_free(g_steal_pointer(&near), FALSE);
}

/* The one order whose code is surely in the memo; R_UNKNOWN: none or several. */
static enum result find_order(struct trade *trade, const char *memo, struct pay_order *out)
{
    g_autoptr(GPtrArray) codes = memo_codes(memo);
    size_t known = 0;
    for (guint i = 0; i < codes->len; i++) {
        struct pay_order order;
        enum result found = books_order_by_code(trade, codes->pdata[i], &order);
        if (found == R_OK && ++known)
            *out = order;
        else if (found != R_UNKNOWN && found != R_OK)
            return found;
    }
    return known == 1 ? R_OK : R_UNKNOWN;
}

static enum result book_unsure(struct trade *trade, int64_t id, int64_t account, const struct bank_event *e)
{
    bool in = e->direction == BANK_IN;
    char key[40];
    g_snprintf(key, sizeof key, "event:%" G_GINT64_FORMAT, id);
    const struct posting postings[] = {
        {.kind = ACCOUNT_BANK, .subject = account, .amount = in ? e->amount : money_negative(e->amount)},
        {.kind = ACCOUNT_SUSPENSE, .amount = in ? money_negative(e->amount) : e->amount},
    };
    struct entry entry = {.key = key, .kind = in ? ENTRY_SUSPENSE : ENTRY_BANK_OUT};
    struct disposition d = {.event = id, .kind = in ? "suspense" : "out"};
    g_autofree char *near = in ? near_codes(trade, e->memo) : g_strdup("");
    struct paytask task = {
        .kind = in ? TASK_UNMATCHED : TASK_OUT, .event = id, .amount = e->amount, .near = near};
    bool known = false; /* money that left, and what for */
    enum result done = ledger_post(trade, &entry, postings, G_N_ELEMENTS(postings), &d.entry);
    if (done == R_OK)
        done = bankbook_dispose(trade, &d);
    if (done == R_OK && !in)
        done = outgoing_shown(trade, id, account, e, &known);
    return done == R_OK && !known ? paytask_open(trade, &task) : done;
}

static enum result book(struct trade *trade, int64_t id, int64_t account, const struct bank_event *e,
                        enum bank_verdict *verdict)
{
    struct pay_order order;
    enum result found = e->direction == BANK_IN ? find_order(trade, e->memo, &order) : R_UNKNOWN;
    if (found != R_OK) {
        *verdict = e->direction == BANK_IN ? BANK_UNSURE : BANK_OUTGOING;
        return found == R_UNKNOWN ? book_unsure(trade, id, account, e) : found;
    }
    char key[40];
    struct receipt receipt;
    g_snprintf(key, sizeof key, "event:%" G_GINT64_FORMAT, id);
    *verdict = BANK_MATCHED;
    enum result done =
        books_receive(trade, key, ENTRY_PAYMENT, ACCOUNT_BANK, account, &order, e->amount, id, &receipt);
    struct disposition d = {.event = id, .kind = "matched", .order = order.id, .entry = receipt.entry};
    return done == R_OK ? bankbook_dispose(trade, &d) : done;
}

enum result bankbook_take(struct trade *trade, int64_t raw, const struct bank_event *event,
                          enum bank_verdict *verdict)
{
    int64_t id, account = 0;
    struct twin twin = {0};
    {
        QUERY query = store_query(trade->store, "SELECT id FROM bank_account WHERE number = $1",
                                  ARG_TEXT(event->account));
        if (query_row(query))
            account = query_int(query, 0);
    }
    enum result done = insert_event(trade, raw, event, account, &id);
    if (done != R_OK)
        return done;
    if (store_changes(trade->store) == 0) {
        *verdict = BANK_REPEATED;
        return R_OK;
    }
    if (!account) {
        *verdict = BANK_FOREIGN;
        return bankbook_dispose(
            trade, &(struct disposition){.event = id, .kind = "ignored", .reason = "not an account of ours"});
    }
    done = find_twin(trade, id, account, event, &twin);
    if (done != R_OK)
        return done;
    if (twin.first) {
        *verdict = BANK_JOINED;
        return bankbook_dispose(trade,
                                &(struct disposition){.event = id, .kind = "joined", .first = twin.first});
    }
    if (twin.review) {
        *verdict = BANK_REVIEW;
        return paytask_open(trade,
                            &(struct paytask){.kind = TASK_DUPLICATE, .event = id, .amount = event->amount});
    }
    return book(trade, id, account, event, verdict);
}

enum result bankbook_open(struct trade *trade, int64_t account, const struct statement *statement,
                          char *number)
{
    QUERY query =
        store_query(trade->store, "SELECT number FROM bank_account WHERE id = $1", ARG_INT(account));
    if (!query_row(query))
        return R_UNKNOWN;
    g_strlcpy(number, query_text(query, 0), 20);
    if (*statement->account && strcmp(statement->account, number) != 0)
        return trade_bad_field(trade, "account", "the file is a statement of another account");
    return R_OK;
}

enum result bankbook_take_slice(struct trade *trade, struct bankbook_slice *slice)
{
    const GPtrArray *events = slice->statement->events;
    int64_t start_us = clock_steady_us();
    memset(slice->counts, 0, sizeof slice->counts);
    for (slice->to = slice->from; slice->to < events->len; slice->to++) {
        enum bank_verdict verdict;
        if (slice->to > slice->from && clock_steady_us() - start_us >= slice->budget_us)
            break;
        enum result done = bankbook_take(trade, 0, events->pdata[slice->to], &verdict);
        if (done != R_OK)
            return done;
        slice->counts[verdict]++;
    }
    return R_OK;
}

json_t *bankbook_counts_json(guint rows, const int64_t counts[BANK_VERDICTS])
{
    json_t *out = json_object();
    shape_int(out, "rows", rows);
    for (int v = 0; v < BANK_VERDICTS; v++)
        shape_int(out, bank_verdict_name((enum bank_verdict)v), counts[v]);
    return out;
}
