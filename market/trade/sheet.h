/* sheet.h: a table of text, as read from a CSV or XLSX file: rows of cells, nothing known of what they mean.
 */
#ifndef TRADE_SHEET_H
#define TRADE_SHEET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SHEET_FILE = 16 * 1024 * 1024,     /* bytes of a file that is looked at */
    SHEET_INFLATED = 64 * 1024 * 1024, /* bytes that a packed file may grow to */
    SHEET_RATIO = 200,                 /* and times its packed size */
    SHEET_ROWS = 100000,
    SHEET_COLUMNS = 64,
    SHEET_CELL = 4000 /* bytes */
};

#define SHEET_REASONS(X)                                                                                     \
    X(OK, "ok")                                                                                              \
    X(EMPTY, "empty")                                                                                        \
    X(TOO_BIG, "too-big")     /* file, rows, columns or what it unpacks to */                                \
    X(NOT_TEXT, "not-text")   /* neither a text nor a spreadsheet */                                         \
    X(BROKEN, "broken")       /* a quote that does not close, a damaged package */                           \
    X(OLD_EXCEL, "old-excel") /* .xls of before 2007: to be saved as .xlsx or .csv */                        \
    X(LOCKED, "password-protected")

enum sheet_reason {
#define X(name, word) SHEET_##name,
    SHEET_REASONS(X)
#undef X
};
const char *sheet_word(enum sheet_reason reason); /* stable code */

struct sheet;

void sheet_free(struct sheet *sheet); /* NULL is fine */
size_t sheet_rows(const struct sheet *sheet);
size_t sheet_columns(const struct sheet *sheet, size_t row);
/* "" outside the table. UTF-8, blanks at the ends dropped. */
const char *sheet_cell(const struct sheet *sheet, size_t row, size_t column);

/* Reads either kind by its first bytes. On SHEET_OK *out is yours. */
enum sheet_reason sheet_read(const char *bytes, size_t size, struct sheet **out);

/* CSV: UTF-8 with or without a mark, UTF-16 with one, else Windows-1258 or 1252; comma, semicolon or tab,
 * whichever the file uses; quotes with line ends in them. */
enum sheet_reason sheet_read_csv(const char *bytes, size_t size, struct sheet **out);
/* XLSX: the sheet with most rows of a workbook. Numbers stay as they are written in the file; dates are day
 * numbers. */
enum sheet_reason sheet_read_xlsx(const char *bytes, size_t size, struct sheet **out);

/* For the readers. */
struct sheet *sheet_new(void);
bool sheet_put(struct sheet *sheet, size_t row, size_t column, const char *text,
               size_t size); /* false: beyond the limits */

#endif
