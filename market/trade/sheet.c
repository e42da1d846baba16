/* sheet.c: see sheet.h. */
#include "market/trade/sheet.h"

#include <string.h>

struct sheet {
    GPtrArray *rows; /* of GPtrArray * of char *; both may have NULLs */
};

const char *sheet_word(enum sheet_reason reason)
{
    static const char *const words[] = {
#define X(name, word) [SHEET_##name] = word,
        SHEET_REASONS(X)
#undef X
    };
    return words[reason];
}

static void free_row(void *row)
{
    if (row)
        g_ptr_array_unref(row);
}

struct sheet *sheet_new(void)
{
    struct sheet *sheet = g_new0(struct sheet, 1);
    sheet->rows = g_ptr_array_new_with_free_func(free_row);
    return sheet;
}

void sheet_free(struct sheet *sheet)
{
    if (!sheet)
        return;
    g_ptr_array_unref(sheet->rows);
    g_free(sheet);
}

bool sheet_put(struct sheet *sheet, size_t row, size_t column, const char *text, size_t size)
{
    if (row >= SHEET_ROWS || column >= SHEET_COLUMNS)
        return false;
    if (row >= sheet->rows->len)
        g_ptr_array_set_size(sheet->rows, (int)row + 1);
    if (!sheet->rows->pdata[row])
        sheet->rows->pdata[row] = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *cells = sheet->rows->pdata[row];
    if (column >= cells->len)
        g_ptr_array_set_size(cells, (int)column + 1);
    g_free(cells->pdata[column]);
    g_autofree char *cut = g_strndup(text, MIN(size, (size_t)SHEET_CELL));
    cells->pdata[column] = g_strstrip(g_utf8_make_valid(cut, -1));
    return true;
}

size_t sheet_rows(const struct sheet *sheet)
{
    return sheet->rows->len;
}

static GPtrArray *row_of(const struct sheet *sheet, size_t row)
{
    return row < sheet->rows->len ? sheet->rows->pdata[row] : NULL;
}

size_t sheet_columns(const struct sheet *sheet, size_t row)
{
    const GPtrArray *cells = row_of(sheet, row);
    return cells ? cells->len : 0;
}

const char *sheet_cell(const struct sheet *sheet, size_t row, size_t column)
{
    const GPtrArray *cells = row_of(sheet, row);
    return cells && column < cells->len && cells->pdata[column] ? cells->pdata[column] : "";
}

enum sheet_reason sheet_read(const char *bytes, size_t size, struct sheet **out)
{
    if (size == 0)
        return SHEET_EMPTY;
    if (size > SHEET_FILE)
        return SHEET_TOO_BIG;
    if (size >= 4 && memcmp(bytes, "PK\003\004", 4) == 0)
        return sheet_read_xlsx(bytes, size, out);
    /* Compound documents: .xls, and .xlsx behind a password. */
    if (size >= 8 && memcmp(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0) {
        static const char mark[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
        return memmem(bytes, size, mark, sizeof mark) ? SHEET_LOCKED : SHEET_OLD_EXCEL;
    }
    return sheet_read_csv(bytes, size, out);
}
