/* seal.h: small secrets that must be read again, sealed by a key that lies beside the database and in no
 * backup of it: whoever has only a copy of the database has none of them. Any thread. */
#ifndef TRADE_SEAL_H
#define TRADE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seal;

/* The key in this file (32 bytes), which is made when it is not there, readable by us alone. NULL and *why
 * (static) on failure. */
struct seal *seal_open(const char *file, const char **why);
void seal_free(struct seal *seal); /* NULL is fine */

/* Text that only opens again for the same `whose` (a person's row). Yours to g_free. */
char *seal_close(const struct seal *seal, int64_t whose, const uint8_t *secret, size_t size);
/* False: not sealed by this key for this one, or of another size. */
bool seal_read(const struct seal *seal, int64_t whose, const char *sealed, uint8_t *secret, size_t size);

#endif
