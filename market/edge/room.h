/* room.h: what the relay last said about each stall's room: kept for pages, told to watchers, forgotten with
 * the room. */
#ifndef EDGE_ROOM_H
#define EDGE_ROOM_H

#include "market/edge/inner.h"
#include "streamer/link.h"

struct room {
    char slug[LINK_ROOM_NAME_MAX + 1];
    char state[8]; /* idle, live, stalled, paused */
    char video[8]; /* H264, VP8 or "" */
    char low[12];  /* where its low rendition comes from: layer, transcode or "" */
    int64_t viewers;
    int64_t on_source, on_low, on_audio; /* of the connected ones, by what they get */
    int64_t source_kbps, low_kbps;       /* of the picture and its low rendition; 0: not made just now */
    int64_t kbps, lost_permille;         /* of the phone's uplink */
    char said[8];                        /* how the phone's own page calls it… */
    int64_t said_until_ms;               /* …steady: and until when that is believed; 0: it said nothing */
    int64_t live;                        /* row id of the live session, 0: not known */
    int64_t poster_ms;                   /* when the newest poster came, 0: none */
    bool open;                           /* the relay should have it */
    bool paused;                         /* by a cadre */
    bool record;
    int64_t grace_ms;
    int64_t awaited_until_ms; /* steady: a new relay knows nothing of the phone, which has until then to come
                                 back; 0: not so */
    bool changed;             /* something its watchers have not been told */
    int64_t shown_at_ms;
};

struct rooms *rooms_new(struct edge *edge);
void rooms_free(struct rooms *rooms);
/* NULL when nothing is known. */
struct room *rooms_get(struct rooms *rooms, const char *slug);
struct room *rooms_make(struct rooms *rooms, const char *slug);
/* "good", "weak", "bad" or "none": the phone's own word while it is fresh, so that the farmer and the cadre
 * read the same; else what the relay measures. */
const char *room_uplink(const struct room *room);
/* {state,viewers,renditions,uplink,video}; also for NULL. New reference. */
json_t *room_json(const struct room *room);
/* URL of the newest poster (always the same one, with an ETag) or null. New reference. */
json_t *room_poster(const struct room *room);
/* A copy of the desk's answer with what the relay knows put in. New reference; NULL body gives NULL. */
json_t *rooms_show(struct rooms *rooms, const char *command, json_t *body);

/* From the link: a "room" or "file" message; the link came up or went down. */
void rooms_heard(struct rooms *rooms, const json_t *message);
void rooms_file(struct rooms *rooms, const json_t *message);
void rooms_link_up(struct rooms *rooms); /* says all rooms and "restored" */
void rooms_link_down(struct rooms *rooms);
/* The farmer's page says how its line is: one of the words above but "none". False: no such word. */
bool rooms_phone_says(struct rooms *rooms, const char *slug, const char *word);
/* From the desk: a committed row about a stall or its live session; body as in the row. */
void rooms_event(struct rooms *rooms, const char *slug, const char *kind, const json_t *body);
/* Publishing starts: makes sure that the relay has the room. `live` and the rest from live.allowed. */
struct room *rooms_open(struct rooms *rooms, const char *slug, const json_t *allowed);
/* Every tick: tells watchers what changed. */
void rooms_tick(struct rooms *rooms, int64_t now_ms);

#endif
