/* api.c: the REST door: path, query and body become a command's params, the desk's outcome becomes the
 *answer.
 *
 *> Stop 2 of the order's way: the order came in through http.c, goes to desk/desk.c from here, and comes back
 *to `answered` once it is on disk. Edge thread. */
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/room.h"

static unsigned status_of(const struct route *route, const struct outcome *outcome)
{
    if (outcome->result != R_OK)
        return (unsigned)result_http(outcome->result);
    if (route->flags & ROUTE_CREATED)
        return 201;
    return route->flags & ROUTE_EMPTY || !(outcome->body || outcome->text) ? 204 : 200;
}

static void answered(struct exchange *x, struct outcome *outcome)
{
    const struct route *route = x->match.route;
    if (outcome->cookie && !*outcome->cookie)
        answer_header(x, "set-cookie", "__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    else if (outcome->cookie)
        answer_header(x, "set-cookie",
                      "__Host-sid=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000",
                      outcome->cookie);
    if (result_http(outcome->result) >= 400) {
        if (outcome->retry_after_s > 0 || outcome->result == R_TOO_MANY || outcome->result == R_BUSY)
            answer_retry(x, outcome->result, outcome->retry_after_s, outcome->body);
        else
            answer_problem(x, outcome->result, NULL, outcome->body);
        return;
    }
    unsigned status = status_of(route, outcome);
    if (status == 204) {
        answer_empty(x, 204);
        return;
    }
    if (outcome->text) {
        answer_json_text(x, status, g_steal_pointer(&outcome->text));
        return;
    }
    json_t *body = route->flags & ROUTE_SHOW ? rooms_show(x->edge->rooms, route->command, outcome->body)
                                             : json_incref(outcome->body);
    answer_json(x, status, body ? body : json_object());
}

void door_desk(struct exchange *x)
{
    enum result r = exchange_json(x);
    if (r != R_OK) {
        answer_problem(x, r, *x->field ? x->field : NULL, NULL);
        return;
    }
    exchange_call(x, x->match.route->command, &x->who, json_incref(x->params), answered);
}
