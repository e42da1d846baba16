/* control.h: does what the market asks over the link and tells it what happens: owns the rooms and knows
 * every session by the market's name for it. One thread. */
#ifndef RELAY_CONTROL_H
#define RELAY_CONTROL_H

#include "streamer/relay/room.h"

#include <jansson.h>

struct control;

struct control_config {          /* borrowed, outlives the control */
    const struct address *hosts; /* candidates, with the port */
    unsigned hosts_count;
    const uint8_t *fingerprint; /* sha-256 of our certificate */
    uint16_t udp_port;
    bool tcp; /* the same number on TCP */
    /* Where messages for the market go when there is no link: gets ownership. */
    void (*said_cb)(void *arg, json_t *said);
    void *said_arg;
};

/* `env` gets its events from here: control_new fills in events and events_arg. Without a `nursery`, which
 * dials the market, config->said_cb is used. */
struct control *control_new(const struct control_config *config, struct room_env *env, struct loop *loop,
                            struct nursery *nursery, int64_t now_us);
void control_free(struct control *c);
void control_close_rooms(struct control *c, int64_t now_us); /* goodbye to all */
void control_message(void *control, json_t *object,
                     int64_t now_us); /* does what it asks and says the answer */
/* For outpost.c: rooms come from the first worker there. */
void control_add_room(struct control *c, struct room *r);
void control_drop_room(struct control *c, struct room *r, const char *why, int64_t now_us);
void control_rendition_changed(void *arg, const char *session, struct room *r, const char *rendition);
void control_session_changed(void *control, const char *session, struct room *room, bool watch,
                             const char *state, const char *why);
/* For the first worker: what another one has for the market; steals it. */
void control_away_said(void *control, unsigned from, json_t *said);
void control_file(struct control *c, const char *room, const char *json); /* the studio finished a file */

#endif
