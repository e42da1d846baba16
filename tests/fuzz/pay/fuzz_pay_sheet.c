/* Statements: CSV or XLSX, whatever the bytes say they are; what is read as a statement has sound events. */
#include "market/trade/statement.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

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
    statement_free(statement);
    sheet_free(sheet);
    return 0;
}
