/* turn.h: STUN and TURN servers for clients whose network blocks our UDP port, with credentials that end by
 * themselves (the "TURN REST API" that coturn calls use-auth-secret). Edge thread; pure but for HMAC. */
#ifndef EDGE_TURN_H
#define EDGE_TURN_H

#include <stdbool.h>
#include <stdint.h>

enum { TURN_CREDENTIAL_CHARS = 28 }; /* HMAC-SHA1 in base64 */

/* stun:, turn: or turns: and nothing that would break out of a Link header. */
bool turn_url_ok(const char *url);
/* The password for a user name "EXPIRY:NAME": base64(HMAC-SHA1(secret, user)). False when OpenSSL refuses. */
bool turn_credential(const char *secret, const char *user, char out[TURN_CREDENTIAL_CHARS + 1]);
/* The value of a Link header (RFC 9725 4.6) for one server; `until_s`: UNIX time the credentials end. g_free
 * it; NULL when OpenSSL refuses. */
char *turn_link(const char *url, const char *secret, const char *name, int64_t until_s);

#endif
