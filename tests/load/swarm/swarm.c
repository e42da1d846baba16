/* swarm.c: N receive-only WebRTC viewers, and if wanted a synthetic phone, in one process on one thread;
 * prints what they saw as JSON. This file reads the options and drives the run: link, publish, join, settle,
 * measure. */
#include "tests/load/swarm/swarm.h"
#include "tests/load/base/clock.h"

#include <arpa/inet.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum {
    TURNS = 5 /* every viewer's timers are looked at each fifth tick */,
    LINK_WAIT_US = 20000000,
    RETRY_US = 200000
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void enter(struct swarm *s, enum phase phase, int64_t now_us)
{
    s->phase = phase;
    s->phase_us = now_us;
    s->eager = phase == PHASE_PUBLISH || phase == PHASE_JOIN;
}

static void fail(struct swarm *s, const char *why)
{
    g_strlcpy(s->error, why, sizeof s->error);
    enter(s, PHASE_DONE, clock_us());
}

static const struct sockaddr_in *forced_address(const struct swarm *s, struct sockaddr_in *address)
{
    if (!s->options.to)
        return NULL;
    g_auto(GStrv) parts = g_strsplit(s->options.to, ":", 2);
    *address = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)(parts[1] ? atoi(parts[1]) : 0))};
    inet_pton(AF_INET, parts[0], &address->sin_addr);
    return address;
}

static void seat_settle(struct seat *seat, bool failed)
{
    if (seat->settled)
        return;
    seat->settled = true;
    seat->failed = failed;
    seat->swarm->settled++;
    seat->swarm->failed += failed;
}

static void seat_readable(void *owner, uint32_t events)
{
    struct seat *seat = owner;
    (void)events;
    peer_readable(seat->viewer->peer);
}

static void seat_answered(void *owner, const char *answer, const char *why)
{
    struct seat *seat = owner;
    struct swarm *s = seat->swarm;
    struct sockaddr_in to;
    const int64_t now_us = clock_us();
    if (!answer && (g_str_equal(why, "not-live") || g_str_equal(why, "HTTP 409"))) {
        s->retries++;
        seat->ask_at_us = now_us + RETRY_US;
        return;
    }
    seat->viewer->answered_us = now_us;
    if (!answer || !peer_answer(seat->viewer->peer, answer, forced_address(s, &to), now_us)) {
        if (s->failed < 3)
            fprintf(stderr, "swarm: viewer refused: %s\n", answer ? "unreadable answer" : why);
        seat_settle(seat, true);
        return;
    }
    seat->source =
        (struct loop_source){.ready = seat_readable, .owner = seat, .fd = peer_fd(seat->viewer->peer)};
    loop_add(s->loop, &seat->source, EPOLLIN);
}

static void seat_ask(struct seat *seat, int64_t now_us)
{
    struct swarm *s = seat->swarm;
    struct viewer *v = seat->viewer;
    g_autofree char *offer = peer_offer(v->peer, false, v->options->rtx, 0, 0);
    seat->ask_at_us = 0;
    v->asked_us = now_us;
    s->signal->kind->ask(s->signal, false, offer, seat_answered, seat);
}

static void seat_tick(struct seat *seat, int64_t now_us)
{
    if (!seat->viewer || seat->failed)
        return;
    if (seat->ask_at_us && now_us >= seat->ask_at_us)
        seat_ask(seat, now_us);
    viewer_tick(seat->viewer, now_us);
    const enum peer_state state = peer_state(seat->viewer->peer);
    if (state == PEER_CONNECTED)
        seat_settle(seat, false);
    else if (state >= PEER_GONE && !seat->settled)
        seat_settle(seat, true);
    else if (state >= PEER_GONE && !seat->gone) {
        seat->gone = true;
        seat->swarm->gone++;
    }
}

static void publisher_readable(void *owner, uint32_t events)
{
    struct swarm *s = owner;
    (void)events;
    peer_readable(publisher_peer(s->publisher));
}

static void publisher_answered(void *owner, const char *answer, const char *why)
{
    struct swarm *s = owner;
    struct sockaddr_in to;
    if (!answer || !peer_answer(publisher_peer(s->publisher), answer, forced_address(s, &to), clock_us())) {
        g_snprintf(s->error, sizeof s->error, "publishing refused: %s", answer ? "unreadable answer" : why);
        s->publish_refused = true;
        return;
    }
    s->publisher_source = (struct loop_source){
        .ready = publisher_readable, .owner = s, .fd = peer_fd(publisher_peer(s->publisher))};
    loop_add(s->loop, &s->publisher_source, EPOLLIN);
}

static void publish(struct swarm *s)
{
    s->publisher = publisher_new(s->identity);
    publisher_set_spite(s->publisher, s->options.spite / 100, (uint64_t)s->options.seed);
    g_autofree char *offer = publisher_offer(s->publisher);
    s->signal->kind->ask(s->signal, true, offer, publisher_answered, s);
}

static void begin_joining(struct swarm *s, int64_t now_us)
{
    s->relay = s->options.pid ? s->options.pid : s->signal->kind->relay(s->signal);
    if (s->relay && !proc_read(s->relay, &s->at_start))
        s->relay = 0;
    enter(s, PHASE_JOIN, now_us);
}

static void step_publish(struct swarm *s, int64_t now_us)
{
    if (!s->options.publish && !s->publisher) {
        begin_joining(s, now_us);
        return;
    }
    if (!s->publisher)
        publish(s);
    if (!publisher_peer(s->publisher)) { /* plain RTP: nobody answers */
        if (publisher_counts(s->publisher).frames > 50)
            begin_joining(s, now_us);
        return;
    }
    const enum peer_state state = peer_state(publisher_peer(s->publisher));
    if (s->publish_refused || state >= PEER_GONE)
        fail(s, s->error[0] ? s->error : "the publisher could not connect");
    else if (state == PEER_CONNECTED && publisher_counts(s->publisher).frames > 50)
        begin_joining(s, now_us); /* two seconds in: the room is live and has a picture */
}

static void step_join(struct swarm *s, int64_t now_us)
{
    const double due = (double)(now_us - s->phase_us) / 1e6 * s->options.rate;
    while (s->asked < s->options.viewers && s->asked <= due) {
        struct seat *seat = &s->seats[s->asked];
        const bool checked = s->asked < s->options.decrypt || s->options.decrypt < 0;
        seat->swarm = s;
        seat->viewer = viewer_new(s->identity, checked ? &s->checked : &s->plain,
                                  (uint64_t)s->options.seed * 1000003 + (uint64_t)s->asked);
        s->asked++;
        seat_ask(seat, now_us);
    }
    if (s->settled < s->options.viewers)
        return;
    if (s->relay)
        proc_read(s->relay, &s->at_joined);
    enter(s, PHASE_SETTLE, now_us);
}

static void step_settle(struct swarm *s, int64_t now_us)
{
    if ((double)(now_us - s->phase_us) < s->options.settle * 1e6)
        return;
    for (int i = 0; i < s->options.viewers; i++)
        viewer_restart(s->seats[i].viewer);
    if (s->publisher)
        s->published_before = publisher_counts(s->publisher);
    if (s->relay)
        proc_read(s->relay, &s->at_measure);
    enter(s, PHASE_MEASURE, now_us);
}

static void step_measure(struct swarm *s, int64_t now_us)
{
    s->measured_s = (double)(now_us - s->phase_us) / 1e6;
    if (s->measured_s < s->options.duration)
        return;
    if (s->relay)
        proc_read(s->relay, &s->at_end);
    enter(s, PHASE_DONE, now_us);
}

static bool swarm_tick(void *ctx, int64_t now_us)
{
    struct swarm *s = ctx;
    s->signal->kind->tick(s->signal, now_us);
    if (s->publisher)
        publisher_tick(s->publisher, now_us);
    for (int i = (int)(s->tick_count++ % TURNS); i < s->asked; i += TURNS)
        seat_tick(&s->seats[i], now_us);
    switch (s->phase) {
    case PHASE_LINK:
        if (s->signal->kind->ready(s->signal))
            enter(s, PHASE_PUBLISH, now_us);
        else if (now_us - s->phase_us > LINK_WAIT_US)
            fail(s, "no relay came to the link");
        break;
    case PHASE_PUBLISH:
        step_publish(s, now_us);
        break;
    case PHASE_JOIN:
        step_join(s, now_us);
        break;
    case PHASE_SETTLE:
        step_settle(s, now_us);
        break;
    case PHASE_MEASURE:
        step_measure(s, now_us);
        break;
    case PHASE_DONE:
        break;
    }
    return s->phase != PHASE_DONE && !interrupted;
}

static bool options_read(struct options *o, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"viewers", 'n', 0, G_OPTION_ARG_INT, &o->viewers,
         "how many viewers (default 10; 0 with --publish: none)", "N"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &o->rate, "joins a second (default 100)", "N"},
        {"duration", 0, 0, G_OPTION_ARG_DOUBLE, &o->duration, "measured seconds (default 10)", "S"},
        {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &o->settle,
         "seconds between the last join and the window (default 2)", "S"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &o->profile, "gcm (default) or cm", "P"},
        {"decrypt", 0, 0, G_OPTION_ARG_INT, &o->decrypt,
         "viewers that open and check every packet (default 2, -1 all)", "K"},
        {"loss", 0, 0, G_OPTION_ARG_DOUBLE, &o->loss,
         "percent of RTP thrown away on receiving; turns --nack on", "P"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &o->seed, "of the losses and of --spite (default 1)", "N"},
        {"nack", 0, 0, G_OPTION_ARG_NONE, &o->nack, "ask again for missing video", NULL},
        {"spite", 0, 0, G_OPTION_ARG_DOUBLE, &o->spite,
         "percent of the phone's own packets that are bent before they are sealed", "P"},
        {"forge", 0, 0, G_OPTION_ARG_NONE, &o->forge,
         "offers promise another certificate than the handshake shows", NULL},
        {"rtx", 0, 0, G_OPTION_ARG_NONE, &o->rtx, "offer RFC 4588 for the repairs; all viewers decrypt",
         NULL},
        {"pli", 0, 0, G_OPTION_ARG_NONE, &o->pli, "ask for a key frame at joining, as browsers do", NULL},
        {"storm", 0, 0, G_OPTION_ARG_NONE, &o->storm,
         "ask for keyframes and resends all the time, as no honest viewer does", NULL},
        {"quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, "no receiver reports", NULL},
        {"gro", 0, 0, G_OPTION_ARG_NONE, &o->gro, "take bursts whole (UDP GRO)", NULL},
        {"publish", 0, 0, G_OPTION_ARG_NONE, &o->publish, "be the phone as well", NULL},
        {"link", 0, 0, G_OPTION_ARG_STRING, &o->link, "stand in for the market on this socket", "unix:PATH"},
        {"room", 0, 0, G_OPTION_ARG_STRING, &o->room, "the room to open on the link (default bench)", "NAME"},
        {"whep", 0, 0, G_OPTION_ARG_STRING, &o->whep, "where to watch", "URL"},
        {"whip", 0, 0, G_OPTION_ARG_STRING, &o->whip, "where to publish", "URL"},
        {"janus", 0, 0, G_OPTION_ARG_STRING, &o->janus, "watch mountpoint 1 of this Janus",
         "http://HOST:PORT/janus"},
        {"rtp", 0, 0, G_OPTION_ARG_STRING, &o->rtp, "publish as plain RTP", "HOST:VIDEOPORT:AUDIOPORT"},
        {"token", 0, 0, G_OPTION_ARG_STRING, &o->token, "bearer token", "T"},
        {"ca", 0, 0, G_OPTION_ARG_FILENAME, &o->ca, "certificate to trust", "FILE"},
        {"insecure", 0, 0, G_OPTION_ARG_NONE, &o->insecure, "trust any certificate", NULL},
        {"to", 0, 0, G_OPTION_ARG_STRING, &o->to, "send media here instead of the answer's candidate",
         "ADDRESS:PORT"},
        {"pid", 0, 0, G_OPTION_ARG_INT, &o->pid, "the relay's process, to measure it (known when --link)",
         "PID"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- WebRTC viewers by the thousand");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "swarm: %s\n", error->message);
        return false;
    }
    o->profile = o->profile ? o->profile : g_strdup("gcm");
    o->room = o->room ? o->room : g_strdup("bench");
    const bool ok = (o->link || o->whep || o->janus || (o->publish && o->viewers == 0)) &&
                    (!o->publish || o->link || o->whip) &&
                    (g_str_equal(o->profile, "gcm") || g_str_equal(o->profile, "cm")) && o->rate > 0 &&
                    o->viewers >= 0;
    if (!ok)
        fprintf(stderr, "swarm: give --link, or --whep (and --whip to publish), or --janus (and --rtp); "
                        "--profile is gcm or cm\n");
    return ok;
}

static void settle_options(struct swarm *s)
{
    struct options *o = &s->options;
    s->plain = (struct viewer_options){.nack = o->nack || o->loss > 0,
                                       .rtx = o->rtx,
                                       .reports = !o->quiet,
                                       .pli = o->pli,
                                       .storm = o->storm,
                                       .loss = o->loss / 100};
    if (o->rtx)
        o->decrypt = -1;
    s->checked = s->plain;
    s->checked.decrypt = o->decrypt != 0;
}

static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct signal *open_signal(struct swarm *s)
{
    const struct options *o = &s->options;
    if (o->link)
        return signal_link_new(s->loop, g_str_has_prefix(o->link, "unix:") ? o->link + 5 : o->link, o->room);
    if (o->janus)
        return signal_janus_new(s->loop, o->janus, 1);
    return signal_http_new(s->loop,
                           &(struct signal_http_options){o->whep, o->whip, o->token, o->ca, o->insecure});
}

static void publish_plain(struct swarm *s)
{
    char host[64];
    unsigned int video = 0, audio = 0;
    if (sscanf(s->options.rtp, "%63[^:]:%u:%u", host, &video, &audio) == 3)
        s->publisher = publisher_new_plain(host, (uint16_t)video, (uint16_t)audio);
}

static void swarm_done(struct swarm *s)
{
    for (int i = 0; i < s->asked; i++)
        viewer_free(s->seats[i].viewer);
    publisher_free(s->publisher);
    s->signal->kind->free(s->signal);
    dtls_identity_free(s->identity);
    loop_free(s->loop);
    g_free(s->seats);
}

int main(int argc, char **argv)
{
    static struct swarm s = {
        .options = {.viewers = 10, .rate = 100, .duration = 10, .settle = 2, .decrypt = 2, .seed = 1}};
    if (!options_read(&s.options, &argc, &argv))
        return 2;
    settle_options(&s);
    raise_limits();
    peer_set_gro(s.options.gro);
    peer_set_forge(s.options.forge);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    signal(SIGPIPE, SIG_IGN);
    s.loop = loop_new();
    s.seats = g_new0(struct seat, (gsize)s.options.viewers + 1);
    s.identity = dtls_identity_new(g_str_equal(s.options.profile, "gcm") ? SRTP_GCM : SRTP_CM);
    s.signal = open_signal(&s);
    if (!s.signal)
        return 1;
    if (s.options.rtp)
        publish_plain(&s);
    enter(&s, PHASE_LINK, clock_us());
    loop_run(s.loop, &s.eager, swarm_tick, &s);
    json_t *result = report(&s);
    json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(result);
    const bool good = !s.error[0] && s.failed == 0 && s.gone == 0 && s.settled == s.options.viewers;
    swarm_done(&s);
    return good ? 0 : 1;
}
