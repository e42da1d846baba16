/* signal_link.c: the market's half of streamer/link.h, as much of it as one room with viewers needs. */
#include "streamer/link.h"
#include "tests/load/swarm/signal.h"

#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct question {
    signal_answer_cb *answered;
    void *owner;
};

struct signal_link {
    struct signal base;
    struct loop *loop;
    struct loop_source listener, connection;
    char *path, *room;
    GByteArray *in, *out;
    GHashTable *questions; /* number → struct question; those of the room itself are not here */
    json_int_t next_q, room_q;
    pid_t relay;
    bool ready;
};

static void flush(struct signal_link *l)
{
    while (l->out->len > 0) {
        const ssize_t n = send(l->connection.fd, l->out->data, l->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n <= 0)
            break;
        g_byte_array_remove_range(l->out, 0, (guint)n);
    }
    loop_change(l->loop, &l->connection, l->out->len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void say(struct signal_link *l, json_t *message)
{
    g_autofree char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    const uint32_t length = g_htonl((uint32_t)strlen(text));
    g_byte_array_append(l->out, (const uint8_t *)&length, sizeof length);
    g_byte_array_append(l->out, (const uint8_t *)text, (guint)strlen(text));
    flush(l);
}

static void handle_answer(struct signal_link *l, const json_t *message)
{
    const json_int_t q = json_integer_value(json_object_get(message, "q"));
    const bool ok = json_is_true(json_object_get(message, "ok"));
    const char *code = json_string_value(json_object_get(message, "code"));
    if (q == l->room_q) {
        if (ok)
            say(l, json_pack("{s:s}", "t", "restored"));
        else
            fprintf(stderr, "swarm: the relay refuses the room: %s\n", code ? code : "?");
        l->ready = ok;
        return;
    }
    gpointer key = GINT_TO_POINTER((int)q), value = NULL;
    if (!g_hash_table_steal_extended(l->questions, key, NULL, &value))
        return;
    g_autofree struct question *question = value;
    question->answered(question->owner, ok ? json_string_value(json_object_get(message, "sdp")) : NULL,
                       code ? code : "no code");
}

static void handle(struct signal_link *l, const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "t"));
    if (g_strcmp0(type, "answer") == 0) {
        handle_answer(l, message);
    } else if (g_strcmp0(type, "hello") == 0) {
        if (json_integer_value(json_object_get(message, "v")) != LINK_VERSION)
            fprintf(stderr, "swarm: the relay speaks another version of the link\n");
        l->relay = (pid_t)json_integer_value(json_object_get(message, "pid"));
        l->room_q = ++l->next_q;
        say(l, json_pack("{s:s, s:i}", "t", "hello", "v", LINK_VERSION));
        say(l, json_pack("{s:s, s:I, s:s, s:b, s:b, s:i}", "t", "room", "q", l->room_q, "room", l->room,
                         "record", 0, "paused", 0, "grace_ms", 60000));
    }
}

static void hang_up(struct signal_link *l, const char *why)
{
    fprintf(stderr, "swarm: the relay's link is gone: %s\n", why);
    loop_remove(l->loop, &l->connection);
    close(l->connection.fd);
    l->connection.fd = -1;
    l->ready = false;
}

static void connection_ready(void *owner, uint32_t events)
{
    struct signal_link *l = owner;
    uint8_t bytes[65536];
    if (events & EPOLLOUT)
        flush(l);
    const ssize_t n = recv(l->connection.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        hang_up(l, n == 0 ? "closed" : g_strerror(errno));
        return;
    }
    if (n > 0)
        g_byte_array_append(l->in, bytes, (guint)n);
    while (l->in->len >= 4) {
        uint32_t length;
        memcpy(&length, l->in->data, 4);
        length = g_ntohl(length);
        if (length > LINK_FRAME_MAX) {
            hang_up(l, "frame too long");
            return;
        }
        if (l->in->len < 4 + length)
            return;
        json_t *message = json_loadb((const char *)l->in->data + 4, length, 0, NULL);
        g_byte_array_remove_range(l->in, 0, 4 + length);
        if (message)
            handle(l, message);
        json_decref(message);
    }
}

static void listener_ready(void *owner, uint32_t events)
{
    struct signal_link *l = owner;
    (void)events;
    const int fd = accept4(l->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (l->connection.fd >= 0) {
        close(fd);
        return;
    }
    g_byte_array_set_size(l->in, 0);
    g_byte_array_set_size(l->out, 0);
    l->connection = (struct loop_source){.ready = connection_ready, .owner = l, .fd = fd};
    loop_add(l->loop, &l->connection, EPOLLIN);
}

static void link_ask(struct signal *s, bool publish, const char *offer, signal_answer_cb *answered,
                     void *owner)
{
    struct signal_link *l = (struct signal_link *)s;
    g_autofree char *session =
        g_strdup_printf("%08x%08x%08x%08x", g_random_int(), g_random_int(), g_random_int(), g_random_int());
    struct question *question = g_new0(struct question, 1);
    *question = (struct question){answered, owner};
    l->next_q++;
    g_hash_table_insert(l->questions, GINT_TO_POINTER((int)l->next_q), question);
    say(l, json_pack("{s:s, s:I, s:s, s:s, s:s}", "t", publish ? "publish" : "watch", "q", l->next_q, "room",
                     l->room, "session", session, "sdp", offer));
}

static void link_tick(struct signal *s, int64_t now_us)
{
    (void)s, (void)now_us;
}

static bool link_ready(const struct signal *s)
{
    return ((const struct signal_link *)s)->ready;
}

static pid_t link_relay(const struct signal *s)
{
    return ((const struct signal_link *)s)->relay;
}

static void link_free(struct signal *s)
{
    struct signal_link *l = (struct signal_link *)s;
    if (l->connection.fd >= 0)
        close(l->connection.fd);
    if (l->listener.fd >= 0)
        close(l->listener.fd);
    unlink(l->path);
    g_hash_table_unref(l->questions);
    g_byte_array_unref(l->in);
    g_byte_array_unref(l->out);
    g_free(l->path);
    g_free(l->room);
    g_free(l);
}

static const struct signal_kind kind = {link_ask, link_tick, link_ready, link_relay, link_free};

struct signal *signal_link_new(struct loop *loop, const char *path, const char *room)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct signal_link *l = g_new0(struct signal_link, 1);
    l->base.kind = &kind;
    l->loop = loop;
    l->path = g_strdup(path);
    l->room = g_strdup(room);
    l->in = g_byte_array_new();
    l->out = g_byte_array_new();
    l->questions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    l->connection.fd = -1;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    unlink(path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    l->listener = (struct loop_source){.ready = listener_ready, .owner = l, .fd = fd};
    const mode_t old = umask(0177);
    const bool bound =
        fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 4) == 0;
    umask(old);
    if (!bound || !loop_add(loop, &l->listener, EPOLLIN)) {
        fprintf(stderr, "swarm: cannot listen on %s: %s\n", path, g_strerror(errno));
        link_free(&l->base);
        return NULL;
    }
    return &l->base;
}
