/* link.h: the relay's end of the control link (streamer/link.h): has the market's Unix socket dialled, again
 * with back-off, cuts the stream into frames. Knows JSON objects, not their meaning. One thread. */
#ifndef RELAY_LINK_H
#define RELAY_LINK_H

#include "streamer/link.h"
#include "streamer/relay/counters.h"
#include "streamer/relay/loop.h"
#include "streamer/relay/nursery.h"
#include "streamer/relay/wheel.h"

#include <jansson.h>
#include <sys/types.h>

struct link;

struct link_owner {
    void (*up)(void *owner, int64_t now_us);                      /* say hello */
    void (*message)(void *owner, json_t *object, int64_t now_us); /* borrowed */
    void (*down)(void *owner, int64_t now_us);
};

struct link *link_new(struct loop *loop, struct wheel *wheel, struct counters *counters,
                      struct nursery *nursery, const struct link_owner *ops, void *owner, int64_t now_us);
void link_free(struct link *l); /* sends what it can without waiting */
bool link_is_up(const struct link *l);
void link_say(struct link *l, json_t *object); /* steals it; dropped while the link is down */

/* One frame at the start of `bytes`: returns the bytes it takes and an object to json_decref, 0 when more
 * bytes are needed, -1 when it is too long or no JSON object. */
ssize_t link_cut(const uint8_t *bytes, size_t size, json_t **object);

#endif
