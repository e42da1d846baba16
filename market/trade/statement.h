/* statement.h: a bank's account statement, whichever bank it is: the header row is found by what its titles
 * mean, rows become bank events, the running balance proves that none is missing. Nothing is guessed: what
 * cannot be read is listed with its row. Pure; any thread. */
#ifndef TRADE_STATEMENT_H
#define TRADE_STATEMENT_H

#include <glib.h>
#include "market/trade/amount.h"
#include "market/trade/bank_event.h"
#include "market/trade/sheet.h"

enum { STATEMENT_HEADER_ROWS = 40, STATEMENT_ISSUES = 200 };

#define STATEMENT_REASONS(X)                                                                                 \
    X(OK, "ok")                                                                                              \
    X(NO_HEADER, "no-header") /* no row with a date and an amount among the first STATEMENT_HEADER_ROWS */   \
    X(MIXED_AMOUNTS, "mixed-amounts") /* 1,234 here and 1.234 there */                                       \
    X(NO_DIRECTION, "no-direction")   /* amounts without sign, column or balance to tell in from out */      \
    X(NO_ROWS, "no-rows")

enum statement_reason {
#define X(name, word) STATEMENT_##name,
    STATEMENT_REASONS(X)
#undef X
};
const char *statement_word(enum statement_reason reason);

enum statement_chain { CHAIN_NONE, CHAIN_WHOLE, CHAIN_BROKEN };

struct statement_issue {
    size_t row;       /* of the sheet, from 1, as a person counts */
    const char *word; /* "bad-date", "bad-amount", "no-amount", "two-amounts" */
};

struct statement {
    char *account;     /* found above the table, "" when it is not printed there */
    size_t header_row; /* from 1 */
    GPtrArray *events; /* of struct bank_event, oldest first; their account is still "" */
    GArray *rows;      /* of size_t: the sheet's row of each event, from 1 */
    GArray *issues;    /* of struct statement_issue, at most STATEMENT_ISSUES */
    enum statement_chain chain;
    size_t chain_row; /* CHAIN_BROKEN: the first row that does not follow, from 1 */
    bool has_balance;
    struct money opening, closing;
};

/* On STATEMENT_OK *out is yours for statement_free. */
enum statement_reason statement_read(const struct sheet *sheet, struct statement **out);
void statement_free(struct statement *statement); /* NULL is fine */

/* Gives every event the account and an id that the same row gets in every export: from the bank's reference
 * and amount, else date, amount, memo and balance; rows alike in all that are numbered. */
void statement_name(struct statement *statement, const char *account);

#endif
