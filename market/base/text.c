/* text.c: UTF-8 by GLib, the rules of what we accept here. */
#include "market/base/text.h"

#include <glib.h>
#include <string.h>

/* Characters that change what a reader sees without being seen: a name with one could forge a log line or a
 * price. */
static bool is_harmful(gunichar c, enum text_kind kind)
{
    if (c == '\n')
        return kind != TEXT_BLOCK;
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return true;
    case G_UNICODE_FORMAT:
        return c !=
               0x200D; /* the joiner inside emoji families; bidi marks, zero-width spaces and tags are out */
    default:
        return false;
    }
}

char *text_clean(const char *in, enum text_kind kind, size_t min, size_t max)
{
    if (!in || !g_utf8_validate(in, -1, NULL))
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    size_t count = 0;
    gunichar gap = 0; /* a blank or line end that is written only when something follows */
    for (const char *p = in; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (kind == TEXT_BLOCK && (c == '\r' || c == '\t'))
            c = ' ';
        if (is_harmful(c, kind))
            return NULL;
        if (c == '\n' || g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR) {
            gap = c == '\n' || gap == '\n' ? '\n' : ' ';
            continue;
        }
        if (gap && count) {
            g_string_append_unichar(out, gap);
            count++;
        }
        gap = 0;
        g_string_append_unichar(out, c);
        if (++count > max)
            return NULL;
    }
    return count < min ? NULL : g_strdup(out->str);
}

bool text_phone(const char *in, char out[TEXT_PHONE_MAX + 1])
{
    char digits[20] = "";
    size_t length = 0;
    bool plus = false;
    for (const char *p = in; *p; p++) {
        if (*p == '+' && length == 0 && !plus)
            plus = true;
        else if (g_ascii_isdigit(*p) && length < sizeof digits - 1)
            digits[length++] = *p;
        else if (!strchr(" .-()", *p))
            return false;
    }
    const char *rest = digits;
    if (!plus && strncmp(rest, "00", 2) == 0) {
        plus = true;
        rest += 2;
    }
    bool vietnam = strncmp(rest, "84", 2) == 0 && (plus || strlen(rest) >= 11);
    if (vietnam)
        rest += rest[2] == '0' ? 3 : 2; /* +84 (0)912… is a common slip */
    else if (!plus && rest[0] == '0') {
        vietnam = true;
        rest += 1;
    }
    size_t left = strlen(rest);
    if (rest[0] == '0' || rest[0] == '\0' ||
        (vietnam ? left < 9 || left > 10 : !plus || left < 8 || left > 15))
        return false;
    g_snprintf(out, TEXT_PHONE_MAX + 1, vietnam ? "+84%s" : "+%s", rest);
    return true;
}

bool text_slug(const char *in)
{
    size_t length = strspn(in, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length >= 1 && length <= 32 && in[length] == '\0' && in[0] != '-' && in[length - 1] != '-';
}

char *text_first_name(const char *name)
{
    const char *space = strrchr(name, ' ');
    return g_strdup(space ? space + 1 : name);
}
