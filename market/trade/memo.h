/* memo.h: finds an order's code in what a bank made of the transfer memo. Codes come back in any case, glued
 * to other text, cut in two, wrapped in the bank's own words and numbers, or cut off. One code that is surely
 * there is an answer; none or several are a person's work, with what looks close as suggestions. It never
 * guesses. Pure; any thread. */
#ifndef TRADE_MEMO_H
#define TRADE_MEMO_H

#include <glib.h>
#include <stddef.h>

enum { MEMO_TEXT_BYTES = 2000, MEMO_NEAR = 5, MEMO_GUESSES = 256 };

enum memo_verdict { MEMO_NONE, MEMO_ONE, MEMO_SEVERAL };

struct memo_match {
    enum memo_verdict verdict;
    size_t index;           /* MEMO_ONE: which of the codes */
    size_t near[MEMO_NEAR]; /* not MEMO_ONE: codes one slip away, or begun but cut off; the closest first */
    size_t near_count;
};

/* Looks for each of the codes in the text; whatever stands behind MEMO_TEXT_BYTES is not read. Codes of our
 * own form (base/id.h) also match with O for 0 and I or L for 1. Codes of any other form are compared without
 * case and punctuation; short ones (under 8 characters) only where they do not go on as a longer word or
 * number. */
void memo_match(const char *text, const char *const *codes, size_t count, struct memo_match *out);

/* Codes of our form to look up in a book too large for memo_match: those that stand in the text, */
GPtrArray *memo_codes(const char *text); /* of char *, none twice */
/* those with a right check symbol that are one slip (wrong, missing, extra, swapped symbol) away from what
 * stands there, */
GPtrArray *memo_slips(const char *text); /* at most MEMO_GUESSES */
/* and beginnings of at least CX and four symbols that end early. */
GPtrArray *memo_beginnings(const char *text);

#endif
