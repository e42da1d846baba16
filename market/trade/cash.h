/* cash.h: notes from the buyer's door to the bank: collected → on the courier → handed over (one gives, the
 * other counts) → banked. What a person should have in the pocket is an account that cannot go below zero.
 * Desk thread; reading: any reader. */
#ifndef TRADE_CASH_H
#define TRADE_CASH_H

#include "market/trade/books.h"

/* The asker took `amount` for the order at the door. A transfer that came as well makes the rest the buyer's
 * credit. `key` is the client's: a phone that syncs twice books once. */
enum result cash_collect(struct trade *trade, const char *key, const struct pay_order *order,
                         struct money amount, struct receipt *out);

/* The asker gives; *id. R_WRONG_MOMENT {"reason":"not-enough"}: more than he has and has not offered to
 * others. */
enum result cash_give(struct trade *trade, int64_t taker, struct money amount, int64_t *id);
/* The taker counted. Only what was counted changes hands: a difference stays on the giver, with the reason
 * beside it. R_FORBIDDEN: another's. */
enum result cash_take(struct trade *trade, int64_t id, struct money counted, const char *reason);

json_t *handover_json(struct trade *trade, int64_t id);
/* Open handovers to and from a person. */
enum result handover_list(struct trade *trade, int64_t person, json_t **out);

/* Per person and day (Vietnam's): {day,person,name,collected,remitted,balance}. from/to in ms, person 0: all.
 */
enum result cash_report(struct trade *trade, int64_t person, int64_t from_ms, int64_t to_ms, json_t **out);

#endif
