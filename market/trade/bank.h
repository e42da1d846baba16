/* bank.h: the table of banks' identification numbers (BIN). It is data a person may edit: banks merge and
 * change names, so a number that is not in it is a warning, never an error. The built-in table is banks.tsv;
 * a file named by the configuration replaces it. Read once at start, then constant: any thread. */
#ifndef TRADE_BANK_H
#define TRADE_BANK_H

#include <stdbool.h>
#include <stddef.h>

struct bank {
    const char *bin;        /* 6 digits */
    const char *code;       /* may be "" */
    const char *short_name; /* "Agribank" */
    const char *name;       /* in Vietnamese */
    bool receives;          /* known to take VietQR transfers */
};

struct bank_table;

/* The built-in table for path NULL. NULL when the file cannot be read or a line is not
 * bin, code, short name, name, vietqr, … between tabs; `why` (≥ 128 bytes, may be NULL) then says where. */
struct bank_table *bank_table_new(const char *path, char *why, size_t why_size);
void bank_table_free(struct bank_table *table); /* NULL is fine */

size_t bank_count(const struct bank_table *table);
const struct bank *bank_at(const struct bank_table *table, size_t i);          /* in the file's order */
const struct bank *bank_find(const struct bank_table *table, const char *bin); /* NULL: not in the table */

bool bank_bin_ok(const char *bin); /* six digits */

#endif
