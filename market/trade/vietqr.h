/* vietqr.h: the payload of a VietQR transfer code (NAPAS, "Định dạng mã VietQR trong dịch vụ chuyển nhanh
 * NAPAS247" 1.0; EMVCo merchant-presented mode), made and read here, with nobody called. Pure; any thread. */
#ifndef TRADE_VIETQR_H
#define TRADE_VIETQR_H

#include <glib.h>
#include <stdbool.h>
#include "market/base/money.h"

enum {
    VIETQR_MEMO = 19,     /* characters we write: the shortest limit found among the banks */
    VIETQR_PAYLOAD = 512, /* longest that is read */
    VIETQR_ACCOUNT_MIN = 6,
    VIETQR_ACCOUNT_MAX = 19
};

#define VIETQR_AMOUNT_MAX INT64_C(499999999) /* NAPAS247 carries less than 500 million đ at a time */

/* Why a payload is refused; the word goes to people and scripts and is never renamed. */
#define VIETQR_REASONS(X)                                                                                    \
    X(OK, "ok")                                                                                              \
    X(EMPTY, "empty")                                                                                        \
    X(TOO_LONG, "too long")                                                                                  \
    X(CHARSET, "a character outside printable ASCII")                                                        \
    X(NOT_EMV, "not an EMVCo payment code: it does not begin with 000201")                                   \
    X(LENGTH, "a field's length does not fit")                                                               \
    X(TWICE, "a field is there twice")                                                                       \
    X(NO_CRC, "the check sum (63) is missing or not last")                                                   \
    X(BAD_CRC, "the check sum does not fit")                                                                 \
    X(NETWORK, "another network")                                                                            \
    X(METHOD, "field 01 is neither 11 nor 12")                                                               \
    X(NESTING, "the receiver's template (38) is not built as VietQR asks")                                   \
    X(BIN, "the bank number is not six digits")                                                              \
    X(ACCOUNT, "the account is not 1 to 19 letters and digits")                                              \
    X(SERVICE, "the service code is not QRIBFTTA, QRIBFTTC or QRPUSH")                                       \
    X(CURRENCY, "the currency is not 704")                                                                   \
    X(AMOUNT, "the amount is not a whole, positive number of đồng")                                          \
    X(COUNTRY, "the country is not VN")                                                                      \
    X(FIELD, "a name, city, postcode or reference is longer than allowed")                                   \
    X(ADDITIONAL, "the additional data (62) are not well built")

enum vietqr_reason {
#define X(name, words) VIETQR_##name,
    VIETQR_REASONS(X)
#undef X
};

const char *vietqr_words(enum vietqr_reason reason);

struct vietqr {
    char bin[7];      /* the bank */
    char account[20]; /* letters of either case and digits; leading zeros matter */
    char service[11]; /* "QRIBFTTA" to an account, "QRIBFTTC" to a card */
    bool is_static;   /* may be paid again and again */
    bool has_amount;
    struct money amount;
    char memo[100];     /* 62.08 */
    char bill[26];      /* 62.01 */
    char reference[26]; /* 62.05 */
    char mcc[5];
    char name[26], city[16], postcode[11];
};

/* Reads a payload; on VIETQR_OK all of *out is set, texts that are absent are "". Blanks around it are
 * ignored. */
enum vietqr_reason vietqr_read(const char *payload, struct vietqr *out);

/* Makes the payload for bin, account, amount and memo of *in (service "" means QRIBFTTA). With an amount it
 * is of the kind for one payment (12), without one reusable (11). The memo must have been through
 * vietqr_memo. On VIETQR_OK *payload is yours to g_free. */
enum vietqr_reason vietqr_make(const struct vietqr *in, char **payload);

/* A memo that survives the banks: plain letters, digits and single blanks, at most VIETQR_MEMO characters.
 * When it has to be cut, an order code in it is kept whole. Yours to g_free; may be "". */
char *vietqr_memo(const char *text);

#endif
