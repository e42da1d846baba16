/* Payloads out of any camera: what is read can be made again as far as we make payloads, and reads the same.
 */
#include "market/trade/vietqr.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size), *memo = vietqr_memo(text), *payload = NULL;
    struct vietqr qr, again;
    assert(strlen(memo) <= VIETQR_MEMO);
    if (vietqr_read(text, &qr) != VIETQR_OK || vietqr_make(&qr, &payload) != VIETQR_OK)
        return 0;
    assert(vietqr_read(payload, &again) == VIETQR_OK);
    assert(strcmp(qr.bin, again.bin) == 0 && strcmp(qr.account, again.account) == 0 &&
           strcmp(qr.memo, again.memo) == 0);
    assert(qr.has_amount == again.has_amount && money_compare(qr.amount, again.amount) == 0);
    return 0;
}
