/* metrics.c: one socket, one question, one answer. So little HTTP is understood here that there is nothing to
 * attack: a GET of /metrics from a Host that is this machine's own (a web page cannot read it by rebinding a
 * name), everything else is 404 or 403, and the connection is closed. Edge thread. */
#include "market/edge/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "market/base/clock.h"
#include "market/edge/hub.h"
#include "market/edge/limits.h"
#include "market/edge/link.h"
#include "market/edge/promtext.h"
#include "market/edge/session.h"
#include "market/edge/watch.h"

struct metrics {
    struct edge *edge;
    GPtrArray *scrapes; /* open ones */
};

struct scrape {
    struct metrics *metrics;
    struct watch *watch; /* NULL: gone */
    int refs;            /* the watch, and a question under way */
    int64_t born_ms;
    bool asked;
    GString *in, *out;
};

static void scrape_unref(struct scrape *s)
{
    if (--s->refs > 0)
        return;
    g_string_free(s->in, TRUE);
    g_string_free(s->out, TRUE);
    g_free(s);
}

static void write_span(GString *out, const char *name, const char *help, const struct span_figures *figures)
{
    promtext_seconds(out, name, help, span_bounds_us, figures->counts, SPAN_BOUNDS, figures->sum_us);
}

static void write_desk(GString *out, struct desk *desk)
{
    struct desk_figures f;
    desk_figures(desk, &f);
    promtext_family(out, "desk_calls_total", "counter", "Commands and queries answered.");
    promtext_sample(out, "desk_calls_total", "result", "done", f.done);
    promtext_sample(out, "desk_calls_total", "result", "refused", f.refused);
    promtext_sample(out, "desk_calls_total", "result", "failed", f.failed);
    promtext_one(out, "desk_batches_total", "counter", "Commits to disk.", f.batches);
    promtext_one(out, "desk_batched_commands_total", "counter", "Commands in those commits.", f.batched);
    write_span(out, "desk_queue_seconds", "From a command's handing in to the start of its batch.",
               &f.queued);
    write_span(out, "desk_run_seconds", "From a batch's start to its commit.", &f.run);
    write_span(out, "db_commit_seconds", "Time of a commit, the wait for the disk included.", &f.commit);
    promtext_family(out, "desk_queue_length", "gauge", "Calls waiting for a thread.");
    promtext_sample(out, "desk_queue_length", "queue", "commands", f.queued_commands);
    promtext_sample(out, "desk_queue_length", "queue", "queries", f.queued_queries);
    promtext_sample(out, "desk_queue_length", "queue", "passwords", f.queued_passwords);
    promtext_family(out, "orders_total", "counter", "Orders handed in, by what came of them.");
    promtext_sample(out, "orders_total", "result", "placed", f.orders_placed);
    promtext_sample(out, "orders_total", "result", "sold_out", f.orders_sold_out);
    promtext_sample(out, "orders_total", "result", "refused", f.orders_refused);
    promtext_one(out, "login_total", "counter", "Log-ins that went well.", f.logins);
    promtext_one(out, "login_fail_total", "counter", "Log-ins with a wrong password or link.",
                 f.logins_failed);
    promtext_one(out, "login_throttled_total", "counter",
                 "Log-ins refused unread: too many wrong ones before.", f.logins_throttled);
}

static void write_edge(GString *out, const struct edge *edge)
{
    struct span_figures told;
    span_read(&edge->told, &told);
    write_span(out, "edge_answer_seconds", "From a call's end at the desk to the edge's taking it up.",
               &told);
    promtext_one(out, "clock_ahead_seconds", "gauge",
                 "By how much the market's time is ahead of this machine's clock, which was set back.",
                 (uint64_t)(MAX(clock_ahead_ms(), 0) / 1000));
    promtext_one(out, "http_connections", "gauge", "TCP connections of clients.", edge->connections);
    promtext_one(out, "http_requests_open", "gauge", "Requests not yet answered.", edge->exchanges);
    promtext_one(out, "websocket_clients", "gauge", "Open WebSockets.", hub_count(edge->hub));
    promtext_family(out, "viewers_by_rendition", "gauge", "Viewers, by what they get.");
    promtext_sample(out, "viewers_by_rendition", "rendition", "source",
                    sessions_on(edge->sessions, "source"));
    promtext_sample(out, "viewers_by_rendition", "rendition", "low", sessions_on(edge->sessions, "low"));
    promtext_sample(out, "viewers_by_rendition", "rendition", "audio", sessions_on(edge->sessions, "audio"));
    promtext_family(out, "rate_limited_total", "counter",
                    "Requests refused because an address sent too many.");
    promtext_sample(out, "rate_limited_total", "route", "any", edge->limited);
    promtext_sample(out, "rate_limited_total", "route", "media", edge->limited_media);
}

static void finish(struct scrape *s, const char *status, const GString *body)
{
    g_string_append_printf(s->out,
                           "HTTP/1.1 %s\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"
                           "content-length: %" G_GSIZE_FORMAT "\r\nx-content-type-options: nosniff\r\n"
                           "cache-control: no-store\r\nconnection: close\r\n\r\n",
                           status, body ? body->len : 0);
    if (body)
        g_string_append_len(s->out, body->str, (gssize)body->len);
    if (s->watch)
        watch_writable(s->watch);
}

static void on_stats(void *user, enum result result, const json_t *answer)
{
    struct scrape *s = user;
    struct edge *edge = s->metrics->edge;
    if (s->watch && !edge->stop) { /* at the end the desk is closed before the link */
        g_autoptr(GString) body = g_string_sized_new(8192);
        write_edge(body, edge);
        write_desk(body, edge->desk);
        promtext_relay(body, result == R_OK ? answer : NULL);
        finish(s, "200 OK", body);
    }
    scrape_unref(s);
}

/* The host of a request, without its port: an address of this machine, or its own name for itself. */
static bool is_from_here(const char *request)
{
    static const char *const ours[] = {"127.", "localhost:", "localhost\r", "[::1]"};
    const char *at = strcasestr(request, "\r\nhost:");
    if (!at)
        return false;
    at += strlen("\r\nhost:");
    at += strspn(at, " \t");
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (!g_ascii_strncasecmp(at, ours[i], strlen(ours[i])))
            return i > 0 || strspn(at, "0123456789.:") == strcspn(at, "\r");
    return false;
}

static void answer(struct scrape *s)
{
    s->asked = true;
    if (!g_str_has_prefix(s->in->str, "GET /metrics HTTP/1.")) {
        finish(s, "404 Not Found", NULL);
    } else if (!is_from_here(s->in->str)) {
        finish(s, "403 Forbidden", NULL);
    } else {
        s->refs++;
        link_ask(s->metrics->edge->link, json_pack("{s:s}", "t", "stats"), on_stats, s);
    }
}

static bool scrape_read(struct scrape *s, int fd)
{
    char bytes[2048];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    if (s->asked)
        return true; /* more than one question: not listened to */
    g_string_append_len(s->in, bytes, got);
    if (strlen(s->in->str) != s->in->len || s->in->len > METRICS_REQUEST_MAX)
        return false;
    if (strstr(s->in->str, "\r\n\r\n"))
        answer(s);
    return true;
}

static bool scrape_io(void *user, int fd, bool writable)
{
    struct scrape *s = user;
    if (!writable)
        return scrape_read(s, fd);
    ssize_t put = send(fd, s->out->str, s->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return errno == EAGAIN || errno == EINTR;
    g_string_erase(s->out, 0, put);
    if (s->out->len)
        watch_writable(s->watch);
    return s->out->len > 0; /* all said: close */
}

static void scrape_gone(void *user)
{
    struct scrape *s = user;
    s->watch = NULL;
    g_ptr_array_remove_fast(s->metrics->scrapes, s);
    scrape_unref(s);
}

static bool on_accept(void *user, int fd, bool writable)
{
    struct metrics *m = user;
    int client = writable ? -1 : accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0)
        return true;
    if (m->scrapes->len >= METRICS_SCRAPES_MAX) {
        close(client);
        return true;
    }
    struct scrape *s = g_new0(struct scrape, 1);
    *s = (struct scrape){.metrics = m,
                         .refs = 1,
                         .born_ms = clock_steady_ms(),
                         .in = g_string_new(NULL),
                         .out = g_string_new(NULL)};
    g_ptr_array_add(m->scrapes, s);
    s->watch = watch_new(m->edge, client, scrape_io, scrape_gone, s);
    if (!s->watch)
        scrape_gone(s);
    return true;
}

/* "127.0.0.1:9464" or "[::1]:9464": nothing that another machine could reach. */
static bool read_address(const char *text, struct sockaddr_storage *out, socklen_t *size)
{
    const char *colon = strrchr(text, ':');
    gchar *end = NULL;
    guint64 port = colon ? g_ascii_strtoull(colon + 1, &end, 10) : 0;
    if (port == 0 || port > 65535 || *end || !g_ascii_isdigit(colon[1]))
        return false;
    g_autofree char *host = g_strndup(text, (gsize)(colon - text));
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (!strcmp(host, "[::1]")) {
        *v6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
        *size = sizeof *v6;
        return true;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    *size = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 && ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

struct metrics *metrics_new(struct edge *edge, const char *address, const char **why)
{
    struct sockaddr_storage at;
    socklen_t size;
    int on = 1;
    if (!read_address(address, &at, &size)) {
        *why = "--metrics wants 127.0.0.1:PORT or [::1]:PORT";
        return NULL;
    }
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, METRICS_SCRAPES_MAX) != 0) {
        *why = "cannot listen for --metrics";
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct metrics *m = g_new0(struct metrics, 1);
    *m = (struct metrics){.edge = edge, .scrapes = g_ptr_array_new()};
    watch_new(edge, fd, on_accept, NULL, m);
    return m;
}

void metrics_tick(struct metrics *m, int64_t now_ms)
{
    for (guint i = 0; m && i < m->scrapes->len; i++) {
        struct scrape *s = g_ptr_array_index(m->scrapes, i);
        if (now_ms - s->born_ms > METRICS_SCRAPE_MS)
            watch_close(s->watch);
    }
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    g_ptr_array_unref(m->scrapes);
    g_free(m);
}
