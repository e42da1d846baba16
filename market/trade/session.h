/* session.h: a browser that is logged in; one-time links that log one in; bearer tokens for programs.
 * Secrets are shown once and kept as SHA-256 only. */
#ifndef TRADE_SESSION_H
#define TRADE_SESSION_H

#include "market/base/id.h"
#include "market/trade/trade.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
enum {
    LINK_MINUTES = 15,
    PROOF_MINUTES = 10,
    SESSIONS_MAX = 20 /* of one person; the one unseen for longest ends */
};
/* Ends when unused that long, and at the latest: cadres and admins 12 hours and 7 days, everybody else 45 and
 * 180 days (a farmer without reading skills cannot log in every week; a cadre's phone in strange hands stops
 * sessions). */

/* A new session; `secret` is for the cookie. */
enum result session_open(struct trade *trade, int64_t person, int64_t *id, char secret[ID_SECRET_CHARS + 1]);
/* Ends one of a person's sessions. R_UNKNOWN when it is not theirs or has ended. */
enum result session_end(struct trade *trade, int64_t person, int64_t id);
/* Ends all of a person's sessions but one (0: all). */
enum result session_end_others(struct trade *trade, int64_t person, int64_t keep);
enum result session_seen(struct trade *trade, int64_t id);
/* {"sessions":[{id,made_at,seen_at,address,this}]} */
enum result session_list(struct trade *trade, json_t **out);

struct session_row {
    int64_t id, person, seen_at, idle_ms, ends_at;
    uint32_t roles;
};
/* The running session with this hash. False: none (ended, expired, unknown). */
bool session_find(struct store *store, const char *hash, int64_t now_ms, struct session_row *out);

/* What a session was opened or confirmed with. */
enum session_mark {
    SESSION_PASSWORD, /* the password of its person was right */
    SESSION_LINK      /* a one-time link opened it */
};
/* Just now; steady_ms is clock_steady_ms. */
enum result session_set_mark(struct trade *trade, int64_t id, enum session_mark mark, int64_t steady_ms);
/* Was that at most PROOF_MINUTES ago, by the wall clock and by the steady one? A clock that was set back, and
 * a machine that started anew, make it long ago. Entering by a link is no password: whoever holds the phone
 * that got it could have. */
bool session_marked(struct store *store, int64_t id, enum session_mark mark, int64_t now_ms,
                    int64_t steady_ms);

/* A link for somebody else's phone: {url,svg,expires_at}. `url` is a path; the picture holds `origin` and the
 * path. */
enum result link_add(struct trade *trade, int64_t person, const char *origin, json_t **out);
/* Whose link it is, as long as it may be used; 0: nobody's. */
int64_t link_person(struct store *store, const char *code, int64_t now_ms);
/* Uses a link up. R_LINK_USED when it is used, expired or was never there: nobody learns which. */
enum result link_use(struct trade *trade, const char *code, int64_t *person);

enum token_kind { TOKEN_PUBLISH, TOKEN_WATCH, TOKEN_API, TOKEN_KINDS };
extern const char *const token_kinds[TOKEN_KINDS + 1]; /* stored; NULL at the end */

/* `stall` 0 for TOKEN_API. */
enum result token_add(struct trade *trade, int64_t person, int64_t stall, enum token_kind kind,
                      const char *name, int64_t *id, char secret[ID_SECRET_CHARS + 1]);
/* Another secret for a token that is not revoked; the old one ends. R_UNKNOWN. */
enum result token_renew(struct trade *trade, int64_t id, char secret[ID_SECRET_CHARS + 1]);
enum result token_revoke(struct trade *trade, int64_t stall, int64_t id);
/* {"tokens":[{id,kind,name,made_at,revoked_at}]} */
enum result token_list(struct trade *trade, int64_t stall, json_t **out);
/* Fills person, roles, token_stall and token_publishes of who. A stall's token is nobody: it streams or
 * watches. A publish token holds only as long as who asked for it is the stall's farmer. False: no such
 * token, or revoked. */
bool token_find(struct store *store, const char *hash, struct who *who);

#endif
