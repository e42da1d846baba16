/* Memos: codes found are codes, slips stay within their number, and nothing is both sure and several. */
#include "market/trade/memo.h"

#include <assert.h>
#include "market/base/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autoptr(GPtrArray) codes = memo_codes(text);
    g_autoptr(GPtrArray) slips = memo_slips(text);
    g_autoptr(GPtrArray) begun = memo_beginnings(text);
    char code[ID_CODE_CHARS + 1];
    assert(slips->len <= MEMO_GUESSES && begun->len <= MEMO_GUESSES);
    for (guint i = 0; i < slips->len; i++)
        assert(id_code_read(slips->pdata[i], code));
    if (codes->len == 0 || codes->len > 40)
        return 0;
    struct memo_match match;
    memo_match(text, (const char *const *)codes->pdata, codes->len, &match);
    assert(match.verdict == (codes->len == 1 ? MEMO_ONE : MEMO_SEVERAL));
    return 0;
}
