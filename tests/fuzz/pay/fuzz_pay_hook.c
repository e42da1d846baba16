/* Notices: bodies are only read whole, money in them is positive, ids are there; signatures of strangers do
 * not fit. */
#include "market/trade/hook.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct hook_body body = {(const char *)bytes, size};
    g_autofree char *text = g_strndup((const char *)bytes, size);
    for (int source = 0; source < BANK_SOURCES; source++) {
        g_autoptr(GPtrArray) events = bank_event_list();
        bool read = hook_read((enum bank_source)source, body, events);
        assert(read || events->len == 0);
        for (guint i = 0; i < events->len; i++) {
            const struct bank_event *event = events->pdata[i];
            assert(money_dong(event->amount) > 0 && *event->id && g_utf8_validate(event->memo, -1, NULL));
        }
    }
    assert(hook_payos_signed(body, "a key nobody knows") != HOOK_GENUINE);
    assert(hook_casso_signed(text, body, "a key nobody knows", 0) != HOOK_GENUINE);
    assert(hook_sepay_signed("1700000000", text, body, "a key nobody knows", 0) != HOOK_GENUINE);
    return 0;
}
