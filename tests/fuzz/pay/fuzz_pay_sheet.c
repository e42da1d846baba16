/* Statements and carriers' lists: CSV or XLSX, whatever the bytes say they are; what is read as a statement
 * has sound events, what is read as a list sound lines. */
#include "market/trade/remit.h"
#include "market/trade/statement.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_list(const struct sheet *sheet)
{
    GArray *lines = NULL;
    size_t bad_row;
    if (remit_read(sheet, &lines, &bad_row) != REMIT_OK)
        return;
    assert(lines->len > 0 && lines->len <= REMIT_ROWS && bad_row == 0);
    for (guint i = 0; i < lines->len; i++) {
        const struct remit_line *line = &g_array_index(lines, struct remit_line, i);
        assert(money_dong(line->cod) >= 0 && money_dong(line->fee) >= 0 &&
               line->tracking[REMIT_TRACKING_MIN - 1]);
    }
    g_array_unref(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sheet *sheet = NULL;
    struct statement *statement = NULL;
    if (sheet_read((const char *)bytes, size, &sheet) != SHEET_OK)
        return 0;
    if (statement_read(sheet, &statement) == STATEMENT_OK) {
        assert(statement->events->len > 0 && statement->events->len == statement->rows->len);
        statement_name(statement, "123456");
        for (guint i = 0; i < statement->events->len; i++) {
            const struct bank_event *event = statement->events->pdata[i];
            assert(money_dong(event->amount) > 0 && *event->id);
        }
    }
    read_list(sheet);
    statement_free(statement);
    sheet_free(sheet);
    return 0;
}
