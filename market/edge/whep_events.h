/* whep_events.h: what a viewer's own player is told while it watches: the WHEP extension of server-sent
 * events (draft-ietf-wish-whep, urn:ietf:params:whep:ext:core:server-sent-events). Edge thread.
 *
 * The 201 of a WHEP POST names /whep/{slug}/{session}/events. A POST of a JSON array of names there chooses
 * events (201, Location is the stream), a GET opens the stream (all events when nothing was chosen), a DELETE
 * ends it.
 *
 * "active", data {}: pictures are coming. "inactive", data {}: none are; the phone is away, the cadre paused
 * or nobody streams. "viewercount", data {"viewercount":N}. "layers", data
 *
 *   {"LINE":[{"rid":"source"|"low","bitrate":BITS,"sent":true},…]}
 *
 * LINE is the m-line of the picture in the viewer's offer, from 0; data is {} when it has none, or after a
 * restart of ours. A layer without "bitrate" is not made just now; "sent" (ours) marks what this viewer gets,
 * none: sound alone.
 *
 * A fresh stream begins with how things stand. One stream a session; a client that does not read is cut off.
 */
#ifndef EDGE_WHEP_EVENTS_H
#define EDGE_WHEP_EVENTS_H

#include "market/edge/exchange.h"
#include "market/edge/room.h"
#include "market/edge/session.h"

struct whep_events *whep_events_new(struct edge *edge);
void whep_events_free(struct whep_events *events); /* NULL is fine */
/* The Link header of a 201. */
void whep_events_link(struct exchange *x, const char *room, const char *session);
/* The room's state or number of viewers may have changed. */
void whep_events_room(struct whep_events *events, const struct room *room);
/* What a session's viewer gets is another rendition now. NULL is fine. */
void whep_events_session(struct whep_events *events, const struct session *session);
/* Each second: signs of life, and the end of streams whose session or client is gone, or of all when
 * draining. */
void whep_events_tick(struct whep_events *events, int64_t now_ms);

#endif
