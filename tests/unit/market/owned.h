/* owned.h: a world with two of each: things that are the buyer's, the farmer's or the courier's of the demo
 * commune, and somebody else with a stall and orders of the own. One row says how a thing is asked for. */
#ifndef TESTS_OWNED_H
#define TESTS_OWNED_H

#include "tests/unit/market/desk_fixture.h"

#include <sqlite3.h>

#define OWNED_PHONE "+84912345678" /* of who orders */

struct world {
    struct fixture *f;
    struct who other; /* farmer, buyer and courier in one person */
    sqlite3 *db;      /* notices whether anybody has written */
    char code[24];    /* of the order that was made last */
    int64_t id, lot;  /* of what was made last; its lot */
};

/* How it is answered: y done, n refused by the moment, f forbidden, u "there is no such thing"; - not asked
 * (the matrix of test_roles.c lets them). `owner`: Buyer, Farmer or Courier. What is answered to others with
 * y has nobody's telephone number in it. */
struct theirs {
    const char *name;
    json_t *(*make)(struct world *w); /* makes a new thing and gives good params for it, with a key; yours */
    char owner, mine, other, cadre;
};
extern const struct theirs theirs[];
extern const size_t theirs_count;

void world_make(struct world *w, struct fixture *f);
void world_free(struct world *w);
int64_t world_version(struct world *w); /* another number whenever somebody has written */
char *world_print(struct world *w);     /* of all that is in the database; for g_free */

#endif
