/* http.c: sockets go into our epoll, libcurl's one timer is looked at every tick. Connections are kept by
 * libcurl. */
#include "tests/load/swarm/http.h"
#include "tests/load/base/clock.h"

#include <glib.h>
#include <string.h>
#include <sys/epoll.h>

enum { CONNECTIONS = 16, TIMEOUT_S = 40, BODY_MAX = 1 << 20 };

struct http {
    struct loop *loop;
    CURLM *multi;
    char *ca;
    bool insecure;
    GHashTable *sources; /* fd → struct watched */
    GHashTable *calls;   /* those under way, as a set */
    int64_t due_us;      /* libcurl's timer; 0: none */
};

struct watched {
    struct loop_source source;
    struct http *http;
};

struct call {
    CURL *easy;
    GString *body;
    char *location, *text;
    http_done_cb *done;
    void *owner;
};

static void collect(struct http *h);

static void source_ready(void *owner, uint32_t events)
{
    const struct watched *w = owner;
    struct http *h = w->http;
    int running = 0;
    const int mask = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(h->multi, w->source.fd, mask, &running); /* may end `w` */
    collect(h);
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *user, void *data)
{
    struct http *h = user;
    (void)easy, (void)data;
    struct watched *w = g_hash_table_lookup(h->sources, GINT_TO_POINTER(fd));
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            loop_remove(h->loop, &w->source);
            g_hash_table_remove(h->sources, GINT_TO_POINTER(fd));
        }
        return 0;
    }
    const uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    if (w) {
        loop_change(h->loop, &w->source, events);
        return 0;
    }
    w = g_new0(struct watched, 1);
    *w = (struct watched){.source = {.ready = source_ready, .owner = w, .fd = fd}, .http = h};
    g_hash_table_insert(h->sources, GINT_TO_POINTER(fd), w);
    loop_add(h->loop, &w->source, events);
    return 0;
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *user)
{
    struct http *h = user;
    (void)multi;
    h->due_us = timeout_ms < 0 ? 0 : clock_us() + timeout_ms * 1000;
    return 0;
}

static size_t body_arrived(char *data, size_t size, size_t count, void *user)
{
    GString *body = user;
    if (body->len + size * count > BODY_MAX)
        return 0;
    g_string_append_len(body, data, (gssize)(size * count));
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

static CURL *prepare(const struct http *h, const char *method, const char *url, struct curl_slist *headers,
                     const char *body, GString *answer)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_arrived);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    if (body)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    if (h->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (h->ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, h->ca);
    return easy;
}

static void call_free(struct call *c)
{
    curl_easy_cleanup(c->easy);
    g_string_free(c->body, TRUE);
    g_free(c->location);
    g_free(c->text);
    g_free(c);
}

void http_ask(struct http *h, const char *method, const char *url, struct curl_slist *headers,
              const char *body, http_done_cb *done, void *owner)
{
    struct call *c = g_new0(struct call, 1);
    *c = (struct call){.body = g_string_new(NULL), .text = g_strdup(body), .done = done, .owner = owner};
    c->easy = prepare(h, method, url, headers, c->text, c->body);
    curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, header_arrived);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    g_hash_table_add(h->calls, c);
    curl_multi_add_handle(h->multi, c->easy);
}

bool http_ask_now(struct http *h, const char *method, const char *url, struct curl_slist *headers,
                  const char *body, char **answer)
{
    GString *text = g_string_new(NULL);
    CURL *easy = prepare(h, method, url, headers, body, text);
    const bool ok = curl_easy_perform(easy) == CURLE_OK;
    curl_easy_cleanup(easy);
    if (answer)
        *answer = g_strdup(text->str);
    g_string_free(text, TRUE);
    return ok;
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

static void finished(struct http *h, CURL *easy, CURLcode result)
{
    struct call *c = NULL;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(h->multi, easy);
    g_hash_table_remove(h->calls, c);
    g_autofree char *why =
        result == CURLE_OK ? g_strdup_printf("HTTP %ld", status) : g_strdup(curl_easy_strerror(result));
    g_autofree char *location = c->location ? absolute(easy, c->location) : NULL;
    c->done(c->owner, &(struct http_answer){result == CURLE_OK ? status : 0, why, location, c->body->str});
    call_free(c);
}

static void collect(struct http *h)
{
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left));)
        if (m->msg == CURLMSG_DONE)
            finished(h, m->easy_handle, m->data.result);
}

void http_tick(struct http *h, int64_t now_us)
{
    int running = 0;
    if (h->due_us && now_us >= h->due_us) {
        h->due_us = 0;
        curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect(h);
}

struct http *http_new(struct loop *loop, const char *ca, bool insecure)
{
    struct http *h = g_new0(struct http, 1);
    *h = (struct http){.loop = loop, .ca = g_strdup(ca), .insecure = insecure, .multi = curl_multi_init()};
    h->sources = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    h->calls = g_hash_table_new(NULL, NULL);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS);
    return h;
}

void http_free(struct http *h)
{
    GHashTableIter iter;
    gpointer key;
    if (!h)
        return;
    g_hash_table_iter_init(&iter, h->calls);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        struct call *c = key;
        curl_multi_remove_handle(h->multi, c->easy);
        call_free(c);
    }
    curl_multi_cleanup(h->multi);
    g_hash_table_unref(h->calls);
    g_hash_table_unref(h->sources);
    g_free(h->ca);
    g_free(h);
}
