/* text.h: words from outside, made fit to be stored, logged and shown. Pure; any thread. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_PHONE_MAX 16 /* "+84" and up to 12 digits */

enum text_kind {
    TEXT_LINE, /* one line: no control characters at all */
    TEXT_BLOCK /* several lines: \n is allowed */
};

/* Checks and tidies `in`: valid UTF-8, no control, bidirectional-override or other invisible format
 * characters, blanks at the ends dropped and runs of blanks within a line made one. The result must have
 * min…max characters (not bytes). A new string for g_free, or NULL when refused. */
char *text_clean(const char *in, enum text_kind kind, size_t min, size_t max);

/* Makes +84… of what people type: 0912345678, +84 912 345 678, 84.912.345.678, 0084…. Digits, blanks, dots,
 * dashes and brackets only. Other countries keep their +code. False when it is no phone number. */
bool text_phone(const char *in, char out[TEXT_PHONE_MAX + 1]);

/* [a-z0-9-]{1,32}, no dash at either end. */
bool text_slug(const char *in);

/* The given name, which comes last in Vietnamese: what strangers may see of a buyer. New string for g_free.
 */
char *text_first_name(const char *name);

#endif
