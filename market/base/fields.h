/* fields.h: reads the fields of a JSON object strictly: each by its name, type and range, and at the end
 * nothing may be left over. The first mistake is kept and the rest of the reads give harmless values, so a
 * caller reads everything and then asks once:
 *
 *     struct fields f;
 *     fields_open(&f, params);
 *     const char *name = field_line(&f, "name", 1, 80);
 *     int64_t price = field_int(&f, "price", 1, PRICE_MAX);
 *     if (!fields_close(&f)) … f.bad names the field, f.why says what was expected
 *     …
 *     fields_free(&f);
 *
 * Texts live until fields_free. One thread. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "market/base/text.h"

enum { FIELDS_MAX = 24 };

struct fields {
    json_t *in; /* borrowed */
    const char
        *bad; /* name of the first wrong field, NULL so far so good; an unknown one is borrowed from `in` */
    const char *why; /* static, English, for the problem's detail */
    const char *asked[FIELDS_MAX];
    int asked_count;
    int found;
    char *owned[FIELDS_MAX];
    int owned_count;
};

void fields_open(struct fields *f, json_t *in);
/* True when every field read was right and there were no others. */
bool fields_close(struct fields *f);
void fields_free(struct fields *f);
void fields_refuse(struct fields *f, const char *name, const char *why); /* a mistake the caller found */

bool field_given(struct fields *f, const char *name); /* there and not null; counts as asked */
int64_t field_int(struct fields *f, const char *name, int64_t min, int64_t max);
int64_t field_int_or(struct fields *f, const char *name, int64_t min, int64_t max, int64_t standard);
/* For paths and query strings: a number, or its decimal digits as text. */
int64_t field_number_or(struct fields *f, const char *name, int64_t min, int64_t max, int64_t standard);
/* Text cleaned by text_clean with min…max characters; "" on a mistake. The _or form: `standard` when it is
 * not there. */
const char *field_text(struct fields *f, const char *name, enum text_kind kind, size_t min, size_t max);
const char *field_text_or(struct fields *f, const char *name, enum text_kind kind, size_t min, size_t max,
                          const char *standard);
/* Text as it came, min…max bytes: passwords and keys, which nobody may tidy. */
const char *field_raw(struct fields *f, const char *name, size_t min, size_t max);
/* One of the words of a NULL-ended list; its index, or -1 on a mistake. */
int field_word(struct fields *f, const char *name, const char *const *words);
json_t *field_array(struct fields *f, const char *name, size_t min, size_t max); /* NULL on a mistake */
/* A client-made key: 16…64 of [A-Za-z0-9_-]. */
const char *field_key(struct fields *f);

#endif
