/* jot.h: JSON as text at once, for the few places that are so busy that building a tree first costs more than
 * all the writing. The same bytes as shape_dump makes of the tree. Texts are known to be valid UTF-8; names
 * are literals without anything to escape. */
#ifndef BASE_JOT_H
#define BASE_JOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOT_USUAL = 4096 };

struct jot {
    char *text; /* room, or the heap's once that was too small */
    size_t length, size;
    bool heap;
    char room[JOT_USUAL];
};

void jot_init(struct jot *jot);
void jot_done(struct jot *jot);
/* What has been written, ended with a zero and exactly as long as it needs to be; for g_free. Ends the jot.
 */
char *jot_take(struct jot *jot);

void jot_put(struct jot *jot, const char *bytes, size_t length); /* as they are */
void jot_char(struct jot *jot, char c);
void jot_string(struct jot *jot, const char *text, size_t length); /* quoted */
void jot_number(struct jot *jot, int64_t value);
void jot_between(struct jot *jot); /* a comma, unless something has just been opened */

/* Members of an object, as shape.h has them. */
void jot_int(struct jot *jot, const char *name, int64_t value);
void jot_id(struct jot *jot, const char *name, int64_t value);      /* 0 is null */
void jot_text(struct jot *jot, const char *name, const char *text); /* NULL is null */
void jot_bool(struct jot *jot, const char *name, bool value);
void jot_json(struct jot *jot, const char *name, const char *json); /* already JSON; NULL is null */

#endif
