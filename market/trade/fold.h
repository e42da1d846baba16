/* fold.h: Vietnamese text brought down to what banks let through. Statements, memos and column titles are
 * compared in this form only. Pure; any thread; the strings are yours to g_free. */
#ifndef TRADE_FOLD_H
#define TRADE_FOLD_H

/* Printable ASCII: marks dropped, đ and Đ written d and D (Unicode does not take them apart), white space and
 * everything else outside 0x20-0x7e a blank. Bytes that are not UTF-8 become blanks as well. */
char *fold_ascii(const char *utf8);

/* fold_ascii, then letters and digits with single blanks between the words: what every bank's form accepts.
 */
char *fold_plain(const char *utf8);

/* fold_plain in lower case: for column titles. */
char *fold_words(const char *utf8);

/* fold_ascii, then letters and digits only, in upper case: what is left of a memo when a bank strips
 * punctuation. */
char *fold_squash(const char *utf8);

#endif
