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

/* A statement is of `account` (bank_account row): *number is that account's, for statement_name. R_UNKNOWN;
 * R_BAD_FIELD: the file says that it is another's. `number` takes 20 bytes. */
enum result bankbook_open(struct trade *trade, int64_t account, const struct statement *statement,
                          char *number);

/* Its events are taken in slices, a command each, so that a long one keeps nobody waiting. */
struct bankbook_slice {
    const struct statement *statement; /* named */
    guint from;                        /* the first event to take */
    int64_t budget_us;                 /* no event is begun after that, but one is always taken */
    guint to;                          /* out: the first that was not taken */
    int64_t counts[BANK_VERDICTS];     /* out: what became of those of this slice */
};
enum result bankbook_take_slice(struct trade *trade, struct bankbook_slice *slice);
/* {rows, repeated, joined, matched, …} */
json_t *bankbook_counts_json(guint rows, const int64_t counts[BANK_VERDICTS]);

/* A person's word on a task about an event. R_UNKNOWN; R_WRONG_MOMENT: closed before, or not a task of that
 * kind. */
enum result bankbook_assign(struct trade *trade, int64_t task, int64_t order); /* it is for this order */
enum result bankbook_join(struct trade *trade, int64_t task); /* it is the movement that was booked before */
/* It is cash that this person paid in (ACCOUNT_CASH), or a payout of this carrier (ACCOUNT_CARRIER;
 * R_UNKNOWN). */
enum result bankbook_banked(struct trade *trade, int64_t task, enum account_kind whose, int64_t subject);

#endif
