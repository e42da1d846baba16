/* remit.c: see remit.h. Titles seen in lists of GHN, GHTK, Viettel Post and VNPost, and plain English. */
#include "market/trade/remit.h"

#include <string.h>
#include "market/trade/amount.h"
#include "market/trade/fold.h"
#include "market/trade/vntime.h"

enum column { TRACKING, COD, FEE, DAY, COLUMNS };

static const struct {
    enum column column;
    const char *words;
} titles[] = {
    {TRACKING, "ma van don"},
    {TRACKING, "ma don hang"},
    {TRACKING, "ma don"},
    {TRACKING, "ma don ghn"},
    {TRACKING, "ma don ghtk"},
    {TRACKING, "ma buu gui"},
    {TRACKING, "so hieu buu gui"},
    {TRACKING, "so van don"},
    {TRACKING, "tracking"},
    {TRACKING, "tracking code"},
    {TRACKING, "tracking number"},
    {TRACKING, "order code"},
    {COD, "tien cod"},
    {COD, "cod"},
    {COD, "thu ho"},
    {COD, "tien thu ho"},
    {COD, "so tien thu ho"},
    {COD, "tong tien thu ho"},
    {COD, "tien da thu"},
    {COD, "cod amount"},
    {COD, "collected"},
    {FEE, "phi"},
    {FEE, "cuoc"},
    {FEE, "tong phi"},
    {FEE, "tong cuoc"},
    {FEE, "phi dich vu"},
    {FEE, "phi giao hang"},
    {FEE, "cuoc phi"},
    {FEE, "tong phi dich vu"},
    {FEE, "fee"},
    {FEE, "total fee"},
    {DAY, "ngay"},
    {DAY, "ngay giao"},
    {DAY, "ngay giao thanh cong"},
    {DAY, "ngay doi soat"},
    {DAY, "ngay phat"},
    {DAY, "thoi gian giao"},
    {DAY, "date"},
    {DAY, "delivered"},
    {DAY, "delivery date"},
};

const char *remit_word(enum remit_reason reason)
{
    static const char *const words[] = {
#define X(name, word) [REMIT_##name] = word,
        REMIT_REASONS(X)
#undef X
    };
    return words[reason];
}

bool remit_tracking(const char *typed, char out[REMIT_TRACKING_MAX + 1])
{
    g_autofree char *squashed = fold_squash(typed);
    size_t size = strlen(squashed);
    if (size < REMIT_TRACKING_MIN || size > REMIT_TRACKING_MAX)
        return false;
    memcpy(out, squashed, size + 1);
    return true;
}

static bool find_titles(const struct sheet *sheet, size_t row, int at[COLUMNS])
{
    memset(at, -1, COLUMNS * sizeof *at);
    for (size_t i = 0; i < sheet_columns(sheet, row); i++) {
        g_auto(GStrv) parts = g_strsplit_set(sheet_cell(sheet, row, i), "\n(/|", 2);
        g_autofree char *words = fold_words(parts[0] ? parts[0] : "");
        for (size_t t = 0; t < G_N_ELEMENTS(titles); t++)
            if (at[titles[t].column] < 0 && strcmp(titles[t].words, words) == 0)
                at[titles[t].column] = (int)i;
    }
    return at[TRACKING] >= 0 && at[COD] >= 0;
}

static const char *cell(const struct sheet *sheet, size_t row, const int at[COLUMNS], enum column column)
{
    return at[column] < 0 ? "" : sheet_cell(sheet, row, (size_t)at[column]);
}

/* Blank rows, and the total under the table, which has no number of a parcel. */
static bool is_row(const struct sheet *sheet, size_t row, const int at[COLUMNS])
{
    g_autofree char *words = fold_words(cell(sheet, row, at, TRACKING));
    return *words && !g_str_has_prefix(words, "tong") && !g_str_has_prefix(words, "total") &&
           !g_str_has_prefix(words, "cong");
}

static bool decide_style(const struct sheet *sheet, size_t first, const int at[COLUMNS],
                         enum amount_style *style)
{
    g_autoptr(GPtrArray) cells = g_ptr_array_new();
    for (size_t row = first; row < sheet_rows(sheet); row++)
        if (is_row(sheet, row, at)) {
            g_ptr_array_add(cells, (void *)cell(sheet, row, at, COD));
            g_ptr_array_add(cells, (void *)cell(sheet, row, at, FEE));
        }
    return amount_decide((const char *const *)cells->pdata, cells->len, style);
}

static bool read_money(const char *text, enum amount_style style, bool either_sign, struct money *out)
{
    enum amount_sign sign;
    struct money zero = {0};
    if (amount_is_empty(text)) {
        *out = zero;
        return true;
    }
    if (!amount_read(text, style, out, &sign))
        return false;
    if (either_sign && money_compare(*out, zero) < 0)
        return money_sub(out, zero, *out);
    return money_compare(*out, zero) >= 0;
}

static bool read_line(const struct sheet *sheet, size_t row, const int at[COLUMNS], enum amount_style style,
                      struct remit_line *line)
{
    const char *day = cell(sheet, row, at, DAY);
    *line = (struct remit_line){0};
    return remit_tracking(cell(sheet, row, at, TRACKING), line->tracking) &&
           !amount_is_empty(cell(sheet, row, at, COD)) &&
           read_money(cell(sheet, row, at, COD), style, false, &line->cod) &&
           read_money(cell(sheet, row, at, FEE), style, true, &line->fee) &&
           (!*day || vntime_read(day, &line->day_ms));
}

static enum remit_reason read_lines(const struct sheet *sheet, size_t first, const int at[COLUMNS],
                                    GArray *lines, size_t *bad_row)
{
    enum amount_style style;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!decide_style(sheet, first, at, &style))
        return REMIT_MIXED_AMOUNTS;
    for (size_t row = first; row < sheet_rows(sheet); row++) {
        struct remit_line line;
        if (!is_row(sheet, row, at))
            continue;
        *bad_row = row + 1;
        if (lines->len == REMIT_ROWS)
            return REMIT_TOO_MANY;
        if (!read_line(sheet, row, at, style, &line))
            return REMIT_BAD_ROW;
        if (!g_hash_table_add(seen, g_strdup(line.tracking)))
            return REMIT_TWICE;
        g_array_append_val(lines, line);
    }
    *bad_row = 0;
    return lines->len ? REMIT_OK : REMIT_NO_ROWS;
}

enum remit_reason remit_read(const struct sheet *sheet, GArray **out, size_t *bad_row)
{
    int at[COLUMNS];
    size_t header = 0, rows = MIN(sheet_rows(sheet), (size_t)REMIT_HEADER_ROWS);
    *bad_row = 0;
    while (header < rows && !find_titles(sheet, header, at))
        header++;
    if (header == rows)
        return REMIT_NO_HEADER;
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(struct remit_line));
    enum remit_reason reason = read_lines(sheet, header + 1, at, lines, bad_row);
    if (reason == REMIT_OK)
        *out = g_array_ref(lines);
    return reason;
}
