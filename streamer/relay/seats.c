/* seats.c: arithmetic over room_env and crew.h. */
#include "streamer/relay/seats.h"
#include "streamer/relay/crew.h"

#include <limits.h>

unsigned seats_taken(const struct room_env *env)
{
    return env->viewers + (env->crew ? crew_viewers(env->crew) : 0);
}

static bool seats_busy(const struct room_env *env)
{
    return env->busy_permille >= env->busy_most;
}

bool seats_full(const struct room_env *env)
{
    return !env->mirror && (seats_taken(env) >= env->viewers_max || seats_busy(env));
}

unsigned seats_choose(const struct room_env *env, unsigned phones)
{
    if (!env->crew || seats_taken(env) >= env->viewers_max)
        return 0;
    unsigned first = seats_busy(env) ? UINT_MAX : env->viewers + phones * PUBLISHER_LOAD;
    return crew_choose(env->crew, first, env->busy_most);
}
