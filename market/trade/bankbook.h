/* bankbook.h: what banks tell us, from the raw notice to its one disposition. A notice is kept first, in a
 * command of its own that is answered; reading and matching come after, and may be done again. An event is
 * known for ever by its source's id; the same movement heard of in two ways is joined, not booked twice. Desk
 * thread. */
#ifndef TRADE_BANKBOOK_H
#define TRADE_BANKBOOK_H

#include "market/trade/bank_event.h"
#include "market/trade/hook.h"
#include "market/trade/ledger.h"
#include "market/trade/statement.h"
#include "market/trade/trade.h"

enum bank_verdict {
    BANK_REPEATED, /* known already: nothing changed */
    BANK_JOINED,   /* the same movement was heard of in another way */
    BANK_MATCHED,  /* booked for one order */
    BANK_UNSURE,   /* booked in suspense: a person decides */
    BANK_REVIEW,   /* not booked: it looks like one that was booked; a person decides */
    BANK_OUTGOING,
    BANK_FOREIGN, /* not an account of ours */
    BANK_VERDICTS
};
const char *bank_verdict_name(enum bank_verdict verdict);

/* Keeps a notice as it came; an equal one from the same source is kept once. Only genuine ones are kept
 * (R_BAD_TOKEN). `headers` is JSON text. *raw is its row. */
enum result bankbook_keep(struct trade *trade, enum bank_source source, enum hook_auth auth,
                          const char *headers, struct hook_body body, int64_t *raw);

/* Reads and takes the notices that wait, at most `limit`; *worked says how many. One that cannot be read
 * becomes a task. */
enum result bankbook_work(struct trade *trade, int64_t limit, int64_t *worked);

/* Takes one event: dedupes, joins, matches, books. */
enum result bankbook_take(struct trade *trade, int64_t raw, const struct bank_event *event,
                          enum bank_verdict *verdict);

/* Takes all events of a statement of `account` (bank_account row); *out: {rows, booked, known, joined,
 * review, ...}. */
enum result bankbook_import(struct trade *trade, int64_t account, struct statement *statement, json_t **out);

/* A person's word on a task about an event. R_UNKNOWN; R_WRONG_MOMENT: closed before, or not a task of that
 * kind. */
enum result bankbook_assign(struct trade *trade, int64_t task, int64_t order); /* it is for this order */
enum result bankbook_join(struct trade *trade, int64_t task); /* it is the movement that was booked before */
/* It is cash that this person paid in (ACCOUNT_CASH), or a payout of this carrier (ACCOUNT_CARRIER;
 * R_UNKNOWN). */
enum result bankbook_banked(struct trade *trade, int64_t task, enum account_kind whose, int64_t subject);

#endif
