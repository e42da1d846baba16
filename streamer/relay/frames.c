/* frames.c: heads are read, whole datagrams handed on, the rest moves to the front. A datagram of the longest
 * kind fills the room exactly, so that a frame which is not whole always leaves some. */
#include "streamer/relay/frames.h"
#include "streamer/relay/bytes.h"

#include <string.h>

uint8_t *frames_place(struct frames *f, size_t *room)
{
    *room = sizeof f->bytes - f->size;
    return f->bytes + f->size;
}

bool frames_take(struct frames *f, size_t came, void (*datagram_cb)(void *arg, uint8_t *bytes, size_t size),
                 void *arg)
{
    size_t at = 0, end = f->size + came;
    f->size = 0;
    while (end - at >= FRAMES_HEAD) {
        size_t size = get16(f->bytes + at);
        if (size == 0 || size > DATAGRAM_MAX)
            return false;
        if (end - at < FRAMES_HEAD + size)
            break;
        datagram_cb(arg, f->bytes + at + FRAMES_HEAD, size);
        at += FRAMES_HEAD + size;
    }
    f->size = end - at;
    memmove(f->bytes, f->bytes + at, f->size);
    return true;
}

void frames_write_head(uint8_t head[FRAMES_HEAD], size_t size)
{
    put16(head, (uint16_t)size);
}
