/* worker.c: builds the parts in order and runs the loop: wait, read, fire timers, send what was gathered. */
#include "streamer/relay/worker.h"
#include "streamer/relay/bulk.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/control.h"
#include "streamer/relay/crew.h"
#include "streamer/relay/log.h"
#include "streamer/relay/outpost.h"
#include "streamer/relay/tcp.h"
#include "streamer/relay/walls.h"

#include <errno.h>
#include <glib.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WORKER_REAP_MS = 500, WORKER_TRIM_MS = 5000, WORKER_READS = 8, WORKER_IDLE_MS = 1000 };

struct worker {
    struct counters counters;
    struct loop *loop;
    struct wheel *wheel;
    struct port *port;
    struct tcp *tcp; /* NULL: the port's number is taken on TCP, viewers do without */
    struct watch port_watch, stop_watch;
    struct dtls_identity *identity;
    struct peers *peers;
    struct nursery *nursery;
    struct children *children;
    struct packet_pool *pool;
    struct room_env env;
    struct address hosts[WORKER_HOSTS];
    struct control_config config;
    struct control *control;
    char *media;
    struct timer reap, trim;
    uint64_t trimmed_at; /* handshakes done by then */
    bool stopping, walls, orphaned;
    pthread_barrier_t gate; /* the other workers wait at the first one's until the walls stand */
    int64_t stop_us;
    int64_t looked_us, idle_us; /* when the work was last measured, and the idle time up to then */
    /* several workers: the first one has a crew, the others are outposts without control, children and pool
     */
    struct crew *crew;
    struct outpost *outpost;
    struct worker *mates[WORKERS_MAX], *first;
};

static void worker_datagram(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct worker *w = arg;
    peers_take(w->peers, bytes, size, from, port_came_us(w->port));
}

static void worker_tcp_datagram(void *arg, uint8_t *bytes, size_t size, const struct path *from)
{
    struct worker *w = arg;
    peers_take(w->peers, bytes, size, from, clock_us());
}

static void worker_port_ready(void *arg, uint32_t events)
{
    struct worker *w = arg;
    enum meter_stage before = meter_enter(&w->counters.meter, METER_RECEIVE);
    if (events & EPOLLOUT)
        port_flush(w->port);
    if (events & EPOLLIN)
        for (int i = 0; i < WORKER_READS && port_read(w->port, worker_datagram, w); i++)
            ;
    meter_enter(&w->counters.meter, before);
}

static void worker_file(void *arg, const char *room, const char *json)
{
    struct worker *w = arg;
    control_file(w->control, room, json);
}

/* How much of the last half second was work, smoothed over some two seconds. Time that other programs took
 * from a turn counts as work: a worker that is not let run cannot serve more viewers either. */
static void worker_look(struct worker *w, int64_t now_us)
{
    int64_t passed_us = now_us - w->looked_us,
            idle_us = (int64_t)w->counters.meter.stage_us[METER_IDLE] - w->idle_us;
    w->looked_us = now_us;
    w->idle_us += idle_us;
    if (passed_us <= 0)
        return;
    int64_t busy = CLAMP(1000 - idle_us * 1000 / passed_us, 0, 1000);
    w->env.busy_permille = (unsigned)((3 * (int64_t)w->env.busy_permille + busy) / 4);
}

static void worker_reap(void *arg, int64_t now_us)
{
    struct worker *w = arg;
    worker_look(w, now_us);
    if (w->outpost)
        outpost_report(w->outpost, w->env.busy_permille);
    wheel_set(w->wheel, &w->reap, now_us + WORKER_REAP_MS * INT64_C(1000));
}

/* Handshakes leave holes all over the heap, tens of kilobytes each; their whole pages go back to the kernel.
 */
static void worker_trim(void *arg, int64_t now_us)
{
    struct worker *w = arg;
    if (w->counters.dtls_done != w->trimmed_at)
        malloc_trim(0);
    w->trimmed_at = w->counters.dtls_done;
    wheel_set(w->wheel, &w->trim, now_us + WORKER_TRIM_MS * INT64_C(1000));
}

static void worker_stopped(void *arg, uint32_t events)
{
    struct worker *w = arg;
    uint64_t ignored;
    (void)events;
    if (read(w->stop_watch.fd, &ignored, sizeof ignored) < 0 || w->stopping)
        return;
    w->stopping = true;
    w->stop_us = clock_us();
    log_event(LOG_INFO, "relay.stopping", NULL);
    control_close_rooms(w->control, w->stop_us);
    if (w->crew)
        crew_stop(w->crew);
}

static void worker_build_env(struct worker *w, const struct worker_options *o)
{
    struct peers_env peers_env = {
        .port = w->port, .wheel = w->wheel, .counters = &w->counters, .identity = w->identity};
    w->peers = peers_new(&peers_env);
    w->media = g_strdup(o->media);
    w->env =
        (struct room_env){.port = w->port,
                          .wheel = w->wheel,
                          .counters = &w->counters,
                          .peers = w->peers,
                          .studio = o->studio != NULL,
                          .media = w->media,
                          .viewers_max = o->viewers_max ? o->viewers_max : VIEWERS_MAX,
                          .transcodes_max = o->transcodes_max ? o->transcodes_max
                                                              : TRANSCODES_PER_CORE * g_get_num_processors(),
                          .busy_most = o->busy_most ? o->busy_most : BUSY_MOST_PERMILLE};
    memcpy(w->hosts, o->hosts, sizeof w->hosts);
    for (unsigned i = 0; i < o->hosts_count; i++)
        w->hosts[i].port = port_number(w->port);
    w->config = (struct control_config){.hosts = w->hosts,
                                        .hosts_count = o->hosts_count,
                                        .fingerprint = dtls_identity_fingerprint(w->identity),
                                        .udp_port = port_number(w->port),
                                        .tcp = w->tcp != NULL};
}

static void worker_open_tcp(struct worker *w, int64_t now_us)
{
    struct tcp_env env = {.loop = w->loop,
                          .wheel = w->wheel,
                          .counters = &w->counters,
                          .datagram_cb = worker_tcp_datagram,
                          .arg = w};
    w->tcp = tcp_open(&env, port_number(w->port), now_us);
    port_use_tcp(w->port, w->tcp);
    if (!w->tcp)
        log_event(LOG_WARN, "relay.no-tcp", "s:s, s:i", "why", strerror(errno), "port",
                  (int)port_number(w->port));
}

/* What every worker has. NULL: logged why. */
static struct worker *worker_open(const struct worker_options *o, uint16_t udp_port)
{
    struct worker *w = g_new0(struct worker, 1);
    int64_t now_us = clock_us();
    w->port = port_open(udp_port, &w->counters);
    w->identity = dtls_identity_new();
    if (!w->port || !w->identity) {
        log_event(LOG_ERROR, "relay.start", "s:s, s:i", "why", w->port ? "no certificate" : strerror(errno),
                  "udp_port", (int)udp_port);
        dtls_identity_free(w->identity);
        port_close(w->port);
        g_free(w);
        return NULL;
    }
    port_set_pace(w->port, o->pace);
    w->loop = loop_new();
    w->wheel = wheel_new(now_us);
    worker_open_tcp(w, now_us);
    worker_build_env(w, o);
    w->port_watch =
        (struct watch){.fd = port_fd(w->port), .events = EPOLLIN, .ready_cb = worker_port_ready, .arg = w};
    w->stop_watch = (struct watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                   .events = EPOLLIN,
                                   .ready_cb = worker_stopped,
                                   .arg = w};
    loop_add(w->loop, &w->port_watch);
    loop_add(w->loop, &w->stop_watch);
    w->reap = (struct timer){.fire_cb = worker_reap, .arg = w};
    wheel_set(w->wheel, &w->reap, now_us + WORKER_REAP_MS * INT64_C(1000));
    w->trim = (struct timer){.fire_cb = worker_trim, .arg = w};
    wheel_set(w->wheel, &w->trim, now_us + WORKER_TRIM_MS * INT64_C(1000));
    w->looked_us = now_us;
    return w;
}

/* The supervisor starts a whole relay again: this one could not start so much as an ingest. */
static void worker_orphaned(void *arg)
{
    struct worker *w = arg;
    w->orphaned = true;
    worker_stop(w);
}

static void worker_stop_outpost(void *arg)
{
    struct worker *w = arg;
    w->stopping = true;
}

static bool worker_add_mate(struct worker *w, const struct worker_options *o, unsigned number)
{
    struct mail *to, *from;
    uint16_t udp_port = o->udp_port ? (uint16_t)(o->udp_port + number) : 0;
    struct worker *mate = crew_add(w->crew, &to, &from) ? worker_open(o, udp_port) : NULL;
    if (!mate)
        return false;
    mate->outpost = outpost_new(mate->loop, &mate->env, &mate->config, to, from, worker_stop_outpost, mate);
    mate->first = w;
    w->mates[number] = mate;
    return true;
}

struct worker *worker_new(const struct worker_options *o)
{
    struct nursery_plan plan = {.ingest = o->ingest, .studio = o->studio, .market = o->link_path};
    struct nursery *nursery = nursery_new(&plan); /* before there is a key it could see */
    struct worker *w = nursery ? worker_open(o, o->udp_port) : NULL;
    unsigned count = MAX(o->workers, 1);
    if (!nursery)
        log_event(LOG_ERROR, "relay.start", "s:s", "why", strerror(errno));
    if (!w) {
        nursery_free(nursery);
        return NULL;
    }
    w->walls = o->walls;
    w->nursery = nursery;
    nursery_join(nursery, w->loop, worker_orphaned, w);
    w->children = w->env.children = children_new(w->loop, w->wheel, nursery, &w->counters, worker_file, w);
    w->pool = w->env.pool = packet_pool_new(count > 1);
    w->control = control_new(&w->config, &w->env, w->loop, nursery, clock_us());
    if (count > 1)
        w->crew = w->env.crew = crew_new(w->loop, &w->counters, control_away_said, w->control);
    for (unsigned i = 1; i < count; i++) {
        if (!worker_add_mate(w, o, i)) {
            worker_free(w);
            return NULL;
        }
    }
    return w;
}

uint16_t worker_port(const struct worker *w)
{
    return port_number(w->port);
}

struct counters worker_counters(const struct worker *w)
{
    return w->counters;
}

void worker_stop(struct worker *w)
{
    uint64_t one = 1;
    if (write(w->stop_watch.fd, &one, sizeof one) < 0)
        return; /* the counter is full: it was told often enough */
}

static bool worker_is_done(const struct worker *w, int64_t now_us)
{
    if (w->outpost || !w->stopping)
        return w->stopping;
    bool ended = children_ending(w->children) == 0 && (!w->crew || crew_has_ended(w->crew));
    return ended || now_us - w->stop_us > DRAIN_MS * INT64_C(1000);
}

static void worker_flush(struct worker *w)
{
    if (!port_is_blocked(w->port))
        port_flush(w->port);
    if (w->tcp)
        tcp_flush(w->tcp);
    if (w->crew)
        crew_flush(w->crew);
    if (w->outpost)
        outpost_flush(w->outpost);
    loop_change(w->loop, &w->port_watch, EPOLLIN | (port_is_blocked(w->port) ? (uint32_t)EPOLLOUT : 0));
}

static void worker_turns(struct worker *w)
{
    int64_t now_us = clock_us();
    bulk_start();
    while (!worker_is_done(w, now_us)) {
        meter_enter(&w->counters.meter, METER_IDLE);
        loop_wait(w->loop, wheel_wait_us(w->wheel, now_us, WORKER_IDLE_MS * INT64_C(1000)));
        meter_enter(&w->counters.meter, METER_OTHER);
        loop_run(w->loop);
        now_us = clock_us();
        wheel_run(w->wheel, now_us);
        worker_flush(w);
        now_us = clock_us();
    }
}

static void *worker_thread(void *arg)
{
    struct worker *w = arg;
    pthread_barrier_wait(&w->first->gate);
    worker_turns(w);
    outpost_say_ended(w->outpost);
    return NULL;
}

/* Landlock is inherited by threads, seccomp's filter reaches those that are there: no thread is born later,
 * and none has read a datagram before. */
bool worker_run(struct worker *w)
{
    pthread_t threads[WORKERS_MAX];
    sigset_t all, before;
    unsigned count = 1;
    for (unsigned i = 1; i < WORKERS_MAX; i++)
        count += w->mates[i] != NULL;
    pthread_barrier_init(&w->gate, NULL, count);
    if (w->walls)
        walls_files(&w->counters);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the first worker's */
    for (unsigned i = 1; i < WORKERS_MAX; i++)
        if (w->mates[i] && pthread_create(&threads[i], NULL, worker_thread, w->mates[i]) != 0)
            g_error("no thread for a worker");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (w->walls)
        walls_calls(&w->counters);
    pthread_barrier_wait(&w->gate);
    worker_turns(w);
    for (unsigned i = 1; i < WORKERS_MAX; i++)
        if (w->mates[i])
            pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&w->gate);
    return !w->orphaned;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    if (w->control)
        control_close_rooms(w->control, clock_us());
    for (unsigned i = 1; i < WORKERS_MAX; i++)
        worker_free(w->mates[i]);
    outpost_free(w->outpost);
    crew_free(w->crew);
    children_free(w->children);
    control_free(w->control);
    nursery_free(w->nursery);
    peers_free(w->peers);
    packet_pool_free(w->pool);
    dtls_identity_free(w->identity);
    if (w->tcp)
        tcp_flush(w->tcp); /* the last good-byes */
    tcp_close(w->tcp);
    port_close(w->port);
    wheel_free(w->wheel);
    loop_free(w->loop);
    close(w->stop_watch.fd);
    g_free(w->media);
    g_free(w);
}
