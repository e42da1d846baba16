/* factor.h: the second factor of who works in the office: an authenticator app, and paper for when it is
 * lost. What guesses cost is in desk/throttle.h. Desk thread; reading: any reader. */
#ifndef TRADE_FACTOR_H
#define TRADE_FACTOR_H

#include "market/trade/recovery.h"
#include "market/trade/totp.h"
#include "market/trade/trade.h"

enum { FACTOR_TYPED_MAX = 40, FACTOR_SEALED_TEXT = 128 };

/* What stands in the row; texts of a row that is not there are "". */
struct factor {
    char sealed[FACTOR_SEALED_TEXT], salt[ID_SECRET_CHARS + 1];
    int64_t on_at; /* 0: none, or one whose first code has not been given */
    int64_t step;  /* newest that was taken */
};
bool factor_read(struct store *store, int64_t person, struct factor *out); /* false: no row */
bool factor_on(struct store *store, int64_t person);

/* What somebody typed: one of both, or neither (""). */
struct factor_proof {
    char code[TOTP_DIGITS + 1];    /* of an app */
    char print[ID_HASH_CHARS + 1]; /* of a recovery code */
};
/* Which step of the person's app this code is; 0: none of those that count. Also on a reader. */
int64_t factor_match(const struct trade *trade, int64_t person, const struct factor *factor,
                     const char code[TOTP_DIGITS + 1]);

/* A new secret, which counts for nothing until its first code: {secret, uri, svg}. R_WRONG_MOMENT
 * {"reason":"factor-on"}: one is. */
enum result factor_begin(struct trade *trade, int64_t person, json_t **out);
/* The one begun at `made_at`, shown again: a phone short of memory may throw the page away while the app is
 * open. R_UNKNOWN: it is no more, or another took its place. */
enum result factor_show(struct trade *trade, int64_t person, int64_t made_at, json_t **out);
/* Its first code. R_WRONG_MOMENT {"reason"}: "factor-not-begun", "factor-on". `codes` NULL: none could be
 * made for it. */
enum result factor_confirm(struct trade *trade, int64_t person, const char *code,
                           const struct recovery *codes);
/* Other recovery codes in the place of what is left; NULL as above. R_WRONG_MOMENT {"reason":"factor-off"}.
 */
enum result factor_codes(struct trade *trade, int64_t person, const struct recovery *codes);
/* Uses the proof up. R_OK when no factor is on; R_CODE_NEEDED without a proof; R_BAD_CODE when it is wrong
 * or was used. */
enum result factor_take(struct trade *trade, int64_t person, const struct factor_proof *proof);
/* No factor any more; `kind` is the journal's word. R_UNKNOWN: there was none. */
enum result factor_drop(struct trade *trade, int64_t person, const char *kind);

/* {on, since|null, codes_left}. */
json_t *factor_json(struct store *store, int64_t person);

#endif
