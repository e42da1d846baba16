/* link.c: the market's end of the relay link. The relay dials our Unix socket; a newer connection replaces an
 * older one (a relay that was restarted must not wait for the old socket's end). Edge thread. */
#include "market/edge/link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "market/edge/frame.h"
#include "market/edge/limits.h"
#include "market/edge/room.h"
#include "market/edge/session.h"
#include "market/edge/unix.h"
#include "market/edge/watch.h"
#include "market/edge/whep_events.h"
#include "streamer/link.h"

struct question {
    link_answer_fn fn;
    void *user;
    int64_t deadline_ms;
};

/* One connection; outlives its place in the link until libwebsockets has closed it. */
struct peer {
    struct link *link;
    struct watch *watch;
    GByteArray *in, *out;
    bool greeted;
};

struct link {
    struct edge *edge;
    char *path;
    struct watch *listen;
    struct peer *peer; /* the current one, or NULL */
    bool restored;
    GHashTable *questions; /* q → question */
    int64_t next_q;
    uint64_t unknown; /* messages of a type we do not know */
};

static const struct {
    const char *code;
    enum result result;
} codes[] = {{LINK_NO_ROOM, R_UNKNOWN}, {LINK_NO_SESSION, R_UNKNOWN},
             {LINK_BAD_SDP, R_BAD_SDP}, {LINK_UNSUPPORTED_SDP, R_UNSUPPORTED},
             {LINK_FULL, R_BUSY},       {LINK_NOT_LIVE, R_NOT_LIVE}};

static enum result result_of(const char *code)
{
    for (size_t i = 0; code && i < sizeof codes / sizeof codes[0]; i++) {
        if (!strcmp(codes[i].code, code))
            return codes[i].result;
    }
    return R_FAULT;
}

static void question_end(struct link *link, gpointer q, enum result result, const json_t *answer)
{
    struct question *question = g_hash_table_lookup(link->questions, q);
    if (!question)
        return; /* too late, or never asked */
    struct question copy = *question;
    g_hash_table_remove(link->questions, q);
    if (copy.fn)
        copy.fn(copy.user, result, answer);
}

static void peer_drop(struct link *link)
{
    struct peer *peer = link->peer;
    if (!peer)
        return;
    link->peer = NULL;
    link->restored = false;
    peer->link = NULL;
    watch_close(peer->watch);
    GList *open = g_hash_table_get_keys(link->questions);
    for (GList *at = open; at; at = at->next)
        question_end(link, at->data, R_NO_RELAY, NULL);
    g_list_free(open);
    rooms_link_down(link->edge->rooms);
    log_line(LOG_LEVEL_WARN, "link.down", LOG_TEXT("path", link->path));
}

static void on_hello(struct link *link, const json_t *message)
{
    json_int_t version = json_integer_value(json_object_get(message, "v"));
    log_line(LOG_LEVEL_INFO, "link.hello", LOG_NUMBER("version", version),
             LOG_NUMBER("pid", json_integer_value(json_object_get(message, "pid"))),
             LOG_NUMBER("udp_port", json_integer_value(json_object_get(message, "udp_port"))));
    if (version != LINK_VERSION) {
        peer_drop(link);
        return;
    }
    link->peer->greeted = true;
    link_say(link, json_pack("{s:s,s:i}", "t", "hello", "v", LINK_VERSION));
    rooms_link_up(link->edge->rooms);
}

static void on_answer(struct link *link, const json_t *message)
{
    gpointer q = GSIZE_TO_POINTER((gsize)json_integer_value(json_object_get(message, "q")));
    if (json_is_true(json_object_get(message, "ok"))) {
        question_end(link, q, R_OK, message);
        return;
    }
    const char *code = json_string_value(json_object_get(message, "code"));
    log_line(LOG_LEVEL_INFO, "link.refused", LOG_TEXT("code", code),
             LOG_TEXT("detail", json_string_value(json_object_get(message, "detail"))));
    question_end(link, q, result_of(code), NULL);
}

static void on_message(struct link *link, const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "t"));
    if (!link->peer->greeted) {
        if (!strcmp(type, "hello"))
            on_hello(link, message);
        else
            peer_drop(link);
    } else if (!strcmp(type, "answer")) {
        on_answer(link, message);
    } else if (!strcmp(type, "session")) {
        sessions_heard(link->edge->sessions, message);
    } else if (!strcmp(type, "room")) {
        rooms_heard(link->edge->rooms, message);
    } else if (!strcmp(type, "rendition")) {
        whep_events_session(link->edge->whep_events, sessions_rendition(link->edge->sessions, message));
    } else if (!strcmp(type, "file")) {
        rooms_file(link->edge->rooms, message);
    } else if (!strcmp(type, "sessions")) {
        sessions_restore(link->edge->sessions, message);
    } else {
        link->unknown++;
    }
}

/* False: the peer must go. */
static bool peer_read(struct peer *peer, int fd)
{
    guint8 bytes[16384];
    for (;;) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (got < 0)
            return true;
        g_byte_array_append(peer->in, bytes, (guint)got);
        json_t *message;
        do {
            if (!frame_next(peer->in, &message))
                return false;
            if (message)
                on_message(peer->link, message);
            json_decref(message);
            if (!peer->link) /* dropped by what it said */
                return false;
        } while (message);
    }
}

static bool peer_write(struct peer *peer, int fd)
{
    ssize_t put = send(fd, peer->out->data, peer->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return errno == EAGAIN || errno == EINTR;
    g_byte_array_remove_range(peer->out, 0, (guint)put);
    if (peer->out->len)
        watch_writable(peer->watch);
    return true;
}

static bool peer_io(void *user, int fd, bool writable)
{
    struct peer *peer = user;
    return peer->link && (writable ? peer_write(peer, fd) : peer_read(peer, fd));
}

static void peer_gone(void *user)
{
    struct peer *peer = user;
    peer->watch = NULL;
    if (peer->link)
        peer_drop(peer->link);
    g_byte_array_unref(peer->in);
    g_byte_array_unref(peer->out);
    g_free(peer);
}

static bool on_accept(void *user, int fd, bool writable)
{
    struct link *link = user;
    int client = writable ? -1 : unix_accept(fd);
    if (client < 0)
        return true;
    struct peer *peer = g_new0(struct peer, 1);
    peer->in = g_byte_array_new();
    peer->out = g_byte_array_new();
    peer->watch = watch_new(link->edge, client, peer_io, peer_gone, peer);
    if (!peer->watch) {
        peer_gone(peer);
        return true;
    }
    peer_drop(link);
    link->peer = peer;
    peer->link = link;
    return true;
}

struct link *link_new(struct edge *edge, const char *path, const char **why)
{
    int fd = unix_listen(path, why);
    if (fd < 0)
        return NULL;
    struct link *link = g_new0(struct link, 1);
    link->edge = edge;
    link->path = g_strdup(path);
    link->questions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    link->listen = watch_new(edge, fd, on_accept, NULL, link);
    return link;
}

void link_free(struct link *link)
{
    if (!link)
        return;
    unlink(link->path);
    g_hash_table_destroy(link->questions);
    g_free(link->path);
    g_free(link);
}

void link_say(struct link *link, json_t *message)
{
    struct peer *peer = link->peer;
    if (peer) {
        if (!frame_put(peer->out, message) || peer->out->len > LINK_QUEUE_BYTES) {
            log_line(LOG_LEVEL_ERROR, "link.stuck", LOG_NUMBER("bytes", peer->out->len));
            peer_drop(link); /* a relay that reads nothing is no relay */
        } else {
            watch_writable(peer->watch);
        }
    }
    json_decref(message);
}

void link_ask(struct link *link, json_t *message, link_answer_fn fn, void *user)
{
    if (!link->peer || !link->peer->greeted || g_hash_table_size(link->questions) >= QUESTIONS_MAX) {
        json_decref(message);
        if (fn)
            fn(user, R_NO_RELAY, NULL);
        return;
    }
    int64_t q = ++link->next_q;
    struct question *question = g_new0(struct question, 1);
    *question =
        (struct question){.fn = fn, .user = user, .deadline_ms = clock_steady_ms() + LINK_QUESTION_MS};
    g_hash_table_insert(link->questions, GSIZE_TO_POINTER((gsize)q), question);
    json_object_set_new(message, "q", json_integer(q));
    link_say(link, message);
}

bool link_ready(const struct link *link)
{
    return link->peer && link->restored;
}

void link_restored(struct link *link)
{
    if (!link->peer)
        return;
    link_say(link, json_pack("{s:s}", "t", "restored"));
    link->restored = link->peer != NULL;
    log_line(LOG_LEVEL_INFO, "link.up", LOG_TEXT("path", link->path));
}

void link_tick(struct link *link, int64_t now_ms)
{
    GList *keys = g_hash_table_get_keys(link->questions);
    for (GList *at = keys; at; at = at->next) {
        struct question *question = g_hash_table_lookup(link->questions, at->data);
        if (question && question->deadline_ms <= now_ms)
            question_end(link, at->data, R_TIMEOUT, NULL);
    }
    g_list_free(keys);
}
