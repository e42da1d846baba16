/* bulletin.h: the relay's messages to the market that are no answers (link.h), as JSON, and the answer to
 * "stats". Each is a new reference. Asked for by control.c on its thread. */
#ifndef RELAY_BULLETIN_H
#define RELAY_BULLETIN_H

#include "streamer/relay/room.h"

#include <jansson.h>

/* `why` only counts when the state is "gone". */
json_t *bulletin_session(const char *session, const struct room *r, bool watch, const char *state,
                         const char *why);
json_t *bulletin_room(struct room *r, int64_t now_us); /* measures the tracks */
json_t *bulletin_rendition(const char *session, const struct room *r, const char *rendition);
/* What a studio says of a finished file ("kind", "file", "ms"); it is not trusted. NULL: not a file of that
 * room. */
json_t *bulletin_file(const char *room, const char *json);
/* `sum`: of all workers. */
json_t *bulletin_stats(unsigned rooms, unsigned viewers, const struct counters *sum);

#endif
