/* whep_layer.c: a body becomes a question to the relay. Edge thread. */
#include "market/edge/whep_layer.h"

#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/link.h"
#include "market/edge/session.h"

#define REL "urn:ietf:params:whep:ext:core:layer"

void whep_layer_link(struct exchange *x, const char *room, const char *session)
{
    answer_header(x, "link", "<https://%s/whep/%s/%s/layer>; rel=\"" REL "\"", x->host, room, session);
}

/* The wish as the relay calls it; NULL: not a body we know. */
static const char *read_wish(const GByteArray *body)
{
    static const char *const words[] = {"source", "low", "audio"};
    json_t *wish = body && body->len ? json_loadb((const char *)body->data, body->len, 0, NULL) : NULL;
    const json_t *rid = json_object_get(wish, "rid"),
                 *encoding = rid ? rid : json_object_get(wish, "encodingId");
    const char *found = json_is_object(wish) && !encoding ? "auto" : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!g_strcmp0(json_string_value(encoding), words[i]))
            found = words[i];
    }
    json_decref(wish);
    return found;
}

static void chosen(void *user, enum result result, const json_t *answer)
{
    struct exchange *x = user;
    (void)answer;
    if (x->conn && result == R_OK)
        answer_empty(x, 200);
    else if (x->conn)
        answer_problem(x, result, NULL, NULL);
    exchange_unref(x);
}

static void choose(struct exchange *x, const struct session *session, const char *wish)
{
    link_ask(x->edge->link,
             json_pack("{s:s,s:s,s:s}", "t", "layer", "session", session->id, "rendition", wish), chosen,
             exchange_ref(x));
}

void door_layer(struct exchange *x)
{
    if (!strcmp(x->method, "OPTIONS")) {
        answer_options(x, "POST, DELETE, OPTIONS", "Authorization, Content-Type", "application/json", NULL);
        return;
    }
    struct session *session =
        sessions_get(x->edge->sessions, json_string_value(json_object_get(x->params, "session")),
                     json_string_value(json_object_get(x->params, "slug")), false);
    const char *wish;
    if (!session) {
        answer_problem(x, R_UNKNOWN, NULL, NULL);
    } else if (!session_owned(session, &x->who, x->by_token ? x->secret : "")) {
        answer_problem(x, x->who.person || x->who.token_stall ? R_FORBIDDEN : R_NOT_LOGGED_IN, NULL, NULL);
    } else if (!strcmp(x->method, "DELETE")) {
        choose(x, session, "auto");
    } else if (!request_type_is(x->content_type, "application/json")) {
        answer_header(x, "accept-post", "application/json");
        answer_problem(x, R_BAD_TYPE, NULL, NULL);
    } else if (!(wish = read_wish(x->body))) {
        answer_problem(x, R_BAD_JSON, NULL, NULL);
    } else {
        choose(x, session, wish);
    }
}
