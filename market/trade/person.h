/* person.h: people: who they are, what they may, how they prove it. */
#ifndef TRADE_PERSON_H
#define TRADE_PERSON_H

#include "market/base/id.h"
#include "market/trade/trade.h"

/* Characters. Six: a PIN; guesses are throttled, see desk/throttle.h. Cadres and admins need more
 * (ASVS 6.2.1).
 */
enum { PASSWORD_MIN = 6, PASSWORD_MIN_OFFICE = 8, PASSWORD_MAX = 128, PASSWORD_TEXT = 128 };

struct person_request {
    const char *name, *phone, *place; /* cleaned; phone normalised */
    uint32_t roles;
    const char *password; /* Argon2id text, or NULL */
};

/* A person who can log in. R_ALREADY when the phone is taken; a household that the team only ordered for is
 * not: it becomes this person (placer.h). */
enum result person_add(struct trade *trade, const struct person_request *request, int64_t *id);
/* A buyer who only orders: no log-in, the phone is for the courier and proves nothing. */
enum result person_walk_in(struct trade *trade, const char *name, const char *phone, const char *place,
                           int64_t *id);
enum result person_set_password(struct trade *trade, int64_t id, const char *password); /* NULL: none */

/* Who logs in with this phone; 0 and an empty hash when nobody does. `password` gets at most PASSWORD_TEXT
 * bytes. */
int64_t person_by_login(struct store *store, const char *phone, char password[PASSWORD_TEXT]);
bool person_password(struct store *store, int64_t id,
                     char password[PASSWORD_TEXT]);     /* false: unknown or none */
char *person_name(struct trade *trade, int64_t id);     /* for g_free; NULL: unknown */
uint32_t person_roles(struct store *store, int64_t id); /* 0: unknown */

/* PERSON {id,name,phone,place,roles[],stalls[]}; NULL when unknown. */
json_t *person_json(struct trade *trade, int64_t id);
/* Those who can log in; `role` 0: all. */
enum result person_list(struct trade *trade, uint32_t role, json_t **out);

const char *role_name(enum role role);
bool role_read(const char *name, uint32_t *role);
json_t *roles_json(uint32_t roles);

/* Argon2id, 19 MiB, two passes, one lane: a tenth of a second of one core, so never on the desk thread. Any
 * thread. */
bool password_hash(const char *password, char out[PASSWORD_TEXT]);
/* An empty `hash` costs the same time and is false: unknown numbers must not answer faster. */
bool password_verify(const char *password, const char *hash);
/* What tells one password from another under a client's key; as slow to guess from as a hash. */
bool password_print(const char *password, const char *key, char out[ID_HASH_CHARS + 1]);
bool password_is_common(const char *password); /* among those everybody tries first, or one character
                                                  repeated, or a run like 123456 */

#endif
