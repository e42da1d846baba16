/* signal_http.c: WHIP and WHEP over HTTPS: one POST a session, a DELETE for each at the end, on libcurl's
 * multi interface inside our loop. Connections are kept and shared by libcurl. */
#include "tests/load/swarm/signal.h"
#include "tests/load/base/clock.h"

#include <curl/curl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { CONNECTIONS = 16, TIMEOUT_S = 10 };

struct signal_http {
    struct signal base;
    struct loop *loop;
    struct signal_http_options options;
    CURLM *multi;
    struct curl_slist *headers;
    GHashTable *sources;  /* fd → struct loop_source */
    GPtrArray *locations; /* session URLs, for the DELETEs */
    int64_t due_us;       /* libcurl's timer; 0: none */
};

struct call {
    struct signal_http *http;
    GString *body;
    char *location;
    signal_answer_cb *answered;
    void *owner;
    char *offer;
};

static void source_ready(void *owner, uint32_t events)
{
    struct loop_source *source = owner;
    struct signal_http *h = *(struct signal_http **)(source + 1);
    int running = 0;
    const int mask = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(h->multi, source->fd, mask, &running);
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *user, void *data)
{
    struct signal_http *h = user;
    (void)easy, (void)data;
    struct loop_source *source = g_hash_table_lookup(h->sources, GINT_TO_POINTER(fd));
    if (what == CURL_POLL_REMOVE) {
        if (source) {
            loop_remove(h->loop, source);
            g_hash_table_remove(h->sources, GINT_TO_POINTER(fd));
        }
        return 0;
    }
    const uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    if (source) {
        loop_change(h->loop, source, events);
        return 0;
    }
    source = g_malloc0(sizeof *source + sizeof h);
    *source = (struct loop_source){.ready = source_ready, .owner = source, .fd = fd};
    *(struct signal_http **)(source + 1) = h;
    g_hash_table_insert(h->sources, GINT_TO_POINTER(fd), source);
    loop_add(h->loop, source, events);
    return 0;
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *user)
{
    struct signal_http *h = user;
    (void)multi;
    h->due_us = timeout_ms < 0 ? 0 : clock_us() + timeout_ms * 1000;
    return 0;
}

static size_t body_arrived(char *data, size_t size, size_t count, void *user)
{
    struct call *c = user;
    if (c->body->len + size * count > 65536)
        return 0;
    g_string_append_len(c->body, data, (gssize)(size * count));
    return size * count;
}

static size_t header_arrived(char *data, size_t size, size_t count, void *user)
{
    struct call *c = user;
    const size_t length = size * count;
    if (length > 9 && g_ascii_strncasecmp(data, "location:", 9) == 0) {
        g_free(c->location);
        c->location = g_strstrip(g_strndup(data + 9, length - 9));
    }
    return length;
}

static CURL *prepare(struct signal_http *h, const char *url)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    if (h->options.insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (h->options.ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, h->options.ca);
    return easy;
}

static void http_ask(struct signal *s, bool publish, const char *offer, signal_answer_cb *answered,
                     void *owner)
{
    struct signal_http *h = (struct signal_http *)s;
    struct call *c = g_new0(struct call, 1);
    *c = (struct call){.http = h,
                       .body = g_string_new(NULL),
                       .answered = answered,
                       .owner = owner,
                       .offer = g_strdup(offer)};
    CURL *easy = prepare(h, publish ? h->options.whip : h->options.whep);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, c->offer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_arrived);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_arrived);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, c);
    curl_multi_add_handle(h->multi, easy);
}

/* The Location may be a path: then it is relative to the endpoint. */
static char *absolute(CURL *easy, const char *location)
{
    char *url = NULL, *out = NULL, *base = NULL;
    CURLU *u = curl_url();
    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &base);
    if (curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_URL, location, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK)
        out = g_strdup(url);
    curl_free(url);
    curl_url_cleanup(u);
    return out;
}

static void finished(struct signal_http *h, CURL *easy, CURLcode result)
{
    struct call *c = NULL;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    g_autofree char *why =
        result == CURLE_OK ? g_strdup_printf("HTTP %ld", status) : g_strdup(curl_easy_strerror(result));
    const bool ok = result == CURLE_OK && status == 201;
    char *url = ok && c->location ? absolute(easy, c->location) : NULL;
    if (url)
        g_ptr_array_add(h->locations, url);
    c->answered(c->owner, ok ? c->body->str : NULL, why);
    curl_multi_remove_handle(h->multi, easy);
    curl_easy_cleanup(easy);
    g_string_free(c->body, TRUE);
    g_free(c->location);
    g_free(c->offer);
    g_free(c);
}

static void http_tick(struct signal *s, int64_t now_us)
{
    struct signal_http *h = (struct signal_http *)s;
    int running = 0, left = 0;
    if (h->due_us && now_us >= h->due_us) {
        h->due_us = 0;
        curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left));)
        if (m->msg == CURLMSG_DONE)
            finished(h, m->easy_handle, m->data.result);
}

static bool http_ready(const struct signal *s)
{
    (void)s;
    return true;
}

static pid_t http_relay(const struct signal *s)
{
    (void)s;
    return 0;
}

static void end_sessions(struct signal_http *h)
{
    CURL *easy = prepare(h, h->options.whep);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
    for (guint i = 0; i < h->locations->len; i++) {
        curl_easy_setopt(easy, CURLOPT_URL, g_ptr_array_index(h->locations, i));
        if (curl_easy_perform(easy) != CURLE_OK)
            break; /* the server is gone: so are the sessions */
    }
    curl_easy_cleanup(easy);
}

static void http_free(struct signal *s)
{
    struct signal_http *h = (struct signal_http *)s;
    end_sessions(h);
    curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->headers);
    g_hash_table_unref(h->sources);
    g_ptr_array_unref(h->locations);
    g_free(h);
}

static const struct signal_kind kind = {http_ask, http_tick, http_ready, http_relay, http_free};

struct signal *signal_http_new(struct loop *loop, const struct signal_http_options *options)
{
    struct signal_http *h = g_new0(struct signal_http, 1);
    h->base.kind = &kind;
    h->loop = loop;
    h->options = *options;
    h->multi = curl_multi_init();
    h->sources = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    h->locations = g_ptr_array_new_with_free_func(g_free);
    h->headers = curl_slist_append(NULL, "Content-Type: application/sdp");
    h->headers = curl_slist_append(h->headers, "Expect:");
    if (options->token) {
        g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", options->token);
        h->headers = curl_slist_append(h->headers, bearer);
    }
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS);
    return &h->base;
}
