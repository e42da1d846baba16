/* canon.h: JSON written the one way that its signer wrote it: no blanks, keys sorted at every level.
 * Providers sign such a text instead of the bytes they send, and their own samples in five languages do not
 * agree on how "/", "<" and "đ" are written. Pure; any thread. */
#ifndef TRADE_CANON_H
#define TRADE_CANON_H

#include <glib.h>
#include <jansson.h>

enum canon_form {
    CANON_JS,     /* JSON.stringify: only quotes, backslashes and control characters */
    CANON_PHP,    /* json_encode: also \/ and everything outside ASCII as \u */
    CANON_PYTHON, /* json.dumps: everything outside ASCII as \u */
    CANON_GO,     /* json.Marshal: < > & as \u, U+2028 and U+2029 too */
    CANON_FORMS
};

char *canon_write(json_t *value, enum canon_form form); /* yours to g_free */

GPtrArray *canon_keys(json_t *object); /* its names, sorted by bytes; they are the object's own */

#endif
