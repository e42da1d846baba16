/* booth.c: see booth.h. */
#include "tests/unit/streamer/booth.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/link.h"
#include "streamer/relay/log.h"

#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BOOTH_PATIENCE_MS = 20000 };

static void *booth_thread(void *arg)
{
    worker_run(arg);
    return NULL;
}

static json_t *booth_read(struct booth *b, int ms)
{
    for (;;) {
        json_t *o = NULL;
        ssize_t used = link_cut(b->in, b->in_size, &o);
        g_assert(used >= 0);
        if (used > 0) {
            memmove(b->in, b->in + used, b->in_size - (size_t)used);
            b->in_size -= (size_t)used;
            return o;
        }
        struct pollfd p = {.fd = b->fd, .events = POLLIN};
        if (poll(&p, 1, ms) <= 0)
            return NULL;
        ssize_t n = recv(b->fd, b->in + b->in_size, sizeof b->in - b->in_size, 0);
        if (n <= 0)
            return NULL;
        b->in_size += (size_t)n;
    }
}

void booth_say(struct booth *b, json_t *o)
{
    uint8_t head[4];
    char *text = json_dumps(o, JSON_COMPACT);
    put32(head, (uint32_t)strlen(text));
    g_assert(send(b->fd, head, 4, MSG_NOSIGNAL) == 4);
    g_assert(send(b->fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
    free(text);
    json_decref(o);
}

void booth_accept(struct booth *b)
{
    struct pollfd p = {.fd = b->listening, .events = POLLIN};
    g_assert(poll(&p, 1, BOOTH_PATIENCE_MS) == 1);
    b->fd = accept4(b->listening, NULL, NULL, SOCK_CLOEXEC); /* the relay's children are ours as well */
    b->in_size = 0;
    json_t *hello = booth_read(b, BOOTH_PATIENCE_MS);
    g_assert_cmpstr(json_string_value(json_object_get(hello, "t")), ==, "hello");
    g_assert_cmpint(json_integer_value(json_object_get(hello, "v")), ==, LINK_VERSION);
    json_decref(hello);
    booth_say(b, json_pack("{s:s, s:i}", "t", "hello", "v", LINK_VERSION));
}

void booth_open(struct booth *b, const char *ingest, const char *studio)
{
    booth_open_with(b, &(struct worker_options){.ingest = ingest, .studio = studio});
}

void booth_open_with(struct booth *b, const struct worker_options *options)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    struct worker_options o = *options;
    o.hosts_count = 1;
    o.viewers_max = o.viewers_max ? o.viewers_max : 100;
    memset(b, 0, sizeof *b);
    g_strlcpy(b->dir, "/tmp/booth-XXXXXX", sizeof b->dir);
    g_assert(g_mkdtemp(b->dir));
    g_snprintf(b->path, sizeof b->path, "%s/link", b->dir);
    g_strlcpy(where.sun_path, b->path, sizeof where.sun_path);
    b->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert(bind(b->listening, (struct sockaddr *)&where, sizeof where) == 0 &&
             listen(b->listening, 4) == 0);
    b->events = json_array();
    log_quiet(LOG_ERROR);
    o.link_path = b->path;
    o.media = b->dir;
    address_parse(&o.hosts[0], "127.0.0.1", 0);
    b->worker = worker_new(&o);
    g_assert(b->worker);
    pthread_create(&b->thread, NULL, booth_thread, b->worker);
    booth_accept(b);
    booth_say(b, json_pack("{s:s}", "t", "restored"));
}

void booth_hang_up(struct booth *b)
{
    close(b->fd);
    b->fd = -1;
}

void booth_close(struct booth *b)
{
    worker_stop(b->worker);
    pthread_join(b->thread, NULL);
    worker_free(b->worker);
    if (b->fd >= 0)
        close(b->fd);
    close(b->listening);
    json_decref(b->events);
    unlink(b->path);
    rmdir(b->dir);
}

json_t *booth_ask(struct booth *b, json_t *o)
{
    json_int_t q = ++b->q;
    json_object_set_new(o, "q", json_integer(q));
    booth_say(b, o);
    for (json_t *m; (m = booth_read(b, BOOTH_PATIENCE_MS));) {
        bool answer = g_strcmp0(json_string_value(json_object_get(m, "t")), "answer") == 0;
        if (answer && json_integer_value(json_object_get(m, "q")) == q)
            return m;
        json_array_append_new(b->events, m);
    }
    g_assert_not_reached();
}

static bool booth_fits(const json_t *m, const char *t, const char *key, const char *value)
{
    return g_strcmp0(json_string_value(json_object_get(m, "t")), t) == 0 &&
           g_strcmp0(json_string_value(json_object_get(m, key)), value) == 0;
}

bool booth_wait_event(struct booth *b, const char *t, const char *key, const char *value)
{
    int64_t end = clock_us() + BOOTH_PATIENCE_MS * INT64_C(1000);
    for (size_t i = 0;; i++) {
        if (i == json_array_size(b->events)) {
            json_t *m = clock_us() < end ? booth_read(b, BOOTH_PATIENCE_MS) : NULL;
            if (!m)
                return false;
            json_array_append_new(b->events, m);
        }
        if (booth_fits(json_array_get(b->events, i), t, key, value)) {
            json_array_remove(b->events, i);
            return true;
        }
    }
}

json_int_t booth_counter(struct booth *b, const char *name)
{
    json_t *a = booth_ask(b, json_pack("{s:s}", "t", "stats"));
    json_t *n = json_object_get(json_object_get(a, "counters"), name);
    g_assert(n);
    json_int_t value = json_integer_value(n);
    json_decref(a);
    return value;
}

bool booth_wait_counter(struct booth *b, const char *name, json_int_t least)
{
    for (int64_t end = clock_us() + BOOTH_PATIENCE_MS * INT64_C(1000); clock_us() < end; g_usleep(20000))
        if (booth_counter(b, name) >= least)
            return true;
    return false;
}
