/* walls.c: streamer/pipeline/sandbox.h, and what is said where a wall is missing. */
#include "streamer/relay/walls.h"
#include "streamer/pipeline/sandbox.h"
#include "streamer/relay/log.h"

#include <errno.h>
#include <glib.h>

void walls_files(struct counters *counters)
{
    int abi = sandbox_no_files();
    if (abi > 0)
        return;
    counters->no_landlock = 1;
    log_event(LOG_WARN, "relay.no-landlock", "s:s", "why",
              abi == 0 ? "not in this kernel" : g_strerror(errno));
}

void walls_calls(struct counters *counters)
{
    if (sandbox_calls(SANDBOX_RELAY))
        return;
    counters->no_seccomp = 1;
    log_event(LOG_WARN, "relay.no-seccomp", "s:s", "why", g_strerror(errno));
}
