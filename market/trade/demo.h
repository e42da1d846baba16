/* demo.h: a small commune to look at: an admin, a cadre, a farmer with the stall khe-nhinh and its
 * vegetables, a buyer, a courier. */
#ifndef TRADE_DEMO_H
#define TRADE_DEMO_H

#include "market/trade/person.h"
#include "market/trade/trade.h"

enum { DEMO_PEOPLE = 5, DEMO_PASSWORD = 12 };

struct demo_password {
    char plain[DEMO_PASSWORD + 1];
    char hash[PASSWORD_TEXT];
};
/* Random passwords, hashed: half a second, so before the command. Any thread. */
bool demo_passwords(struct demo_password out[DEMO_PEOPLE]);

/* Makes what is missing and sees to an approved live session. With passwords (else NULL): sets them, issues
 * tokens, and *out becomes {tokens:{farmer,…},people:{farmer:{phone,password},…},stall}. */
enum result demo_make(struct trade *trade, const struct demo_password *passwords, json_t **out);

#endif
