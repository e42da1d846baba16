/* crew.h: the first worker's view of the others. The first one has the link, the phones and every room's
 * clean stream; the others have viewers only, each on a port and a thread of its own. A room that has viewers
 * elsewhere is mirrored there: its packets go over by reference (mail.h), everything else as notes. Used on
 * the first worker's thread; outpost.h is the other end. */
#ifndef RELAY_CREW_H
#define RELAY_CREW_H

#include "streamer/relay/loop.h"
#include "streamer/relay/mail.h"
#include "streamer/relay/room.h"

#include <jansson.h>

/* What a note means; who frees its `what`: the one who takes it. */
enum note_kind {
    /* to an outpost */
    NOTE_QUESTION,  /* a json_t: of the market, about a viewer here */
    NOTE_OPEN,      /* a name: mirror this room from now on */
    NOTE_CLOSE,     /* why */
    NOTE_NEWS,      /* a struct room_news */
    NOTE_PUBLISHER, /* another phone follows */
    NOTE_SOURCE,    /* the picture is another layer of the phone's from here on */
    NOTE_PACKET,    /* a reference; number: the track */
    NOTE_PUSH,      /* those were all that were ready */
    NOTE_STOP,
    /* from an outpost */
    NOTE_SAID,     /* a json_t for the market */
    NOTE_VIEWERS,  /* a struct audience: of the room, here */
    NOTE_KEYFRAME, /* number: an enum keyframe_reason */
    NOTE_LOW,      /* a viewer needs the low rendition; number: and a keyframe of it */
    NOTE_COUNTERS, /* a struct counters; number: its busy permille */
    NOTE_ENDED,
};

enum { ROOM_VIDEO, ROOM_AUDIO, ROOM_LOW, ROOM_TRACKS };

/* What viewers need of a room besides its packets. */
struct room_news {
    enum room_state state;
    bool paused, was_live, clock_known;
    bool low, layered; /* there can be a low rendition; the phone sends it */
    int64_t clock_shift_us;
    struct {
        enum rtp_codec codec;
        bool report_known;
        int64_t report_us;
        uint32_t report_timestamp;
    } tracks[ROOM_TRACKS];
};

void note_drop(struct note *n); /* frees what nobody will read */

struct crew;
/* `said_cb` gets every message an outpost has for the market, and owns it. */
struct crew *crew_new(struct loop *loop, struct counters *counters,
                      void (*said_cb)(void *arg, unsigned from, json_t *said), void *arg);
void crew_free(struct crew *c); /* when the others' threads are gone; NULL is fine */
/* One more; false: WORKERS_MAX. The letter boxes stay the crew's. */
bool crew_add(struct crew *c, struct mail **to, struct mail **from);
void crew_flush(struct crew *c); /* once a turn */
void crew_stop(struct crew *c);
bool crew_has_ended(const struct crew *c);

/* The worker with the least to do, 0: the first one, whose load is given. Viewers count one each. Workers
 * that are busier than `busy_most` permille of the time are passed over. */
unsigned crew_choose(const struct crew *c, unsigned first_load, unsigned busy_most);
void crew_add_load(struct crew *c, unsigned worker, int viewers);
unsigned crew_viewers(const struct crew *c);                        /* on all others */
void crew_add_counters(const struct crew *c, struct counters *sum); /* as they were half a second ago */
void crew_ask(struct crew *c, unsigned worker, json_t *question);   /* steals it */

/* Rooms. The first call for a worker opens the mirror and sends what joiners start from. */
void crew_mirror(struct crew *c, unsigned worker, struct room *r);
void crew_room_closed(struct crew *c, struct room *r, const char *why);
void crew_room_news(struct crew *c, const struct room *r);
void crew_room_publisher(struct crew *c, const struct room *r);
void crew_room_source(struct crew *c, const struct room *r);
void crew_room_packets(struct crew *c, const struct room *r, const struct track *t, uint64_t from);
void crew_room_push(struct crew *c, const struct room *r);

#endif
