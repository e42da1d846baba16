/* answer.h: what a client's key was answered. Kept in the transaction of the effect, so a repeat, hours later
 * or after a crash, gets the same words and causes nothing. Only effects are kept: a refusal changed nothing
 * and may be tried again with the same key. */
#ifndef TRADE_ANSWER_H
#define TRADE_ANSWER_H

#include "market/trade/trade.h"

struct answer {
    bool found;
    bool same;     /* the same command with the same content; never, for nobody, what somebody was answered */
    int64_t maker; /* whom the effect belongs to */
    int64_t age_ms;
    bool without_login; /* it was given to somebody not logged in */
    enum result result;
    json_t *body; /* yours; NULL for none */
};

/* What identifies the content: of command and params, whatever the order of their fields. */
void answer_digest(const char *command, json_t *params, char out[65]);
enum result answer_find(struct trade *trade, const char *key, const char *digest, struct answer *out);
/* `person`: in whose name the key counts, 0 when nobody was logged in; `maker`: whom the effect belongs to;
 * `body`: compact JSON, or NULL. */
enum result answer_keep(struct trade *trade, const char *key, const char *digest, int64_t person,
                        int64_t maker, enum result result, const char *body);

#endif
