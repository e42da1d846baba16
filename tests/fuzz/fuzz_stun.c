/* STUN requests: read, prove, answer. */
#include "streamer/relay/stun.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct stun_request r;
    struct address from = {.port = 9};
    uint8_t out[STUN_ANSWER_MAX];
    if (!stun_read(&r, bytes, size))
        return 0;
    assert(r.ufrag_size > 0 && (const uint8_t *)r.ufrag + r.ufrag_size <= bytes + size);
    assert(r.integrity_at + 24 <= size);
    stun_authentic(&r, "a password of the relay's own");
    assert(stun_answer(out, &r, &from, "a password") <= STUN_ANSWER_MAX);
    return 0;
}
