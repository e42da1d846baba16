#include "tests/unit/market/owned.h"

#include <string.h>
#include "market/base/clock.h"

static const char endpoint[] = "https://push.example.com/1";

/* ---- what is theirs: each makes something new of the buyer's, farmer's or courier's, and says how it is
 * asked for */

static int64_t number(json_t *body, const char *object, const char *name)
{
    int64_t n = json_integer_value(json_object_get(object ? json_object_get(body, object) : body, name));
    json_decref(body);
    return n;
}

static json_t *keyed(void)
{
    return json_pack("{s:s}", "key", fresh_key());
}

static void order_by(struct world *w, const struct who *buyer, char code[24])
{
    json_t *params = order_params(w->f, NULL, 0, 10);
    if (buyer == &w->other)
        json_object_set_new(params, "phone", json_string("0987 654 321"));
    json_t *body = expect(w->f, R_CREATED, "order.place", buyer, params);
    g_strlcpy(code, json_string_value(json_object_get(json_object_get(body, "order"), "code")), 24);
    json_decref(body);
}

static json_t *an_order(struct world *w)
{
    order_by(w, &w->f->buyer, w->code);
    w->lot = w->f->lot[0];
    json_t *params = keyed();
    json_object_set_new(params, "code", json_string(w->code));
    return params;
}

static json_t *a_confirmed(struct world *w)
{
    json_t *params = an_order(w);
    expect_only(w->f, R_OK, "order.confirm", &w->f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "code", w->code));
    return params;
}

static json_t *asked_by_code(struct world *w)
{
    json_t *params = an_order(w);
    json_object_del(params, "key");
    return params;
}

static json_t *a_weighing(struct world *w)
{
    json_t *params = a_confirmed(w);
    json_object_update_new(params, json_pack("{s:I,s:i}", "lot", (json_int_t)w->lot, "weighed", 9));
    return params;
}

static json_t *an_extra(struct world *w)
{
    json_t *params = a_confirmed(w);
    expect_only(w->f, R_OK, "order.weigh", &w->f->farmer,
                json_pack("{s:s,s:s,s:I,s:i}", "key", fresh_key(), "code", w->code, "lot", (json_int_t)w->lot,
                          "weighed", 20));
    json_object_update_new(params, json_pack("{s:I,s:s}", "lot", (json_int_t)w->lot, "answer", "accept"));
    return params;
}

static json_t *a_closing(struct world *w)
{
    json_t *params = a_confirmed(w);
    expect_only(w->f, R_OK, "payment.cash", &w->f->farmer,
                json_pack("{s:s,s:s,s:i}", "key", fresh_key(), "code", w->code, "amount", 150));
    return params;
}

static json_t *a_way(struct world *w)
{
    json_t *params = an_order(w);
    json_object_set_new(params, "way", json_string("bank"));
    return params;
}

static json_t *some_cash(struct world *w)
{
    json_t *params = a_confirmed(w);
    json_object_set_new(params, "amount", json_integer(100));
    return params;
}

/* Two đồng too much are the buyer's credit; it pays the next order. */
static json_t *a_credit(struct world *w)
{
    json_decref(a_closing(w));
    expect_only(w->f, R_OK, "payment.cash", &w->f->farmer,
                json_pack("{s:s,s:s,s:i}", "key", fresh_key(), "code", w->code, "amount", 2));
    return an_order(w);
}

static json_t *a_merging(struct world *w)
{
    char first[24];
    order_by(w, &w->f->buyer, first);
    json_decref(an_order(w));
    return json_pack("{s:s,s:[s,s]}", "key", fresh_key(), "orders", first, w->code);
}

/* One of them is the other's own. */
static json_t *a_mixed_merging(struct world *w)
{
    char own[24];
    order_by(w, &w->other, own);
    json_decref(an_order(w));
    return json_pack("{s:s,s:[s,s]}", "key", fresh_key(), "orders", own, w->code);
}

static json_t *a_push(struct world *w)
{
    json_t *params = an_order(w);
    json_object_update_new(
        params,
        json_pack("{s:s,s:s,s:s,s:s}", "endpoint", endpoint, "p256dh",
                  "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                  "auth", "BTBZMqHH6r4Tts7J_aSIgg", "lang", "vi"));
    return params;
}

/* A lot of the farmer's own making, with a price and an amount. */
static void new_lot(struct world *w, int64_t amount)
{
    w->lot =
        number(expect(w->f, R_CREATED, "lot.add", &w->f->farmer,
                      json_pack("{s:s,s:s,s:s,s:s,s:i,s:I}", "key", fresh_key(), "slug", "khe-nhinh", "name",
                                "Ớt", "unit", "kg", "price", 9000, "amount", (json_int_t)amount)),
               "lot", "id");
}

static json_t *a_lot(struct world *w)
{
    new_lot(w, 5000);
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->lot);
}

static json_t *more_of_a_lot(struct world *w)
{
    json_t *params = a_lot(w);
    json_object_set_new(params, "add", json_integer(5));
    return params;
}

static json_t *a_flash(struct world *w)
{
    json_t *params = a_lot(w);
    json_object_update_new(params, json_pack("{s:i,s:i,s:i}", "price", 1, "amount", 1, "minutes", 5));
    return params;
}

static json_t *a_running_flash(struct world *w)
{
    expect_only(w->f, R_OK, "lot.flash", &w->f->farmer, a_flash(w));
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->lot);
}

static json_t *a_harvest(struct world *w)
{
    int64_t soon = clock_wall_ms() + 3600000;
    w->lot = number(
        expect(w->f, R_CREATED, "lot.add", &w->f->farmer,
               json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:I}", "key", fresh_key(), "slug", "khe-nhinh", "name",
                         "Mận", "unit", "kg", "price", 9000, "amount", 1000, "pick_at", (json_int_t)soon)),
        "lot", "id");
    return json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)w->lot, "amount", 900);
}

static json_t *spoiled_goods(struct world *w)
{
    json_t *params = a_lot(w);
    json_object_update_new(params, json_pack("{s:i,s:s}", "amount", 5, "reason", "spoiled"));
    return params;
}

/* Of the other's own lot, in the buyer's order. */
static json_t *spoiled_in_an_order(struct world *w)
{
    json_decref(a_confirmed(w));
    int64_t own = look(w->f, "SELECT l.id FROM lot l JOIN stall s ON s.id = l.stall WHERE s.slug = 'second'");
    return json_pack("{s:s,s:I,s:i,s:s,s:s}", "key", fresh_key(), "id", (json_int_t)own, "amount", 1,
                     "reason", "spoiled", "order", w->code);
}

static json_t *a_plot(struct world *w)
{
    json_t *params = a_lot(w);
    json_object_set_new(params, "plot", json_string("Nương trên"));
    return params;
}

static json_t *a_paper(struct world *w)
{
    json_t *params = a_lot(w);
    json_object_update_new(params, json_pack("{s:s,s:s}", "kind", "ocop", "file", "JVBERi0xLjQK"));
    return params;
}

static json_t *a_kept_paper(struct world *w)
{
    w->id = number(expect(w->f, R_CREATED, "certificate.add", &w->f->farmer, a_paper(w)), NULL, "id");
    return json_pack("{s:s,s:I,s:I}", "key", fresh_key(), "id", (json_int_t)w->lot, "certificate",
                     (json_int_t)w->id);
}

/* By way of a lot of the other's own. */
static json_t *a_paper_elsewhere(struct world *w)
{
    json_t *params = a_kept_paper(w);
    int64_t own = look(w->f, "SELECT l.id FROM lot l JOIN stall s ON s.id = l.stall WHERE s.slug = 'second'");
    json_object_set_new(params, "id", json_integer(own));
    return params;
}

static json_t *labels_of_a_lot(struct world *w)
{
    new_lot(w, 5000);
    return json_pack("{s:I}", "lot", (json_int_t)w->lot);
}

static json_t *labels_of_an_order(struct world *w)
{
    json_decref(an_order(w));
    return json_pack("{s:s}", "order", w->code);
}

static json_t *the_stall(struct world *w)
{
    (void)w;
    return json_pack("{s:s}", "slug", "khe-nhinh");
}

static json_t *a_changed_stall(struct world *w)
{
    (void)w;
    return json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "about", "Rau sạch");
}

static json_t *a_new_lot(struct world *w)
{
    (void)w;
    return json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "key", fresh_key(), "slug", "khe-nhinh", "name", "Ớt",
                     "unit", "kg", "price", 1, "amount", 1);
}

static json_t *a_plan(struct world *w)
{
    int64_t open = look(w->f, "SELECT COALESCE(MAX(id), 0) FROM live WHERE state <> 'ended'");
    if (open)
        expect_only(w->f, R_OK, "live.stop", &w->f->farmer,
                    json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)open));
    return json_pack("{s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh");
}

static json_t *a_live(struct world *w)
{
    w->id = number(expect(w->f, R_CREATED, "live.plan", &w->f->farmer, a_plan(w)), "live", "id");
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->id);
}

static json_t *a_new_token(struct world *w)
{
    (void)w;
    return json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "kind", "publish");
}

static json_t *a_token(struct world *w)
{
    w->id = number(expect(w->f, R_CREATED, "token.add", &w->f->farmer, a_new_token(w)), NULL, "id");
    return json_pack("{s:s,s:I}", "slug", "khe-nhinh", "id", (json_int_t)w->id);
}

/* By way of a stall of the other's own. */
static json_t *a_token_elsewhere(struct world *w)
{
    json_t *params = a_token(w);
    json_object_set_new(params, "slug", json_string("second"));
    return params;
}

static json_t *a_wait(struct world *w)
{
    new_lot(w, 0);
    w->id = number(
        expect(w->f, R_CREATED, "wait.join", &w->f->buyer,
               json_pack("{s:s,s:s,s:I,s:i,s:s,s:s}", "key", fresh_key(), "stall", "khe-nhinh", "lot",
                         (json_int_t)w->lot, "quantity", 5, "name", "Lò Văn Bình", "phone", OWNED_PHONE)),
        "wait", "id");
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->id);
}

static json_t *a_wait_by_id(struct world *w)
{
    json_t *params = a_wait(w);
    json_object_del(params, "key");
    return params;
}

static json_t *a_phone_that_waits(struct world *w)
{
    json_t *params = a_push(w);
    json_object_del(params, "code");
    json_decref(a_wait(w));
    json_object_set_new(params, "id", json_integer(w->id));
    return params;
}

static json_t *an_offer(struct world *w)
{
    json_decref(a_wait(w));
    expect_only(w->f, R_OK, "lot.change", &w->f->farmer,
                json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)w->lot, "add", 5));
    json_t *waits = expect(w->f, R_OK, "wait.list", &w->f->buyer, NULL),
           *list = json_object_get(waits, "waits");
    json_t *last = json_array_get(list, json_array_size(list) - 1);
    json_t *params =
        json_pack("{s:s,s:s}", "key", fresh_key(), "code", json_string_value(json_object_get(last, "order")));
    json_decref(waits);
    return params;
}

static json_t *a_trip(struct world *w)
{
    json_decref(a_confirmed(w));
    w->id = number(expect(w->f, R_CREATED, "trip.add", &w->f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "Quốc lộ 7")),
                   "trip", "id");
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->id);
}

static json_t *an_arrangement(struct world *w)
{
    json_t *params = a_trip(w);
    json_object_set_new(params, "orders", json_pack("[s]", w->code));
    return params;
}

static json_t *a_loading(struct world *w)
{
    expect_only(w->f, R_OK, "trip.arrange", &w->f->courier, an_arrangement(w));
    return json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)w->id, "to", "loaded");
}

static json_t *a_departure(struct world *w)
{
    expect_only(w->f, R_OK, "trip.move", &w->f->courier, a_loading(w));
    return json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)w->id, "to", "moving");
}

static json_t *a_trip_by_id(struct world *w)
{
    json_t *params = a_trip(w);
    json_object_del(params, "key");
    return params;
}

static json_t *a_spot(struct world *w)
{
    expect_only(w->f, R_OK, "trip.move", &w->f->courier, a_departure(w));
    return json_pack("{s:I,s:i,s:i}", "id", (json_int_t)w->id, "lat", 19000000, "lon", 104000000);
}

static json_t *a_door(struct world *w)
{
    json_decref(a_spot(w));
    int64_t stop = look(w->f, "SELECT MAX(id) FROM stop");
    return json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)stop, "to", "arrived");
}

static json_t *a_mistake(struct world *w)
{
    json_t *door = a_door(w);
    w->id = json_integer_value(json_object_get(door, "id"));
    expect_only(w->f, R_OK, "stop.mark", &w->f->courier, door);
    return json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->id);
}

static json_t *a_door_by_id(struct world *w)
{
    json_t *params = a_mistake(w);
    json_object_del(params, "key");
    return params;
}

/* On board of the courier, who collects. */
static json_t *cash_on_board(struct world *w)
{
    json_decref(a_spot(w));
    return json_pack("{s:s,s:s,s:i}", "key", fresh_key(), "code", w->code, "amount", 50);
}

static json_t *a_handover(struct world *w)
{
    json_decref(a_closing(w));
    w->id = number(expect(w->f, R_CREATED, "cash.give", &w->f->farmer,
                          json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "to",
                                    (json_int_t)w->f->courier.person, "amount", 100)),
                   "handover", "id");
    return json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)w->id, "counted", 100);
}

static json_t *a_settlement(struct world *w)
{
    json_decref(a_confirmed(w));
    return json_pack("{s:I}", "id", (json_int_t)w->f->farmer.person);
}

static json_t *a_session(struct world *w)
{
    json_t *link = expect(w->f, R_CREATED, "person.link", &w->f->admin,
                          json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)w->f->buyer.person));
    struct answer in =
        ask(w->f, "person.login_link", &w->f->stranger,
            json_pack("{s:s}", "code", json_string_value(json_object_get(link, "url")) + strlen("/l/")));
    assert_int_equal(in.result, R_OK);
    answer_free(&in);
    json_decref(link);
    return json_pack("{s:I}", "id", (json_int_t)look(w->f, "SELECT MAX(id) FROM session"));
}

static json_t *orders_of_the_stall(struct world *w)
{
    json_decref(an_order(w));
    return json_pack("{s:s}", "stall", "khe-nhinh");
}

static json_t *rows_of_the_stall(struct world *w)
{
    json_t *params = orders_of_the_stall(w);
    json_object_set_new(params, "mark", json_integer(0));
    return params;
}

static json_t *nothing(struct world *w)
{
    json_decref(a_spot(w));
    return json_object();
}

static json_t *cash_of_somebody(struct world *w)
{
    json_decref(a_handover(w));
    return json_pack("{s:I}", "person", (json_int_t)w->f->farmer.person);
}

static json_t *a_trip_for_the_courier(struct world *w)
{
    return json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "title", "Quốc lộ 7", "courier",
                     (json_int_t)w->f->courier.person);
}

/* ---- the table */

const struct theirs theirs[] = {
    {"person.end_session", a_session, 'B', 'y', 'u', 'u'},
    {"stall.get", orders_of_the_stall, 'F', 'y', 'y', '-'},
    {"stall.change", a_changed_stall, 'F', 'y', 'f', '-'},
    {"lot.add", a_new_lot, 'F', 'y', 'f', '-'},
    {"lot.change", more_of_a_lot, 'F', 'y', 'f', '-'},
    {"live.plan", a_plan, 'F', 'y', 'f', '-'},
    {"live.stop", a_live, 'F', 'y', 'f', '-'},
    {"order.get", asked_by_code, 'B', 'y', 'u', '-'},
    {"order.list", orders_of_the_stall, 'F', 'y', 'f', '-'},
    {"order.list", nothing, 'B', 'y', 'y', 'y'},
    {"order.confirm", an_order, 'F', 'y', 'u', '-'},
    {"order.cancel", an_order, 'B', 'y', 'u', '-'},
    {"order.weigh", a_weighing, 'F', 'y', 'u', '-'},
    {"order.extra", an_extra, 'B', 'y', 'u', '-'},
    {"order.close", a_closing, 'F', 'y', 'u', '-'},
    {"order.take", an_offer, 'B', 'y', 'u', '-'},
    {"order.merge", a_merging, 'B', 'y', 'u', '-'},
    {"order.merge", a_mixed_merging, 'B', 'u', 'u', 'n'},
    {"order.pay_way", a_way, 'B', 'y', 'u', '-'},
    {"lot.flash", a_flash, 'F', 'y', 'f', '-'},
    {"lot.flash_end", a_running_flash, 'F', 'y', 'f', '-'},
    {"lot.picked", a_harvest, 'F', 'y', 'f', '-'},
    {"lot.spoil", spoiled_goods, 'F', 'y', 'f', '-'},
    {"lot.spoil", spoiled_in_an_order, 'F', 'f', 'u', 'u'},
    {"lot.spoiled", the_stall, 'F', 'y', 'f', '-'},
    {"lot.origin", a_plot, 'F', 'y', 'f', '-'},
    {"lot.picture", a_lot, 'F', 'y', 'f', '-'},
    {"lot.shown", labels_of_a_lot, 'F', 'y', 'f', '-'},
    {"lot.labels", labels_of_a_lot, 'F', 'y', 'f', '-'},
    {"lot.labels", labels_of_an_order, 'F', 'y', 'f', '-'},
    {"certificate.add", a_paper, 'F', 'y', 'f', '-'},
    {"certificate.remove", a_kept_paper, 'F', 'y', 'f', '-'},
    {"certificate.remove", a_paper_elsewhere, 'F', 'f', 'u', 'u'},
    {"token.add", a_new_token, 'F', 'y', 'f', '-'},
    {"token.list", the_stall, 'F', 'y', 'f', '-'},
    {"token.revoke", a_token, 'F', 'y', 'f', '-'},
    {"token.revoke", a_token_elsewhere, 'F', 'f', 'u', 'u'},
    {"wait.leave", a_wait, 'B', 'y', 'u', 'u'},
    {"wait.list", orders_of_the_stall, 'F', 'y', 'f', '-'},
    {"wait.list", nothing, 'B', 'y', 'y', 'y'},
    {"push.add", a_push, 'B', 'y', 'u', 'f'},
    {"push.stop", asked_by_code, 'B', 'y', 'u', 'f'},
    {"push.wait", a_phone_that_waits, 'B', 'y', 'u', 'u'},
    {"push.wait_stop", a_wait_by_id, 'B', 'y', 'u', 'u'},
    {"payment.get", asked_by_code, 'B', 'y', 'u', '-'},
    {"payment.cash", some_cash, 'F', 'y', 'u', '-'},
    {"payment.cash", cash_on_board, 'C', 'y', 'u', '-'},
    {"payment.credit", a_credit, 'B', 'y', 'u', '-'},
    {"settlement.get", a_settlement, 'F', 'y', 'f', '-'},
    {"payee.get", the_stall, 'F', 'y', 'f', '-'},
    {"cash.take", a_handover, 'C', 'y', 'f', 'f'},
    {"cash.report", cash_of_somebody, 'F', 'y', 'y', '-'},
    {"cash.list", nothing, 'C', 'y', 'y', 'y'},
    {"cash.expected", nothing, 'C', 'y', 'y', '-'},
    {"trip.list", nothing, 'C', 'y', 'y', '-'},
    {"trip.waiting", nothing, 'C', 'y', 'y', '-'},
    {"trip.add", a_trip_for_the_courier, 'C', 'y', 'f', '-'},
    {"trip.get", a_trip_by_id, 'C', 'y', 'u', '-'},
    {"trip.arrange", an_arrangement, 'C', 'y', 'u', '-'},
    {"trip.move", a_departure, 'C', 'y', 'u', '-'},
    {"trip.spot", a_spot, 'C', 'y', 'u', 'f'},
    {"stop.mark", a_door, 'C', 'y', 'u', 'f'},
    {"stop.undo", a_mistake, 'C', 'y', 'u', 'f'},
    {"stop.proofs", a_door_by_id, 'C', 'y', 'u', '-'},
    {"delivery.get", asked_by_code, 'B', 'y', 'u', '-'},
    {"journal.after", rows_of_the_stall, 'F', 'y', 'y', '-'},
};
const size_t theirs_count = G_N_ELEMENTS(theirs);

void world_make(struct world *w, struct fixture *f)
{
    *w = (struct world){.f = f, .other = f->farmer}; /* with a session, so that only ownership counts */
    w->other.person =
        number(expect(f, R_CREATED, "person.add", &f->admin,
                      json_pack("{s:s,s:s,s:s,s:[s,s,s]}", "key", fresh_key(), "name", "Lầu Y Mái", "phone",
                                "0987654321", "roles", "farmer", "buyer", "courier")),
               "person", "id");
    w->other.roles = ROLE_FARMER | ROLE_BUYER | ROLE_COURIER;
    expect_only(f, R_CREATED, "stall.add", &f->cadre,
                json_pack("{s:s,s:s,s:s,s:s,s:I}", "key", fresh_key(), "slug", "second", "name", "N",
                          "village", "V", "farmer", (json_int_t)w->other.person));
    expect_only(f, R_CREATED, "lot.add", &w->other,
                json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "key", fresh_key(), "slug", "second", "name", "Bí",
                          "unit", "kg", "price", 9000, "amount", 5000));
    assert_int_equal(sqlite3_open_v2(f->database, &w->db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(w->db, 20000);
}

void world_free(struct world *w)
{
    sqlite3_close(w->db);
}

int64_t world_version(struct world *w)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->db, "PRAGMA data_version", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* That somebody gave the password again (ask does) is not counted. */
static void add_table(struct world *w, const char *table, GChecksum *sum)
{
    sqlite3_stmt *statement = NULL;
    g_autofree char *sql = g_strdup_printf("SELECT * FROM \"%s\"", table);
    if (!strcmp(table, "session_proof"))
        return;
    g_checksum_update(sum, (const guchar *)table, -1);
    assert_int_equal(sqlite3_prepare_v2(w->db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            g_checksum_update(sum, (const guchar *)(text ? text : "\1"), -1);
            g_checksum_update(sum, (const guchar *)"", 1);
        }
    sqlite3_finalize(statement);
}

char *world_print(struct world *w)
{
    sqlite3_stmt *statement = NULL;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    assert_int_equal(sqlite3_prepare_v2(w->db,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        add_table(w, (const char *)sqlite3_column_text(statement, 0), sum);
    sqlite3_finalize(statement);
    return g_strdup(g_checksum_get_string(sum));
}
