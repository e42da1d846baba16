/* whip.c: the WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) doors. The HTTP side is all here: types, tags,
 * CORS, who may; offers and fragments go through to the relay, which alone reads SDP. Edge thread. */
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/limits.h"
#include "market/edge/link.h"
#include "market/edge/room.h"
#include "market/edge/session.h"
#include "market/edge/turn.h"
#include "market/edge/whep_events.h"
#include "market/edge/whep_layer.h"

#define SDP "application/sdp"
#define FRAGMENT "application/trickle-ice-sdpfrag"

static bool publishes(const struct exchange *x)
{
    return x->match.route->door == DOOR_WHIP;
}

static const char *param(const struct exchange *x, const char *name)
{
    return json_string_value(json_object_get(x->params, name));
}

/* What came with the request and shows who they are: a token's text, or "". A cookie's owner is known by
 * person. */
static const char *token_of(const struct exchange *x)
{
    return x->by_token ? x->secret : "";
}

static void options(struct exchange *x)
{
    bool endpoint = !param(x, "session");
    answer_options(x, endpoint ? "POST, GET, OPTIONS" : "PATCH, DELETE, GET, OPTIONS",
                   "Authorization, Content-Type, If-Match", endpoint ? SDP : NULL,
                   endpoint ? NULL : FRAGMENT);
}

static void refuse(struct exchange *x, enum result r)
{
    if (r == R_NO_RELAY)
        answer_retry(x, r, NO_RELAY_RETRY_S, NULL);
    else if (r == R_BUSY)
        answer_retry(x, r, FULL_RETRY_S, NULL);
    else if (r == R_NOT_LIVE)
        answer_retry(x, r, NOT_LIVE_RETRY_S, NULL);
    else
        answer_problem(x, r, NULL, NULL);
}

/* A question to the relay for an exchange; the session is named, not pointed to, since it may go meanwhile.
 */
struct ask {
    struct exchange *x;
    char session[LINK_SESSION_NAME + 1];
    char room[LINK_ROOM_NAME_MAX + 1];
    bool publish, restart;
};

static struct ask *ask_new(struct exchange *x, const struct session *session)
{
    struct ask *ask = g_new0(struct ask, 1);
    ask->x = exchange_ref(x);
    memcpy(ask->session, session->id, sizeof ask->session);
    memcpy(ask->room, session->room, sizeof ask->room);
    ask->publish = session->publish;
    return ask;
}

static void ask_free(struct ask *ask)
{
    exchange_unref(ask->x);
    g_free(ask);
}

static void close_at_relay(struct edge *edge, const char *session)
{
    link_ask(edge->link, json_pack("{s:s,s:s}", "t", "close", "session", session), NULL, NULL);
}

/* The session's name in the credentials: so that coturn's log and quotas tell clients apart. */
static void name_servers(struct exchange *x, const char *session)
{
    const struct edge_config *config = x->edge->config;
    int64_t until_s = clock_wall_ms() / 1000 + TURN_LIFE_S;
    for (const char *const *url = config->turn; url && *url; url++) {
        g_autofree char *name = g_strndup(session, 8);
        g_autofree char *link = turn_link(*url, config->turn_secret, name, until_s);
        if (link)
            answer_header(x, "link", "%s", link);
    }
}

/* ---- POST ---- */

static void posted(void *user, enum result result, const json_t *answer)
{
    struct ask *ask = user;
    struct exchange *x = ask->x;
    struct edge *edge = x->edge;
    struct session *session = sessions_get(edge->sessions, ask->session, ask->room, ask->publish);
    const char *sdp = json_string_value(json_object_get(answer, "sdp"));
    if (result == R_OK && (!sdp || !session))
        result = R_FAULT;
    bool nobody_waits = !x->conn;
    if (result != R_OK || nobody_waits) {
        if (session)
            sessions_drop(edge->sessions, session);
        if (result == R_OK || result == R_TIMEOUT)
            close_at_relay(edge, ask->session);
        if (!nobody_waits)
            refuse(x, result == R_UNKNOWN ? R_NOT_LIVE : result);
        ask_free(ask);
        return;
    }
    session_read(session, answer);
    answer_header(x, "location", "https://%s/%s/%s/%s", x->host, ask->publish ? "whip" : "whep", ask->room,
                  ask->session);
    if (*session->etag)
        answer_header(x, "etag", "%s", session->etag);
    answer_header(x, "accept-patch", FRAGMENT);
    name_servers(x, ask->session);
    if (!ask->publish) {
        whep_events_link(x, ask->room, ask->session);
        whep_layer_link(x, ask->room, ask->session);
    }
    answer_text(x, 201, SDP, g_bytes_new(sdp, strlen(sdp)));
    ask_free(ask);
}

static void allowed(struct exchange *x, struct outcome *outcome)
{
    struct edge *edge = x->edge;
    if (outcome->result != R_OK) {
        if (outcome->result == R_NOT_LIVE)
            answer_retry(x, R_NOT_LIVE, NOT_LIVE_RETRY_S, outcome->body);
        else
            answer_problem(x, outcome->result, NULL, outcome->body);
        return;
    }
    const char *slug = param(x, "slug");
    bool publish = publishes(x);
    struct room *room = rooms_get(edge->rooms, slug);
    if (!link_ready(edge->link)) {
        refuse(x, R_NO_RELAY);
        return;
    }
    if (!publish && (!room || !room->open)) {
        refuse(x, R_NOT_LIVE);
        return;
    }
    if (publish)
        rooms_open(edge->rooms, slug, outcome->body);
    struct session *session = sessions_make(edge->sessions, slug, publish, &x->who, token_of(x));
    if (!session) {
        refuse(x, R_BUSY);
        return;
    }
    json_t *question =
        json_pack("{s:s,s:s,s:s,s:s#}", "t", publish ? "publish" : "watch", "room", slug, "session",
                  session->id, "sdp", (const char *)x->body->data, (int)x->body->len);
    link_ask(edge->link, question, posted, ask_new(x, session));
}

static bool is_text(const GByteArray *body)
{
    return body && body->len > 0 && !memchr(body->data, 0, body->len) &&
           g_utf8_validate((const char *)body->data, (gssize)body->len, NULL);
}

static void post(struct exchange *x)
{
    int wait_s;
    bool publish = publishes(x);
    if (!request_type_is(x->content_type, SDP)) {
        answer_header(x, "accept-post", SDP);
        answer_problem(x, R_BAD_TYPE, NULL, NULL);
    } else if (!is_text(x->body) || x->body->len < 4 || memcmp(x->body->data, "v=0", 3) != 0) {
        answer_problem(x, R_BAD_SDP, NULL, NULL);
    } else if (publish && !x->who.person && !x->who.token_stall) {
        answer_problem(x, R_NOT_LOGGED_IN, NULL, NULL);
    } else if (!addresses_request(x->edge->addresses, x->conn->address, COST_MEDIA, clock_steady_ms(),
                                  &wait_s)) {
        x->edge->limited_media++;
        answer_retry(x, R_TOO_MANY, wait_s, NULL);
    } else {
        json_t *params =
            json_pack("{s:s,s:s}", "stall", param(x, "slug"), "action", publish ? "publish" : "watch");
        exchange_call(x, "live.allowed", &x->who, params, allowed);
    }
}

/* ---- PATCH and DELETE of a session ---- */

/* Their session, or NULL after answering why not. */
static struct session *own_session(struct exchange *x)
{
    struct session *session =
        sessions_get(x->edge->sessions, param(x, "session"), param(x, "slug"), publishes(x));
    if (!session) {
        answer_problem(x, R_UNKNOWN, NULL, NULL);
        return NULL;
    }
    if (session_owned(session, &x->who, token_of(x)))
        return session;
    bool known = x->who.person || x->who.token_stall;
    answer_problem(x, known ? R_FORBIDDEN : R_NOT_LOGGED_IN, NULL, NULL);
    return NULL;
}

static void patched(void *user, enum result result, const json_t *answer)
{
    struct ask *ask = user;
    struct exchange *x = ask->x;
    struct session *session = sessions_get(x->edge->sessions, ask->session, ask->room, ask->publish);
    const char *frag = json_string_value(json_object_get(answer, "frag"));
    if (x->conn && result != R_OK) {
        refuse(x, result); /* the session lives on */
    } else if (x->conn && ask->restart && session && frag) {
        session_read(session, answer);
        answer_header(x, "etag", "%s", session->etag);
        answer_text(x, 200, FRAGMENT, g_bytes_new(frag, strlen(frag)));
    } else if (x->conn && ask->restart) {
        answer_problem(x, session ? R_UNSUPPORTED : R_UNKNOWN, NULL, NULL);
    } else if (x->conn) {
        answer_empty(x, 204);
    }
    ask_free(ask);
}

/* A fragment has ICE credentials or candidates, line by line "x=…" (RFC 8840). */
static bool is_fragment(const GByteArray *body, bool restart)
{
    if (!is_text(body))
        return false;
    g_autofree char *text = g_strndup((const char *)body->data, body->len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 256);
    bool ufrag = false, pwd = false, candidate = false;
    for (char **line = lines; *line; line++) {
        g_strchomp(*line);
        if (**line && (!g_ascii_isalpha(**line) || (*line)[1] != '='))
            return false;
        ufrag |= g_str_has_prefix(*line, "a=ice-ufrag:");
        pwd |= g_str_has_prefix(*line, "a=ice-pwd:");
        candidate |=
            g_str_has_prefix(*line, "a=candidate:") || g_str_has_prefix(*line, "a=end-of-candidates");
    }
    return restart ? ufrag && pwd : ufrag || candidate;
}

static void patch(struct exchange *x)
{
    struct session *session = own_session(x);
    if (!session)
        return;
    if (!request_type_is(x->content_type, FRAGMENT)) {
        answer_header(x, "accept-patch", FRAGMENT);
        answer_problem(x, R_BAD_TYPE, NULL, NULL);
        return;
    }
    enum etag match = etag_match(x->if_match, session->etag);
    bool restart = match == ETAG_ANY;
    if (match == ETAG_MISSING) {
        answer_problem(x, R_NEED_MATCH, NULL, NULL);
    } else if (match == ETAG_OTHER) {
        answer_problem(x, R_NO_MATCH, NULL, NULL);
    } else if (!is_fragment(x->body, restart)) {
        answer_problem(x, R_BAD_SDP, NULL, NULL);
    } else {
        struct ask *ask = ask_new(x, session);
        ask->restart = restart;
        json_t *question = json_pack("{s:s,s:s,s:s#,s:b}", "t", "patch", "session", session->id, "frag",
                                     (const char *)x->body->data, (int)x->body->len, "restart", restart);
        link_ask(x->edge->link, question, patched, ask);
    }
}

static void end(struct exchange *x)
{
    struct session *session = own_session(x);
    if (!session)
        return;
    close_at_relay(x->edge, session->id);
    /* Looked up again: a broken link may have taken sessions with it. */
    session = sessions_get(x->edge->sessions, param(x, "session"), param(x, "slug"), publishes(x));
    if (session)
        sessions_drop(x->edge->sessions, session);
    answer_empty(x, 200);
}

void door_whip(struct exchange *x)
{
    if (!strcmp(x->method, "OPTIONS"))
        options(x);
    else if (!strcmp(x->method, "POST"))
        post(x);
    else if (!strcmp(x->method, "PATCH"))
        patch(x);
    else if (!strcmp(x->method, "DELETE"))
        end(x);
    else
        answer_empty(x, 204); /* GET and HEAD: 2xx without content */
}
