/* who.h: who is behind a cookie or bearer token, from memory. Entries are made when somebody asks, from a
 * reading connection; whatever takes rights away empties the cache at its commit. A look-up that began before
 * such a commit is not remembered (the epoch has moved on). */
#ifndef DESK_WHO_H
#define DESK_WHO_H

#include "market/base/who.h"
#include "market/store/store.h"

struct who_cache;

/* Owns `reader` from now on. */
struct who_cache *who_cache_new(struct store *reader);
void who_cache_free(struct who_cache *cache);
/* Fills person, roles, session, token_stall. *touch: the session's row should be marked as seen. Any thread.
 */
bool who_cache_cookie(struct who_cache *cache, const char *secret, struct who *who, bool *touch);
bool who_cache_bearer(struct who_cache *cache, const char *secret, struct who *who);
/* Desk thread, after a commit that ended sessions, revoked tokens, changed roles, or who must set up a
 * second factor first. */
void who_cache_empty(struct who_cache *cache);
/* Somebody's reading connection, for short questions outside a query thread. Give it back. */
struct store *who_cache_reader(struct who_cache *cache);
void who_cache_done(struct who_cache *cache);

#endif
