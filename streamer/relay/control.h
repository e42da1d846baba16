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
};

/* `env` gets its events from here: control_new fills in events and events_arg. */
struct control *control_new(const struct control_config *config, struct room_env *env, struct loop *loop,
                            const char *link_path, int64_t now_us);
void control_free(struct control *c);
void control_close_rooms(struct control *c, int64_t now_us);              /* goodbye to all */
void control_file(struct control *c, const char *room, const char *json); /* the studio finished a file */

#endif
