/* signal_janus.c: watching a mountpoint of Janus' streaming plugin over its HTTP API, for the comparison in
 * bench-relay. Janus makes the offer, so what we call an offer is turned into an answer and sent back; Janus
 * must run ICE-lite, its mountpoint must use our payload types and the mids 0 and 1. One Janus session holds
 * all handles; its events come by long poll. */
#include "tests/load/swarm/http.h"
#include "tests/load/swarm/signal.h"

#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct signal_janus {
    struct signal base;
    struct http *http;
    char *url; /* of the session */
    int mountpoint;
    struct curl_slist *headers;
    GHashTable *handles; /* number as text → struct handle, waiting for its offer */
    bool polling;
};

struct handle {
    struct signal_janus *janus;
    char *url, *answer, *offer;
    signal_answer_cb *answered;
    void *owner;
};

static void handle_free(struct handle *h)
{
    g_free(h->url);
    g_free(h->answer);
    g_free(h->offer);
    g_free(h);
}

static void handle_end(struct handle *h, const char *why)
{
    h->answered(h->owner, h->offer, why);
    handle_free(h);
}

static void post(struct handle *h, const char *url, json_t *message, http_done_cb *done)
{
    json_object_set_new(message, "transaction", json_string("swarm"));
    g_autofree char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    http_ask(h->janus->http, "POST", url, h->janus->headers, text, done, h);
}

/* H.264 alone, and we are the ones who begin DTLS. */
static char *answer_of(const char *offer)
{
    g_auto(GStrv) lines = g_strsplit(offer, "\r\n", -1);
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        if (!**line || strstr(*line, ":98 "))
            continue;
        g_string_append(out, g_str_equal(*line, "a=setup:actpass") ? "a=setup:active" : *line);
        g_string_append(out, "\r\n");
    }
    g_string_replace(out, "SAVPF 96 98", "SAVPF 96", 1);
    return g_string_free(out, FALSE);
}

static void trickled(void *owner, const struct http_answer *a)
{
    struct handle *h = owner;
    if (a->status != 200)
        g_clear_pointer(&h->offer, g_free);
    handle_end(h, a->why);
}

static void started(void *owner, const struct http_answer *a)
{
    struct handle *h = owner;
    if (a->status != 200) {
        trickled(h, a);
        return;
    }
    /* Janus begins only once it has heard that no candidates will come. */
    post(h, h->url, json_pack("{s:s, s:{s:b}}", "janus", "trickle", "candidate", "completed", 1), trickled);
}

static void watched(void *owner, const struct http_answer *a)
{
    struct handle *h = owner;
    if (a->status != 200)
        handle_end(h, a->why); /* else the offer comes by the long poll */
}

static void attached(void *owner, const struct http_answer *a)
{
    struct handle *h = owner;
    json_t *reply = json_loads(a->body, 0, NULL);
    const json_int_t id = json_integer_value(json_object_get(json_object_get(reply, "data"), "id"));
    json_decref(reply);
    if (!id) {
        handle_end(h, a->why);
        return;
    }
    g_autofree char *name = g_strdup_printf("%lld", (long long)id);
    h->url = g_strdup_printf("%s/%s", h->janus->url, name);
    g_hash_table_insert(h->janus->handles, g_strdup(name), h);
    post(h, h->url,
         json_pack("{s:s, s:{s:s, s:i}}", "janus", "message", "body", "request", "watch", "id",
                   h->janus->mountpoint),
         watched);
}

static void janus_ask(struct signal *base, bool publish, const char *offer, signal_answer_cb *answered,
                      void *owner)
{
    struct signal_janus *j = (struct signal_janus *)base;
    if (publish) {
        answered(owner, NULL, "Janus takes plain RTP: --rtp");
        return;
    }
    struct handle *h = g_new0(struct handle, 1);
    *h = (struct handle){.janus = j, .answer = answer_of(offer), .answered = answered, .owner = owner};
    post(h, j->url, json_pack("{s:s, s:s}", "janus", "attach", "plugin", "janus.plugin.streaming"), attached);
}

static void handle_event(struct signal_janus *j, const json_t *event)
{
    const char *sdp = json_string_value(json_object_get(json_object_get(event, "jsep"), "sdp"));
    g_autofree char *name =
        g_strdup_printf("%lld", (long long)json_integer_value(json_object_get(event, "sender")));
    struct handle *h = g_hash_table_lookup(j->handles, name);
    if (!sdp || !h)
        return;
    g_hash_table_remove(j->handles, name);
    h->offer = g_strdup(sdp);
    post(h, h->url,
         json_pack("{s:s, s:{s:s}, s:{s:s, s:s}}", "janus", "message", "body", "request", "start", "jsep",
                   "type", "answer", "sdp", h->answer),
         started);
}

static void polled(void *owner, const struct http_answer *a)
{
    struct signal_janus *j = owner;
    json_t *events = json_loads(a->body, 0, NULL);
    size_t i;
    json_t *event;
    j->polling = false;
    if (json_is_array(events))
        json_array_foreach(events, i, event) handle_event(j, event);
    else
        handle_event(j, events);
    json_decref(events);
}

static void janus_tick(struct signal *base, int64_t now_us)
{
    struct signal_janus *j = (struct signal_janus *)base;
    http_tick(j->http, now_us);
    if (j->polling)
        return;
    g_autofree char *url = g_strdup_printf("%s?maxev=10", j->url);
    j->polling = true;
    http_ask(j->http, "GET", url, NULL, NULL, polled, j);
}

static bool janus_ready(const struct signal *base)
{
    (void)base;
    return true;
}

static pid_t janus_relay(const struct signal *base)
{
    (void)base;
    return 0;
}

static void janus_free(struct signal *base)
{
    struct signal_janus *j = (struct signal_janus *)base;
    http_free(j->http);
    curl_slist_free_all(j->headers);
    g_hash_table_unref(j->handles);
    g_free(j->url);
    g_free(j);
}

static const struct signal_kind kind = {janus_ask, janus_tick, janus_ready, janus_relay, janus_free};

struct signal *signal_janus_new(struct loop *loop, const char *url, int mountpoint)
{
    g_autofree char *text = NULL;
    struct signal_janus *j = g_new0(struct signal_janus, 1);
    j->base.kind = &kind;
    j->mountpoint = mountpoint;
    j->http = http_new(loop, NULL, false);
    j->headers = curl_slist_append(NULL, "Content-Type: application/json");
    j->handles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    http_ask_now(j->http, "POST", url, j->headers, "{\"janus\":\"create\",\"transaction\":\"swarm\"}", &text);
    json_t *reply = json_loads(text ? text : "", 0, NULL);
    const json_int_t id = json_integer_value(json_object_get(json_object_get(reply, "data"), "id"));
    json_decref(reply);
    j->url = g_strdup_printf("%s/%lld", url, (long long)id);
    if (id)
        return &j->base;
    fprintf(stderr, "swarm: Janus at %s gives no session\n", url);
    janus_free(&j->base);
    return NULL;
}
