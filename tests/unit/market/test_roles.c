/* The matrix: every row of the desk's table with every kind of asker. A command without a line here fails the first test. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/desk/call.h"

enum asker { STRANGER, BUYER, COURIER, OTHER_FARMER, FARMER, CADRE, ADMIN, PUBLISH_TOKEN, WATCH_TOKEN, SYSTEM, ASKERS };

/* What becomes of a call with good params: y allowed, l not logged in, f forbidden, u "there is no such thing". */
static const struct {
    const char *name;
    const char *expected; /* one letter an asker, in the order of the enum */
} matrix[] = {
    /*                      sbcofCAPWS */
    {"person.login",       "yyyyyyyffy"},
    {"person.login_link",  "yyyyyyyffy"},
    {"person.logout",      "lyyyyyyfff"},
    {"person.me",          "yyyyyyyyyy"},
    {"person.sessions",    "lyyyyyyfff"},
    {"person.end_session", "lyyyyyyfff"},
    {"person.password",    "lyyyyyyfff"},
    {"person.prove",       "lyyyyyyfff"},
    {"factor.mine",        "lffffyyfff"},
    {"factor.begin",       "lffffyyfff"},
    {"factor.confirm",     "lffffyyfff"},
    {"factor.codes",       "lffffyyfff"},
    {"factor.off",         "lffffyyfff"},
    {"factor.rule",        "lffffyyfff"},
    {"factor.require",     "lfffffyfff"},
    {"person.add",         "lffffyyfff"},
    {"person.list",        "lffffyyfff"},
    {"person.link",        "lffffyyfff"},
    {"stall.list",         "yyyyyyyyyy"},
    {"stall.add",          "lffffyyfff"},
    {"stall.get",          "yyyyyyyyyy"},
    {"stall.change",       "lfffyyyfff"},
    {"lot.add",            "lfffyyyfff"},
    {"lot.change",         "lfffyyyfff"},
    {"live.plan",          "lfffyyyfff"},
    {"live.list",          "lffffyyfff"},
    {"live.approve",       "lffffyyfff"},
    {"live.pause",         "lffffyyfff"},
    {"live.resume",        "lffffyyfff"},
    {"live.stop",          "lfffyyyfff"},
    {"order.place",        "yyyyyyyffy"},
    {"order.get",          "lyuuyyyffy"},
    {"order.list",         "lfffyyyffy"},
    {"order.confirm",      "lffuyyyfff"},
    {"order.cancel",       "lyuuyyyffy"},
    {"order.weigh",        "lffuyyyfff"},
    {"order.extra",        "lyuufyyffy"},
    {"order.close",        "lffuyyyfff"},
    {"lot.flash",          "lfffyyyfff"},
    {"lot.flash_end",      "lfffyyyfff"},
    {"lot.picked",         "lfffyyyfff"},
    {"lot.spoil",          "lfffyyyfff"},
    {"lot.spoiled",        "lfffyyyfff"},
    {"lot.origin",         "lfffyyyfff"},
    {"lot.picture",        "lfffyyyfff"},
    {"lot.shown",          "lfffyyyfff"},
    {"lot.from",           "yyyyyyyyyy"},
    {"lot.labels",         "lfffyyyfff"},
    {"certificate.add",    "lfffyyyfff"},
    {"certificate.remove", "lfffyyyfff"},
    {"certificate.file",   "yyyyyyyyyy"},
    {"wait.join",          "yyyyyyyffy"},
    {"wait.leave",         "lyyyyyyffy"},
    {"wait.list",          "lfffyyyffy"},
    {"order.take",         "lyuufyyffy"},
    {"order.merge",        "lyuufyyffy"},
    {"token.add",          "lfffyyyfff"},
    {"token.list",         "lfffyyyfff"},
    {"token.revoke",       "lfffyyyfff"},
    {"payment.get",        "lyuuyyyffy"},
    {"payment.cash",       "lfuuyyyfff"},
    {"payment.credit",     "lyuufyyffy"},
    {"payment.tasks",      "lffffyyfff"},
    {"payment.decide",     "lffffyyfff"},
    {"refund.grant",       "lffffyyfff"},
    {"refund.pay",         "lfffffyfff"},
    {"refund.list",        "lffffyyfff"},
    {"settlement.get",     "lfffyyyfff"},
    {"settlement.pay",     "lfffffyfff"},
    {"cash.give",          "lfyyyyffff"}, /* to the admin: nobody hands over to himself */
    {"cash.take",          "lfyyyyyfff"},
    {"cash.list",          "lfyyyyyfff"},
    {"cash.report",        "lfyyyyyfff"},
    {"cash.expected",      "lfyyyyyfff"},
    {"cash.takers",        "lfyyyyyfff"},
    {"payment.suggest",    "lffffyyfff"},
    {"bank.add",           "lffffyyfff"},
    {"bank.list",          "lffffyyfff"},
    {"payee.set",          "lffffyyfff"},
    {"payee.get",          "lfffyyyfff"},
    {"statement.import",   "lffffyyfff"},
    {"tax.list",           "lffffyyfff"},
    {"tax.set",            "lfffffyfff"},
    {"carrier.list",       "lffffyyfff"},
    {"carrier.set",        "lffffyyfff"},
    {"carrier.hand",       "lffffyyfff"},
    {"carrier.returned",   "lffffyyfff"},
    {"carrier.remit",      "lffffyyfff"},
    {"carrier.report",     "lffffyyfff"},
    {"carrier.difference", "lfffffyfff"},
    {"cod.mine",           "yyyyyyyyyy"},
    {"cod.rules",          "lffffyyfff"},
    {"cod.set",            "lfffffyfff"},
    {"hook.keep",          "lffffffffy"},
    {"hook.work",          "lffffffffy"},
    {"zone.list",          "yyyyyyyyyy"},
    {"zone.set",           "lffffyyfff"},
    {"point.set",          "lffffyyfff"},
    {"trip.list",          "lfyffyyfff"},
    {"trip.get",           "lfyffyyfff"},
    {"trip.waiting",       "lfyffyyfff"},
    {"trip.add",           "lfyffyyfff"},
    {"trip.arrange",       "lfyffyyfff"},
    {"trip.move",          "lfyffyyfff"},
    {"trip.spot",          "lfyfffffff"},
    {"stop.mark",          "lfyfffffff"},
    {"stop.undo",          "lfyfffffff"},
    {"stop.proofs",        "lfyffyyfff"},
    {"delivery.get",       "lyuuyyyffy"},
    {"stats.overview",     "lffffyyfff"},
    {"live.allowed",       "bfffyffyfb"},
    {"journal.after",      "yyyyyyyyyy"},
    {"live.publishing",    "lffffffffy"},
    {"live.grace_over",    "lffffffffy"},
    {"rooms.open",         "lffffffffy"},
    {"push.key",           "yyyyyyyyyy"},
    {"push.add",           "lyuuffffff"},
    {"push.stop",          "lyuuffffff"},
    {"push.wait",          "lyyyyyyffy"},
    {"push.wait_stop",     "lyyyyyyffy"},
    {"push.due",           "lffffffffy"},
    {"push.done",          "lffffffffy"},
    {"order.pay_way",      "lyuufyyfff"},
    {"hold.expire",        "lffffffffy"},
    {"check.write",        "lffffffffy"},
    {"session.seen",       "lffffffffy"},
    {"admin.verify",       "lffffffffy"},
    {"admin.backup",       "lffffffffy"},
    {"admin.restore",      "lffffffffy"},
    {"admin.invite",       "lffffffffy"},
    {"admin.factor_reset", "lffffffffy"},
    {"demo.make",          "lffffffffy"},
};

static void every_command_has_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        bool found = false;
        for (size_t m = 0; m < G_N_ELEMENTS(matrix); m++)
            found = found || strcmp(matrix[m].name, command_table[i].name) == 0;
        if (!found)
            fail_msg("%s has no line in the matrix", command_table[i].name);
    }
    assert_int_equal(G_N_ELEMENTS(matrix), command_count);
    for (size_t m = 0; m < G_N_ELEMENTS(matrix); m++)
        assert_int_equal(strlen(matrix[m].expected), ASKERS);
}

struct world {
    struct fixture *f;
    struct who askers[ASKERS];
    char *code;    /* of an order by the buyer */
    int64_t live;
    int64_t token; /* of the stall */
};

static char *token_of(struct fixture *f, const char *kind, int64_t *id)
{
    json_t *body = expect(f, R_CREATED, "token.add", &f->farmer, json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "kind", kind));
    char *secret = g_strdup(json_string_value(json_object_get(body, "token")));
    *id = json_integer_value(json_object_get(body, "id"));
    json_decref(body);
    return secret;
}

static void make_world(struct world *w, struct fixture *f)
{
    *w = (struct world){.f = f};
    json_t *added = expect(f, R_CREATED, "person.add", &f->cadre, json_pack("{s:s,s:s,s:s,s:[s]}", "key", fresh_key(), "name", "Lầu Y Mái", "phone",
                                                                           "0987654321", "roles", "farmer"));
    struct who other = f->farmer; /* with a session, so that only ownership counts */
    other.person = json_integer_value(json_object_get(json_object_get(added, "person"), "id"));
    json_decref(added);
    json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    w->code = g_strdup(json_string_value(json_object_get(json_object_get(placed, "order"), "code")));
    json_decref(placed);
    w->live = look(f, "SELECT MAX(id) FROM live");
    int64_t id;
    g_autofree char *publish = token_of(f, "publish", &id), *watch = token_of(f, "watch", &id);
    w->token = id;
    struct who by_publish = f->stranger, by_watch = f->stranger;
    assert_true(desk_who_bearer(f->desk, publish, &by_publish) && desk_who_bearer(f->desk, watch, &by_watch));
    const struct who askers[ASKERS] = {[STRANGER] = f->stranger, [BUYER] = f->buyer, [COURIER] = f->courier, [OTHER_FARMER] = other,
                                       [FARMER] = f->farmer, [CADRE] = f->cadre, [ADMIN] = f->admin, [PUBLISH_TOKEN] = by_publish,
                                       [WATCH_TOKEN] = by_watch, [SYSTEM] = f->system};
    memcpy(w->askers, askers, sizeof askers);
}

/* Good params of each command, but with things that make the allowed ones fail later ("no such code", "wrong moment"): nothing may change
 * the world for the next asker. */
static json_t *params_of(const struct world *w, const char *name, enum asker asker)
{
    const char *key = fresh_key();
    static int count;
    count++;
    g_autofree char *slug = g_strdup_printf("stall-%d", count), *phone = g_strdup_printf("0977%06d", count);
    if (!strcmp(name, "person.login"))
        return json_pack("{s:s,s:s}", "phone", "0999999999", "password", "matkhau-khac");
    if (!strcmp(name, "person.login_link"))
        return json_pack("{s:s}", "code", "nothing");
    if (!strcmp(name, "person.end_session"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "person.password"))
        return json_pack("{s:s,s:s,s:s}", "key", key, "old", "wrong-one", "new", "moi-hoan-toan");
    if (!strcmp(name, "person.prove"))
        return json_pack("{s:s}", "password", "wrong-one");
    if (!strcmp(name, "factor.begin"))
        return json_pack("{s:s}", "key", key);
    if (!strcmp(name, "factor.confirm") || !strcmp(name, "factor.codes") || !strcmp(name, "factor.off"))
        return json_pack("{s:s,s:s}", "key", key, "otp", "no code");
    if (!strcmp(name, "factor.require"))
        return json_pack("{s:s,s:s}", "key", key, "required", "no");
    if (!strcmp(name, "person.add"))
        return json_pack("{s:s,s:s,s:s,s:[s]}", "key", key, "name", "Ai", "phone", phone, "roles", "buyer");
    if (!strcmp(name, "person.link"))
        return json_pack("{s:s,s:I}", "key", key, "id", (json_int_t)w->f->farmer.person);
    if (!strcmp(name, "stall.add"))
        return json_pack("{s:s,s:s,s:s,s:s,s:I}", "key", key, "slug", slug, "name", "N", "village", "V", "farmer", (json_int_t)w->f->farmer.person);
    if (!strcmp(name, "stall.get") || !strcmp(name, "token.list") || !strcmp(name, "live.publishing"))
        return json_pack("{s:s}", "slug", "khe-nhinh");
    if (!strcmp(name, "stall.change"))
        return json_pack("{s:s,s:s,s:s}", "key", key, "slug", "khe-nhinh", "state", "open");
    if (!strcmp(name, "lot.add"))
        return json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "key", key, "slug", "khe-nhinh", "name", "Ớt", "unit", "kg", "price", 1, "amount", 0);
    if (!strcmp(name, "lot.change"))
        return json_pack("{s:s,s:I,s:i}", "key", key, "id", (json_int_t)w->f->lot[1], "add", 1);
    if (!strcmp(name, "lot.flash"))
        return json_pack("{s:s,s:I,s:i,s:i,s:i}", "key", key, "id", (json_int_t)w->f->lot[1], "price", 1, "amount", 1, "minutes", 1);
    if (!strcmp(name, "lot.picked"))
        return json_pack("{s:s,s:I,s:i}", "key", key, "id", (json_int_t)w->f->lot[1], "amount", 1);
    if (!strcmp(name, "lot.spoil"))
        return json_pack("{s:s,s:I,s:i,s:s}", "key", key, "id", (json_int_t)w->f->lot[1], "amount", 1, "reason", "spoiled");
    if (!strcmp(name, "certificate.add"))
        return json_pack("{s:s,s:I,s:s,s:s}", "key", key, "id", (json_int_t)w->f->lot[1], "kind", "ocop", "file", "JVBERi0xLjQK");
    if (!strcmp(name, "certificate.remove"))
        return json_pack("{s:s,s:I,s:i}", "key", key, "id", (json_int_t)w->f->lot[1], "certificate", 999999);
    if (!strcmp(name, "lot.flash_end") || !strcmp(name, "lot.origin") || !strcmp(name, "lot.picture"))
        return json_pack("{s:s,s:I}", "key", key, "id", (json_int_t)w->f->lot[1]);
    if (!strcmp(name, "lot.spoiled"))
        return json_pack("{s:s}", "slug", "khe-nhinh");
    if (!strcmp(name, "lot.from"))
        return json_pack("{s:I}", "id", (json_int_t)w->f->lot[1]);
    if (!strcmp(name, "lot.labels") || !strcmp(name, "lot.shown"))
        return json_pack("{s:I}", "lot", (json_int_t)w->f->lot[1]);
    if (!strcmp(name, "certificate.file"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "wait.join"))
        return json_pack("{s:s,s:s,s:I,s:i,s:s,s:s}", "key", key, "stall", "khe-nhinh", "lot", (json_int_t)w->f->lot[3], "quantity", 1, "name", "N", "phone", phone);
    if (!strcmp(name, "wait.leave"))
        return json_pack("{s:s,s:i}", "key", key, "id", 999999);
    if (!strcmp(name, "wait.list"))
        return json_pack("{s:s}", "stall", "khe-nhinh");
    if (!strcmp(name, "order.merge"))
        return json_pack("{s:s,s:[s,s]}", "key", key, "orders", w->code, w->code);
    if (!strcmp(name, "live.plan"))
        return json_pack("{s:s,s:s}", "key", key, "slug", "khe-nhinh");
    if (!strcmp(name, "live.allowed"))
        return json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish");
    if (!strcmp(name, "live.grace_over"))
        return json_pack("{s:I}", "live", (json_int_t)w->live);
    if (g_str_has_prefix(name, "live.") && strcmp(name, "live.list"))
        return json_pack("{s:s,s:I,s:s}", "key", key, "id", (json_int_t)w->live, "reason", "Vì trời mưa");
    if (!strcmp(name, "order.place"))
        return order_params(w->f, NULL, 3, 1);
    if (!strcmp(name, "order.get"))
        return json_pack("{s:s}", "code", w->code);
    if (!strcmp(name, "order.list"))
        return json_pack("{s:s}", "stall", "khe-nhinh");
    if (!strcmp(name, "order.weigh"))
        return json_pack("{s:s,s:s,s:I,s:i}", "key", key, "code", w->code, "lot", (json_int_t)w->f->lot[0], "weighed", 1);
    if (!strcmp(name, "order.extra"))
        return json_pack("{s:s,s:s,s:I,s:s}", "key", key, "code", w->code, "lot", (json_int_t)w->f->lot[0], "answer", "accept");
    if (!strcmp(name, "order.pay_way"))
        return json_pack("{s:s,s:s,s:s}", "key", key, "code", w->code, "way", "cash");
    if (g_str_has_prefix(name, "order."))
        return json_pack("{s:s,s:s}", "key", key, "code", w->code);
    if (!strcmp(name, "token.add"))
        return json_pack("{s:s,s:s,s:s}", "key", key, "slug", "khe-nhinh", "kind", "watch");
    if (!strcmp(name, "token.revoke"))
        return json_pack("{s:s,s:i}", "slug", "khe-nhinh", "id", 999999);
    if (!strcmp(name, "journal.after"))
        return json_pack("{s:s,s:i,s:i}", "stall", "khe-nhinh", "mark", 0, "limit", 5);
    if (!strcmp(name, "payment.get"))
        return json_pack("{s:s}", "code", w->code);
    if (!strcmp(name, "payment.credit"))
        return json_pack("{s:s,s:s}", "key", key, "code", w->code);
    if (!strcmp(name, "payment.cash"))
        return json_pack("{s:s,s:s,s:i}", "key", key, "code", w->code, "amount", 1);
    if (!strcmp(name, "payment.decide"))
        return json_pack("{s:s,s:i,s:s,s:s}", "key", key, "id", 999999, "outcome", "seen", "reason", "vì");
    if (!strcmp(name, "payment.suggest"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "refund.grant"))
        return json_pack("{s:s,s:s,s:i,s:s}", "key", key, "code", w->code, "amount", 1, "reason", "vì");
    if (!strcmp(name, "refund.pay"))
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "way", "cash");
    if (!strcmp(name, "settlement.get"))
        return json_pack("{s:I}", "id", (json_int_t)w->f->farmer.person);
    if (!strcmp(name, "settlement.pay"))
        return json_pack("{s:s,s:I,s:s}", "key", key, "id", (json_int_t)w->f->farmer.person, "way", "direct");
    if (!strcmp(name, "cash.give"))
        return json_pack("{s:s,s:I,s:i}", "key", key, "to", (json_int_t)w->f->admin.person, "amount", 400000000);
    if (!strcmp(name, "cash.take"))
        return json_pack("{s:s,s:i,s:i}", "key", key, "id", 999999, "counted", 1);
    if (!strcmp(name, "bank.add"))
        return json_pack("{s:s,s:s,s:s,s:s}", "key", key, "bin", "970405", "number", "3600205123456", "holder", "HTX");
    if (!strcmp(name, "payee.set"))
        return json_pack("{s:s,s:s,s:i}", "key", key, "slug", "khe-nhinh", "account", 999999);
    if (!strcmp(name, "payee.get"))
        return json_pack("{s:s}", "slug", "khe-nhinh");
    if (!strcmp(name, "statement.import")) /* "date,credit" and one row */
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "file", "ZGF0ZSxjcmVkaXQKMDEvMDUvMjAyNCwxMDAwCg==");
    if (!strcmp(name, "tax.set"))
        return json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i}", "key", key, "from", "2099-01-01", "goods_vat", 100, "goods_income", 50, "transport_vat", 300, "transport_income", 150, "services_vat", 500, "services_income", 200);
    if (!strcmp(name, "cod.set"))
        return json_pack("{s:s,s:i,s:i,s:i}", "key", key, "refusals", 3, "days", 90, "owed_max", 5000000);
    if (!strcmp(name, "carrier.set"))
        return json_pack("{s:s,s:s}", "key", key, "name", slug);
    if (!strcmp(name, "carrier.hand"))
        return json_pack("{s:s,s:i,s:s,s:s}", "key", key, "id", 999999, "order", w->code, "tracking", "GHN12345");
    if (!strcmp(name, "carrier.returned"))
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "tracking", "GHN12345");
    if (!strcmp(name, "carrier.report"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "carrier.remit")) /* "tracking,cod" and one row */
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "file", "dHJhY2tpbmcsY29kCkdITjEyMzQ1LDEwMDAwCg==");
    if (!strcmp(name, "carrier.difference"))
        return json_pack("{s:s,s:i,s:i,s:s}", "key", key, "id", 999999, "amount", 1, "reason", "vì");
    if (!strcmp(name, "zone.set"))
        return json_pack("{s:s,s:s,s:i,s:i,s:i}", "key", key, "name", slug, "base", 1, "included", 1, "per_kg", 1);
    if (!strcmp(name, "point.set"))
        return json_pack("{s:s,s:i,s:i,s:s,s:s}", "key", key, "id", 999999, "zone", 1, "name", slug, "place", "P");
    if (!strcmp(name, "trip.add"))
        return json_pack("{s:s,s:s,s:I}", "key", key, "title", "T", "courier", (json_int_t)w->f->courier.person);
    if (!strcmp(name, "trip.get") || !strcmp(name, "stop.proofs"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "trip.arrange"))
        return json_pack("{s:s,s:i,s:[]}", "key", key, "id", 999999, "orders");
    if (!strcmp(name, "trip.move"))
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "to", "loaded");
    if (!strcmp(name, "trip.spot"))
        return json_pack("{s:i,s:i,s:i}", "id", 999999, "lat", 1, "lon", 1);
    if (!strcmp(name, "stop.mark"))
        return json_pack("{s:s,s:i,s:s}", "key", key, "id", 999999, "to", "arrived");
    if (!strcmp(name, "stop.undo"))
        return json_pack("{s:s,s:i}", "key", key, "id", 999999);
    if (!strcmp(name, "delivery.get"))
        return json_pack("{s:s}", "code", w->code);
    if (!strcmp(name, "push.add"))
        return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "key", key, "code", w->code, "endpoint", "https://push.example.com/1", "p256dh",
                         "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "auth", "BTBZMqHH6r4Tts7J_aSIgg",
                         "lang", "vi");
    if (!strcmp(name, "push.wait"))
        return json_pack("{s:s,s:i,s:s,s:s,s:s,s:s}", "key", key, "id", 999999, "endpoint", "https://push.example.com/1", "p256dh",
                         "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "auth", "BTBZMqHH6r4Tts7J_aSIgg",
                         "lang", "vi");
    if (!strcmp(name, "push.wait_stop"))
        return json_pack("{s:i}", "id", 999999);
    if (!strcmp(name, "push.stop"))
        return json_pack("{s:s}", "code", w->code);
    if (!strcmp(name, "push.done"))
        return json_pack("{s:i,s:s,s:s}", "id", 999999, "word", "moving", "outcome", "told");
    if (!strcmp(name, "hook.keep"))
        return json_pack("{s:s,s:s,s:s}", "source", "sepay", "headers", "{}", "body", "e30=");
    if (!strcmp(name, "admin.restore"))
        return json_pack("{s:i,s:s}", "rows", 999999, "head", "0000000000000000000000000000000000000000000000000000000000000000");
    if (!strcmp(name, "admin.backup"))
        return json_pack("{s:s,s:s}", "file", "/nowhere/at/all/backup.db", "media", "/nowhere");
    if (!strcmp(name, "admin.factor_reset"))
        return json_pack("{s:s}", "phone", "0999999999");
    if (!strcmp(name, "admin.invite"))
        return json_pack("{s:s,s:s}", "phone", "0912000111", "name", "Anh Dũng");
    (void)asker;
    return NULL;
}

static char letter_of(enum result r)
{
    return r == R_NOT_LOGGED_IN ? 'l' : r == R_FORBIDDEN ? 'f' : r == R_BAD_TOKEN ? 'b' : 'y';
}

static void everybody_may_what_the_table_says(void **state)
{
    struct world w;
    make_world(&w, *state);
    for (size_t m = 0; m < G_N_ELEMENTS(matrix); m++) {
        bool ends_session = !strcmp(matrix[m].name, "person.logout");
        for (int asker = 0; asker < ASKERS; asker++) {
            char expected = matrix[m].expected[asker];
            if (ends_session && expected == 'y')
                continue; /* test_login logs out */
            struct answer a = ask(w.f, matrix[m].name, &w.askers[asker], params_of(&w, matrix[m].name, (enum asker)asker));
            char got = expected == 'u' && a.result == R_UNKNOWN ? 'u' : letter_of(a.result);
            if (a.accepted != R_OK || got != expected || a.result == R_FAULT || a.result == R_BAD_FIELD) {
                g_autofree char *text = a.body ? json_dumps(a.body, 0) : NULL;
                fail_msg("%s by asker %d: %s (%c), expected %c; %s", matrix[m].name, asker, result_code(a.result), got, expected, text ? text : "");
            }
            answer_free(&a);
        }
    }
    assert_true(books_fit(w.f));
    g_free(w.code);
}

static void a_cadre_cannot_become_an_admin(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_FORBIDDEN, "person.add", &f->cadre, json_pack("{s:s,s:s,s:s,s:[s]}", "key", fresh_key(), "name", "X", "phone", "0911111111", "roles", "admin"));
    expect_only(f, R_FORBIDDEN, "person.add", &f->cadre, json_pack("{s:s,s:s,s:s,s:[s]}", "key", fresh_key(), "name", "X", "phone", "0911111111", "roles", "cadre"));
    expect_only(f, R_CREATED, "person.add", &f->admin, json_pack("{s:s,s:s,s:s,s:[s]}", "key", fresh_key(), "name", "X", "phone", "0911111111", "roles", "cadre"));
    expect_only(f, R_FORBIDDEN, "person.link", &f->cadre, json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->admin.person));
    expect_only(f, R_CREATED, "person.link", &f->admin, json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->cadre.person));
    expect_only(f, R_ALREADY, "person.add", &f->admin, json_pack("{s:s,s:s,s:s,s:[s]}", "key", fresh_key(), "name", "Y", "phone", "+84 911 111 111", "roles", "buyer"));
}

static void a_token_opens_its_own_stall_only(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    expect_only(f, R_CREATED, "stall.add", &f->cadre, json_pack("{s:s,s:s,s:s,s:s,s:I}", "key", fresh_key(), "slug", "second", "name", "N", "village", "V", "farmer",
                                                              (json_int_t)f->farmer.person));
    g_autofree char *secret = token_of(f, "publish", &id);
    struct who who = f->stranger;
    assert_true(desk_who_bearer(f->desk, secret, &who));
    assert_int_equal(who.person, 0); /* it is no person: it may stream, and of the trade read what everybody may */
    expect_only(f, R_FORBIDDEN, "live.plan", &who, json_pack("{s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh"));
    expect_only(f, R_FORBIDDEN, "live.plan", &who, json_pack("{s:s,s:s}", "key", fresh_key(), "slug", "second"));
    expect_only(f, R_FORBIDDEN, "live.allowed", &who, json_pack("{s:s,s:s}", "stall", "second", "action", "publish"));
    expect_only(f, R_OK, "live.allowed", &who, json_pack("{s:s,s:s}", "stall", "khe-nhinh", "action", "publish"));
    expect_only(f, R_NO_CONTENT, "token.revoke", &f->farmer, json_pack("{s:s,s:I}", "slug", "khe-nhinh", "id", (json_int_t)id));
    struct who after = f->stranger;
    assert_false(desk_who_bearer(f->desk, secret, &after));
    assert_int_equal(after.person, 0);
    assert_int_equal(f->ended, 1); /* the edge ends what is published with it */
}

static void unknown_names_are_unknown(void **state)
{
    struct fixture *f = *state;
    struct answer a = ask(f, "person.become_admin", &f->admin, json_object());
    assert_int_equal(a.accepted, R_UNKNOWN);
    answer_free(&a);
    assert_true(desk_may_ws("order.place"));
    assert_false(desk_may_ws("person.add") || desk_may_ws("demo.make") || desk_may_ws("stall.get") || desk_may_ws("nothing"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_a_line),
        TEST(everybody_may_what_the_table_says),
        TEST(a_cadre_cannot_become_an_admin),
        TEST(a_token_opens_its_own_stall_only),
        TEST(unknown_names_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
