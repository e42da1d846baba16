/* sheet_csv.c: RFC 4180 as banks and spreadsheets bend it. First the characters, then the separator, then the
 * cells. */
#include <string.h>
#include "market/trade/sheet.h"

enum { SNIFF_LINES = 60 };

static char *convert(const char *bytes, size_t size, const char *from)
{
    return g_convert(bytes, (gssize)size, "UTF-8", from, NULL, NULL, NULL);
}

/* Windows-1252 and 1258 share most letters. In 1258 the tones are marks of their own (CC D2 DE EC F2 after a
 * vowel) and D0 F0 are Đ đ; a text that has such a mark right behind a letter is Vietnamese. */
static bool looks_vietnamese(const char *bytes, size_t size)
{
    for (size_t i = 1; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i], before = (unsigned char)bytes[i - 1];
        bool tone = c == 0xcc || c == 0xd2 || c == 0xde || c == 0xec || c == 0xf2;
        if (tone && (strchr("aeiouyAEIOUY", before) || before >= 0xc0))
            return true;
        if (c == 0xd0 || c == 0xf0 || c == 0xf5 ||
            c == 0xfd) /* đ ơ ư; ð õ ý in 1252 hardly occur in their place */
            return true;
    }
    return false;
}

static char *to_utf8(const char *bytes, size_t size)
{
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return g_utf8_validate(bytes + 3, (gssize)size - 3, NULL) ? g_strndup(bytes + 3, size - 3) : NULL;
    if (size >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return convert(bytes, size, "UTF-16");
    if (memchr(bytes, '\0', size))
        return NULL;
    if (g_utf8_validate(bytes, (gssize)size, NULL))
        return g_strndup(bytes, size);
    if (looks_vietnamese(bytes, size)) {
        char *text = convert(bytes, size, "CP1258");
        if (text)
            return text;
    }
    return convert(bytes, size, "CP1252");
}

/* The candidate that most lines have outside quotes; ties go to the earlier one. */
static char find_separator(const char *text)
{
    static const char candidates[] = {',', ';', '\t'};
    int lines_with[3] = {0}, lines = 0;
    bool quoted = false, seen[3] = {false};
    for (const char *p = text; lines < SNIFF_LINES; p++) {
        if (*p == '"')
            quoted = !quoted;
        if (quoted && *p)
            continue;
        for (int i = 0; *p && i < 3; i++)
            seen[i] |= *p == candidates[i];
        if (*p == '\n' || !*p) {
            for (int i = 0; i < 3; i++)
                lines_with[i] += seen[i];
            memset(seen, 0, sizeof seen);
            lines++;
        }
        if (!*p)
            break;
    }
    /* Amounts like 1,234 put commas into files parted by semicolons, hardly the other way round. */
    if (lines_with[1] * 2 > lines || (lines_with[1] > 0 && lines_with[1] >= lines_with[0]))
        return ';';
    return lines_with[2] * 2 > lines ? '\t' : ',';
}

/* Reads the cell at *at up to its separator, line end or the end of the text; false for an open quote. */
static bool read_cell(const char **at, char separator, GString *cell)
{
    const char *p = *at;
    g_string_truncate(cell, 0);
    p += strspn(p, " ");
    if (*p == '"') {
        for (p++; *p; p++) {
            if (*p != '"')
                g_string_append_c(cell, *p);
            else if (p[1] == '"')
                g_string_append_c(cell, *p++);
            else
                break;
        }
        if (*p++ != '"')
            return false;
    }
    while (*p && *p != separator && *p != '\n' && *p != '\r')
        g_string_append_c(cell, *p++);
    *at = p;
    return true;
}

static enum sheet_reason read_cells(const char *text, char separator, struct sheet *sheet)
{
    g_autoptr(GString) cell = g_string_sized_new(128);
    size_t row = 0, column = 0;
    for (const char *p = text;;) {
        if (!read_cell(&p, separator, cell))
            return SHEET_BROKEN;
        /* Empty cells to the right cost nothing: some exports pad rows to the width of a screen. */
        if (cell->len && !sheet_put(sheet, row, column, cell->str, cell->len))
            return SHEET_TOO_BIG;
        column++;
        if (*p == separator) {
            p++;
            continue;
        }
        if (*p == '\r')
            p++;
        if (*p == '\n')
            p++;
        if (!*p)
            return SHEET_OK;
        row++;
        column = 0;
    }
}

enum sheet_reason sheet_read_csv(const char *bytes, size_t size, struct sheet **out)
{
    g_autofree char *text = to_utf8(bytes, size);
    if (!text)
        return SHEET_NOT_TEXT;
    struct sheet *sheet = sheet_new();
    const char *start = g_str_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text;
    enum sheet_reason reason = read_cells(start, find_separator(start), sheet);
    if (reason == SHEET_OK && sheet_rows(sheet) == 0)
        reason = SHEET_EMPTY;
    if (reason == SHEET_OK)
        *out = sheet;
    else
        sheet_free(sheet);
    return reason;
}
