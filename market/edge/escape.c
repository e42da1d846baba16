/* escape.c: text made safe for where it is put. Any thread; pure. */
#include "market/edge/escape.h"

#include <string.h>

void escape_html(GString *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        case '\'':
            g_string_append(out, "&#39;");
            break;
        default:
            g_string_append_c(out, (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c);
        }
    }
}

void escape_script(GString *out, const char *json)
{
    for (const char *c = json; *c; c++) {
        if (*c == '<' || *c == '>' || *c == '&') {
            g_string_append_printf(out, "\\u%04x", (unsigned)*c);
        } else if (!strncmp(c, "\xe2\x80\xa8", 3) || !strncmp(c, "\xe2\x80\xa9", 3)) {
            g_string_append_printf(out, "\\u20%02x", c[2] == '\xa8' ? 0x28u : 0x29u);
            c += 2;
        } else {
            g_string_append_c(out, *c);
        }
    }
}
