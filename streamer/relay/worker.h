/* worker.h: one thread with everything it needs: a UDP port, peers, rooms, children, the link. With several
 * workers the first one has all that; each further one a port, peers and mirrors of rooms (crew.h,
 * outpost.h). They share nothing but packets. */
#ifndef RELAY_WORKER_H
#define RELAY_WORKER_H

#include "streamer/relay/address.h"
#include "streamer/relay/counters.h"

#include <stdbool.h>
#include <stdint.h>

enum { WORKER_HOSTS = 8 };

struct worker_options {
    const char *link_path;
    uint16_t udp_port;                   /* 0: any free one */
    const char *media, *ingest, *studio; /* studio NULL: none */
    bool walls;                          /* worker_run shuts the process in first: walls.h */
    unsigned viewers_max;
    unsigned transcodes_max;            /* at once; 0: TRANSCODES_PER_CORE for each core */
    unsigned busy_most;                 /* permille of the time; 0: BUSY_MOST_PERMILLE */
    uint64_t pace;                      /* bytes a second, of each worker; 0: none */
    unsigned workers;                   /* the further ones have the ports after udp_port; 0: one */
    struct address hosts[WORKER_HOSTS]; /* the port is filled in */
    unsigned hosts_count;
};

struct worker;
struct worker *worker_new(const struct worker_options *options); /* strings are copied; NULL: logged why */
void worker_free(struct worker *w);
uint16_t worker_port(const struct worker *w);
/* Until worker_stop, then until children and other workers are gone; the owning thread. False: it ended by
 * itself, since its nursery was gone. */
bool worker_run(struct worker *w);
void worker_stop(struct worker *w);                      /* any thread, also a signal handler */
struct counters worker_counters(const struct worker *w); /* a copy; not for another thread while it runs */

#endif
