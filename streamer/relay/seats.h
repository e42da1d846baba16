/* seats.h: how many watch on all workers, whether one more may, and where. Reads the first worker's counts;
 * its thread. */
#ifndef RELAY_SEATS_H
#define RELAY_SEATS_H

#include "streamer/relay/room.h"

unsigned seats_taken(const struct room_env *env);
/* By the number that was set, or by what this worker can do: those inside must not suffer from one more. An
 * outpost takes whom it is sent. */
bool seats_full(const struct room_env *env);
/* The worker with the most time for one more; 0: this one, which has so many phones besides, or nobody has a
 * place. */
unsigned seats_choose(const struct room_env *env, unsigned phones);

#endif
