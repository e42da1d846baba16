/* route.c: the table of everything the market answers, and how a path finds its row.
 * Adding a command is one line here and one in web/openapi.yaml; a test compares the two. Edge thread; pure.
 */
#include "market/edge/route.h"

#include <string.h>

#define API "/api/v1"
#define CADRES "cadre,admin"
#define SELLER "own-farmer,cadre,admin"
#define PARTY "own-buyer,own-farmer,cadre,admin"
#define HANDS "farmer,courier,cadre,admin"
#define DRIVERS "courier,cadre,admin"
#define W ROUTE_WRITE
#define MADE (ROUTE_WRITE | ROUTE_CREATED)
#define CALL (ROUTE_WRITE | ROUTE_CALL)

const struct route route_table[] = {
    {"POST", API "/login", "person.login", "all", W | ROUTE_LOGIN, DOOR_DESK, NULL},
    {"POST", API "/login/link", "person.login_link", "all", W | ROUTE_LOGIN, DOOR_DESK, NULL},
    {"POST", API "/logout", "person.logout", "session", W | ROUTE_LOGIN | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"GET", API "/me", "person.me", "all", 0, DOOR_DESK, NULL},
    {"GET", API "/me/sessions", "person.sessions", "session", 0, DOOR_DESK, NULL},
    {"DELETE", API "/me/sessions/{id}", "person.end_session", "session", W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"POST", API "/me/password", "person.password", "session", W | ROUTE_LOGIN | ROUTE_EMPTY, DOOR_DESK,
     NULL},
    {"POST", API "/me/proof", "person.prove", "session", W | ROUTE_LOGIN | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"GET", API "/me/factor", "factor.mine", "cadre,admin", 0, DOOR_DESK, NULL},
    {"POST", API "/me/factor", "factor.begin", "cadre,admin", MADE, DOOR_DESK, NULL},
    {"POST", API "/me/factor/confirm", "factor.confirm", "cadre,admin", MADE, DOOR_DESK, NULL},
    {"POST", API "/me/factor/codes", "factor.codes", "cadre,admin", MADE, DOOR_DESK, NULL},
    {"POST", API "/me/factor/off", "factor.off", "cadre,admin", W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"GET", API "/factor-rule", "factor.rule", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/factor-rule", "factor.require", "admin", MADE, DOOR_DESK, NULL},
    {"GET", API "/me/cash", "cod.mine", "all", 0, DOOR_DESK, NULL},
    {"POST", API "/people", "person.add", CADRES, MADE, DOOR_DESK, NULL},
    {"GET", API "/people", "person.list", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/people/{id}/links", "person.link", CADRES, MADE, DOOR_DESK, NULL},
    {"GET", API "/stalls", "stall.list", "all", ROUTE_SHOW, DOOR_DESK, NULL},
    {"POST", API "/stalls", "stall.add", CADRES, MADE, DOOR_DESK, NULL},
    {"GET", API "/stalls/{slug}", "stall.get", "all", ROUTE_SHOW, DOOR_DESK, NULL},
    {"PATCH", API "/stalls/{slug}", "stall.change", SELLER, W, DOOR_DESK, NULL},
    {"POST", API "/stalls/{slug}/lots", "lot.add", SELLER, MADE, DOOR_DESK, NULL},
    {"PATCH", API "/lots/{id}", "lot.change", SELLER, CALL, DOOR_DESK, NULL},
    {"POST", API "/stalls/{slug}/lives", "live.plan", SELLER, MADE | ROUTE_CALL, DOOR_DESK, NULL},
    {"GET", API "/lives", "live.list", CADRES, ROUTE_SHOW, DOOR_DESK, NULL},
    {"POST", API "/lives/{id}/approve", "live.approve", CADRES, CALL, DOOR_DESK, NULL},
    {"POST", API "/lives/{id}/pause", "live.pause", CADRES, CALL, DOOR_DESK, NULL},
    {"POST", API "/lives/{id}/resume", "live.resume", CADRES, CALL, DOOR_DESK, NULL},
    {"POST", API "/lives/{id}/stop", "live.stop", SELLER, CALL, DOOR_DESK, NULL},
    {"POST", API "/orders", "order.place", "all", MADE | ROUTE_CALL | ROUTE_LOGIN, DOOR_DESK, NULL},
    {"GET", API "/orders/{code}", "order.get", PARTY, 0, DOOR_DESK, NULL},
    {"GET", API "/orders", "order.list", "session", 0, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/confirm", "order.confirm", SELLER, CALL, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/cancel", "order.cancel", PARTY, CALL, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/weigh", "order.weigh", SELLER, CALL, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/extra", "order.extra", "own-buyer,cadre,admin", CALL, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/close", "order.close", SELLER, CALL, DOOR_DESK, NULL},
    {"POST", API "/stalls/{slug}/tokens", "token.add", SELLER, MADE, DOOR_DESK, NULL},
    {"GET", API "/stalls/{slug}/tokens", "token.list", SELLER, 0, DOOR_DESK, NULL},
    {"DELETE", API "/stalls/{slug}/tokens/{id}", "token.revoke", SELLER, W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"GET", API "/orders/{code}/payment", "payment.get", PARTY, 0, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/cash", "payment.cash", "own-farmer,courier,cadre,admin", W, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/refunds", "refund.grant", CADRES, MADE, DOOR_DESK, NULL},
    {"GET", API "/refunds", "refund.list", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/refunds/{id}/pay", "refund.pay", "admin", W, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/credit", "payment.credit", "own-buyer,cadre,admin", W, DOOR_DESK, NULL},
    {"GET", API "/payment-tasks", "payment.tasks", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/payment-tasks/{id}", "payment.decide", CADRES, W, DOOR_DESK, NULL},
    {"GET", API "/people/{id}/settlement", "settlement.get", "own-farmer,cadre,admin", 0, DOOR_DESK, NULL},
    {"POST", API "/people/{id}/payouts", "settlement.pay", "admin", W, DOOR_DESK, NULL},
    {"GET", API "/handovers", "cash.list", HANDS, 0, DOOR_DESK, NULL},
    {"POST", API "/handovers", "cash.give", HANDS, MADE, DOOR_DESK, NULL},
    {"POST", API "/handovers/{id}/take", "cash.take", HANDS, W, DOOR_DESK, NULL},
    {"GET", API "/cash", "cash.report", HANDS, 0, DOOR_DESK, NULL},
    {"GET", API "/cash/expected", "cash.expected", HANDS, 0, DOOR_DESK, NULL},
    {"GET", API "/cash/takers", "cash.takers", HANDS, 0, DOOR_DESK, NULL},
    {"GET", API "/payment-tasks/{id}/suggestions", "payment.suggest", CADRES, 0, DOOR_DESK, NULL},
    {"GET", API "/bank-accounts", "bank.list", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/bank-accounts", "bank.add", CADRES, MADE, DOOR_DESK, NULL},
    {"POST", API "/bank-accounts/{id}/statements", "statement.import", CADRES, W | ROUTE_FILE | ROUTE_RAW,
     DOOR_DESK, NULL},
    {"GET", API "/stalls/{slug}/payee", "payee.get", SELLER, 0, DOOR_DESK, NULL},
    {"POST", API "/stalls/{slug}/payee", "payee.set", CADRES, W, DOOR_DESK, NULL},
    {"GET", API "/carriers", "carrier.list", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/carriers", "carrier.set", CADRES, W, DOOR_DESK, NULL},
    {"GET", API "/carriers/{id}", "carrier.report", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/carriers/{id}/parcels", "carrier.hand", CADRES, MADE, DOOR_DESK, NULL},
    {"POST", API "/carriers/{id}/returns", "carrier.returned", CADRES, W, DOOR_DESK, NULL},
    {"POST", API "/carriers/{id}/lists", "carrier.remit", CADRES, W | ROUTE_FILE, DOOR_DESK, NULL},
    {"POST", API "/carriers/{id}/differences", "carrier.difference", "admin", W, DOOR_DESK, NULL},
    {"GET", API "/tax-rates", "tax.list", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/tax-rates", "tax.set", "admin", MADE, DOOR_DESK, NULL},
    {"GET", API "/cash-bounds", "cod.rules", CADRES, 0, DOOR_DESK, NULL},
    {"POST", API "/cash-bounds", "cod.set", "admin", MADE, DOOR_DESK, NULL},
    {"GET", API "/zones", "zone.list", "all", 0, DOOR_DESK, NULL},
    {"POST", API "/zones", "zone.set", CADRES, W, DOOR_DESK, NULL},
    {"POST", API "/points", "point.set", CADRES, W, DOOR_DESK, NULL},
    {"GET", API "/trips", "trip.list", DRIVERS, 0, DOOR_DESK, NULL},
    {"POST", API "/trips", "trip.add", DRIVERS, MADE, DOOR_DESK, NULL},
    {"GET", API "/trips/waiting", "trip.waiting", DRIVERS, 0, DOOR_DESK, NULL},
    {"GET", API "/trips/{id}", "trip.get", DRIVERS, 0, DOOR_DESK, NULL},
    {"POST", API "/trips/{id}/stops", "trip.arrange", DRIVERS, W, DOOR_DESK, NULL},
    {"POST", API "/trips/{id}/move", "trip.move", DRIVERS, W, DOOR_DESK, NULL},
    {"POST", API "/trips/{id}/spot", "trip.spot", "courier", W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"POST", API "/stops/{id}/mark", "stop.mark", "courier", W | ROUTE_FILE, DOOR_DESK, NULL},
    {"POST", API "/stops/{id}/undo", "stop.undo", "courier", W, DOOR_DESK, NULL},
    {"GET", API "/stops/{id}/proofs", "stop.proofs", DRIVERS, 0, DOOR_DESK, NULL},
    {"GET", API "/orders/{code}/delivery", "delivery.get", PARTY, 0, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/pay-way", "order.pay_way", "own-buyer,cadre,admin", W, DOOR_DESK, NULL},
    {"GET", API "/push", "push.key", "all", 0, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/push", "push.add", "own-buyer", MADE, DOOR_DESK, NULL},
    {"DELETE", API "/orders/{code}/push", "push.stop", "own-buyer", W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/flash", "lot.flash", SELLER, W, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/flash/end", "lot.flash_end", SELLER, W, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/picked", "lot.picked", SELLER, W, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/writeoffs", "lot.spoil", SELLER, W, DOOR_DESK, NULL},
    {"GET", API "/stalls/{slug}/writeoffs", "lot.spoiled", SELLER, 0, DOOR_DESK, NULL},
    {"GET", API "/lots/{id}/origin", "lot.from", "all", 0, DOOR_ORIGIN, NULL},
    {"POST", API "/lots/{id}/origin", "lot.origin", SELLER, W, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/picture", "lot.picture", SELLER, W | ROUTE_PICTURE, DOOR_PICTURE, NULL},
    {"POST", API "/lots/{id}/picture/remove", "lot.picture", SELLER, W, DOOR_NO_PICTURE, NULL},
    {"POST", API "/lots/{id}/certificates", "certificate.add", SELLER, MADE | ROUTE_FILE, DOOR_DESK, NULL},
    {"POST", API "/lots/{id}/certificates/remove", "certificate.remove", SELLER, W, DOOR_DESK, NULL},
    {"GET", API "/certificates/{id}", "certificate.file", "all", 0, DOOR_PAPER, NULL},
    {"GET", API "/labels", "lot.labels", SELLER, 0, DOOR_DESK, NULL},
    {"POST", API "/waits", "wait.join", "all", MADE | ROUTE_LOGIN, DOOR_DESK, NULL},
    {"GET", API "/waits", "wait.list", "session", 0, DOOR_DESK, NULL},
    {"POST", API "/waits/{id}/leave", "wait.leave", "session", W, DOOR_DESK, NULL},
    {"POST", API "/waits/{id}/push", "push.wait", "session", MADE, DOOR_DESK, NULL},
    {"DELETE", API "/waits/{id}/push", "push.wait_stop", "session", W | ROUTE_EMPTY, DOOR_DESK, NULL},
    {"POST", API "/orders/{code}/take", "order.take", "own-buyer,cadre,admin", W, DOOR_DESK, NULL},
    {"POST", API "/orders/merge", "order.merge", "own-buyer,cadre,admin", W, DOOR_DESK, NULL},
    {"POST", API "/hooks/sepay", NULL, "signed", W, DOOR_HOOK, NULL},
    {"POST", API "/hooks/casso", NULL, "signed", W, DOOR_HOOK, NULL},
    {"POST", API "/hooks/payos", NULL, "signed", W, DOOR_HOOK, NULL},
    {"GET", "/healthz", NULL, "all", 0, DOOR_HEALTH, NULL},
    {"GET", "/readyz", NULL, "all", 0, DOOR_READY, NULL},
    {"GET", "/live", NULL, "all", 0, DOOR_LIVE, NULL},
    {"POST", "/whip/{slug}", "live.allowed", "own-farmer,token", W | ROUTE_OPEN | ROUTE_CREATED, DOOR_WHIP,
     NULL},
    {"GET", "/whip/{slug}", NULL, "all", ROUTE_OPEN, DOOR_WHIP, NULL},
    {"OPTIONS", "/whip/{slug}", NULL, "all", ROUTE_OPEN, DOOR_WHIP, NULL},
    {"GET", "/whip/{slug}/{session}", NULL, "all", ROUTE_OPEN, DOOR_WHIP, NULL},
    {"PATCH", "/whip/{slug}/{session}", NULL, "own-session", W | ROUTE_OPEN, DOOR_WHIP, NULL},
    {"DELETE", "/whip/{slug}/{session}", NULL, "own-session", W | ROUTE_OPEN, DOOR_WHIP, NULL},
    {"OPTIONS", "/whip/{slug}/{session}", NULL, "all", ROUTE_OPEN, DOOR_WHIP, NULL},
    {"POST", "/whep/{slug}", "live.allowed", "all", W | ROUTE_OPEN | ROUTE_CREATED, DOOR_WHEP, NULL},
    {"GET", "/whep/{slug}", NULL, "all", ROUTE_OPEN, DOOR_WHEP, NULL},
    {"OPTIONS", "/whep/{slug}", NULL, "all", ROUTE_OPEN, DOOR_WHEP, NULL},
    {"GET", "/whep/{slug}/{session}", NULL, "all", ROUTE_OPEN, DOOR_WHEP, NULL},
    {"PATCH", "/whep/{slug}/{session}", NULL, "own-session", W | ROUTE_OPEN, DOOR_WHEP, NULL},
    {"DELETE", "/whep/{slug}/{session}", NULL, "own-session", W | ROUTE_OPEN, DOOR_WHEP, NULL},
    {"OPTIONS", "/whep/{slug}/{session}", NULL, "all", ROUTE_OPEN, DOOR_WHEP, NULL},
    {"POST", "/whep/{slug}/{session}/layer", NULL, "own-session", W | ROUTE_OPEN, DOOR_LAYER, NULL},
    {"DELETE", "/whep/{slug}/{session}/layer", NULL, "own-session", W | ROUTE_OPEN, DOOR_LAYER, NULL},
    {"OPTIONS", "/whep/{slug}/{session}/layer", NULL, "all", ROUTE_OPEN, DOOR_LAYER, NULL},
    {"POST", "/whep/{slug}/{session}/events", NULL, "own-session", W | ROUTE_OPEN | ROUTE_CREATED,
     DOOR_EVENTS, NULL},
    {"GET", "/whep/{slug}/{session}/events", NULL, "all", ROUTE_OPEN, DOOR_EVENTS, NULL},
    {"DELETE", "/whep/{slug}/{session}/events", NULL, "own-session", W | ROUTE_OPEN, DOOR_EVENTS, NULL},
    {"OPTIONS", "/whep/{slug}/{session}/events", NULL, "all", ROUTE_OPEN, DOOR_EVENTS, NULL},
    {"GET", "/", "stall.list", "all", ROUTE_SHOW, DOOR_PAGE, "index.html"},
    {"GET", "/s/{slug}", "stall.get", "all", ROUTE_SHOW, DOOR_PAGE, "stall.html"},
    {"GET", "/golive", NULL, "all", 0, DOOR_PAGE, "golive.html"},
    {"GET", "/sessions", NULL, "all", 0, DOOR_PAGE, "sessions.html"},
    {"GET", "/money", NULL, "all", 0, DOOR_PAGE, "money.html"},
    {"GET", "/statement", NULL, "all", 0, DOOR_PAGE, "statement.html"},
    {"GET", "/courier", NULL, "all", 0, DOOR_PAGE, "courier.html"},
    {"GET", "/trips", NULL, "all", 0, DOOR_PAGE, "trips.html"},
    {"GET", "/login", NULL, "all", 0, DOOR_PAGE, "login.html"},
    {"GET", "/factor", NULL, "all", 0, DOOR_PAGE, "factor.html"},
    {"GET", "/l/{code}", NULL, "all", 0, DOOR_PAGE, "link.html"},
    {"GET", "/orders/{code}", NULL, "all", 0, DOOR_PAGE, "order.html"},
    {"GET", "/o/{id}", NULL, "all", 0, DOOR_PAGE, "origin.html"},
    {"GET", "/o/{id}/video", NULL, "all", 0, DOOR_MOMENT, NULL},
    {"GET", "/labels", NULL, "all", 0, DOOR_PAGE, "labels.html"},
    {"GET", "/goods", NULL, "all", 0, DOOR_PAGE, "goods.html"},
    {"GET", "/media/{room}/{file}", NULL, "all", 0, DOOR_MEDIA, NULL},
    {"GET", "/assets/{file}", NULL, "all", 0, DOOR_ASSET, NULL},
    {"GET", "/{file}", NULL, "all", 0, DOOR_ASSET, NULL},
};
const size_t route_count = sizeof route_table / sizeof route_table[0];

static const struct {
    const char *name;
    enum route_method bit;
} methods[] = {{"GET", METHOD_GET},     {"POST", METHOD_POST},     {"PUT", METHOD_PUT},
               {"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS}};
enum { METHODS = sizeof methods / sizeof methods[0] };

static bool all_of(const char *value, size_t length, const char *set)
{
    for (size_t i = 0; i < length; i++) {
        if (!memchr(set, value[i], strlen(set)))
            return false;
    }
    return length > 0;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What a parameter may look like; anything else is no such path. `file` cannot begin with a dot, so no ".."
 * and no dot-files. */
static bool value_fits(const char *name, size_t name_length, const char *value, size_t length)
{
    if (name_length == 2 && !memcmp(name, "id", 2))
        return length <= 18 && all_of(value, length, DIGITS);
    if (name_length == 4 && (!memcmp(name, "slug", 4) || !memcmp(name, "room", 4)))
        return length <= 32 && all_of(value, length, LOWER DIGITS "-");
    if (name_length == 4 && !memcmp(name, "code", 4))
        return length <= 64 && all_of(value, length, LOWER UPPER DIGITS "-_");
    if (name_length == 7 && !memcmp(name, "session", 7))
        return length == 32 && all_of(value, length, DIGITS "abcdef");
    if (name_length == 4 && !memcmp(name, "file", 4))
        return length <= 128 && value[0] != '.' && all_of(value, length, LOWER UPPER DIGITS "-_.");
    return false;
}

static size_t segment(const char *text)
{
    return strcspn(text, "/");
}

/* Most rows of the table are told apart by the letters before their first parameter. */
static bool may_fit(const char *pattern, const char *path)
{
    while (*pattern && *pattern == *path) {
        pattern++;
        path++;
    }
    return *pattern == *path || *pattern == '{';
}

static bool pattern_fits(const char *pattern, const char *path, struct route_match *match)
{
    match->count = 0;
    if (!may_fit(pattern, path))
        return false;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t want = segment(pattern), have = segment(path);
        if (want > 2 && pattern[0] == '{') {
            if (match->count == ROUTE_PARAMS_MAX || !value_fits(pattern + 1, want - 2, path, have))
                return false;
            match->name[match->count] = pattern + 1;
            match->name_length[match->count] = want - 2;
            match->value[match->count] = path;
            match->value_length[match->count++] = have;
        } else if (want != have || memcmp(pattern, path, want) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    return *pattern == '\0' && *path == '\0';
}

bool route_find(const char *method, const char *path, struct route_match *match)
{
    struct route_match try;
    memset(match, 0, sizeof *match);
    if (!strcmp(method, "HEAD"))
        method = "GET";
    for (size_t i = 0; i < route_count; i++) {
        if (!pattern_fits(route_table[i].pattern, path, &try))
            continue;
        for (size_t m = 0; m < METHODS; m++) {
            if (!strcmp(methods[m].name, route_table[i].method))
                match->allow |= methods[m].bit;
        }
        if (match->route || strcmp(route_table[i].method, method) != 0)
            continue;
        try.route = &route_table[i];
        try.allow = match->allow;
        *match = try;
    }
    return match->route != NULL;
}

const struct route *route_call(const char *command)
{
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &route_table[i];
        if ((r->flags & ROUTE_CALL) && r->command && !strcmp(r->command, command))
            return r;
    }
    return NULL;
}

void route_params(const struct route_match *match, json_t *params)
{
    for (size_t i = 0; i < match->count; i++) {
        char name[16] = "";
        memcpy(name, match->name[i], match->name_length[i]);
        json_t *value;
        if (!strcmp(name, "id")) {
            json_int_t number = 0;
            for (size_t d = 0; d < match->value_length[i]; d++)
                number = number * 10 + (match->value[i][d] - '0');
            value = json_integer(number);
        } else {
            value = json_stringn(match->value[i], match->value_length[i]);
        }
        json_object_set_new(params, name, value);
    }
}

void route_allow(unsigned allow, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t m = 0; m < METHODS; m++) {
        if (!(allow & methods[m].bit))
            continue;
        size_t used = strlen(text), need = strlen(methods[m].name) + 2;
        bool with_head = methods[m].bit == METHOD_GET;
        if (used + need + (with_head ? 6 : 0) >= size)
            return;
        if (used)
            strcat(text, ", ");
        strcat(text, methods[m].name);
        if (with_head)
            strcat(text, ", HEAD");
    }
}

json_t *route_json(void)
{
    json_t *all = json_array();
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &route_table[i];
        json_array_append_new(all,
                              json_pack("{s:s,s:s,s:s?,s:s,s:b,s:b}", "method", r->method, "path", r->pattern,
                                        "command", r->command, "who", r->who, "write",
                                        (int)(r->flags & ROUTE_WRITE), "call", (int)(r->flags & ROUTE_CALL)));
    }
    return all;
}
