/* recovery.h: ten codes on paper, each of which stands once for the authenticator app of who lost the
 * telephone. Kept as Argon2id under a salt of their own (ASVS 6.5.2: they have fewer than 112 bits). */
#ifndef TRADE_RECOVERY_H
#define TRADE_RECOVERY_H

#include "market/base/id.h"
#include "market/trade/trade.h"

enum {
    RECOVERY_CODES = 10,
    RECOVERY_CHARS = 10,                 /* 50 bits: 0-9 A-Z without I L O U */
    RECOVERY_SHOWN = RECOVERY_CHARS + 1, /* with a dash in the middle */
};

struct recovery {
    char code[RECOVERY_CODES][RECOVERY_SHOWN + 1]; /* to be shown once */
    char print[RECOVERY_CODES][ID_HASH_CHARS + 1];
    char salt[ID_SECRET_CHARS + 1];
};

/* New ones: about a second of one core, so never on the desk thread. False: no memory for it. */
bool recovery_make(struct recovery *out);
/* As typed: any case, spaces and dashes allowed, O for 0, I and L for 1. False: not such a code. */
bool recovery_read(const char *typed, char out[RECOVERY_CHARS + 1]);
/* What is stored of one; a tenth of a second. */
bool recovery_print(const char code[RECOVERY_CHARS + 1], const char *salt, char out[ID_HASH_CHARS + 1]);

/* These in the place of all the person had. Desk thread. */
enum result recovery_keep(struct trade *trade, int64_t person, const struct recovery *codes);
/* Uses one up. R_BAD_CODE: it is none of theirs, or was used. Desk thread. */
enum result recovery_use(struct trade *trade, int64_t person, const char *print);
bool recovery_there(struct store *store, int64_t person, const char *print);
int64_t recovery_left(struct store *store, int64_t person);
enum result recovery_forget(struct trade *trade, int64_t person);

#endif
