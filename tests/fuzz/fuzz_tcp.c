/* A stream of framed datagrams (ICE-TCP, RFC 4571). The first byte says how the stream is cut on its way, and
 * that must make no difference: the datagrams are those that the lengths name, up to the first wrong length.
 */
#include "streamer/relay/bytes.h"
#include "streamer/relay/frames.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct reader { /* checks what comes against the stream itself */
    const uint8_t *stream;
    size_t at, end; /* the next head */
};

static void reader_take(void *arg, uint8_t *bytes, size_t size)
{
    struct reader *r = arg;
    assert(r->end - r->at >= FRAMES_HEAD + size && size > 0 && size <= DATAGRAM_MAX);
    assert(get16(r->stream + r->at) == size && memcmp(r->stream + r->at + FRAMES_HEAD, bytes, size) == 0);
    r->at += FRAMES_HEAD + size;
    memset(bytes, 0xff, size); /* it is opened in place */
}

/* Feeds the stream in pieces; the reader may not have stopped anywhere but at a wrong or unfinished frame. */
static void feed(const uint8_t *stream, size_t size, size_t piece)
{
    g_autofree struct frames *f = g_new0(struct frames, 1);
    struct reader r = {.stream = stream};
    bool good = true;
    while (good && r.end < size) {
        size_t room, came = MIN(piece, size - r.end);
        uint8_t *place = frames_place(f, &room);
        assert(room > 0 && place + room == f->bytes + sizeof f->bytes);
        came = MIN(came, room);
        memcpy(place, stream + r.end, came);
        r.end += came;
        good = frames_take(f, came, reader_take, &r);
    }
    size_t left = r.end - r.at, next = left >= FRAMES_HEAD ? get16(stream + r.at) : 1;
    assert(good == (next > 0 && next <= DATAGRAM_MAX));
    assert(!good || left < FRAMES_HEAD + next);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    feed(bytes + 1, size - 1, SIZE_MAX);
    feed(bytes + 1, size - 1, 1 + (size_t)bytes[0]);
    return 0;
}
