/* socket.c: the WebSocket /live. Handshake checks that libwebsockets leaves out (path, Origin, session),
 * messages put together and bounded, "join", "call" and "uplink", the writing side. Edge thread. */
#include "market/edge/socket.h"

#include <string.h>
#include "market/base/text.h"
#include "market/edge/exchange.h"
#include "market/edge/hub.h"
#include "market/edge/limits.h"
#include "market/edge/room.h"

/* ---- handshake ---- */

static char *token(struct lws *wsi, enum lws_token_indexes which)
{
    int length = lws_hdr_total_length(wsi, which);
    if (length <= 0)
        return NULL;
    char *value = g_malloc0((gsize)length + 32);
    if (lws_hdr_copy(wsi, value, length + 32, which) < 0)
        g_clear_pointer(&value, g_free);
    return value;
}

/* A browser always sends Origin and must be on our page; a program without a browser shows its token instead.
 */
static bool identify(struct conn *conn, struct client *client)
{
    struct lws *wsi = conn->wsi;
    g_autofree char *host = token(wsi, WSI_TOKEN_HOST), *origin = token(wsi, WSI_TOKEN_ORIGIN);
    g_autofree char *authorization = token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
    g_autofree char *cookies = token(wsi, WSI_TOKEN_HTTP_COOKIE);
    g_autofree char *accept = token(wsi, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
    char kept[8] = "";
    if (!host || !request_host_ok(host) || (origin && !request_origin_same(origin, host)) ||
        (!origin && !authorization))
        return false;
    request_cookie(cookies, "lang", kept, sizeof kept);
    g_strlcpy(client->who.lang, request_language(NULL, kept, accept), sizeof client->who.lang);
    g_strlcpy(client->who.address, conn->address, sizeof client->who.address);
    if (authorization) {
        client->by_token = client->was_known = true;
        return request_bearer(authorization, client->secret, sizeof client->secret) &&
               desk_who_bearer(conn->edge->desk, client->secret, &client->who);
    }
    if (request_cookie(cookies, "__Host-sid", client->secret, sizeof client->secret))
        client->was_known = desk_who_cookie(conn->edge->desk, client->secret, &client->who);
    return true;
}

int socket_accept(struct conn *conn)
{
    struct edge *edge = conn->edge;
    int wait_s;
    g_autofree char *path = token(conn->wsi, WSI_TOKEN_GET_URI);
    if (edge->draining || conn->client || g_strcmp0(path, "/live") != 0 ||
        !addresses_request(edge->addresses, conn->address, COST_REQUEST, clock_steady_ms(), &wait_s))
        return 1;
    struct client *client = client_new(conn);
    if (!identify(conn, client)) {
        hub_forget(edge->hub, client);
        return 1;
    }
    conn->client = client;
    return 0;
}

void socket_gone(struct conn *conn)
{
    if (!conn->client)
        return;
    hub_forget(conn->edge->hub, conn->client);
    conn->client = NULL;
}

/* ---- sessions that end while the socket is open ---- */

static void recheck(struct client *client)
{
    if (!client->was_known || client->bye)
        return;
    struct who now = client->who;
    now.person = 0;
    now.roles = 0;
    struct desk *desk = client->edge->desk;
    bool known = client->by_token ? desk_who_bearer(desk, client->secret, &now)
                                  : desk_who_cookie(desk, client->secret, &now);
    if (known && (!now.factor_first || client->who.factor_first))
        client->who = now;
    else
        client_bye(client, known ? "factor-first" : "logged-out", 1008, 0);
}

void socket_recheck(struct edge *edge)
{
    hub_each(edge->hub, recheck);
}

/* ---- asking the desk for a socket ---- */

struct ask {
    struct post post;
    struct client *client;
    unsigned join; /* for answers to a join: which one */
    char *call_id; /* for a call */
    const struct route *route;
    void (*then)(struct ask *ask);
    enum result result;
    json_t *body;
    char *text;      /* instead of body, when the desk has written it */
    int64_t done_us; /* when the desk was done with it; 0: it was not taken there */
};

static void ask_run(struct post *post)
{
    struct ask *ask = (struct ask *)post;
    if (ask->done_us)
        span_add(&ask->client->edge->told, clock_steady_us() - ask->done_us, 1);
    if (ask->client->conn && !ask->client->bye)
        ask->then(ask);
    client_unref(ask->client);
    json_decref(ask->body);
    g_free(ask->text);
    g_free(ask->call_id);
    g_free(ask);
}

static void ask_reply(void *user, const struct desk_reply *reply)
{
    struct ask *ask = user;
    ask->done_us = clock_steady_us();
    ask->result = reply->result;
    ask->text = g_strdup(reply->text);
    ask->body = reply->text ? NULL : json_incref(reply->body);
    edge_post(ask->client->edge, &ask->post);
}

/* TAKES params and call_id. */
static void ask_desk(struct client *client, const char *command, json_t *params,
                     void (*then)(struct ask *ask), const struct route *route, char *call_id)
{
    struct ask *ask = g_new0(struct ask, 1);
    *ask = (struct ask){.post.run = ask_run,
                        .client = client_ref(client),
                        .join = client->join,
                        .call_id = call_id,
                        .route = route,
                        .then = then};
    enum result r = desk_call(client->edge->desk, command, &client->who, params, ask_reply, ask);
    if (r == R_OK)
        return;
    ask->result = r;
    ask_run(&ask->post);
}

/* ---- join ---- */

static void send_room(struct client *client)
{
    if (!strcmp(client->stall, "*"))
        return;
    json_t *room = room_json(rooms_get(client->edge->rooms, client->stall));
    json_object_set_new(room, "t", json_string("room"));
    json_object_set_new(room, "stall", json_string(client->stall));
    client_send(client, message_new(room));
}

static void refuse_join(struct client *client, enum result r)
{
    hub_leave(client->edge->hub, client);
    json_t *body = problem_json(client->edge, client->who.lang, r, NULL, NULL);
    client_send(client, message_new(json_pack("{s:s,s:n,s:i,s:o}", "t", "reply", "id", "status",
                                              result_http(r), "body", body)));
}

static void join_state(struct ask *ask)
{
    struct client *client = ask->client;
    if (ask->join != client->join || client->state != CLIENT_JOINING)
        return;
    if (ask->result != R_OK || !json_is_object(ask->body)) {
        refuse_join(client, ask->result);
        return;
    }
    json_t *state = rooms_show(client->edge->rooms, "stall.get", ask->body);
    client->mine = json_is_true(json_object_get(state, "mine"));
    int64_t mark = json_integer_value(json_object_get(state, "mark"));
    json_object_set_new(state, "t", json_string("state"));
    client_send(client, message_new(state));
    hub_joined(client, mark);
}

static void ask_state(struct client *client)
{
    ask_desk(client, "stall.get", json_pack("{s:s}", "slug", client->stall), join_state, NULL, NULL);
}

static void join_rows(struct ask *ask)
{
    struct client *client = ask->client;
    if (ask->join != client->join || client->state != CLIENT_JOINING)
        return;
    json_t *rows = ask->result == R_OK ? json_object_get(ask->body, "rows") : NULL;
    bool too_old = json_is_true(json_object_get(ask->body, "too_old")) ||
                   json_is_true(json_object_get(ask->body, "more"));
    bool ahead = json_array_size(rows) == 0 &&
                 client->mark > hub_last(client->edge->hub); /* a mark we never gave, or a restart */
    if (!json_is_array(rows) || too_old || (ahead && strcmp(client->stall, "*") != 0)) { /* start over */
        if (strcmp(client->stall, "*") != 0)
            ask_state(client);
        else
            refuse_join(client, ask->result == R_OK ? R_WRONG_MOMENT : ask->result);
        return;
    }
    client_send(client, message_new(json_pack("{s:s,s:I}", "t", "joined", "mark", (json_int_t)client->mark)));
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        int64_t id = json_integer_value(json_object_get(row, "id"));
        if (id <= client->mark)
            continue;
        client->mark = id;
        json_t *copy = json_copy(row);
        json_object_set_new(copy, "t", json_string("row"));
        client_send(client, message_new(copy));
    }
    send_room(client);
    hub_joined(client, json_integer_value(json_object_get(ask->body, "mark")));
}

static void ask_rows(struct client *client)
{
    json_t *params = json_pack("{s:s,s:I,s:i}", "stall", client->stall, "mark", (json_int_t)client->mark,
                               "limit", CATCH_UP_ROWS);
    ask_desk(client, "journal.after", params, join_rows, NULL, NULL);
}

/* A farmer comes back: whether the stall is theirs decides which form of later rows they get. */
static void join_mine(struct ask *ask)
{
    struct client *client = ask->client;
    if (ask->join != client->join || client->state != CLIENT_JOINING)
        return;
    if (ask->result != R_OK) {
        refuse_join(client, ask->result);
        return;
    }
    client->mine = json_is_true(json_object_get(ask->body, "mine"));
    ask_rows(client);
}

static void join(struct client *client, const json_t *message)
{
    const char *stall = json_string_value(json_object_get(message, "stall"));
    const json_t *mark = json_object_get(message, "mark");
    bool all = stall && !strcmp(stall, "*");
    if (!stall || (!all && !text_slug(stall)) || (mark && !json_is_integer(mark) && !json_is_null(mark))) {
        refuse_join(client, R_BAD_FIELD);
        return;
    }
    if (all && !who_is_cadre(&client->who)) {
        refuse_join(client, client->who.factor_first ? R_FACTOR_FIRST
                            : client->who.person     ? R_FORBIDDEN
                                                     : R_NOT_LOGGED_IN);
        return;
    }
    struct hub *hub = client->edge->hub;
    hub_join(hub, client, stall);
    if (json_is_integer(mark) && json_integer_value(mark) > 0) {
        client->mark = json_integer_value(mark);
        if (!all && (client->who.roles & ROLE_FARMER))
            ask_desk(client, "stall.get", json_pack("{s:s}", "slug", stall), join_mine, NULL, NULL);
        else
            ask_rows(client);
    } else if (all) { /* their page loads the lists itself, after this */
        client_send(client,
                    message_new(json_pack("{s:s,s:I}", "t", "joined", "mark", (json_int_t)hub_last(hub))));
        hub_joined(client, hub_last(hub));
    } else {
        ask_state(client);
    }
}

/* ---- call ---- */

static void send_reply(struct client *client, const char *id, unsigned status, json_t *body)
{
    json_t *reply =
        json_pack("{s:s,s:s,s:i,s:o?}", "t", "reply", "id", id, "status", (int)status, "body", body);
    client_send(client, message_new(reply));
}

static void called(struct ask *ask)
{
    struct client *client = ask->client;
    client->calls--;
    unsigned status = (unsigned)result_http(ask->result);
    if (status >= 400) {
        send_reply(client, ask->call_id, status,
                   problem_json(client->edge, client->who.lang, ask->result, NULL, ask->body));
        return;
    }
    if (ask->result == R_OK && (ask->route->flags & ROUTE_CREATED))
        status = 201;
    if (ask->text)
        client_send(client, message_reply(ask->call_id, status, ask->text));
    else
        send_reply(client, ask->call_id, status, json_incref(ask->body));
}

static void call(struct client *client, json_t *message)
{
    const char *id = json_string_value(json_object_get(message, "id"));
    const char *name = json_string_value(json_object_get(message, "name"));
    json_t *params = json_object_get(message, "params");
    if (!id || strlen(id) > 64)
        return;
    const struct route *route = name ? route_call(name) : NULL;
    enum result r = !route ? R_UNKNOWN : !json_is_object(params) ? R_BAD_JSON : R_OK;
    if (r == R_OK && client->calls >= CLIENT_CALLS_MAX)
        r = R_TOO_MANY;
    if (r == R_OK && (route->flags & ROUTE_LOGIN) && !client->who.person)
        r = R_NOT_LOGGED_IN; /* a first order makes a session, whose cookie only HTTP can set */
    if (r != R_OK) {
        json_t *body = problem_json(client->edge, client->who.lang, r, NULL, NULL);
        send_reply(client, id, (unsigned)result_http(r), body);
        return;
    }
    client->calls++;
    json_incref(params); /* the desk's alone from here on, and no copy of it */
    json_object_del(message, "params");
    ask_desk(client, name, params, called, route, g_strdup(id));
}

/* ---- uplink: only the farmer's own page knows what its line would carry ---- */

static void uplink(struct client *client, const json_t *message)
{
    const char *word = json_string_value(json_object_get(message, "word"));
    if (client->mine && client->state == CLIENT_JOINED)
        rooms_phone_says(client->edge->rooms, client->stall, word);
}

/* ---- messages in ---- */

static int refuse(struct conn *conn, enum lws_close_status code)
{
    lws_close_reason(conn->wsi, code, NULL, 0);
    return -1;
}

static int message_in(struct conn *conn)
{
    struct client *client = conn->client;
    if (!addresses_exempt(conn->edge->addresses, conn->address) &&
        !bucket_take(&client->messages, CLIENT_MESSAGES_PER_MIN, CLIENT_MESSAGES_BURST, clock_steady_ms()))
        return refuse(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION);
    const char *text = (const char *)client->incoming->data;
    json_t *message = json_loadb(text, client->incoming->len, JSON_REJECT_DUPLICATES, NULL);
    g_byte_array_set_size(client->incoming, 0);
    client->incoming_since_ms = 0;
    const char *type = json_string_value(json_object_get(message, "t"));
    if (!type) {
        json_decref(message);
        return refuse(conn, LWS_CLOSE_STATUS_INVALID_PAYLOAD);
    }
    recheck(client);
    if (!client->bye && !strcmp(type, "join"))
        join(client, message);
    else if (!client->bye && !strcmp(type, "call"))
        call(client, message);
    else if (!client->bye && !strcmp(type, "uplink"))
        uplink(client, message);
    json_decref(message);
    return 0;
}

static int received(struct conn *conn, const void *in, size_t length)
{
    struct client *client = conn->client;
    if (lws_frame_is_binary(conn->wsi))
        return refuse(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
    if (lws_is_first_fragment(conn->wsi))
        g_byte_array_set_size(client->incoming, 0);
    if (client->incoming->len + length + lws_remaining_packet_payload(conn->wsi) > MESSAGE_MAX)
        return refuse(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    if (length)
        g_byte_array_append(client->incoming, in, (guint)length);
    if (lws_remaining_packet_payload(conn->wsi) || !lws_is_final_fragment(conn->wsi))
        return 0;
    return client->bye ? 0 : message_in(conn);
}

/* A frame header that announces 2^40 bytes, or a message that trickles, is noticed here: libwebsockets says
 * nothing. */
static void check_incoming(struct client *client)
{
    if (!client->conn || client->bye)
        return;
    size_t announced = lws_remaining_packet_payload(client->conn->wsi);
    int64_t now_ms = clock_steady_ms();
    bool open = announced > 0 || client->incoming->len > 0;
    if (!open)
        client->incoming_since_ms = 0;
    else if (!client->incoming_since_ms)
        client->incoming_since_ms = now_ms;
    if (announced + client->incoming->len > MESSAGE_MAX ||
        (open && now_ms - client->incoming_since_ms > MESSAGE_MS))
        client_bye(client, "slow", 1008, RETRY_AFTER_DRAIN_MS);
}

void socket_tick(struct edge *edge)
{
    hub_each(edge->hub, check_incoming);
}

/* ---- messages out ---- */

static bool write_one(struct client *client)
{
    struct message *message = g_queue_pop_head(&client->queue);
    client->queue_bytes -= message->length;
    int wrote = lws_write(client->conn->wsi, message->text, message->length, LWS_WRITE_TEXT);
    bool fine = wrote >= (int)message->length;
    message_unref(message);
    return fine;
}

/* Some at once, since being told "writable" costs more than a message; not so many that others wait, and none
 * after what the network did not take whole. */
static int writable(struct conn *conn)
{
    struct client *client = conn->client;
    for (int i = 0; i < CLIENT_WRITES && client->queue.length && !lws_partial_buffered(conn->wsi); i++)
        if (!write_one(client))
            return -1;
    if (client->queue.length) {
        lws_callback_on_writable(conn->wsi);
        return 0;
    }
    if (!client->bye)
        return 0;
    unsigned char why[32];
    size_t length = g_strlcpy((char *)why, client->bye, sizeof why);
    lws_close_reason(conn->wsi, (enum lws_close_status)client->close_code, why, length);
    return -1;
}

int socket_callback(struct conn *conn, enum lws_callback_reasons reason, const void *in, size_t length)
{
    switch ((int)reason) {
    case LWS_CALLBACK_RECEIVE:
        return received(conn, in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(conn);
    case LWS_CALLBACK_CLOSED:
        socket_gone(conn);
        return 0;
    default:
        return 0;
    }
}
