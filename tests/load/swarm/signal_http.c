/* signal_http.c: WHIP and WHEP over HTTPS: one POST a session, a DELETE for each at the end. */
#include "tests/load/swarm/http.h"
#include "tests/load/swarm/signal.h"

#include <glib.h>
#include <string.h>

struct signal_http {
    struct signal base;
    struct signal_http_options options;
    struct http *http;
    struct curl_slist *headers;
    GPtrArray *locations; /* session URLs, for the DELETEs */
};

struct session {
    struct signal_http *signal;
    signal_answer_cb *answered;
    void *owner;
};

static void posted(void *owner, const struct http_answer *a)
{
    g_autofree struct session *s = owner;
    const bool ok = a->status == 201;
    if (ok && a->location)
        g_ptr_array_add(s->signal->locations, g_strdup(a->location));
    s->answered(s->owner, ok ? a->body : NULL, a->why);
}

static void signal_http_ask(struct signal *base, bool publish, const char *offer, signal_answer_cb *answered,
                            void *owner)
{
    struct signal_http *h = (struct signal_http *)base;
    struct session *s = g_new0(struct session, 1);
    *s = (struct session){h, answered, owner};
    http_ask(h->http, "POST", publish ? h->options.whip : h->options.whep, h->headers, offer, posted, s);
}

static void signal_http_tick(struct signal *base, int64_t now_us)
{
    http_tick(((struct signal_http *)base)->http, now_us);
}

static bool signal_http_ready(const struct signal *base)
{
    (void)base;
    return true;
}

static pid_t signal_http_relay(const struct signal *base)
{
    (void)base;
    return 0;
}

static void signal_http_free(struct signal *base)
{
    struct signal_http *h = (struct signal_http *)base;
    for (guint i = 0; i < h->locations->len; i++)
        if (!http_ask_now(h->http, "DELETE", h->locations->pdata[i], h->headers, NULL, NULL))
            break; /* the server is gone: so are the sessions */
    http_free(h->http);
    curl_slist_free_all(h->headers);
    g_ptr_array_unref(h->locations);
    g_free(h);
}

static const struct signal_kind kind = {signal_http_ask, signal_http_tick, signal_http_ready,
                                        signal_http_relay, signal_http_free};

struct signal *signal_http_new(struct loop *loop, const struct signal_http_options *options)
{
    struct signal_http *h = g_new0(struct signal_http, 1);
    h->base.kind = &kind;
    h->options = *options;
    h->http = http_new(loop, options->ca, options->insecure);
    h->locations = g_ptr_array_new_with_free_func(g_free);
    h->headers = curl_slist_append(NULL, "Content-Type: application/sdp");
    h->headers = curl_slist_append(h->headers, "Expect:");
    if (options->token) {
        g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", options->token);
        h->headers = curl_slist_append(h->headers, bearer);
    }
    return &h->base;
}
