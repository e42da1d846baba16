/* rooms.h: the table of rooms by their names, which are the market's. One thread. */
#ifndef RELAY_ROOMS_H
#define RELAY_ROOMS_H

#include "streamer/relay/room.h"

struct rooms;

struct rooms *rooms_new(void);
void rooms_free(struct rooms *t);                                 /* after rooms_drop_all; NULL is fine */
struct room *rooms_find(const struct rooms *t, const char *name); /* NULL: none */
void rooms_add(struct rooms *t, struct room *r);                  /* its from now on; a new name */
/* Ends the room, its publisher and its viewers. */
void rooms_drop(struct rooms *t, struct room *r, const char *why, int64_t now_us);
void rooms_drop_all(struct rooms *t, const char *why, int64_t now_us);
unsigned rooms_count(const struct rooms *t);
unsigned rooms_phones(const struct rooms *t); /* rooms with a publisher */
void rooms_each(const struct rooms *t, void (*room_cb)(void *arg, struct room *r), void *arg);

/* A market that comes back names its rooms anew: none is named yet… */
void rooms_unname(struct rooms *t);
/* …and those it has not named (room->keep) end. */
void rooms_drop_unnamed(struct rooms *t, int64_t now_us);

#endif
