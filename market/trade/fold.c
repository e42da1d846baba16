/* fold.c: see fold.h. */
#include "market/trade/fold.h"

#include <glib.h>
#include <stdbool.h>

static char fold_one(gunichar c)
{
    switch (c) {
    case 0x111: /* đ */
        return 'd';
    case 0x110: /* Đ */
    case 0xd0:  /* Ð, what some Windows keyboards send for it */
        return 'D';
    case 0x2010:
    case 0x2011:
    case 0x2013:
    case 0x2014:
        return '-';
    case 0x2018:
    case 0x2019:
        return '\'';
    case 0x201c:
    case 0x201d:
        return '"';
    default:
        return c >= 0x20 && c <= 0x7e ? (char)c : ' ';
    }
}

char *fold_ascii(const char *utf8)
{
    g_autofree char *valid = g_utf8_make_valid(utf8, -1);
    g_autofree char *apart = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL);
    GString *out = g_string_sized_new(64);
    for (const char *p = apart ? apart : ""; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_ismark(c) || c == 0xfeff || c == 0x200b)
            continue;
        g_string_append_c(out, fold_one(c));
    }
    return g_string_free(out, FALSE);
}

char *fold_plain(const char *utf8)
{
    g_autofree char *ascii = fold_ascii(utf8);
    GString *out = g_string_sized_new(64);
    bool gap = false;
    for (const char *p = ascii; *p; p++) {
        if (!g_ascii_isalnum(*p)) {
            gap = out->len > 0;
            continue;
        }
        if (gap)
            g_string_append_c(out, ' ');
        gap = false;
        g_string_append_c(out, *p);
    }
    return g_string_free(out, FALSE);
}

char *fold_words(const char *utf8)
{
    g_autofree char *plain = fold_plain(utf8);
    return g_ascii_strdown(plain, -1);
}

char *fold_squash(const char *utf8)
{
    g_autofree char *ascii = fold_ascii(utf8);
    GString *out = g_string_sized_new(64);
    for (const char *p = ascii; *p; p++)
        if (g_ascii_isalnum(*p))
            g_string_append_c(out, g_ascii_toupper(*p));
    return g_string_free(out, FALSE);
}
