/* line.c: just enough HTTP/1.1 (RFC 9112, Content-Length bodies only) and WebSocket (RFC 6455, text and ping)
 * to load a server without the client becoming the bottleneck. */
#include "tests/load/orders/line.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_MAX = 1 << 20 };

enum state { DIALLING, SHAKING, UPGRADING, OPEN };

struct line {
    const struct line_target *target;
    const struct line_hooks *hooks;
    void *owner;
    int epoll, fd;
    SSL *ssl;
    enum state state;
    bool busy; /* HTTP: a request is under way */
    bool fresh;
    GString *in, *out;
    char *cookie;
    GString *head; /* of a POST, up to the length, made once */
};

bool line_target_read(struct line_target *t, const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    if (!uri || g_strcmp0(g_uri_get_scheme(uri), "https") != 0)
        return false;
    t->host = g_strdup(g_uri_get_host(uri));
    t->port = g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : 443;
    struct addrinfo *found = NULL;
    const struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    if (getaddrinfo(t->host, NULL, &wanted, &found) != 0)
        return false;
    t->address = g_memdup2(found->ai_addr, sizeof *t->address);
    t->address->sin_port = htons((uint16_t)t->port);
    freeaddrinfo(found);
    t->tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(t->tls, SSL_VERIFY_NONE,
                       NULL); /* a load on one's own machine, certificate made by itself */
    SSL_CTX_set_mode(t->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(t->tls, 1); /* a record in one system call instead of two */
    SSL_CTX_set_alpn_protos(t->tls, (const unsigned char *)"\x08http/1.1", 9);
    return true;
}

static void watch(struct line *l, int operation)
{
    const bool writing = l->state == DIALLING || l->out->len > 0;
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0U), .data.ptr = l};
    epoll_ctl(l->epoll, operation, l->fd, &e);
}

static void dial(struct line *l)
{
    const int one = 1;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    l->state = DIALLING;
    l->ssl = SSL_new(l->target->tls);
    SSL_set_fd(l->ssl, l->fd);
    SSL_set_connect_state(l->ssl);
    SSL_set_tlsext_host_name(l->ssl, l->target->host);
    (void)!connect(l->fd, (struct sockaddr *)l->target->address, sizeof *l->target->address);
    watch(l, EPOLL_CTL_ADD);
}

struct line *line_new(const struct line_target *target, int epoll, const struct line_hooks *hooks,
                      void *owner)
{
    struct line *l = g_new0(struct line, 1);
    l->target = target;
    l->hooks = hooks;
    l->owner = owner;
    l->epoll = epoll;
    l->in = g_string_sized_new(8192);
    l->out = g_string_sized_new(4096);
    dial(l);
    return l;
}

static void hang_up(struct line *l)
{
    SSL_free(l->ssl);
    close(l->fd);
    l->ssl = NULL;
    l->fd = -1;
    g_string_truncate(l->in, 0);
    g_string_truncate(l->out, 0);
}

void line_free(struct line *l)
{
    if (!l)
        return;
    hang_up(l);
    g_string_free(l->in, TRUE);
    g_string_free(l->out, TRUE);
    if (l->head)
        g_string_free(l->head, TRUE);
    g_free(l->cookie);
    g_free(l);
}

bool line_is_ready(const struct line *l)
{
    return l->state == OPEN && (l->target->websocket || !l->busy);
}

static void broken(struct line *l)
{
    const bool told = l->state == OPEN && (l->busy || l->target->websocket);
    hang_up(l);
    l->busy = false;
    dial(l);
    if (told)
        l->hooks->answered(l->owner, 0, 0, "", 0);
}

static void flush(struct line *l)
{
    while (l->out->len > 0) {
        const int n = SSL_write(l->ssl, l->out->str, (int)l->out->len);
        if (n <= 0)
            break;
        g_string_erase(l->out, 0, n);
    }
    if (l->out->len > 0)
        watch(l, EPOLL_CTL_MOD);
}

static void credentials(struct line *l)
{
    if (l->target->token)
        g_string_append_printf(l->out, "Authorization: Bearer %s\r\n", l->target->token);
    else if (l->cookie && !l->fresh)
        g_string_append_printf(l->out, "Cookie: %s\r\n", l->cookie);
}

void line_post(struct line *l, const char *path, const char *body, bool fresh)
{
    const size_t length = strlen(body);
    l->busy = true;
    l->fresh = fresh;
    if (!l->head) {
        l->head = g_string_new(NULL);
        g_string_printf(
            l->head,
            "POST %s HTTP/1.1\r\nHost: %s:%d\r\nOrigin: https://%s:%d\r\nAccept: application/json\r\n"
            "Content-Type: application/json\r\nContent-Length: ",
            path, l->target->host, l->target->port, l->target->host, l->target->port);
    }
    g_string_append_len(l->out, l->head->str, (gssize)l->head->len);
    g_string_append_printf(l->out, "%zu\r\n", length);
    credentials(l);
    g_string_append(l->out, "\r\n");
    g_string_append_len(l->out, body, (gssize)length);
    flush(l);
}

static void send_frame(struct line *l, uint8_t opcode, const char *data, size_t length)
{
    uint8_t head[14] = {(uint8_t)(0x80 | opcode)};
    size_t n = 2;
    if (length < 126) {
        head[1] = (uint8_t)(0x80 | length);
    } else {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
        n = 4;
    }
    memset(head + n, 0, 4); /* a mask of zeros is a mask */
    g_string_append_len(l->out, (const char *)head, (gssize)(n + 4));
    g_string_append_len(l->out, data, (gssize)length);
    flush(l);
}

void line_call(struct line *l, uint64_t id, const char *name, const char *body)
{
    g_autofree char *text =
        g_strdup_printf("{\"t\":\"call\",\"id\":\"%" G_GUINT64_FORMAT "\",\"name\":\"%s\",\"params\":%s}",
                        (guint64)id, name, body);
    send_frame(l, 1, text, strlen(text));
}

static void ask_upgrade(struct line *l)
{
    l->state = UPGRADING;
    g_string_append_printf(
        l->out,
        "GET /live HTTP/1.1\r\nHost: %s:%d\r\nOrigin: https://%s:%d\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        l->target->host, l->target->port, l->target->host, l->target->port);
    credentials(l);
    g_string_append(l->out, "\r\n");
    flush(l);
}

/* What a load needs of an answer's head, in one pass over its lines. */
struct head {
    size_t length; /* of the body */
    bool closing;
    const char *cookie;
};

static struct head read_head(const char *text)
{
    struct head head = {0};
    for (const char *at = strchr(text, '\n'); at; at = strchr(at, '\n')) {
        at++;
        if ((*at | 32) == 'c' && !strncasecmp(at, "content-length:", 15))
            head.length = strtoul(at + 15, NULL, 10);
        else if ((*at | 32) == 'c' && !strncasecmp(at, "connection: close", 17))
            head.closing = true;
        else if ((*at | 32) == 's' && !strncasecmp(at, "set-cookie: ", 12))
            head.cookie = at + 12;
    }
    return head;
}

static void keep_cookie(struct line *l, const char *cookie)
{
    if (cookie && !l->cookie && !l->fresh)
        l->cookie = g_strndup(cookie, strcspn(cookie, ";\r"));
}

/* One answer from the front of `in`; false when it is not complete. */
static bool take_http(struct line *l)
{
    char *end = strstr(l->in->str, "\r\n\r\n");
    if (!end)
        return false;
    *end = '\0';
    const struct head read = read_head(l->in->str);
    const size_t head = (size_t)(end - l->in->str) + 4, body = read.length;
    if (l->in->len < head + body) {
        *end = '\r';
        return false;
    }
    const int status = l->in->len > 12 ? atoi(l->in->str + 9) : 0;
    const bool closing = read.closing;
    keep_cookie(l, read.cookie);
    if (l->state == UPGRADING) {
        l->state = status == 101 ? OPEN : UPGRADING;
        g_string_erase(l->in, 0, (gssize)(head + body));
        if (status == 101)
            l->hooks->ready(l->owner);
        return true;
    }
    l->busy = false;
    if (status != 201 || l->in->len > head + body || closing) {
        g_autofree char *text = g_strndup(l->in->str + head, body);
        g_string_erase(l->in, 0, (gssize)(head + body));
        if (closing) {
            hang_up(l);
            dial(l);
        }
        l->hooks->answered(l->owner, 0, status, text, body);
        return !closing;
    }
    g_string_truncate(l->in, 0); /* the usual answer: nobody reads its body, nothing follows it */
    l->hooks->answered(l->owner, 0, status, "", 0);
    return true;
}

static void handle_text(struct line *l, const char *text, size_t length)
{
    const char *id = memmem(text, length, "\"id\":\"", 6), *status = memmem(text, length, "\"status\":", 9);
    if (length < 12 || !memmem(text, MIN(length, (size_t)64), "\"reply\"", 7) || !id || !status)
        return; /* news, not an answer */
    l->hooks->answered(l->owner, g_ascii_strtoull(id + 6, NULL, 10), atoi(status + 9), text, length);
}

static bool take_frame(struct line *l)
{
    const uint8_t *p = (const uint8_t *)l->in->str;
    if (l->in->len < 2)
        return false;
    size_t length = p[1] & 127, head = 2;
    if (length == 126) {
        if (l->in->len < 4)
            return false;
        length = (size_t)(p[2] << 8 | p[3]);
        head = 4;
    } else if (length == 127) {
        if (l->in->len < 10)
            return false;
        length = (size_t)p[6] << 24 | (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
        head = 10;
    }
    if (length > FRAME_MAX || l->in->len < head + length)
        return false;
    g_autofree char *text = g_strndup(l->in->str + head, length);
    const int opcode = p[0] & 15;
    g_string_erase(l->in, 0, (gssize)(head + length));
    if (opcode == 9)
        send_frame(l, 10, text, length);
    else if (opcode == 1)
        handle_text(l, text, length);
    return true;
}

static void read_all(struct line *l)
{
    static char bytes[32768];
    for (;;) {
        const int n = SSL_read(l->ssl, bytes, sizeof bytes);
        if (n <= 0) {
            const int error = SSL_get_error(l->ssl, n);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
                break;
            broken(l);
            return;
        }
        g_string_append_len(l->in, bytes, n);
        if (n < (int)sizeof bytes && !SSL_has_pending(l->ssl))
            break; /* epoll tells when there is more: no call in vain */
    }
    while (l->state >= UPGRADING && l->in->len > 0)
        if (!(l->target->websocket && l->state == OPEN ? take_frame(l) : take_http(l)))
            break;
}

void line_event(struct line *l, uint32_t events)
{
    if (l->state == DIALLING && events & EPOLLOUT) {
        l->state = SHAKING;
        watch(l, EPOLL_CTL_MOD);
    }
    if (l->state == SHAKING) {
        const int done = SSL_do_handshake(l->ssl);
        if (done != 1) {
            const int error = SSL_get_error(l->ssl, done);
            if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
                broken(l);
            return;
        }
        if (l->target->websocket) {
            ask_upgrade(l);
        } else {
            l->state = OPEN;
            l->hooks->ready(l->owner);
        }
        return;
    }
    if (l->state >= UPGRADING && events & EPOLLOUT) {
        flush(l);
        watch(l, EPOLL_CTL_MOD);
    }
    if (l->state >= UPGRADING && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_all(l);
    else if (events & (EPOLLHUP | EPOLLERR))
        broken(l);
}
