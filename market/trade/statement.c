/* statement.c: see statement.h. */
#include "market/trade/statement.h"

#include <string.h>
#include "market/base/id.h"
#include "market/trade/fold.h"
#include "market/trade/statement_columns.h"
#include "market/trade/vntime.h"

const char *statement_word(enum statement_reason reason)
{
    static const char *const words[] = {
#define X(name, word) [STATEMENT_##name] = word,
        STATEMENT_REASONS(X)
#undef X
    };
    return words[reason];
}

/* What one pass over the rows needs at hand. */
struct pass {
    const struct sheet *sheet;
    struct columns columns;
    enum amount_style style;
    struct statement *out;
    GArray *moves;   /* of struct money: the balance's change at each event, fees and taxes in it */
    GArray *signed_; /* of bool: the direction is printed */
};

static const enum column amount_columns[] = {COLUMN_DEBIT, COLUMN_CREDIT, COLUMN_AMOUNT,
                                             COLUMN_FEE,   COLUMN_TAX,    COLUMN_BALANCE};

static void issue(struct pass *pass, size_t row, const char *word)
{
    struct statement_issue issue = {row + 1, word};
    if (pass->out->issues->len < STATEMENT_ISSUES)
        g_array_append_val(pass->out->issues, issue);
}

static bool decide_style(struct pass *pass)
{
    g_autoptr(GPtrArray) cells = g_ptr_array_new();
    for (size_t row = pass->columns.first;
         row < sheet_rows(pass->sheet) && !columns_ends(pass->sheet, &pass->columns, row); row++)
        for (size_t i = 0; i < G_N_ELEMENTS(amount_columns); i++) {
            const char *cell = columns_cell(pass->sheet, &pass->columns, row, amount_columns[i]);
            if (!amount_is_empty(cell))
                g_ptr_array_add(cells, (char *)(uintptr_t)cell);
        }
    return amount_decide((const char *const *)cells->pdata, cells->len, &pass->style);
}

/* 0 when the cell is empty; false when it holds something else than an amount. */
static bool cell_amount(struct pass *pass, size_t row, enum column column, struct money *out,
                        enum amount_sign *sign)
{
    const char *cell = columns_cell(pass->sheet, &pass->columns, row, column);
    *sign = AMOUNT_UNSIGNED;
    if (amount_is_empty(cell))
        return money_make(out, 0);
    return amount_read(cell, pass->style, out, sign);
}

static bool absolute(struct money *m)
{
    return money_make(m, money_dong(*m) < 0 ? -money_dong(*m) : money_dong(*m));
}

/* One column with a sign in it or beside it. *printed: the direction is certain. */
static bool read_signed(struct pass *pass, size_t row, struct bank_event *event, bool *printed)
{
    enum amount_sign sign;
    g_autofree char *mark = g_strdup(columns_cell(pass->sheet, &pass->columns, row, COLUMN_SIGN));
    g_strstrip(mark);
    if (!cell_amount(pass, row, COLUMN_AMOUNT, &event->amount, &sign))
        return false;
    if (*mark == '-' || *mark == '+')
        sign = *mark == '-' ? AMOUNT_MINUS : AMOUNT_PLUS;
    event->direction = sign == AMOUNT_MINUS ? BANK_OUT : BANK_IN;
    *printed = sign != AMOUNT_UNSIGNED;
    return absolute(&event->amount);
}

/* Debit and credit apart; banks write the debit with or without a minus. NULL or what is wrong. */
static const char *read_money(struct pass *pass, size_t row, struct bank_event *event, bool *printed)
{
    struct money debit, credit;
    enum amount_sign sign;
    *printed = true;
    if (pass->columns.at[COLUMN_CREDIT] < 0) {
        if (!read_signed(pass, row, event, printed))
            return "bad-amount";
        return money_dong(event->amount) ? NULL : "no-amount";
    }
    if (!cell_amount(pass, row, COLUMN_DEBIT, &debit, &sign) ||
        !cell_amount(pass, row, COLUMN_CREDIT, &credit, &sign) || !absolute(&debit) || money_dong(credit) < 0)
        return "bad-amount";
    if (money_dong(debit) && money_dong(credit))
        return "two-amounts";
    event->direction = money_dong(debit) ? BANK_OUT : BANK_IN;
    event->amount = money_dong(debit) ? debit : credit;
    return money_dong(event->amount) ? NULL : "no-amount";
}

/* The date, and in Vietcombank's cells the number below it. */
static bool read_date(struct pass *pass, size_t row, struct bank_event *event, char **below)
{
    static const enum column dates[] = {COLUMN_DATE, COLUMN_VALUE_DATE};
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        const char *cell = columns_cell(pass->sheet, &pass->columns, row, dates[i]);
        if (vntime_read(cell, &event->at_ms))
            return true;
        g_auto(GStrv) lines = g_strsplit_set(cell, "\r\n", 2);
        if (lines[0] && lines[1] && vntime_read(lines[0], &event->at_ms)) {
            *below = g_strdup(g_strstrip(lines[1]));
            return true;
        }
    }
    return false;
}

static bool balance_move(struct pass *pass, size_t row, const struct bank_event *event, struct money *move)
{
    static const enum column costs[] = {COLUMN_FEE, COLUMN_TAX};
    struct money zero = {0}, cost;
    enum amount_sign sign;
    bool fine = event->direction == BANK_IN ? money_add(move, zero, event->amount)
                                            : money_sub(move, zero, event->amount);
    for (size_t i = 0; fine && i < G_N_ELEMENTS(costs); i++)
        fine =
            cell_amount(pass, row, costs[i], &cost, &sign) && absolute(&cost) && money_sub(move, *move, cost);
    return fine;
}

static bool goes_on(struct pass *pass, size_t row)
{
    const char *memo = columns_cell(pass->sheet, &pass->columns, row, COLUMN_MEMO);
    if (!columns_lone_memo(pass->sheet, &pass->columns, row) || pass->out->events->len == 0)
        return false;
    struct bank_event *last = pass->out->events->pdata[pass->out->events->len - 1];
    g_autofree char *longer = g_strconcat(last->memo, " ", memo, NULL);
    bank_event_set(&last->memo, longer);
    return true;
}

static void keep(struct pass *pass, size_t row, struct bank_event *event, struct money move, bool printed)
{
    size_t shown = row + 1;
    g_ptr_array_add(pass->out->events, event);
    g_array_append_val(pass->out->rows, shown);
    g_array_append_val(pass->moves, move);
    g_array_append_val(pass->signed_, printed);
}

static void read_row(struct pass *pass, size_t row)
{
    if (columns_skips(pass->sheet, &pass->columns, row) || goes_on(pass, row))
        return;
    struct bank_event *event = bank_event_new(BANK_STATEMENT);
    g_autofree char *below = NULL;
    bool printed = true;
    enum amount_sign sign;
    struct money move;
    const char *reference = columns_cell(pass->sheet, &pass->columns, row, COLUMN_REFERENCE);
    const char *wrong =
        read_date(pass, row, event, &below) ? read_money(pass, row, event, &printed) : "bad-date";
    event->has_balance = !amount_is_empty(columns_cell(pass->sheet, &pass->columns, row, COLUMN_BALANCE));
    if (!wrong && (!cell_amount(pass, row, COLUMN_BALANCE, &event->balance, &sign) ||
                   !balance_move(pass, row, event, &move)))
        wrong = "bad-amount";
    if (wrong) {
        issue(pass, row, wrong);
        bank_event_free(event);
        return;
    }
    bank_event_set(&event->memo, columns_cell(pass->sheet, &pass->columns, row, COLUMN_MEMO));
    bank_event_set(&event->payer, columns_cell(pass->sheet, &pass->columns, row, COLUMN_PAYER));
    bank_event_set(&event->reference, *reference ? reference : below);
    keep(pass, row, event, move, printed);
}

static struct money move_at(const struct pass *pass, size_t i)
{
    return ((const struct money *)(const void *)pass->moves->data)[i];
}

static const struct bank_event *event_at(const struct pass *pass, size_t i)
{
    return pass->out->events->pdata[i];
}

static bool follows(struct money before, struct money move, struct money after)
{
    struct money sum;
    return money_add(&sum, before, move) && money_compare(sum, after) == 0;
}

/* How many neighbours do not fit when the newest row stands first, or last; and the first of them. */
static size_t count_breaks(const struct pass *pass, bool newest_first, size_t *first)
{
    size_t breaks = 0;
    for (size_t i = 1; i < pass->out->events->len; i++) {
        const struct bank_event *up = event_at(pass, i - 1), *down = event_at(pass, i);
        bool fits = newest_first ? follows(down->balance, move_at(pass, i - 1), up->balance)
                                 : follows(up->balance, move_at(pass, i), down->balance);
        if (!fits && breaks++ == 0)
            *first = i;
    }
    return breaks;
}

static void reverse(struct pass *pass)
{
    size_t n = pass->out->events->len;
    struct money *moves = (struct money *)(void *)pass->moves->data;
    size_t *rows = (size_t *)(void *)pass->out->rows->data;
    for (size_t i = 0; i < n / 2; i++) {
        void *event = pass->out->events->pdata[i];
        struct money move = moves[i];
        size_t row = rows[i];
        pass->out->events->pdata[i] = pass->out->events->pdata[n - 1 - i];
        pass->out->events->pdata[n - 1 - i] = event;
        moves[i] = moves[n - 1 - i], moves[n - 1 - i] = move;
        rows[i] = rows[n - 1 - i], rows[n - 1 - i] = row;
    }
}

/* Puts the oldest first and says whether each balance is the one before it and the movement. */
static void check_chain(struct pass *pass)
{
    struct statement *s = pass->out;
    size_t n = s->events->len, up_row = 0, down_row = 0;
    bool all = true;
    for (size_t i = 0; i < n; i++)
        all &= event_at(pass, i)->has_balance;
    size_t down = all ? count_breaks(pass, false, &down_row) : 0,
           up = all ? count_breaks(pass, true, &up_row) : 0;
    bool newest_first = event_at(pass, 0)->at_ms > event_at(pass, n - 1)->at_ms;
    if (all && up != down)
        newest_first = up < down;
    size_t breaks = newest_first ? up : down;
    if (all) {
        s->chain = breaks ? CHAIN_BROKEN : CHAIN_WHOLE;
        s->chain_row = breaks ? ((size_t *)(void *)s->rows->data)[newest_first ? up_row : down_row] : 0;
    }
    if (newest_first)
        reverse(pass);
    const struct bank_event *first = event_at(pass, 0), *last = event_at(pass, n - 1);
    s->has_balance = all && money_sub(&s->opening, first->balance, move_at(pass, 0));
    s->closing = last->balance;
}

/* Amounts without a sign: the balance tells in from out, or nothing does. */
static bool find_directions(struct pass *pass)
{
    size_t n = pass->out->events->len;
    for (size_t i = 0; i < n; i++)
        if (((const bool *)(const void *)pass->signed_->data)[i])
            return true; /* signs are in use: an amount without one is money coming in */
    for (int newest_first = 0; newest_first < 2; newest_first++) {
        bool whole = n > 1;
        for (size_t i = 0; i + 1 < n && whole; i++) {
            size_t here = newest_first ? i : i + 1, before = newest_first ? i + 1 : i;
            struct bank_event *e = pass->out->events->pdata[here];
            const struct bank_event *b = event_at(pass, before);
            struct money change;
            whole = e->has_balance && b->has_balance && money_sub(&change, e->balance, b->balance);
            if (whole) {
                e->direction = money_dong(change) < 0 ? BANK_OUT : BANK_IN;
                ((struct money *)(void *)pass->moves->data)[here] = change;
                whole = absolute(&change) && money_compare(change, e->amount) == 0;
            }
        }
        if (whole) { /* the oldest has nothing before it: it is left out with a word */
            size_t oldest = newest_first ? n - 1 : 0;
            issue(pass, ((size_t *)(void *)pass->out->rows->data)[oldest] - 1, "no-direction");
            g_ptr_array_remove_index(pass->out->events, (guint)oldest);
            g_array_remove_index(pass->out->rows, (guint)oldest);
            g_array_remove_index(pass->moves, (guint)oldest);
            return true;
        }
    }
    return false;
}

static enum statement_reason read_rows(struct pass *pass)
{
    if (!columns_find(pass->sheet, &pass->columns))
        return STATEMENT_NO_HEADER;
    if (!decide_style(pass))
        return STATEMENT_MIXED_AMOUNTS;
    pass->out->header_row = pass->columns.header + 1;
    g_free(pass->out->account);
    pass->out->account = columns_account(pass->sheet, pass->columns.header);
    for (size_t row = pass->columns.first;
         row < sheet_rows(pass->sheet) && !columns_ends(pass->sheet, &pass->columns, row); row++)
        read_row(pass, row);
    if (pass->out->events->len == 0)
        return STATEMENT_NO_ROWS;
    if (!find_directions(pass))
        return STATEMENT_NO_DIRECTION;
    check_chain(pass);
    return STATEMENT_OK;
}

enum statement_reason statement_read(const struct sheet *sheet, struct statement **out)
{
    struct statement *statement = g_new0(struct statement, 1);
    statement->account = g_strdup("");
    statement->events = bank_event_list();
    statement->rows = g_array_new(FALSE, FALSE, sizeof(size_t));
    statement->issues = g_array_new(FALSE, FALSE, sizeof(struct statement_issue));
    struct pass pass = {.sheet = sheet, .out = statement};
    pass.moves = g_array_new(FALSE, FALSE, sizeof(struct money));
    pass.signed_ = g_array_new(FALSE, FALSE, sizeof(bool));
    enum statement_reason reason = read_rows(&pass);
    g_array_free(pass.moves, TRUE);
    g_array_free(pass.signed_, TRUE);
    if (reason == STATEMENT_OK)
        *out = statement;
    else
        statement_free(statement);
    return reason;
}

void statement_free(struct statement *statement)
{
    if (!statement)
        return;
    g_free(statement->account);
    g_ptr_array_unref(statement->events);
    g_array_free(statement->rows, TRUE);
    g_array_free(statement->issues, TRUE);
    g_free(statement);
}

void statement_name(struct statement *statement, const char *account)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < statement->events->len; i++) {
        struct bank_event *event = statement->events->pdata[i];
        char day[11], id[ID_HASH_CHARS + 1];
        vntime_day(event->at_ms, day);
        g_autofree char *memo = fold_squash(event->memo);
        g_autofree char *reference = fold_squash(event->reference);
        const char *sign = event->direction == BANK_OUT ? "-" : "";
        g_autofree char *about =
            *reference ? g_strdup_printf("r %s %s %s%" G_GINT64_FORMAT, account, reference, sign,
                                         money_dong(event->amount))
                       : g_strdup_printf("d %s %s %s%" G_GINT64_FORMAT " %s %" G_GINT64_FORMAT, account, day,
                                         sign, money_dong(event->amount), memo,
                                         event->has_balance ? money_dong(event->balance) : INT64_C(-1));
        int twin = GPOINTER_TO_INT(g_hash_table_lookup(seen, about));
        g_hash_table_insert(seen, g_strdup(about), GINT_TO_POINTER(twin + 1));
        g_autofree char *name = twin ? g_strdup_printf("%s #%d", about, twin + 1) : g_strdup(about);
        id_hash(name, id);
        bank_event_set(&event->id, id);
        bank_event_set(&event->account, account);
    }
}
