/*> The relay, stop 1: options, signals, one worker. Go on to worker.c for the loop, control.c for what the
 * market asks, peers.c for what arrives by UDP, room.c for what happens to a packet. main.c: reads the
 * command line and runs until SIGTERM. */
#include "streamer/relay/bulk.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/log.h"
#include "streamer/relay/worker.h"

#include <getopt.h>
#include <glib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct worker *main_worker;

static const char usage[] =
    "usage: relay --market unix:PATH --udp-port N [--host ADDRESS]… --media DIR "
    "--ingest PATH [--studio PATH]\n"
    "             [--viewers N] [--transcodes N] [--busy PERMILLE] [--workers N] [--pace MBIT] [--evp]\n";

static void main_signal(int number)
{
    (void)number;
    worker_stop(main_worker);
}

static bool main_add_host(struct worker_options *o, const struct address *a)
{
    for (unsigned i = 0; i < o->hosts_count; i++)
        if (address_equal(&o->hosts[i], a))
            return true;
    if (o->hosts_count == WORKER_HOSTS)
        return false;
    o->hosts[o->hosts_count++] = *a;
    return true;
}

/* Without --host: every address of an interface that is up, then 127.0.0.1. Link-local ones are of no use in
 * an SDP. */
static void main_find_hosts(struct worker_options *o)
{
    struct ifaddrs *all = NULL;
    struct address a;
    if (getifaddrs(&all) != 0)
        all = NULL;
    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
        if (i->ifa_addr && (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK) &&
            address_from_sockaddr(&a, i->ifa_addr) && !IN6_IS_ADDR_LINKLOCAL(&a.ip) &&
            o->hosts_count < WORKER_HOSTS - 1)
            main_add_host(o, &a);
    freeifaddrs(all);
    address_parse(&a, "127.0.0.1", 0);
    main_add_host(o, &a);
}

static bool main_number(const char *text, unsigned long most, unsigned long *out)
{
    char *end;
    *out = strtoul(text, &end, 10);
    return *text && !*end && *out <= most;
}

static bool main_option(struct worker_options *o, int option, const char *value)
{
    struct address a;
    unsigned long n = 0;
    switch (option) {
    case 'm':
        o->link_path = g_str_has_prefix(value, "unix:") ? value + 5 : NULL;
        return o->link_path != NULL;
    case 'p':
        o->udp_port = main_number(value, 65535, &n) ? (uint16_t)n : 0;
        return o->udp_port != 0;
    case 'h':
        return address_parse(&a, value, 0) && main_add_host(o, &a);
    case 'd':
        o->media = value;
        return true;
    case 'i':
        o->ingest = value;
        return true;
    case 's':
        o->studio = value;
        return true;
    case 'b':
        o->busy_most = main_number(value, 1000, &n) ? (unsigned)n : 0;
        return o->busy_most != 0;
    case 't':
        if (!main_number(value, ROOMS_MAX, &n))
            return false;
        o->transcodes_max = (unsigned)n;
        return true;
    case 'c':
        if (!main_number(value, 1000000, &n))
            return false;
        o->pace = n * 1000000 / 8;
        return true;
    case 'w':
        o->workers = main_number(value, WORKERS_MAX, &n) ? (unsigned)n : 0;
        return o->workers != 0;
    case 'e':
        bulk_allow(false);
        return true;
    case 'v':
        o->viewers_max = main_number(value, PEERS_MAX, &n) ? (unsigned)n : 0;
        return o->viewers_max != 0;
    }
    return false;
}

static bool main_options(struct worker_options *o, int argc, char **argv)
{
    static const struct option options[] = {{"market", required_argument, NULL, 'm'},
                                            {"udp-port", required_argument, NULL, 'p'},
                                            {"host", required_argument, NULL, 'h'},
                                            {"media", required_argument, NULL, 'd'},
                                            {"ingest", required_argument, NULL, 'i'},
                                            {"studio", required_argument, NULL, 's'},
                                            {"viewers", required_argument, NULL, 'v'},
                                            {"busy", required_argument, NULL, 'b'},
                                            {"workers", required_argument, NULL, 'w'},
                                            {"pace", required_argument, NULL, 'c'},
                                            {"transcodes", required_argument, NULL, 't'},
                                            {"evp", no_argument, NULL, 'e'},
                                            {0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!main_option(o, option, optarg))
            return false;
    return optind == argc && o->link_path && o->udp_port && o->udp_port + o->workers <= 65536 && o->media &&
           o->ingest;
}

int main(int argc, char **argv)
{
    struct worker_options o = {.walls = true};
    struct sigaction on_stop = {.sa_handler = main_signal}, ignore = {.sa_handler = SIG_IGN};
    if (!main_options(&o, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    (void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0); /* what whoever started us had open */
    if (o.hosts_count == 0)
        main_find_hosts(&o);
    g_autofree char *media = g_canonicalize_filename(o.media, NULL); /* the children work elsewhere */
    o.media = media;
    main_worker = worker_new(&o);
    if (!main_worker)
        return 1;
    sigaction(SIGTERM, &on_stop, NULL);
    sigaction(SIGINT, &on_stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    log_event(LOG_INFO, "relay.ready", "s:i, s:i, s:i", "udp_port", (int)worker_port(main_worker), "hosts",
              (int)o.hosts_count, "workers", (int)MAX(o.workers, 1));
    bool told = worker_run(main_worker);
    sigaction(SIGTERM, &ignore, NULL); /* a second one must not find a worker that is being freed */
    sigaction(SIGINT, &ignore, NULL);
    worker_free(main_worker);
    _exit(told ? 0 : 1); /* exit handlers, a leak checker's say, would want what the walls refuse */
}
