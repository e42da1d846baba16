/* swarm.h: the state of one run, shared by swarm.c (drives it) and report.c (puts it into words). */
#ifndef SWARM_SWARM_H
#define SWARM_SWARM_H

#include "tests/load/base/proc.h"
#include "tests/load/swarm/loop.h"
#include "tests/load/swarm/publisher.h"
#include "tests/load/swarm/signal.h"
#include "tests/load/swarm/viewer.h"

#include <jansson.h>

struct options {
    int viewers, decrypt, seed;
    double rate;             /* joins a second */
    double loss;             /* percent */
    double spite;            /* percent of the phone's packets that are wrong inside */
    double duration, settle; /* seconds: measured window, and the wait before it */
    int pid;                 /* the relay, when not told by the link */
    gboolean publish, forge, nack, rtx, pli, storm, quiet, insecure, gro;
    char *profile, *link, *room, *whep, *whip, *token, *ca, *to, *janus, *rtp;
};

enum phase { PHASE_LINK, PHASE_PUBLISH, PHASE_JOIN, PHASE_SETTLE, PHASE_MEASURE, PHASE_DONE };

struct seat { /* one viewer and its place in the loop */
    struct swarm *swarm;
    struct viewer *viewer;
    struct loop_source source;
    int64_t ask_at_us; /* when to ask (again); 0: asked */
    bool settled;      /* connected or failed */
    bool failed;
    bool gone; /* after it had been connected */
};

struct swarm {
    struct options options;
    struct viewer_options plain, checked; /* of ordinary and of decrypting viewers */
    struct loop *loop;
    struct signal *signal;
    struct dtls_identity *identity;
    struct publisher *publisher;
    struct loop_source publisher_source;
    bool published, publish_refused, eager;
    struct seat *seats;
    int asked, settled, failed, gone, retries;
    enum phase phase;
    int64_t phase_us, began_us, tick_count;
    double measured_s;
    pid_t relay;
    struct proc_use at_start, at_joined, at_measure, at_end; /* of the relay */
    struct publisher_counts published_before;
    char error[128]; /* why the run as a whole failed */
};

json_t *report(struct swarm *s);

#endif
