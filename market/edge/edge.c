/* edge.c: puts the edge together, turns its loop, and takes it apart: start, signals, ticks, drain.
 *
 *> Stop 1 of a tour: everything from outside comes in through http.c (HTTP and WebSocket), link.c (the relay)
 *and admin.c; everything from inside through news.c, which only queues and wakes the loop.
 */
#include "market/edge/edge.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/edge/admin.h"
#include "market/edge/cert.h"
#include "market/edge/errand.h"
#include "market/edge/health.h"
#include "market/edge/hook_heads.h"
#include "market/edge/hub.h"
#include "market/edge/limits.h"
#include "market/edge/link.h"
#include "market/edge/listen.h"
#include "market/edge/metrics.h"
#include "market/edge/page.h"
#include "market/edge/pusher.h"
#include "market/edge/relay.h"
#include "market/edge/room.h"
#include "market/edge/session.h"
#include "market/edge/socket.h"
#include "market/edge/watch.h"
#include "market/edge/whep_events.h"
#include "market/edge/words.h"

enum { TICK_MS = 100, READY_PATIENCE_MS = 8000, FLUSH_MS = 200 };

void edge_system_who(struct who *who)
{
    memset(who, 0, sizeof *who);
    who->roles = ROLE_SYSTEM;
    g_strlcpy(who->address, "local", sizeof who->address);
    g_strlcpy(who->lang, "vi", sizeof who->lang);
}

bool edge_is_host(const struct edge *edge, const char *host)
{
    const char *end = host[0] == '[' ? strchr(host, ']') + 1 : host + strcspn(host, ":");
    g_autofree char *name = g_strndup(host, (gsize)(end - host));
    for (const char *const *known = edge->config->hosts; known && *known; known++) {
        if (!g_ascii_strcasecmp(*known, name))
            return true;
    }
    return !g_ascii_strcasecmp(name, "localhost") || !strcmp(name, "127.0.0.1") ||
           cert_names(edge->cert, name);
}

/* ---- the loop's own work ---- */

void edge_drain(struct edge *edge, int exit_code)
{
    if (edge->draining) {
        edge->stop = true; /* asked twice: at once */
        return;
    }
    log_line(LOG_LEVEL_INFO, "edge.drain", LOG_NUMBER("requests", edge->exchanges),
             LOG_NUMBER("sockets", hub_count(edge->hub)));
    edge->draining = true;
    edge->exit_code = exit_code;
    edge->drain_begun_ms = clock_steady_ms();
    edge->drain_until_ms = edge->drain_begun_ms + DRAIN_MS;
    hub_bye(edge->hub, NULL, "draining", 1001, RETRY_AFTER_DRAIN_MS);
}

void edge_again(struct edge *edge)
{
    if (!edge->draining)
        edge_drain(edge, EDGE_AGAIN);
}

static void drain_tick(struct edge *edge, int64_t now_ms)
{
    bool busy = edge->exchanges > 0 || hub_count(edge->hub) > 0;
    if (!busy && edge->drain_until_ms > now_ms + FLUSH_MS)
        edge->drain_until_ms = now_ms + FLUSH_MS; /* what libwebsockets still buffers goes out in this time */
    if (now_ms >= edge->drain_until_ms)
        edge->stop = true;
}

static void say_ready(struct edge *edge, int64_t now_ms)
{
    if (edge->ready || (edge->relay && !link_ready(edge->link) && now_ms < edge->ready_by_ms))
        return;
    edge->ready = true;
    printf("ready https://localhost:%d\n", edge->config->port);
    fflush(stdout);
    log_line(LOG_LEVEL_INFO, "edge.ready", LOG_NUMBER("port", edge->config->port));
}

/* New pages are put in place by renaming a whole directory; the old one is then gone from the file system. */
static void reopen_pages(struct edge *edge)
{
    int fd = open(edge->config->web, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return; /* between two renames: the next second sees it */
    close(edge->web_fd);
    edge->web_fd = fd;
    pages_forget(edge->pages);
    words_free(edge->words);
    edge->words = words_new(edge->config->web);
    log_line(LOG_LEVEL_INFO, "pages.reopened", LOG_TEXT("web", edge->config->web));
}

static bool pages_replaced(const struct edge *edge)
{
    struct stat st;
    return fstat(edge->web_fd, &st) == 0 && st.st_nlink == 0;
}

static void reload(struct edge *edge)
{
    struct cert *fresh = cert_load(edge->cert_file, edge->key_file);
    bool done =
        fresh && lws_tls_cert_updated(edge->context, edge->cert_file, edge->key_file, NULL, 0, NULL, 0) == 0;
    if (done) {
        cert_free(edge->cert);
        edge->cert = fresh;
    } else {
        cert_free(fresh);
    }
    reopen_pages(edge);
    log_line(done ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "cert.reload",
             LOG_TEXT("result", done ? "new one serves" : "the old one stays"));
}

static bool on_signal(void *user, int fd, bool writable)
{
    struct edge *edge = user;
    struct signalfd_siginfo info;
    while (!writable && read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            reload(edge);
        else
            edge_drain(edge, 0);
    }
    return true;
}

static void tick(lws_sorted_usec_list_t *list)
{
    struct edge *edge = lws_container_of(list, struct edge, tick);
    int64_t now_ms = clock_steady_ms();
    lws_sul_schedule(edge->context, 0, &edge->tick, tick, TICK_MS * LWS_US_PER_MS);
    relay_tick(edge->relay, now_ms);
    link_tick(edge->link, now_ms);
    rooms_tick(edge->rooms, now_ms);
    health_tick(edge->health, now_ms);
    if (now_ms - edge->second_ms >= 1000) {
        edge->second_ms = now_ms;
        sessions_tick(edge->sessions, now_ms);
        whep_events_tick(edge->whep_events, now_ms);
        socket_tick(edge);
        metrics_tick(edge->metrics, now_ms);
        if (pages_replaced(edge))
            reopen_pages(edge);
    }
    if (now_ms - edge->recheck_ms >= WHO_CHECK_MS) {
        edge->recheck_ms = now_ms;
        socket_recheck(edge);
    }
    say_ready(edge, now_ms);
    if (edge->draining)
        drain_tick(edge, now_ms);
}

static void post_home(void *edge, struct post *post)
{
    edge_post(edge, post);
}

int edge_run(struct edge *edge, struct desk *desk)
{
    edge->desk = desk;
    edge->begun_ms = clock_steady_ms();
    hook_catch_up(edge);
    edge->ready_by_ms = clock_steady_ms() + READY_PATIENCE_MS;
    if (edge->config->relay)
        edge->relay = relay_new(edge, edge->config->relay);
    if (edge->pusher)
        pusher_start(edge->pusher, desk);
    edge->errands = errands_new(ERRANDS_MAX, post_home, edge);
    outbox_run(&edge->outbox);
    tick(&edge->tick);
    while (!edge->stop && lws_service(edge->context, 0) >= 0)
        ;
    edge->over = true;
    unsigned cut = edge->exchanges + (unsigned)hub_count(edge->hub); /* their time was up */
    int64_t left_ms = edge->draining ? DRAIN_MS + 1500 - (clock_steady_ms() - edge->drain_begun_ms) : 1000;
    relay_free(edge->relay, CLAMP(left_ms, 500, 5000));
    edge->relay = NULL;
    if (edge->pusher)
        pusher_stop(edge->pusher);
    log_line(LOG_LEVEL_INFO, "edge.stop", LOG_NUMBER("exit", edge->exit_code), LOG_NUMBER("cut", cut));
    g_clear_pointer(&edge->errands, errands_free);
    return edge->exit_code;
}

/* ---- start ---- */

static bool open_folders(struct edge *edge, const char **why)
{
    g_autofree char *media = g_build_filename(edge->config->data, "media", NULL);
    g_mkdir_with_parents(media, 0700);
    edge->media_fd = open(media, O_PATH | O_DIRECTORY | O_CLOEXEC);
    edge->web_fd = open(edge->config->web, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (edge->media_fd < 0)
        *why = "cannot make the media directory";
    else if (edge->web_fd < 0)
        *why = "the directory of the pages is not there (--web)";
    return edge->media_fd >= 0 && edge->web_fd >= 0;
}

static bool open_certificate(struct edge *edge, const char **why)
{
    const struct edge_config *config = edge->config;
    bool ours = config->cert == NULL;
    edge->cert_file = ours ? g_build_filename(config->data, "cert.pem", NULL) : g_strdup(config->cert);
    edge->key_file = ours ? g_build_filename(config->data, "key.pem", NULL) : g_strdup(config->key);
    edge->cert = cert_load(edge->cert_file, edge->key_file);
    bool fits = edge->cert && cert_days_left(edge->cert) >= READY_CERT_DAYS;
    for (const char *const *host = config->hosts; fits && host && *host; host++)
        fits = cert_names(edge->cert, *host);
    if (ours && !fits) {
        cert_free(edge->cert);
        edge->cert = cert_make(edge->cert_file, edge->key_file, config->hosts)
                         ? cert_load(edge->cert_file, edge->key_file)
                         : NULL;
        log_line(LOG_LEVEL_INFO, "cert.made", LOG_TEXT("file", edge->cert_file));
    }
    if (!edge->cert)
        *why = "certificate and key cannot be read or do not belong together";
    return edge->cert != NULL;
}

static bool open_local(struct edge *edge, const char **why)
{
    g_autofree char *relay = g_build_filename(edge->config->data, "relay.sock", NULL);
    g_autofree char *admin = g_build_filename(edge->config->data, "admin.sock", NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set,
                    NULL); /* later threads inherit this: the signals come by the descriptor only */
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || !watch_new(edge, signals, on_signal, NULL, edge)) {
        *why = "no signal descriptor";
        return false;
    }
    edge->link = link_new(edge, relay, why);
    edge->admin = edge->link ? admin_new(edge, admin, why) : NULL;
    if (edge->admin && edge->config->metrics)
        edge->metrics = metrics_new(edge, edge->config->metrics, why);
    return edge->admin && (edge->metrics || !edge->config->metrics);
}

static bool open_pusher(struct edge *edge, const char **why)
{
    const struct edge_config *config = edge->config;
    if (!config->contact)
        return true;
    g_autofree char *key = g_build_filename(config->data, "push-key.pem", NULL);
    edge->pusher = pusher_new(&(struct pusher_config){.key_file = key,
                                                      .contact = config->contact,
                                                      .allowed = config->push_allow,
                                                      .ca = config->push_ca,
                                                      .words = edge->words},
                              why);
    return edge->pusher != NULL;
}

const struct push_setup *edge_push(const struct edge *edge)
{
    return edge->pusher ? pusher_setup(edge->pusher) : NULL;
}

struct edge *edge_new(const struct edge_config *config, const char **why)
{
    struct edge *edge = g_new0(struct edge, 1);
    edge->config = config;
    edge->web_fd = edge->media_fd = -1;
    outbox_init(&edge->outbox);
    edge->addresses = addresses_new(&config->limits);
    edge->conns = g_hash_table_new(NULL, NULL);
    edge->lots = g_hash_table_new(g_int64_hash, g_int64_equal);
    edge->words = words_new(config->web);
    edge->pages = pages_new(edge);
    edge->hub = hub_new(edge);
    edge->rooms = rooms_new(edge);
    edge->sessions = sessions_new(edge);
    edge->whep_events = whep_events_new(edge);
    edge->health = health_new(edge);
    if (open_folders(edge, why) && open_certificate(edge, why) && listen_open(edge, why) &&
        open_local(edge, why) && open_pusher(edge, why))
        return edge;
    edge_free(edge);
    return NULL;
}

void edge_free(struct edge *edge)
{
    if (!edge)
        return;
    outbox_run(&edge->outbox); /* answers of a desk that has closed meanwhile */
    struct lws_context *context = edge->context;
    if (context) {
        lws_sul_cancel(&edge->tick);
        lws_context_destroy(context);
        edge->context = NULL;
    }
    admin_free(edge->admin);
    link_free(edge->link);
    metrics_free(edge->metrics);
    health_free(edge->health);
    whep_events_free(edge->whep_events);
    sessions_free(edge->sessions);
    rooms_free(edge->rooms);
    hub_free(edge->hub);
    pages_free(edge->pages);
    pusher_free(edge->pusher);
    words_free(edge->words);
    g_hash_table_destroy(edge->conns);
    g_hash_table_destroy(edge->lots);
    addresses_free(edge->addresses);
    cert_free(edge->cert);
    g_free(edge->cert_file);
    g_free(edge->key_file);
    if (edge->web_fd >= 0)
        close(edge->web_fd);
    if (edge->media_fd >= 0)
        close(edge->media_fd);
    for (size_t i = 0; i < G_N_ELEMENTS(edge->heads); i++)
        if (edge->heads[i].text)
            g_string_free(edge->heads[i].text, TRUE);
    outbox_done(&edge->outbox);
    g_free(edge);
}
