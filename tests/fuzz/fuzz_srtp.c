/* Sealed packets from strangers: the first byte says which profile; none may be accepted, none may be read
 * beyond. */
#include "streamer/relay/srtp.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t key[SRTP_KEY] = {7}, salt[SRTP_SALT_MAX] = {9};
    static struct srtp *contexts[2];
    uint8_t copy[1500];
    if (size < 1 || size > sizeof copy)
        return 0;
    if (!contexts[0]) {
        contexts[0] = srtp_new(SRTP_GCM_128, key, salt, SRTP_OPENS);
        contexts[1] = srtp_new(SRTP_CM_SHA1_80, key, salt, SRTP_OPENS);
    }
    struct srtp *s = contexts[bytes[0] & 1];
    size_t length = size - 1;
    memcpy(copy, bytes + 1, length);
    assert(srtp_open(s, copy, &length) == SRTP_REFUSED);
    length = size - 1;
    memcpy(copy, bytes + 1, length);
    assert(srtcp_open(s, copy, &length) == SRTP_REFUSED);
    return 0;
}
