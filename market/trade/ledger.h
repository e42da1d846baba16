/* ledger.h: the double-entry book. An entry is immutable and balanced, its key is used once; a mistake is put
 * right by an entry that reverses it. Balances are kept beside the postings and can be recomputed from them.
 * Runs in the command's transaction; desk thread (reading: any reader). */
#ifndef TRADE_LEDGER_H
#define TRADE_LEDGER_H

#include "market/base/money.h"
#include "market/trade/trade.h"

/* Whose account it is: the subject beside it. Names are stored: never renamed.
 * Debit (+) is what we have or are owed, credit (-) what we owe. */
enum account_kind {
    ACCOUNT_BANK,     /* bank_account row: what is in it */
    ACCOUNT_CARRIER,  /* carrier's number: collected at doors, not paid on yet */
    ACCOUNT_CASH,     /* person: notes in their pocket; never below 0 */
    ACCOUNT_ORDER,    /* order: what the buyer still owes; below 0: paid too much */
    ACCOUNT_FARMER,   /* person: what the farmer is to get (-); above 0: to be taken back */
    ACCOUNT_CREDIT,   /* person: what a buyer has good with us (-) */
    ACCOUNT_SUSPENSE, /* 0: money that nobody knows yet */
    ACCOUNT_FEES,     /* 0: the co-op's part */
    ACCOUNT_DELIVERY, /* person, or 0 for the co-op: earned by driving */
    ACCOUNT_REFUND,   /* refund row: granted (-), not paid yet */
    ACCOUNT_WRITEOFF, /* 0: lost */
    ACCOUNT_FUND,     /* fund row: a village's or commune's money */
    ACCOUNT_OWNED,    /* person: money that went straight into their own bank account */
    ACCOUNT_KINDS
};
const char *account_kind_name(enum account_kind kind);

#define ENTRY_KINDS(X)                                                                                       \
    X(CHARGE, "charge")                                                                                      \
    X(ADJUST, "adjust")                                                                                      \
    X(PAYMENT, "payment")                                                                                    \
    X(CASH, "cash") X(SUSPENSE, "suspense") X(RESOLVE, "resolve") X(CREDIT, "credit")                        \
        X(REFUND_GRANT, "refund-grant") X(REFUND_PAY, "refund-pay") X(PAYOUT, "payout") X(DIRECT, "direct")  \
            X(HANDOVER, "handover") X(BANKED, "banked") X(BANK_OUT, "bank-out") X(DIFFERENCE, "difference")  \
                X(REVERSE, "reverse")
enum entry_kind {
#define X(name, word) ENTRY_##name,
    ENTRY_KINDS(X)
#undef X
};
const char *entry_kind_name(enum entry_kind kind);

enum { POSTINGS_MAX = 64 };

struct posting {
    enum account_kind kind;
    int64_t subject;
    struct money amount; /* + debit, - credit; 0 is left out */
    bool within;         /* may use up what the account owes, not more: its balance stays at or below 0 */
};

struct entry {
    const char *key; /* ≤ 120 bytes; of the fact, not of the try: "event:12" */
    enum entry_kind kind;
    int64_t order; /* 0: of none */
    int64_t reverses;
    const char *words; /* ≤ 300 characters, may be NULL */
};

/* Books the entry. R_OK: *id (may be NULL) is its row, an earlier one when the key had been used for the same
 * content. R_KEY_REUSED: for other content. R_WRONG_MOMENT with {"reason":"not-enough"}: an account would
 * pass its bound. R_FAULT: it is not balanced, or beyond what money can be: our mistake, nothing is written.
 * After any refusal the command must be undone: part of the entry may have been written. */
enum result ledger_post(struct trade *trade, const struct entry *entry, const struct posting *postings,
                        size_t count, int64_t *id);

/* Books the opposite of an entry. R_UNKNOWN; R_WRONG_MOMENT when it was reversed before. */
enum result ledger_reverse(struct trade *trade, int64_t id, const char *key, const char *words,
                           int64_t *reversal);

struct money ledger_balance(struct trade *trade, enum account_kind kind,
                            int64_t subject); /* 0 for an unused account */
/* Number of the first entry that was made at or after this moment; one more than the last when there is none.
 */
int64_t ledger_since(struct trade *trade, int64_t at_ms);
int64_t ledger_find(struct trade *trade, const char *key); /* entry's row; 0: none */

struct money money_negative(struct money m);

/* Recomputes: every entry adds up to 0, every balance is the sum of its postings, the whole is 0. False:
 * *what says which ("entry", "account", "settlement", "whole") and *first_bad is the first row that does not
 * fit. */
bool ledger_verify(struct store *store, int64_t *entries, const char **what, int64_t *first_bad);

#endif
