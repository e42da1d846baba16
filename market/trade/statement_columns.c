/* statement_columns.c: see statement_columns.h. Titles are compared folded (no marks, lower case, single
 * blanks). Bilingual ones ("Ngày giao dịch (Transaction date)") match by any of their parts. */
#include "market/trade/statement_columns.h"

#include <string.h>
#include "market/trade/fold.h"
#include "market/trade/statement.h"

/* Seen in Techcombank, Vietcombank, VietinBank, ACB, BIDV, TPBank, Agribank and MB exports, and plain
 * English. */
static const struct title {
    enum column column;
    const char *words;
} titles[] = {
    {COLUMN_DATE, "ngay giao dich"},
    {COLUMN_DATE, "ngay gd"},
    {COLUMN_DATE, "ngay gio giao dich"},
    {COLUMN_DATE, "ngay hach toan"},
    {COLUMN_DATE, "ngay thuc hien"},
    {COLUMN_DATE, "ngay so ct"},
    {COLUMN_DATE, "ngay"},
    {COLUMN_DATE, "thoi gian"},
    {COLUMN_DATE, "thoi gian giao dich"},
    {COLUMN_DATE, "transaction date"},
    {COLUMN_DATE, "posting date"},
    {COLUMN_DATE, "date"},
    {COLUMN_DATE, "time"},
    {COLUMN_VALUE_DATE, "ngay hieu luc"},
    {COLUMN_VALUE_DATE, "ngay kh thuc hien"},
    {COLUMN_VALUE_DATE, "value date"},
    {COLUMN_VALUE_DATE, "effective date"},
    {COLUMN_REFERENCE, "so tham chieu"},
    {COLUMN_REFERENCE, "ma tham chieu"},
    {COLUMN_REFERENCE, "so but toan"},
    {COLUMN_REFERENCE, "so gd"},
    {COLUMN_REFERENCE, "so giao dich"},
    {COLUMN_REFERENCE, "ma giao dich"},
    {COLUMN_REFERENCE, "ma gd"},
    {COLUMN_REFERENCE, "so ct"},
    {COLUMN_REFERENCE, "so chung tu"},
    {COLUMN_REFERENCE, "reference"},
    {COLUMN_REFERENCE, "reference no"},
    {COLUMN_REFERENCE, "reference number"},
    {COLUMN_REFERENCE, "ref no"},
    {COLUMN_REFERENCE, "transaction id"},
    {COLUMN_REFERENCE, "transaction no"},
    {COLUMN_MEMO, "dien giai"},
    {COLUMN_MEMO, "mo ta"},
    {COLUMN_MEMO, "mo ta giao dich"},
    {COLUMN_MEMO, "noi dung"},
    {COLUMN_MEMO, "noi dung chi tiet"},
    {COLUMN_MEMO, "noi dung giao dich"},
    {COLUMN_MEMO, "chi tiet"},
    {COLUMN_MEMO, "chi tiet giao dich"},
    {COLUMN_MEMO, "description"},
    {COLUMN_MEMO, "transaction description"},
    {COLUMN_MEMO, "transaction detail"},
    {COLUMN_MEMO, "details"},
    {COLUMN_MEMO, "remark"},
    {COLUMN_DEBIT, "no"},
    {COLUMN_DEBIT, "ghi no"},
    {COLUMN_DEBIT, "phat sinh no"},
    {COLUMN_DEBIT, "ps no"},
    {COLUMN_DEBIT, "so tien ghi no"},
    {COLUMN_DEBIT, "so tien no"},
    {COLUMN_DEBIT, "tien ra"},
    {COLUMN_DEBIT, "so tien rut"},
    {COLUMN_DEBIT, "debit"},
    {COLUMN_DEBIT, "debit amount"},
    {COLUMN_DEBIT, "withdrawal"},
    {COLUMN_CREDIT, "co"},
    {COLUMN_CREDIT, "ghi co"},
    {COLUMN_CREDIT, "phat sinh co"},
    {COLUMN_CREDIT, "ps co"},
    {COLUMN_CREDIT, "so tien ghi co"},
    {COLUMN_CREDIT, "so tien co"},
    {COLUMN_CREDIT, "tien vao"},
    {COLUMN_CREDIT, "so tien gui"},
    {COLUMN_CREDIT, "credit"},
    {COLUMN_CREDIT, "credit amount"},
    {COLUMN_CREDIT, "deposit"},
    {COLUMN_AMOUNT, "so tien"},
    {COLUMN_AMOUNT, "so tien gd"},
    {COLUMN_AMOUNT, "so tien giao dich"},
    {COLUMN_AMOUNT, "so tien vnd"},
    {COLUMN_AMOUNT, "amount"},
    {COLUMN_AMOUNT, "transaction amount"},
    {COLUMN_SIGN, "thay doi"},
    {COLUMN_SIGN, "tang giam"},
    {COLUMN_FEE, "phi lai"},
    {COLUMN_FEE, "phi"},
    {COLUMN_FEE, "fee"},
    {COLUMN_TAX, "thue"},
    {COLUMN_TAX, "tax"},
    {COLUMN_BALANCE, "so du"},
    {COLUMN_BALANCE, "so du tk"},
    {COLUMN_BALANCE, "so du tai khoan"},
    {COLUMN_BALANCE, "so du luy ke"},
    {COLUMN_BALANCE, "so du sau giao dich"},
    {COLUMN_BALANCE, "so du cuoi"},
    {COLUMN_BALANCE, "balance"},
    {COLUMN_BALANCE, "running balance"},
    {COLUMN_PAYER, "ten tai khoan doi ung"},
    {COLUMN_PAYER, "ten tk doi ung"},
    {COLUMN_PAYER, "ten doi ung"},
    {COLUMN_PAYER, "ten"},
    {COLUMN_PAYER, "ten nguoi chuyen"},
    {COLUMN_PAYER, "counterparty name"},
};

static int title_of(const char *text)
{
    g_autofree char *words = fold_words(text);
    for (size_t i = 0; *words && i < G_N_ELEMENTS(titles); i++)
        if (strcmp(titles[i].words, words) == 0)
            return (int)titles[i].column;
    return -1;
}

static int column_of(const char *text)
{
    int column = title_of(text);
    if (column >= 0 || strlen(text) > 120)
        return column;
    g_auto(GStrv) parts = g_strsplit_set(text, "\n(/|", 6);
    for (int i = 0; column < 0 && parts[i]; i++)
        column = title_of(parts[i]);
    return column;
}

static int read_titles(const struct sheet *sheet, size_t row, struct columns *columns)
{
    int found = 0;
    for (size_t i = 0; i < sheet_columns(sheet, row); i++) {
        int column = column_of(sheet_cell(sheet, row, i));
        if (column < 0 || columns->at[column] >= 0)
            continue;
        columns->at[column] = (int)i;
        found++;
    }
    return found;
}

static bool is_enough(const struct columns *c)
{
    bool date = c->at[COLUMN_DATE] >= 0 || c->at[COLUMN_VALUE_DATE] >= 0;
    return date && (c->at[COLUMN_CREDIT] >= 0 || c->at[COLUMN_AMOUNT] >= 0);
}

bool columns_find(const struct sheet *sheet, struct columns *out)
{
    int best = 0;
    for (size_t row = 0; row < MIN(sheet_rows(sheet), (size_t)STATEMENT_HEADER_ROWS); row++) {
        struct columns here = {.header = row, .first = row + 1};
        memset(here.at, -1, sizeof here.at);
        int found = read_titles(sheet, row, &here);
        if (found > 0 && !is_enough(&here)) { /* "Phát sinh" above "Nợ" and "Có" */
            found += read_titles(sheet, row + 1, &here);
            here.first = row + 2;
        }
        if (is_enough(&here) && found > best) {
            best = found;
            *out = here;
        }
    }
    return best > 0;
}

const char *columns_cell(const struct sheet *sheet, const struct columns *columns, size_t row,
                         enum column column)
{
    return columns->at[column] < 0 ? "" : sheet_cell(sheet, row, (size_t)columns->at[column]);
}

static char *account_in(const char *text)
{
    size_t skip = strcspn(text, "0123456789"), size = strspn(text + skip, "0123456789");
    return size >= 6 && size <= 19 ? g_strndup(text + skip, size) : NULL;
}

char *columns_account(const struct sheet *sheet, size_t header)
{
    static const char *const labels[] = {"so tai khoan", "tai khoan",      "so tk",
                                         "account no",   "account number", "account"};
    for (size_t row = 0; row < header; row++)
        for (size_t i = 0; i < sheet_columns(sheet, row); i++) {
            const char *cell = sheet_cell(sheet, row, i);
            g_autofree char *words = fold_words(cell);
            bool label = false;
            for (size_t l = 0; l < G_N_ELEMENTS(labels); l++)
                label |= g_str_has_prefix(words, labels[l]);
            for (size_t next = i; label && next < i + 4; next++) {
                char *account = account_in(sheet_cell(sheet, row, next));
                if (account)
                    return account;
            }
        }
    return g_strdup("");
}

bool columns_lone_memo(const struct sheet *sheet, const struct columns *columns, size_t row)
{
    size_t used = 0;
    for (size_t i = 0; i < sheet_columns(sheet, row); i++)
        used += *sheet_cell(sheet, row, i) != '\0';
    return used == 1 && *columns_cell(sheet, columns, row, COLUMN_MEMO);
}

static char *first_words(const struct sheet *sheet, size_t row)
{
    for (size_t i = 0; i < sheet_columns(sheet, row); i++)
        if (*sheet_cell(sheet, row, i))
            return fold_words(sheet_cell(sheet, row, i));
    return g_strdup("");
}

bool columns_ends(const struct sheet *sheet, const struct columns *columns, size_t row)
{
    static const char *const ends[] = {
        "tong", "cong", "total", "phieu nay", "so du cuoi ky", "closing balance", "luu y"};
    if (columns_lone_memo(sheet, columns, row)) /* "TONG CONG TY …" of a memo that goes on */
        return false;
    g_autofree char *words = first_words(sheet, row);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_prefix(words, ends[i]) && (words[strlen(ends[i])] == ' ' || !words[strlen(ends[i])]))
            return true;
    return false;
}

bool columns_skips(const struct sheet *sheet, const struct columns *columns, size_t row)
{
    static const char *const skips[] = {"so du dau", "opening balance", "so du chuyen"};
    bool blank = true;
    for (size_t i = 0; i < sheet_columns(sheet, row); i++) {
        const char *cell = sheet_cell(sheet, row, i);
        g_autofree char *words = fold_words(cell);
        blank &= !*cell;
        for (size_t s = 0; s < G_N_ELEMENTS(skips); s++)
            if (g_str_has_prefix(words, skips[s]))
                return true;
    }
    const char *amount = columns_cell(sheet, columns, row, COLUMN_CREDIT);
    return blank || column_of(*amount ? amount : columns_cell(sheet, columns, row, COLUMN_AMOUNT)) >= 0;
}
