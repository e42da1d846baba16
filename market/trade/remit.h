/* remit.h: a carrier's list of what it collected at doors, as CSV or XLSX: a number of its own for each
 * parcel, the COD amount, its fee, a day. The header row is found by what its titles mean; nothing is
 * guessed. Pure; any thread. */
#ifndef TRADE_REMIT_H
#define TRADE_REMIT_H

#include <glib.h>
#include "market/base/money.h"
#include "market/trade/sheet.h"

enum {
    REMIT_ROWS = 500, /* of one list: it is booked by one command */
    REMIT_HEADER_ROWS = 40,
    REMIT_TRACKING_MIN = 4,
    REMIT_TRACKING_MAX = 40
};

#define REMIT_REASONS(X)                                                                                     \
    X(OK, "ok")                                                                                              \
    X(NO_HEADER, "no-header")         /* no row with a parcel's number and a COD amount */                   \
    X(MIXED_AMOUNTS, "mixed-amounts") /* 1,234 here and 1.234 there */                                       \
    X(BAD_ROW, "bad-row")             /* *bad_row says which */                                              \
    X(TWICE, "row-twice")             /* the same number in two rows; *bad_row is the second */              \
    X(TOO_MANY, "too-many-rows")                                                                             \
    X(NO_ROWS, "no-rows")
enum remit_reason {
#define X(name, word) REMIT_##name,
    REMIT_REASONS(X)
#undef X
};
const char *remit_word(enum remit_reason reason); /* stable code */

struct remit_line {
    char tracking[REMIT_TRACKING_MAX + 1];
    struct money cod, fee; /* ≥ 0; a fee printed below 0 is the same fee */
    int64_t day_ms;        /* 0: the list does not say */
};

/* Letters and digits only, upper case: carriers print the same number with and without dashes. False: too
 * short or too long. */
bool remit_tracking(const char *typed, char out[REMIT_TRACKING_MAX + 1]);

/* On REMIT_OK *lines is an array of struct remit_line, yours to g_array_unref. *bad_row counts as a person
 * does. */
enum remit_reason remit_read(const struct sheet *sheet, GArray **lines, size_t *bad_row);

#endif
