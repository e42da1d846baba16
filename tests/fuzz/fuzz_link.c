/* Frames of the control link, and the questions in them. */
#include "streamer/relay/link.h"
#include "streamer/relay/question.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ssize_t used = 1;
    while (used > 0) {
        json_t *o = NULL;
        struct question q;
        used = link_cut(bytes, size, &o);
        assert(used <= (ssize_t)size && (used > 0) == (o != NULL));
        if (used <= 0)
            break;
        question_read(&q, o);
        if (q.type == QUESTION_WATCH)
            assert(q.sdp && strlen(q.session) == LINK_SESSION_NAME && strlen(q.room) <= LINK_ROOM_NAME_MAX);
        json_decref(o);
        bytes += used;
        size -= (size_t)used;
    }
    return 0;
}
