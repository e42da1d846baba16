/* amount.c: see amount.h. */
#include "market/trade/amount.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { TEXT_MAX = 48, DIGITS_MAX = 18 };

/* The text without blanks at the ends, currency, sign and brackets; every kind of blank inside is a plain
 * one. False: too long. */
static bool strip(const char *text, char *out, enum amount_sign *sign)
{
    size_t n = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (n + 1 >= TEXT_MAX)
            return false;
        out[n++] = g_unichar_isspace(c)         ? ' '
                   : c == 0x2212 || c == 0x2013 ? '-'
                   : c == 0x111                 ? 'd'
                   : c < 0x80                   ? (char)c
                                                : '?';
    }
    out[n] = '\0';
    g_strstrip(out);
    static const char *const currencies[] = {"VND", "vnd", "VNĐ", "d"};
    for (size_t i = 0; i < G_N_ELEMENTS(currencies); i++)
        if (g_str_has_suffix(out, currencies[i]))
            out[strlen(out) - strlen(currencies[i])] = '\0';
    g_strstrip(out);
    *sign = AMOUNT_UNSIGNED;
    size_t size = strlen(out);
    if (size > 2 && out[0] == '(' && out[size - 1] == ')') {
        *sign = AMOUNT_MINUS;
        out[size - 1] = '\0';
        out[0] = ' ';
    } else if (size > 1 && (out[0] == '-' || out[0] == '+')) {
        *sign = out[0] == '-' ? AMOUNT_MINUS : AMOUNT_PLUS;
        out[0] = ' ';
    } else if (size > 1 && (out[size - 1] == '-' || out[size - 1] == '+')) {
        *sign = out[size - 1] == '-' ? AMOUNT_MINUS : AMOUNT_PLUS;
        out[size - 1] = '\0';
    }
    g_strstrip(out);
    return true;
}

/* Digits in groups of three; up to where the groups end. NULL: badly grouped. */
static const char *read_groups(const char *p, char separator, int64_t *dong)
{
    size_t first = strspn(p, "0123456789"), digits = first;
    if (first == 0 || first > DIGITS_MAX)
        return NULL;
    *dong = g_ascii_strtoll(p, NULL, 10);
    p += first;
    while (*p == separator && strspn(p + 1, "0123456789") == 3) {
        if (first > 3 || (digits += 3) > DIGITS_MAX)
            return NULL;
        *dong = *dong * 1000 + g_ascii_strtoll(p + 1, NULL, 10);
        p += 4;
    }
    return p;
}

/* Spreadsheets keep large numbers as 1.0E7. */
static bool read_scientific(const char *text, int64_t *dong)
{
    char *end;
    if (!strpbrk(text, "eE") || strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    double value = g_ascii_strtod(text, &end);
    if (*end || !(value >= 0 && value < 1e15) || value > floor(value))
        return false;
    *dong = (int64_t)value;
    return true;
}

bool amount_read(const char *text, enum amount_style style, struct money *out, enum amount_sign *sign)
{
    static const char groups[AMOUNT_STYLES] = {',', '.', ' '};
    static const char *const points[AMOUNT_STYLES] = {".", ",", ".,"};
    char plain[TEXT_MAX];
    int64_t dong = 0;
    enum amount_sign found;
    if (!strip(text, plain, &found))
        return false;
    if (!read_scientific(plain, &dong)) {
        const char *p = read_groups(plain, groups[style], &dong);
        if (!p)
            return false;
        if (*p && strchr(points[style], *p)) {
            size_t parts = strspn(p + 1, "0");
            if (parts < 1 || parts > 2)
                return false;
            p += 1 + parts;
        }
        if (*p)
            return false;
    }
    if (!money_make(out, found == AMOUNT_MINUS ? -dong : dong))
        return false;
    *sign = found;
    return true;
}

bool amount_is_empty(const char *text)
{
    return text[strspn(text, " \t\r\n-")] == '\0';
}

static bool reads(const char *text, int style)
{
    struct money money;
    enum amount_sign sign;
    return amount_read(text, (enum amount_style)style, &money, &sign);
}

bool amount_decide(const char *const *cells, size_t count, enum amount_style *style)
{
    for (int s = 0; s < AMOUNT_STYLES; s++) {
        bool all = true;
        for (size_t i = 0; i < count && all; i++) {
            bool elsewhere = false;
            for (int other = 0; other < AMOUNT_STYLES; other++)
                elsewhere |= reads(cells[i], other);
            all = reads(cells[i], s) || !elsewhere;
        }
        if (all) {
            *style = (enum amount_style)s;
            return true;
        }
    }
    return false;
}
