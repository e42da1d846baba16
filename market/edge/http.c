/* http.c: libwebsockets' callback: connections counted, requests checked and routed, bodies collected,
 * answers written.
 *
 * What libwebsockets 4.1.6 lets through is caught here: h2c upgrades, signed or doubled lengths, chunked
 * bodies (it never decodes them), foreign origins on WebSockets. Edge thread. */
#include "market/edge/http.h"

#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/header.h"
#include "market/edge/hook_heads.h"
#include "market/edge/limits.h"
#include "market/edge/socket.h"
#include "market/edge/watch.h"

static struct edge *edge_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

struct conn *http_conn(struct lws *wsi)
{
    struct conn *conn = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    return conn && conn->thing == THING_CONN ? conn : NULL;
}

static int conn_allowed(struct edge *edge, int fd)
{
    char address[46] = "";
    lws_get_peer_simple_fd(fd, address, sizeof address);
    if (edge->draining || edge->connections >= CONNECTIONS_MAX)
        return 1;
    if (!addresses_enter(edge->addresses, address, clock_steady_ms()))
        return 1;
    addresses_leave(edge->addresses, address);
    return 0;
}

static int conn_open(struct edge *edge, struct lws *wsi)
{
    char address[46] = "";
    lws_get_peer_simple(wsi, address, sizeof address);
    if (!addresses_enter(edge->addresses, address, clock_steady_ms()))
        return 1;
    struct conn *conn = g_new0(struct conn, 1);
    conn->thing = THING_CONN;
    conn->edge = edge;
    conn->wsi = wsi;
    g_strlcpy(conn->address, address, sizeof conn->address);
    g_hash_table_add(edge->conns, conn);
    edge->connections++;
    lws_set_opaque_user_data(wsi, conn);
    return 0;
}

static void exchange_drop(struct conn *conn)
{
    if (!conn->exchange)
        return;
    conn->exchange->conn = NULL;
    exchange_unref(conn->exchange);
    conn->exchange = NULL;
}

static void conn_close(struct lws *wsi)
{
    struct conn *conn = http_conn(wsi);
    if (!conn)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    exchange_drop(conn);
    socket_gone(conn);
    addresses_leave(conn->edge->addresses, conn->address);
    g_hash_table_remove(conn->edge->conns, conn);
    conn->edge->connections--;
    g_free(conn);
}

static void route(struct exchange *x)
{
    x->started = true;
    switch (x->match.route->door) {
    case DOOR_DESK:
        door_desk(x);
        return;
    case DOOR_HEALTH:
        door_health(x);
        return;
    case DOOR_READY:
        door_ready(x);
        return;
    case DOOR_PAGE:
        door_page(x);
        return;
    case DOOR_ASSET:
        door_asset(x);
        return;
    case DOOR_MEDIA:
        door_media(x);
        return;
    case DOOR_ORIGIN:
        door_origin(x);
        return;
    case DOOR_MOMENT:
        door_moment(x);
        return;
    case DOOR_PAPER:
        door_paper(x);
        return;
    case DOOR_PICTURE:
        door_picture(x);
        return;
    case DOOR_NO_PICTURE:
        door_no_picture(x);
        return;
    case DOOR_WHIP:
    case DOOR_WHEP:
        door_whip(x);
        return;
    case DOOR_LAYER:
        door_layer(x);
        return;
    case DOOR_EVENTS:
        door_events(x);
        return;
    case DOOR_HOOK:
        door_hook(x);
        return;
    case DOOR_LIVE:
        answer_header(x, "upgrade", "websocket");
        answer_empty(x, 426);
        return;
    }
}

/* Does the body hold a file and nothing else? Only the office is let send that much. */
static bool takes_raw(const struct exchange *x)
{
    return (x->match.route->flags & ROUTE_RAW) && x->who_result == R_OK && who_is_cadre(&x->who) &&
           request_type_is(x->content_type, "application/octet-stream");
}

/* Everything that can be said before the body is there. True: it is said. */
static bool refused_early(struct exchange *x)
{
    const char *field = NULL;
    int wait_s;
    enum result r = exchange_check(x, &field);
    if (r != R_OK) {
        x->close_after = true; /* what follows on this connection may not be a request */
        answer_problem(x, r, field, NULL);
        return true;
    }
    bool found = route_find(x->method, x->path, &x->match);
    enum address_cost cost = found && x->match.route->door == DOOR_HOOK ? COST_HOOK : COST_REQUEST;
    if (!addresses_request(x->edge->addresses, x->conn->address, cost, clock_steady_ms(), &wait_s)) {
        x->edge->limited++;
        x->close_after = x->length > 0;
        answer_retry(x, R_TOO_MANY, wait_s, NULL);
        return true;
    }
    if (!found) {
        x->close_after = x->length > 0;
        if (!x->match.allow) {
            door_nowhere(x);
            return true;
        }
        char allow[64];
        route_allow(x->match.allow, allow, sizeof allow);
        answer_header(x, "allow", "%s", allow);
        answer_problem(x, R_BAD_METHOD, NULL, NULL);
        return true;
    }
    route_params(&x->match, x->params);
    enum door door = x->match.route->door;
    if (door == DOOR_WHIP || door == DOOR_WHEP)
        x->body_max = SDP_MAX;
    if (x->match.route->flags & ROUTE_FILE)
        x->body_max = FILE_MAX;
    if (x->match.route->flags & ROUTE_PICTURE) {
        x->body_max = PICTURE_MAX;
        lws_set_timeout(x->conn->wsi, PENDING_TIMEOUT_HTTP_CONTENT, RAW_S);
    }
    if (door == DOOR_HOOK)
        x->hook =
            hook_heads_new(x->conn->wsi); /* its Authorization is no bearer token, and cookies mean nothing */
    else
        exchange_identify(x);
    if (takes_raw(x)) {
        if (x->edge->raw_bodies >= RAW_AT_ONCE) {
            x->close_after = true;
            answer_retry(x, R_BUSY, RAW_RETRY_S, NULL);
            return true;
        }
        x->raw = true;
        x->edge->raw_bodies++;
        x->body_max = RAW_MAX;
        lws_set_timeout(x->conn->wsi, PENDING_TIMEOUT_HTTP_CONTENT, RAW_S);
    }
    x->too_big = x->length > (int64_t)x->body_max;
    if (x->length > BODY_DRAIN_MAX + (x->raw ? RAW_MAX : 0)) {
        x->close_after = true;
        answer_problem(x, R_TOO_BIG, NULL, NULL);
        return true;
    }
    return false;
}

static bool may_have_body(const struct exchange *x)
{
    return !strcmp(x->method, "POST") || !strcmp(x->method, "PUT") || !strcmp(x->method, "PATCH");
}

static void body_done(struct exchange *x)
{
    if (x->started || x->answered)
        return;
    if (x->too_big)
        answer_problem(x, R_TOO_BIG, NULL, NULL);
    else if (x->who_result != R_OK)
        answer_problem(x, x->who_result, NULL, NULL);
    else
        route(x);
}

static int request_begin(struct conn *conn)
{
    exchange_drop(conn);
    struct exchange *x = conn->exchange = exchange_new(conn);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_HTTP_CONTENT, REQUEST_S);
    if (refused_early(x))
        return 0;
    if (x->length == 0) {
        if (may_have_body(x) && lws_hdr_total_length(conn->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
            x->close_after =
                true; /* libwebsockets waits for a body of unknown length: end it with the connection */
        body_done(x);
    }
    return 0;
}

static int request_body(struct conn *conn, const void *bytes, size_t length)
{
    struct exchange *x = conn->exchange;
    if (!x || x->answered || x->started || x->too_big)
        return 0;
    if (!x->body)
        x->body = g_byte_array_new();
    if (x->body->len + length > x->body_max) {
        x->too_big = true;
        return 0;
    }
    g_byte_array_append(x->body, bytes, (guint)length);
    return 0;
}

static int request_write(struct conn *conn)
{
    struct exchange *x = conn->exchange;
    if (!x || !x->answered)
        return 0;
    enum exchange_write wrote = exchange_write(x);
    if (wrote == WRITE_FAILED)
        return -1;
    if (wrote == WRITE_IDLE) {
        lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0); /* until there is more to say */
        return 0;
    }
    if (wrote == WRITE_MORE) {
        lws_set_timeout(conn->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WRITE_S);
        lws_callback_on_writable(conn->wsi);
        return 0;
    }
    bool close_after = x->close_after;
    exchange_drop(conn);
    if (close_after)
        return -1; /* libwebsockets flushes what is still buffered first */
    return lws_http_transaction_completed(conn->wsi) ? -1 : 0;
}

/* Only WebSocket, never h2c; `in` must not be read here (use after free in 4.1.6). */
static int upgrade_allowed(struct lws *wsi)
{
    char upgrade[16] = "";
    if (lws_hdr_copy(wsi, upgrade, sizeof upgrade, WSI_TOKEN_UPGRADE) < 0)
        return -1;
    return g_ascii_strcasecmp(upgrade, "websocket") == 0 ? 0 : -1;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
    (void)user;
    struct conn *conn = http_conn(wsi);
    if (conn && conn->client && reason != LWS_CALLBACK_WSI_DESTROY)
        return socket_callback(conn, reason, in, length);
    switch ((int)reason) { /* few of the many reasons concern us */
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return conn_allowed(edge_of(wsi), (int)(intptr_t)in);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return conn_open(edge_of(wsi), wsi);
    case LWS_CALLBACK_WSI_DESTROY:
        conn_close(wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return upgrade_allowed(wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return conn && header_clean(wsi) ? socket_accept(conn) : 1;
    case LWS_CALLBACK_HTTP:
        return conn ? request_begin(conn) : -1;
    case LWS_CALLBACK_HTTP_BODY:
        return conn ? request_body(conn, in, length) : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (conn && conn->exchange)
            body_done(conn->exchange);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return conn ? request_write(conn) : -1;
    case LWS_CALLBACK_CLOSED_HTTP:
        if (conn)
            exchange_drop(conn);
        return 0;
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
        return -1; /* libwebsockets takes CONNECT for raw bytes from then on; we take it for a mistake */
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        outbox_run(&edge_of(wsi)->outbox);
        return 0;
    default:
        return watch_callback(wsi, reason);
    }
}
