/* memo.c: see memo.h. Exact search is on the squashed text (letters and digits, upper case); closeness is
 * edit distance with swaps, on the same. */
#include "market/trade/memo.h"

#include <stdbool.h>
#include <string.h>
#include "market/base/id.h"
#include "market/trade/fold.h"

enum { LONG_KEY = 8, KEY_MAX = 64, BEGINNING_MIN = 6, CODE_LEN = ID_CODE_CHARS };

#define CODE_PREFIX "CX"
#define CODE_SYMBOLS "0123456789ABCDEFGHJKMNPQRSTVWXY" /* what id_code makes codes of */

/* Upper case, O as 0, I and L as 1, as people type them. */
static char code_plain(char c)
{
    c = g_ascii_toupper(c);
    return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

static bool code_ok(const char *text)
{
    char typed[CODE_LEN + 1], code[CODE_LEN + 1];
    g_strlcpy(typed, text, sizeof typed);
    return id_code_read(typed, code) && strcmp(typed, code) == 0;
}

/* The text squashed, and for each letter whether it is joined to its left neighbour in what was written. */
struct hay {
    char *exact;  /* upper-case letters and digits */
    char *plain;  /* the same with O, I, L read as 0, 1, 1 */
    bool *joined; /* joined[i]: nothing stood between i-1 and i */
    size_t size;
};

static void hay_init(struct hay *hay, const char *text)
{
    g_autofree char *cut = g_strndup(text, MEMO_TEXT_BYTES);
    g_autofree char *ascii = fold_ascii(cut);
    size_t size = strlen(ascii), n = 0;
    *hay = (struct hay){g_malloc(size + 1), g_malloc(size + 1), g_new(bool, size + 1), 0};
    bool joined = false;
    for (const char *p = ascii; *p; p++) {
        if (!g_ascii_isalnum(*p)) {
            joined = false;
            continue;
        }
        hay->exact[n] = g_ascii_toupper(*p);
        hay->plain[n] = code_plain(*p);
        hay->joined[n++] = joined;
        joined = true;
    }
    hay->exact[n] = hay->plain[n] = '\0';
    hay->joined[n] = false;
    hay->size = n;
}

static void hay_done(struct hay *hay)
{
    g_free(hay->exact);
    g_free(hay->plain);
    g_free(hay->joined);
}

static bool same_kind(char a, char b)
{
    return (g_ascii_isdigit(a) != 0) == (g_ascii_isdigit(b) != 0);
}

/* A short code inside a longer word or number is that word, not the code. */
static bool stands_free(const struct hay *hay, size_t at, size_t size)
{
    const char *t = hay->exact;
    size_t end = at + size;
    bool left = at == 0 || !hay->joined[at] || !same_kind(t[at - 1], t[at]);
    bool right = end == hay->size || !hay->joined[end] || !same_kind(t[end - 1], t[end]);
    return left && right;
}

static bool hay_has(const struct hay *hay, const char *key, bool ours)
{
    size_t size = strlen(key);
    const char *text = ours ? hay->plain : hay->exact;
    for (const char *hit = strstr(text, key); hit; hit = strstr(hit + 1, key))
        if (size >= LONG_KEY || stands_free(hay, (size_t)(hit - text), size))
            return true;
    return false;
}

/* The smallest number of slips that turns some piece of the text into the key; stops caring above 2. */
static unsigned slips(const char *text, const char *key)
{
    size_t n = strlen(key);
    unsigned row[3][KEY_MAX + 1], *before = row[0], *last = row[1], *now = row[2];
    for (size_t i = 0; i <= n; i++)
        last[i] = before[i] = (unsigned)i;
    unsigned best = last[n];
    for (size_t j = 0; text[j]; j++) {
        now[0] = 0;
        for (size_t i = 1; i <= n; i++) {
            unsigned d = last[i - 1] + (key[i - 1] != text[j]);
            d = MIN(d, MIN(last[i], now[i - 1]) + 1);
            if (i > 1 && j > 0 && key[i - 1] == text[j - 1] && key[i - 2] == text[j])
                d = MIN(d, before[i - 2] + 1);
            now[i] = d;
        }
        best = MIN(best, now[n]);
        unsigned *spare = before;
        before = last, last = now, now = spare;
    }
    return best;
}

/* How many of the key's first characters stand in the text together. */
static size_t beginning(const char *text, const char *key)
{
    size_t best = 0;
    for (const char *p = text; *p; p++) {
        size_t n = 0;
        while (key[n] && p[n] == key[n])
            n++;
        best = MAX(best, n);
    }
    return best;
}

/* 0: not close. Lower is closer. */
static unsigned distance(const char *text, const char *key)
{
    size_t size = strlen(key), begun;
    if (size < BEGINNING_MIN)
        return 0;
    unsigned n = slips(text, key);
    if (n == 1)
        return 1;
    begun = beginning(text, key);
    return begun >= BEGINNING_MIN && begun * 10 >= size * 6 ? 1 + (unsigned)(size - begun) : 0;
}

static void suggest(struct memo_match *out, unsigned *far, size_t index, unsigned d)
{
    size_t at = out->near_count;
    while (at > 0 && far[at - 1] > d)
        at--;
    if (at == MEMO_NEAR)
        return;
    if (out->near_count < MEMO_NEAR)
        out->near_count++;
    for (size_t i = out->near_count - 1; i > at; i--) {
        far[i] = far[i - 1];
        out->near[i] = out->near[i - 1];
    }
    far[at] = d;
    out->near[at] = index;
}

static bool seen_before(char **keys, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (keys[i] && strcmp(keys[i], keys[index]) == 0)
            return true;
    return false;
}

void memo_match(const char *text, const char *const *codes, size_t count, struct memo_match *out)
{
    *out = (struct memo_match){.verdict = MEMO_NONE};
    struct hay hay;
    hay_init(&hay, text);
    unsigned far[MEMO_NEAR] = {0};
    g_autofree char **keys = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        keys[i] = fold_squash(codes[i]);
        size_t size = strlen(keys[i]);
        if (size == 0 || size > KEY_MAX || seen_before(keys, i))
            continue;
        bool ours = size == CODE_LEN && code_ok(keys[i]);
        if (hay_has(&hay, keys[i], ours)) {
            out->verdict = out->verdict == MEMO_NONE ? MEMO_ONE : MEMO_SEVERAL;
            out->index = i;
            suggest(out, far, i, 0);
            continue;
        }
        unsigned d = distance(ours ? hay.plain : hay.exact, keys[i]);
        if (d)
            suggest(out, far, i, d);
    }
    if (out->verdict == MEMO_ONE)
        out->near_count = 0;
    for (size_t i = 0; i < count; i++)
        g_free(keys[i]);
    hay_done(&hay);
}

static void add(GPtrArray *list, const char *code)
{
    for (guint i = 0; i < list->len; i++)
        if (strcmp(list->pdata[i], code) == 0)
            return;
    if (list->len < MEMO_GUESSES)
        g_ptr_array_add(list, g_strdup(code));
}

static void add_if_code(GPtrArray *list, const char *at)
{
    char code[CODE_LEN + 1];
    if (at[0] != CODE_PREFIX[0] || at[1] != CODE_PREFIX[1] || !code_ok(at)) /* the cheap question first */
        return;
    memcpy(code, at, CODE_LEN);
    code[CODE_LEN] = '\0';
    add(list, code);
}

GPtrArray *memo_codes(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    struct hay hay;
    hay_init(&hay, text);
    for (size_t i = 0; i + CODE_LEN <= hay.size; i++)
        add_if_code(list, hay.plain + i);
    hay_done(&hay);
    return list;
}

/* All ways to mend the `size` characters at `at` (one less, as many, or one more than a code has) with one
 * change. */
static void mend(GPtrArray *list, const char *at, size_t size)
{
    static const char letters[] = CODE_SYMBOLS;
    char try[CODE_LEN + 2];
    for (size_t i = 0; i < (size < CODE_LEN ? size + 1 : size); i++) {
        if (size > CODE_LEN) { /* leave one out */
            memcpy(try, at, i);
            memcpy(try + i, at + i + 1, size - i - 1);
            try[CODE_LEN] = '\0';
            add_if_code(list, try);
            continue;
        }
        size_t gap = size < CODE_LEN ? 0 : 1; /* put one in, or another in its place */
        memcpy(try, at, i);
        memcpy(try + i + 1, at + i + gap, size - i - gap);
        try[CODE_LEN] = '\0';
        bool prefix_fits = (i == 0 || try[0] == CODE_PREFIX[0]) && (i == 1 || try[1] == CODE_PREFIX[1]);
        for (const char *c = i < 2 ? CODE_PREFIX : letters; prefix_fits && *c; c++) {
            try[i] = *c;
            add_if_code(list, try);
        }
        if (gap && i + 1 < size) { /* swap with the next */
            memcpy(try, at, size);
            try[i] = at[i + 1], try[i + 1] = at[i];
            add_if_code(list, try);
        }
    }
}

/* A code's own prefix, whole or with one slip, begins here. */
static bool may_begin(const char *at)
{
    return at[0] == CODE_PREFIX[0] || at[0] == CODE_PREFIX[1] || at[1] == CODE_PREFIX[1];
}

GPtrArray *memo_slips(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    struct hay hay;
    hay_init(&hay, text);
    for (size_t size = CODE_LEN + 1; size >= CODE_LEN - 1; size--)
        for (size_t i = 0; i + size <= hay.size && list->len < MEMO_GUESSES; i++)
            if (may_begin(hay.plain + i))
                mend(list, hay.plain + i, size);
    hay_done(&hay);
    return list;
}

GPtrArray *memo_beginnings(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    struct hay hay;
    hay_init(&hay, text);
    for (const char *hit = strstr(hay.plain, CODE_PREFIX); hit; hit = strstr(hit + 1, CODE_PREFIX)) {
        size_t n = 2 + strspn(hit + 2, CODE_SYMBOLS);
        n = MIN(n, (size_t)CODE_LEN - 1);
        g_autofree char *begun = g_strndup(hit, n);
        if (n >= BEGINNING_MIN)
            add(list, begun);
    }
    hay_done(&hay);
    return list;
}
