/* statement_columns.h: what the columns of a statement mean. Internal to statement*.c. */
#ifndef TRADE_STATEMENT_COLUMNS_H
#define TRADE_STATEMENT_COLUMNS_H

#include <stdbool.h>
#include "market/trade/sheet.h"

enum column {
    COLUMN_DATE,
    COLUMN_VALUE_DATE,
    COLUMN_REFERENCE,
    COLUMN_MEMO,
    COLUMN_DEBIT,
    COLUMN_CREDIT,
    COLUMN_AMOUNT,
    COLUMN_SIGN,
    COLUMN_FEE,
    COLUMN_TAX,
    COLUMN_BALANCE,
    COLUMN_PAYER,
    COLUMNS
};

struct columns {
    size_t header;   /* row of the titles */
    size_t first;    /* first row behind them */
    int at[COLUMNS]; /* -1: not there */
};

/* Finds the header among the first STATEMENT_HEADER_ROWS; titles may stand in two rows. False: none. */
bool columns_find(const struct sheet *sheet, struct columns *out);

/* The account's number where it is printed above the table; yours to g_free; "" when it is not. */
char *columns_account(const struct sheet *sheet, size_t header);

/* "" when the column is not there. */
const char *columns_cell(const struct sheet *sheet, const struct columns *columns, size_t row,
                         enum column column);

/* A row with a memo and nothing else: a printed statement broke the memo over lines. */
bool columns_lone_memo(const struct sheet *sheet, const struct columns *columns, size_t row);
/* A row of totals, or words of the bank behind the table: nothing follows. */
bool columns_ends(const struct sheet *sheet, const struct columns *columns, size_t row);
/* Balance brought forward, repeated titles and the like: not a movement. */
bool columns_skips(const struct sheet *sheet, const struct columns *columns, size_t row);

#endif
