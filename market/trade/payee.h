/* payee.h: into which bank account a stall's buyers pay: the farmer's own or the co-op's, chosen per stall. A
 * change to another account takes effect a day later, so that a stolen session cannot turn tonight's money
 * away unseen. Desk thread; reading: any reader. */
#ifndef TRADE_PAYEE_H
#define TRADE_PAYEE_H

#include "market/trade/books.h"

enum { PAYEE_DELAY_MS = 24 * 3600 * 1000, PAYEE_FEE_MAX = 5000 };

struct bank_account_request {
    const char *bin, *number, *holder; /* holder cleaned */
    int64_t owner;                     /* person; 0: the co-op's */
};

/* R_BAD_FIELD for a bin or number that VietQR would not carry; the row that is there already when it is
 * equal; R_ALREADY for another holder or owner of the same number. */
enum result bank_account_add(struct trade *trade, const struct bank_account_request *request, int64_t *id);
enum result bank_account_list(struct trade *trade, json_t **out);

/* What was chosen last counts from *starts_at on, and calls off what was waiting to count: at once for a
 * stall that has none and for the account that counts now, else a day after it was first named. R_FORBIDDEN:
 * a farmer's own account for another's stall. */
enum result payee_set(struct trade *trade, int64_t stall, int64_t account, int64_t fee_points,
                      int64_t *starts_at);
json_t *payee_json(struct trade *trade, int64_t stall); /* {now:{…}|null,next:{…}|null} */

/* How to pay what is due of an order: {payload,svg,bin,bank,number,holder,amount,memo}. R_WRONG_MOMENT:
 * nothing is due, or the order is cancelled; R_UNKNOWN: the stall has no account. */
enum result payee_qr(struct trade *trade, const struct pay_order *order, json_t **out);

#endif
