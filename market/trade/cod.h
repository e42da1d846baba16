/* cod.h: who may be driven to for cash at the door: by phone number, how often its doors were refused lately
 * and how much it owes at once. Beyond that it pays before, or somebody of the office lets it go by name. How
 * far is codrule.h's.
 * Desk thread; reading: any reader. */
#ifndef TRADE_COD_H
#define TRADE_COD_H

#include "market/trade/books.h"
#include "market/trade/codrule.h"

enum cod_verdict { COD_FINE, COD_REFUSED_BEFORE, COD_TOO_MUCH };
const char *cod_word(enum cod_verdict verdict); /* NULL, "cod-refusals", "cod-cap": reasons of the API */

/* What is paid, or was let go by the office (its own word for "cash": paywish.h), is always fine. An order
 * that waits for its farmer's yes is looked at as if it had it. */
enum result cod_look(struct trade *trade, const struct pay_order *order, enum cod_verdict *verdict);
/* The same as a refusal: R_WRONG_MOMENT {"reason": cod_word}. */
enum result cod_may(struct trade *trade, const struct pay_order *order);
/* For the page of the order: {pay_first: cod_word, may: the asker may say cash, refusals, days, owed_max}. */
enum result cod_json(struct trade *trade, const struct pay_order *order, json_t **out);
/* For the asker's own number, before ordering: {phone: null for who has none, pay_first, left: đồng that may
 * still be owed beside the asker's own orders, credit: what the asker has good with us, refusals, days,
 * owed_max}. What others owe under the number is not said: anybody can order under it. The order itself is
 * held against all of it (cod_json). */
enum result cod_mine(struct trade *trade, json_t **out);

#endif
