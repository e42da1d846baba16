/* Messages of a child. */
#include "streamer/relay/child.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct pipe_head head;
    if (pipe_check(bytes, size, &head))
        assert(head.length + sizeof head == size && head.length <= PIPE_TEXT_MAX);
    return 0;
}
