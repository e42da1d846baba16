/* proof.h: what shows that goods were handed over: the buyer's four digits, a photo, a signature. Desk
 * thread; reading: any reader. */
#ifndef TRADE_PROOF_H
#define TRADE_PROOF_H

#include "market/trade/trade.h"

enum { DOOR_CODE_CHARS = 4, DOOR_CODE_TRIES = 5, PROOF_BODY_MAX = 300000, SIGNATURE_MAX = 20000 };
enum proof_kind { PROOF_NONE, PROOF_CODE, PROOF_PHOTO, PROOF_SIGNATURE, PROOF_KINDS };
const char *proof_name(enum proof_kind kind); /* stored, never renamed; NULL for PROOF_NONE */

/* Pure. A JPEG as base64; an SVG path of M and L on a field of 300 × 150. */
bool proof_fits(enum proof_kind kind, const char *body);

/* The order has four digits from now on; those it had stay. */
enum result proof_code_make(struct trade *trade, int64_t order);
bool proof_code_read(struct trade *trade, int64_t order,
                     char code[DOOR_CODE_CHARS + 1]); /* false: it has none */

enum result proof_keep(struct trade *trade, int64_t event, enum proof_kind kind, const char *body);
/* Those of a stop: [{kind,body,digest,at}]. */
enum result proof_list(struct trade *trade, int64_t stop, json_t **out);

#endif
