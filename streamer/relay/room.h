/* room.h: one stall's live room: a publisher (or none just now), two tracks, viewers. It outlives publishers:
 * viewers of a phone that fell silent wait here, with their connection, until it or another one goes on. One
 * thread. */
#ifndef RELAY_ROOM_H
#define RELAY_ROOM_H

#include "streamer/link.h"
#include "streamer/relay/child.h"
#include "streamer/relay/estimate.h"
#include "streamer/relay/keyframe.h"
#include "streamer/relay/peers.h"
#include "streamer/relay/sdp.h"
#include "streamer/relay/small.h"
#include "streamer/relay/track.h"

#include <glib.h>

struct room;
struct viewer;
struct crew;
struct publisher;

/* Told to whoever speaks with the market. `session` is the market's name of it. */
struct room_events {
    void (*session_changed)(void *arg, const char *session, struct room *room, bool watch, const char *state,
                            const char *why);
    void (*room_changed)(void *arg,
                         struct room *room); /* state, viewers or uplink; not more often than needed */
    void (*keyframe_wanted)(void *arg, struct room *room, enum keyframe_reason reason); /* of mirrors only */
    /* what a viewer gets is another rendition now: "source", "low" or "audio" */
    void (*rendition_changed)(void *arg, const char *session, struct room *room, const char *rendition);
    void (*low_wanted)(void *arg, struct room *room, bool keyframe); /* of mirrors only: somebody needs it */
};

/* What the rooms of a worker share; borrowed. */
struct room_env {
    struct port *port;
    struct wheel *wheel;
    struct counters *counters;
    struct peers *peers;
    struct children *children;
    struct packet_pool *pool;
    const char *media; /* path */
    bool studio;       /* there is one */
    const struct room_events *events;
    void *events_arg;
    unsigned viewers_max;
    unsigned viewers;                    /* of all rooms, on this worker */
    unsigned transcodes_max, transcodes; /* at once; those that run */
    unsigned busy_permille, busy_most;   /* of the last seconds; past the most, new viewers are refused */
    struct crew *crew;                   /* the other workers; NULL: none */
    bool mirror; /* this worker is one of those others: its rooms get their packets from the first */
};

struct audience {
    unsigned viewers;        /* half-open ones counted */
    unsigned on[RENDITIONS]; /* of those connected: what they get */
};

enum room_state { ROOM_IDLE, ROOM_LIVE, ROOM_STALLED, ROOM_PAUSED };

struct room {
    struct room_env *env;
    char name[LINK_ROOM_NAME_MAX + 1];
    bool record, paused, was_live;
    bool keep; /* named by the market since the link came up */
    int64_t grace_us;
    enum room_state state;
    int64_t state_wall_ms;
    struct track audio, video;
    struct small small; /* the picture's low rendition */
    struct keyframe keyframe;
    struct publisher *publisher;
    int64_t awaited_us;        /* the phone that is there may send: since it came, or since the pause ended */
    int64_t publisher_gone_us; /* when the last one went */
    int64_t media_us;          /* last packet of the publisher */
    bool clock_known;
    int64_t clock_shift_us; /* clock_report_us - the publisher's clock */
    struct child *studio;
    char *studio_setup;
    int64_t ahead_s; /* the market's time is ahead of the machine's: files are named in the market's */
    char video_fmtp[SDP_FMTP];
    GPtrArray *viewers;
    unsigned on[RENDITIONS]; /* connected viewers here, by what they get */
    unsigned lost_permille, kbps;
    /* what the market was told */
    int64_t told_us;
    unsigned told_viewers;
    unsigned push_from; /* the viewer to begin with */
    /* the other workers */
    uint32_t number, away; /* 0: never mirrored; a bit for each worker that mirrors it */
    struct audience away_audience[WORKERS_MAX];
    int64_t adopted_us;   /* of a mirror: arrival of the oldest packet since the last push */
    int64_t wished_us[2]; /* of a mirror: its last wish for a keyframe, by reason */
    struct timer tick, gather, turn;
};

struct room *room_new(struct room_env *env, const char *name, int64_t now_us);
void room_free(struct room *r, const char *why, int64_t now_us); /* ends publisher and viewers */
/* What the market's time is ahead of the machine's, for the names of files: for the next studio. */
void room_set_ahead(struct room *r, int64_t ahead_s);
void room_set(struct room *r, bool record, bool paused, int64_t grace_us, int64_t now_us);
unsigned room_viewers(const struct room *r); /* on all workers */
struct audience room_audience(const struct room *r);
const char *room_state_word(const struct room *r);
enum rtp_codec room_codec(const struct room *r); /* of its video, RTP_NO_CODEC if unknown */

/* For small.c: something in it changed */
void room_tell(struct room *r, int64_t now_us); /* the market */
void room_tell_away(const struct room *r);      /* the mirrors */

/* For crew.c and outpost.c */
void room_set_away(struct room *r, unsigned worker, const struct audience *audience, int64_t now_us);
void room_restart_viewers(struct room *r); /* all of this worker, at the next keyframe */
/* The picture may have another codec now: ends the viewers here who were promised the one before. */
void room_end_strangers(struct room *r, int64_t now_us);

/* For publisher.c */
void room_take_publisher(struct room *r, struct publisher *p, const struct sdp_choice *choice,
                         int64_t now_us);
void room_drop_publisher(struct room *r, const struct publisher *p,
                         int64_t now_us); /* forgotten, not freed */
void room_rtp(struct room *r, enum pipe_kind kind, const uint8_t *bytes, size_t size, int64_t at_us,
              int64_t now_us);
void room_rtp_end(struct room *r, int64_t now_us); /* a burst of them is over: pass it on */
void room_report(struct room *r, uint32_t ssrc, uint64_t ntp, uint32_t timestamp);
void room_heard(struct room *r, int64_t now_us); /* the publisher sent media */

/* For viewer.c */
void room_want_keyframe(struct room *r, enum keyframe_reason reason, int64_t now_us);
void room_want_turn(struct room *r, int64_t now_us); /* a viewer is behind: push again soon */
void room_viewers_changed(struct room *r, int64_t now_us);
void room_push(struct room *r, int64_t now_us); /* to every viewer what it has not got yet */
/* The same for packets that have just become ready, the oldest of which came at `from_us`. */
void room_show(struct room *r, int64_t from_us, int64_t now_us);

#endif
