/* pusher.c: see pusher.h. A round: ask what is due, send all of it side by side, tell the desk what came of
 * each and wait until that is saved; then sleep until something happens or a retry is due.
 *
 * The addresses come from browsers, that is from strangers: every connection is looked at when it is dialled
 * (after the name was resolved), and none goes to a private network; redirects and proxies are not followed.
 */
#include "market/edge/pusher.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "market/base/clock.h"
#include "market/base/id.h"
#include "market/base/log.h"
#include "market/edge/private.h"
#include "market/edge/webpush.h"
#include "market/edge/words.h"
#include "market/trade/trade.h"

enum {
    AT_ONCE = 16,
    CONNECT_MS = 5000,
    ANSWER_MS = 12000,
    PAUSE_MS = 400,
    TTL_S = 6 * 3600,
    WAIT_MAX_S = 3600
};
enum { LOOK_MS = 60 * 1000 }; /* looks by itself this often: for what another program changed */

struct pusher {
    struct pusher_config config;
    struct webpush_key *key;
    struct push_setup setup;
    struct desk *desk;
    CURLM *multi;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t news;
    bool hinted, stopping, answered;
    unsigned unsaved; /* push.done calls not yet answered */
    json_t *due;      /* answer of push.due; NULL: it failed */
};

/* --- what is sent --- */

struct sending {
    struct pusher *pusher;
    CURL *easy;
    struct curl_slist *heads;
    GByteArray *body;
    json_t *message; /* borrowed from the answer of push.due */
    bool private_too;
};

static const char *text_of(const json_t *message, const char *name)
{
    const char *text = json_string_value(json_object_get(message, name));
    return text ? text : "";
}

static char *with_code(const char *pattern, const char *code)
{
    GString *text = g_string_new(pattern);
    g_string_replace(text, "{code}", code, 0);
    return g_string_free(text, FALSE);
}

/* What the service worker shows: {"title","body","url","tag"}. The order's code and its state are all that is
 * said. */
static char *words_of(const struct pusher *pusher, const json_t *message)
{
    const char *lang = text_of(message, "lang"), *code = text_of(message, "code");
    g_autofree char *key = g_strconcat("push.", text_of(message, "word"), NULL);
    bool offer = strcmp(text_of(message, "word"), "offer") == 0;
    g_autofree char *title =
        with_code(words_get(pusher->config.words, lang, offer ? "push.offer-title" : "push.title"), code);
    g_autofree char *body = with_code(words_get(pusher->config.words, lang, key), code);
    g_autofree char *url = g_strconcat("/orders/", code, NULL);
    json_t *shown = json_pack("{s:s,s:s,s:s,s:s}", "title", title, "body", body, "url", url, "tag", code);
    char *text = json_dumps(shown, JSON_COMPACT);
    json_decref(shown);
    return text;
}

static size_t ignore(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

/* The last look before a connection is dialled: the name has been resolved by now. */
static curl_socket_t dial(void *user, curlsocktype purpose, struct curl_sockaddr *to)
{
    const struct sending *s = user;
    (void)purpose;
    if (!s->private_too && private_address(&to->addr)) {
        log_line(LOG_LEVEL_WARN, "push.private", LOG_NUMBER("family", to->family));
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool add_heads(struct sending *s, const char *endpoint)
{
    char digest[ID_HASH_CHARS + 1];
    const char *word = text_of(s->message, "word");
    bool urgent = !strcmp(word, "arrived") || !strcmp(word, "extra") || !strcmp(word, "offer");
    g_autofree char *authorization =
        webpush_authorization(s->pusher->key, endpoint, s->pusher->config.contact, clock_machine_ms() / 1000);
    if (!authorization)
        return false;
    id_hash(text_of(s->message, "code"), digest);
    g_autofree char *line = g_strconcat("Authorization: ", authorization, NULL);
    /* Topic (RFC 8030 section 5.4): a newer state takes the place of one not yet delivered. */
    g_autofree char *topic = g_strdup_printf("Topic: %.32s", digest);
    int64_t until = json_integer_value(json_object_get(s->message, "until"));
    int64_t left_s = until ? CLAMP((until - clock_wall_ms()) / 1000, 0, TTL_S) : TTL_S;
    g_autofree char *ttl = g_strdup_printf("TTL: %" G_GINT64_FORMAT, left_s);
    const char *const heads[] = {line,
                                 topic,
                                 ttl,
                                 urgent ? "Urgency: high" : "Urgency: normal",
                                 "Content-Encoding: aes128gcm",
                                 "Content-Type: application/octet-stream",
                                 "Expect:",
                                 NULL};
    for (size_t i = 0; heads[i]; i++) {
        struct curl_slist *longer = curl_slist_append(s->heads, heads[i]);
        if (!longer)
            return false;
        s->heads = longer;
    }
    return true;
}

static void set_options(struct sending *s, const char *endpoint)
{
    const struct pusher_config *config = &s->pusher->config;
    CURL *easy = s->easy;
    curl_easy_setopt(easy, CURLOPT_URL, endpoint);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (char *)s->body->data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)s->body->len);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, s->heads);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, dial);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, s);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, s);
    if (config->ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca);
}

static void sending_free(struct sending *s)
{
    if (s->easy) {
        curl_multi_remove_handle(s->pusher->multi, s->easy);
        curl_easy_cleanup(s->easy);
    }
    curl_slist_free_all(s->heads);
    if (s->body)
        g_byte_array_unref(s->body);
    g_free(s);
}

static bool is_allowed(const char *endpoint, const char *allowed)
{
    const char *host = endpoint + strlen("https://");
    return allowed && strncmp(host, allowed, strlen(allowed)) == 0 && host[strlen(allowed)] == '/';
}

/* NULL: no message can be made for these keys. */
static struct sending *sending_new(struct pusher *pusher, json_t *message)
{
    const char *endpoint = text_of(message, "endpoint");
    if (!g_str_has_prefix(endpoint, "https://"))
        return NULL;
    struct sending *s = g_new0(struct sending, 1);
    char *text = words_of(pusher, message);
    *s = (struct sending){.pusher = pusher, .message = message};
    s->private_too = is_allowed(endpoint, pusher->config.allowed);
    s->body =
        text ? webpush_seal(text_of(message, "p256dh"), text_of(message, "auth"), text, strlen(text)) : NULL;
    free(text);
    s->easy = s->body && add_heads(s, endpoint) ? curl_easy_init() : NULL;
    if (s->easy) {
        set_options(s, endpoint);
        if (curl_multi_add_handle(pusher->multi, s->easy) == CURLM_OK)
            return s;
    }
    sending_free(s);
    return NULL;
}

/* --- what came of it --- */

static void saved(void *user, const struct desk_reply *reply)
{
    struct pusher *pusher = user;
    (void)reply;
    pthread_mutex_lock(&pusher->lock);
    pusher->unsaved--;
    pthread_cond_signal(&pusher->news);
    pthread_mutex_unlock(&pusher->lock);
}

static void report(struct pusher *pusher, const json_t *message, const char *outcome, int64_t wait_s)
{
    const struct who system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    json_t *params =
        json_pack("{s:O,s:O,s:s,s:I}", "id", json_object_get(message, "id"), "word",
                  json_object_get(message, "word"), "outcome", outcome, "wait_s", (json_int_t)wait_s);
    pthread_mutex_lock(&pusher->lock);
    pusher->unsaved++;
    pthread_mutex_unlock(&pusher->lock);
    if (desk_call(pusher->desk, "push.done", &system, params, saved, pusher) != R_OK)
        saved(pusher, NULL);
}

/* RFC 8030 sections 5 and 7.3: 404 and 410 mean that the phone is not there any more. 401 and 403 are about
 * our own token, a clock that is wrong for example: that passes. */
static const char *outcome_of(CURLcode result, long status)
{
    if (result != CURLE_OK || status == 429 || status >= 500 || status == 401 || status == 403 ||
        status < 200)
        return "later";
    return status < 300 ? "told" : "gone";
}

static void finished(struct pusher *pusher, const CURLMsg *done)
{
    long status = 0;
    curl_off_t wait_s = 0;
    struct sending *s = NULL;
    curl_easy_getinfo(done->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(done->easy_handle, CURLINFO_RETRY_AFTER, &wait_s);
    curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, (char **)&s);
    const char *outcome = outcome_of(done->data.result, status);
    if (strcmp(outcome, "told") != 0)
        log_line(LOG_LEVEL_INFO, "push.not-told", LOG_TEXT("outcome", outcome), LOG_NUMBER("status", status),
                 LOG_TEXT("why", done->data.result == CURLE_OK ? "" : curl_easy_strerror(done->data.result)));
    report(pusher, s->message, outcome, CLAMP(wait_s, 0, WAIT_MAX_S));
    sending_free(s);
}

static bool is_stopping(struct pusher *pusher)
{
    pthread_mutex_lock(&pusher->lock);
    bool stopping = pusher->stopping;
    pthread_mutex_unlock(&pusher->lock);
    return stopping;
}

static void send_all(struct pusher *pusher, json_t *messages)
{
    size_t i;
    json_t *message;
    GHashTable *open = g_hash_table_new(NULL, NULL);
    int running = 0, left;
    json_array_foreach(messages, i, message)
    {
        struct sending *s = sending_new(pusher, message);
        if (s)
            g_hash_table_add(open, s);
        else
            report(pusher, message, "gone", 0);
    }
    while (g_hash_table_size(open) && !is_stopping(pusher)) {
        CURLMsg *done;
        curl_multi_perform(pusher->multi, &running);
        while ((done = curl_multi_info_read(pusher->multi, &left))) {
            struct sending *s = NULL;
            if (done->msg != CURLMSG_DONE)
                continue;
            curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, (char **)&s);
            g_hash_table_remove(open, s);
            finished(pusher, done);
        }
        if (running)
            curl_multi_poll(pusher->multi, NULL, 0, 1000, NULL);
    }
    GHashTableIter iter; /* only when stopping: due again at the next start */
    gpointer s;
    g_hash_table_iter_init(&iter, open);
    while (g_hash_table_iter_next(&iter, &s, NULL))
        sending_free(s);
    g_hash_table_destroy(open);
}

/* --- the rounds --- */

static void wait_until(struct pusher *pusher, int64_t wall_ms)
{
    clock_cond_wait(&pusher->news, &pusher->lock, wall_ms - clock_wall_ms());
}

static void got_due(void *user, const struct desk_reply *reply)
{
    struct pusher *pusher = user;
    pthread_mutex_lock(&pusher->lock);
    pusher->due = reply->result == R_OK ? json_incref(reply->body) : NULL;
    pusher->answered = true;
    pthread_cond_signal(&pusher->news);
    pthread_mutex_unlock(&pusher->lock);
}

/* What is due now; NULL when the desk cannot say. Yours to decref. */
static json_t *ask_due(struct pusher *pusher)
{
    const struct who system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    pthread_mutex_lock(&pusher->lock);
    pusher->answered = pusher->hinted = false;
    pusher->due = NULL;
    pthread_mutex_unlock(&pusher->lock);
    if (desk_call(pusher->desk, "push.due", &system, NULL, got_due, pusher) != R_OK)
        return NULL;
    pthread_mutex_lock(&pusher->lock);
    while (!pusher->answered)
        pthread_cond_wait(&pusher->news, &pusher->lock);
    json_t *due = pusher->due;
    pthread_mutex_unlock(&pusher->lock);
    return due;
}

/* True while there is a next round. The pause gathers what happens at the same time into one question. */
static bool sleep_until(struct pusher *pusher, int64_t next_at)
{
    pthread_mutex_lock(&pusher->lock);
    while (pusher->unsaved)
        pthread_cond_wait(&pusher->news, &pusher->lock);
    while (!pusher->stopping && !pusher->hinted && clock_wall_ms() < next_at)
        wait_until(pusher, next_at);
    int64_t gathered = clock_wall_ms() + PAUSE_MS;
    while (!pusher->stopping && clock_wall_ms() < gathered)
        wait_until(pusher, gathered);
    bool more = !pusher->stopping;
    pthread_mutex_unlock(&pusher->lock);
    return more;
}

static void *pusher_thread(void *data)
{
    struct pusher *pusher = data;
    int64_t next_at;
    do {
        json_t *due = ask_due(pusher), *messages = json_object_get(due, "messages");
        int64_t at = json_integer_value(json_object_get(due, "next_at"));
        send_all(pusher, messages);
        if (json_array_size(messages)) /* when a try is due again is known once its failure is saved */
            at = clock_wall_ms();
        next_at = MIN(at ? at : INT64_MAX, clock_wall_ms() + LOOK_MS);
        json_decref(due);
    } while (sleep_until(pusher, next_at));
    return NULL;
}

void pusher_events(struct pusher *pusher, const struct desk_event *events, size_t count)
{
    bool hint = false;
    for (size_t i = 0; i < count && !hint; i++) {
        const char *kind = events[i].kind;
        bool about_order = g_str_has_prefix(kind, "order.") || !strcmp(kind, "delivery.changed");
        hint = about_order && strcmp(kind, "order.placed") != 0;
    }
    if (!hint)
        return;
    pthread_mutex_lock(&pusher->lock);
    pusher->hinted = true;
    pthread_cond_signal(&pusher->news);
    pthread_mutex_unlock(&pusher->lock);
}

/* --- life --- */

struct pusher *pusher_new(const struct pusher_config *config, const char **why)
{
    struct webpush_key *key = webpush_key_open(config->key_file, why);
    if (!key)
        return NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct pusher *pusher = g_new0(struct pusher, 1);
    pusher->config = *config;
    pusher->config.key_file = NULL;
    pusher->key = key;
    pusher->setup = (struct push_setup){.public_key = webpush_key_public(key), .allowed = config->allowed};
    pusher->multi = curl_multi_init();
    curl_multi_setopt(pusher->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)AT_ONCE);
    pthread_mutex_init(&pusher->lock, NULL);
    clock_cond_init(&pusher->news);
    return pusher;
}

const struct push_setup *pusher_setup(const struct pusher *pusher)
{
    return &pusher->setup;
}

void pusher_start(struct pusher *pusher, struct desk *desk)
{
    pusher->desk = desk;
    pusher->started = pthread_create(&pusher->thread, NULL, pusher_thread, pusher) == 0;
}

void pusher_stop(struct pusher *pusher)
{
    if (!pusher->started)
        return;
    pthread_mutex_lock(&pusher->lock);
    pusher->stopping = true;
    pthread_cond_signal(&pusher->news);
    pthread_mutex_unlock(&pusher->lock);
    curl_multi_wakeup(pusher->multi);
    pthread_join(pusher->thread, NULL);
    pusher->started = false;
}

void pusher_free(struct pusher *pusher)
{
    if (!pusher)
        return;
    curl_multi_cleanup(pusher->multi);
    curl_global_cleanup();
    webpush_key_free(pusher->key);
    pthread_cond_destroy(&pusher->news);
    pthread_mutex_destroy(&pusher->lock);
    g_free(pusher);
}
