/* Every field of every command is in turn what it should not be: nobody gets "internal error", and what is
 * refused has written nothing. Numbers at the ends of their ranges, words of other scripts, other types, in
 * objects and lists too. */
#include "tests/unit/market/owned.h"

#include <sqlite3.h>
#include <string.h>
#include "market/base/money.h"

/* What the office asks, as JSON; F is the farmer, C the courier, L a lot, O an order, S the stall's slug. */
static const struct {
    const char *name, *params;
    bool admin;
} office[] = {
    {"zone.set",
     "{'name':'Z','base':1,'included':1,'per_kg':1,'piece_grams':1,'courier_points':1,'state':'open'}",
     false},
    {"point.set", "{'zone':1,'name':'P','place':'P','note':'N','state':'open'}", false},
    {"person.add", "{'name':'Ai','phone':'0977000111','place':'P','roles':['buyer']}", false},
    {"person.list", "{'role':'farmer'}", false},
    {"person.link", "{'id':F}", false},
    {"stall.add", "{'slug':'third','name':'N','village':'V','about':'A','farmer':F}", false},
    {"live.list", "{'state':'open'}", false},
    {"live.approve", "{'id':1,'reason':'R'}", false},
    {"live.pause", "{'id':1,'reason':'R'}", false},
    {"live.resume", "{'id':1,'reason':'R'}", false},
    {"order.place",
     "{'stall':'khe-nhinh','lines':[{'lot':L,'quantity':10,'price':15000,'min':5}],'name':'N','phone':'0912345678','place':'P','note':'G','credit':1,"
     "'delivery':{'zone':1,'point':1,'fee':0},'at':5}",
     false},
    {"wait.join",
     "{'stall':'khe-nhinh','lot':L,'quantity':900000,'min':900000,'name':'N','phone':'0912345678','place':'P'}",
     false},
    {"order.take", "{'code':'O','delivery':{'zone':1,'fee':0}}", false},
    {"order.list", "{'before':9,'limit':9,'stall':'khe-nhinh'}", false},
    {"journal.after", "{'stall':'khe-nhinh','mark':0,'limit':5}", false},
    {"payment.tasks", "{'kind':'over','after':0,'limit':5}", false},
    {"payment.decide", "{'id':1,'outcome':'banked','person':C}", false},
    {"payment.suggest", "{'id':1}", false},
    {"refund.grant", "{'code':'O','amount':1,'reason':'R'}", false},
    {"refund.pay", "{'id':1,'way':'bank','reference':'FT1'}", true},
    {"refund.list", "{'state':'paid'}", false},
    {"settlement.get", "{'id':F,'from':0,'to':9}", false},
    {"settlement.pay", "{'id':F,'way':'cash','amount':1,'reference':'R'}", true},
    {"settlement.pay", "{'id':F,'way':'bank','amount':1,'account':1,'reference':'R'}", true},
    {"cash.give", "{'to':C,'amount':1}", true},
    {"cash.report", "{'from':0,'to':9,'person':F}", false},
    {"cash.expected", "{'from':0,'to':9}", false},
    {"bank.add", "{'bin':'970405','number':'3600205123456','holder':'HTX','owner':F}", false},
    {"payee.set", "{'slug':'khe-nhinh','account':1,'fee_points':5}", false},
    {"statement.import", "{'id':1,'file':'ZGF0ZSxjcmVkaXQKMDEvMDUvMjAyNCwxMDAwCg=='}", false},
    {"tax.set",
     "{'from':'2099-01-01','goods_vat':1,'goods_income':1,'transport_vat':1,'transport_income':1,'services_vat':1,'services_income':1}",
     true},
    {"cod.set", "{'refusals':3,'days':90,'owed_max':5000000}", true},
    {"factor.require", "{'required':'no'}", true},
    {"factor.begin", "{}", false},
    {"factor.confirm", "{'otp':'123456'}", false},
    {"factor.codes", "{'otp':'ABCDE-01234'}", false},
    {"factor.off", "{'otp':'123456'}", false},
    {"carrier.set", "{'name':'Giao Nhanh','phone':'1900','link':'https://x.example/','state':'open'}", false},
    {"carrier.hand", "{'id':1,'order':'O','tracking':'GHN12345'}", false},
    {"carrier.returned", "{'id':1,'tracking':'GHN12345'}", false},
    {"carrier.remit", "{'id':1,'file':'dHJhY2tpbmcsY29kCkdITjEyMzQ1LDEwMDAwCg=='}", false},
    {"carrier.report", "{'id':1,'from':0,'to':9}", false},
    {"carrier.difference", "{'id':1,'amount':1,'reason':'R'}", true},
    {"trip.add", "{'title':'T','courier':C,'planned_at':5}", false},
    {"trip.list", "{'state':'open','mine':'1'}", false},
    {"lot.from", "{'id':L}", false},
    {"certificate.file", "{'id':1}", false},
};

static char *filled(struct world *w, const char *params)
{
    g_autoptr(GString) text = g_string_new(params);
    g_autofree char *farmer = g_strdup_printf(":%" G_GINT64_FORMAT, w->f->farmer.person),
                    *courier = g_strdup_printf(":%" G_GINT64_FORMAT, w->f->courier.person),
                    *lot = g_strdup_printf(":%" G_GINT64_FORMAT, w->f->lot[0]),
                    *code = g_strdup_printf("'%s'", w->code);
    g_string_replace(text, ":F", farmer, 0);
    g_string_replace(text, ":C", courier, 0);
    g_string_replace(text, ":L", lot, 0);
    g_string_replace(text, "'O'", code, 0);
    g_string_replace(text, "'", "\"", 0);
    return g_strdup(text->str);
}

static json_t *odd_values(void)
{
    static const int64_t numbers[] = {0,
                                      -1,
                                      1,
                                      1000001,
                                      499999999,
                                      500000000,
                                      1000000000,
                                      1000000001,
                                      MONEY_MAX,
                                      MONEY_MAX + 1,
                                      INT64_C(1) << 53,
                                      (INT64_C(1) << 53) + 1,
                                      INT64_MAX,
                                      INT64_MAX - 1,
                                      INT64_MIN,
                                      INT64_MIN + 1};
    static const char *const words[] = {"",
                                        " ",
                                        "0",
                                        "-1",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "*",
                                        "..",
                                        "'; DROP TABLE orders; --",
                                        "\xf0\x9f\x8c\xb6",
                                        "\xe2\x80\xae",
                                        "cash",
                                        "open",
                                        "a\nb",
                                        "\x7f",
                                        "%s%n",
                                        "9999-12-31",
                                        "0001-01-01"};
    json_t *odd = json_pack("[n,b,b,f,f,[],{},[n],[{}],{s:n}]", 1, 0, 0.5, 1e300, "a");
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        json_array_append_new(odd, json_integer(numbers[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        json_array_append_new(odd, json_string(words[i]));
    g_autofree char *wide = g_strnfill(70000, 'x');
    json_array_append_new(odd, json_string(wide));
    return odd;
}

struct trial {
    struct world *w;
    const char *name;
    const struct who *who;
    json_t *(*make)(struct world *w); /* NULL: `text` */
    const char *text;
    json_t *params;
    unsigned asked, done;
    int64_t version; /* of `print` */
    char *print;
};

static json_t *good_params(struct trial *t)
{
    if (t->make)
        return t->make(t->w);
    g_autofree char *text = filled(t->w, t->text);
    json_t *params = json_loads(text, 0, NULL);
    if (!params)
        fail_msg("%s: %s", t->name, text);
    return params;
}

static void give_key(json_t *params)
{
    json_object_set_new(params, "key", json_string(fresh_key()));
}

/* What was undone is written over itself, so another version alone says nothing. */
static void know_world(struct trial *t)
{
    int64_t version = world_version(t->w);
    if (t->print && version == t->version)
        return;
    g_free(t->print);
    t->print = world_print(t->w);
    t->version = version;
}

static bool is_as_it_was(struct trial *t)
{
    if (world_version(t->w) == t->version)
        return true;
    g_autofree char *print = world_print(t->w);
    return strcmp(print, t->print) == 0;
}

/* Asks with what is in t->params now. */
static void try_once(struct trial *t, bool keyed, const char *field)
{
    json_t *params = json_deep_copy(t->params);
    if (keyed && strcmp(field, "key") != 0)
        give_key(params);
    g_autofree char *said = json_dumps(params, JSON_COMPACT);
    know_world(t);
    struct answer a = ask(t->w->f, t->name, t->who, params);
    t->asked++;
    t->done += result_http(a.result) < 300;
    if (a.result == R_FAULT || a.result == R_NOT_SAVED || a.result == R_BUSY)
        fail_msg("%s: %s by %.600s", t->name, result_code(a.result), said);
    if (result_http(a.result) >= 400 && !is_as_it_was(t))
        fail_msg("%s: refused (%s) and wrote something by %.600s", t->name, result_code(a.result), said);
    answer_free(&a);
}

static void walk(struct trial *t, json_t *at, const json_t *odd, bool keyed);

static void each_odd(struct trial *t, json_t *object, const char *name, const json_t *odd, bool keyed)
{
    json_t *good = json_incref(json_object_get(object, name)), *value;
    size_t i;
    json_array_foreach(odd, i, value)
    {
        json_object_set(object, name, value);
        try_once(t, keyed, name);
    }
    json_object_del(object, name);
    try_once(t, keyed, name);
    json_object_set(object, name, good);
    if (json_is_object(good))
        walk(t, good, odd, keyed);
    if (json_is_array(good) && json_is_object(json_array_get(good, 0)))
        walk(t, json_array_get(good, 0), odd, keyed);
    json_decref(good);
}

static void walk(struct trial *t, json_t *at, const json_t *odd, bool keyed)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    json_t *value;
    json_object_foreach(at, name, value) g_ptr_array_add(names, g_strdup(name));
    for (guint i = 0; i < names->len; i++)
        each_odd(t, at, g_ptr_array_index(names, i), odd, keyed);
}

static void try_all(struct trial *t, const json_t *odd)
{
    t->params = good_params(t);
    bool keyed = !t->make || json_object_get(t->params, "key");
    walk(t, t->params, odd, keyed);
    json_decref(t->params);
    g_free(t->print);
    struct answer a = {0}; /* and as it should be, so that settings are as they were */
    json_t *params = good_params(t);
    if (keyed)
        give_key(params);
    a = ask(t->w->f, t->name, t->who, params);
    answer_free(&a);
    if (!books_fit(t->w->f))
        fail_msg("%s: the books do not fit any more", t->name);
}

static void odd_fields_are_refused_and_nothing_else(void **state)
{
    struct world w;
    json_t *odd = odd_values();
    unsigned asked = 0, done = 0;
    world_make(&w, *state);
    for (size_t i = 0; i < theirs_count; i++) {
        const struct who *owner = theirs[i].owner == 'B'   ? &w.f->buyer
                                  : theirs[i].owner == 'F' ? &w.f->farmer
                                                           : &w.f->courier;
        struct trial t = {.w = &w, .name = theirs[i].name, .who = owner, .make = theirs[i].make};
        try_all(&t, odd);
        asked += t.asked;
        done += t.done;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(office); i++) {
        struct trial t = {.w = &w,
                          .name = office[i].name,
                          .who = office[i].admin ? &w.f->admin : &w.f->cadre,
                          .text = office[i].params};
        try_all(&t, odd);
        asked += t.asked;
        done += t.done;
    }
    print_message("%u asked, %u done\n", asked, done);
    world_free(&w);
    json_decref(odd);
}

/* ---- as much as can be counted, all the way */

enum { LOTS = 10 };

static json_t *largest_order(const int64_t lots[LOTS], int64_t quantity)
{
    json_t *lines = json_array();
    for (int i = 0; i < LOTS; i++)
        json_array_append_new(lines, json_pack("{s:I,s:I,s:i}", "lot", (json_int_t)lots[i], "quantity",
                                               (json_int_t)quantity, "price", 100000000));
    return json_pack("{s:s,s:s,s:o,s:s,s:s}", "key", fresh_key(), "stall", "khe-nhinh", "lines", lines,
                     "name", "N", "phone", "0912345678");
}

static void place(struct fixture *f, const int64_t lots[LOTS], int64_t quantity, char code[24])
{
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, largest_order(lots, quantity));
    g_strlcpy(code, json_string_value(json_object_get(json_object_get(body, "order"), "code")), 24);
    json_decref(body);
}

static void with_code(struct fixture *f, enum result result, const char *name, const struct who *who,
                      const char *code)
{
    expect_only(f, result, name, who, json_pack("{s:s,s:s}", "key", fresh_key(), "code", code));
}

static void the_largest_orders_overflow_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t lots[LOTS];
    char one[24], two[24], small[24];
    for (int i = 0; i < LOTS; i++) {
        json_t *body = expect(f, R_CREATED, "lot.add", &f->farmer,
                              json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:i}", "key", fresh_key(), "slug",
                                        "khe-nhinh", "name", "Sâm", "unit", "piece", "price", 100000000,
                                        "amount", 1000000000, "tolerance", 100));
        lots[i] = json_integer_value(json_object_get(json_object_get(body, "lot"), "id"));
        json_decref(body);
    }
    place(f, lots, 1000000, one); /* 10^15 đ: all that can be counted */
    place(f, lots, 1000000, two);
    place(f, lots, 1, small);
    expect_only(f, R_OK, "stats.overview", &f->cadre, NULL);
    expect_only(f, R_BAD_FIELD, "order.merge", &f->buyer,
                json_pack("{s:s,s:[s,s]}", "key", fresh_key(), "orders", one, two));
    with_code(f, R_OK, "order.confirm", &f->farmer, one);
    with_code(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, two); /* the farmer's account is full */
    with_code(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, small);
    expect_only(f, R_OK, "payment.get", &f->buyer, json_pack("{s:s}", "code", one));
    expect_only(f, R_OK, "order.weigh", &f->farmer,
                json_pack("{s:s,s:s,s:I,s:i}", "key", fresh_key(), "code", one, "lot", (json_int_t)lots[0],
                          "weighed", 999999));
    expect_only(f, R_OK, "order.weigh", &f->farmer,
                json_pack("{s:s,s:s,s:I,s:i}", "key", fresh_key(), "code", one, "lot", (json_int_t)lots[1],
                          "weighed", 1000000));
    expect_only(f, R_OK, "settlement.get", &f->farmer,
                json_pack("{s:I}", "id", (json_int_t)f->farmer.person));
    json_t *trip = expect(f, R_CREATED, "trip.add", &f->courier,
                          json_pack("{s:s,s:s}", "key", fresh_key(), "title", "T"));
    expect_only(f, R_WRONG_MOMENT, "trip.arrange", &f->courier,
                json_pack("{s:s,s:O,s:[s]}", "key", fresh_key(), "id",
                          json_object_get(json_object_get(trip, "trip"), "id"), "orders", one));
    json_decref(trip);
    with_code(f, R_OK, "order.cancel", &f->farmer, one);
    with_code(f, R_OK, "order.confirm", &f->farmer, two);
    with_code(f, R_OK, "order.cancel", &f->farmer, two);
    with_code(f, R_OK, "order.confirm", &f->farmer, small);
    assert_true(books_fit(f));
}

static void a_day_of_the_largest_orders_has_a_sum(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(f->database, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 60000);
    assert_int_equal(
        sqlite3_exec(
            db,
            "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 10999)"
            " INSERT INTO orders (id, code, stall, buyer, state, total, name, phone, place, note,"
            " reason, placed_at) SELECT i, printf('CX%08d', i), 1, 1, 'placed', 1000000000000000, 'N',"
            " '+84912345678', '', '', '', 9007199254740992 FROM n",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    json_t *body = expect(f, R_OK, "stats.overview", &f->cadre, NULL);
    assert_int_equal(json_integer_value(json_object_get(body, "orders_today")), 10000);
    assert_int_equal(json_integer_value(json_object_get(body, "dong_today")), MONEY_MAX);
    json_decref(body);
}

/* ---- days that are far away */

static void every_trip_has_a_day(void **state)
{
    static const json_int_t year_9999 = INT64_C(253402275599999); /* its last moment in Việt Nam */
    struct fixture *f = *state;
    const json_int_t times[] = {1, year_9999, year_9999 + 1, INT64_C(1) << 53};
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        char code[24];
        json_t *trip =
            expect(f, times[i] > year_9999 ? R_BAD_FIELD : R_CREATED, "trip.add", &f->courier,
                   json_pack("{s:s,s:s,s:I}", "key", fresh_key(), "title", "T", "planned_at", times[i]));
        if (times[i] <= year_9999) {
            json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 10));
            g_strlcpy(code, json_string_value(json_object_get(json_object_get(placed, "order"), "code")),
                      sizeof code);
            json_decref(placed);
            with_code(f, R_OK, "order.confirm", &f->farmer, code);
            expect_only(f, R_OK, "trip.arrange", &f->courier,
                        json_pack("{s:s,s:O,s:[s]}", "key", fresh_key(), "id",
                                  json_object_get(json_object_get(trip, "trip"), "id"), "orders", code));
        }
        json_decref(trip);
    }
    json_t *expected = expect(f, R_OK, "cash.expected", &f->cadre, NULL),
           *days = json_object_get(expected, "days");
    assert_int_equal(json_array_size(days), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(days, 0), "day")), "1970-01-01");
    assert_string_equal(json_string_value(json_object_get(json_array_get(days, 1), "day")), "9999-12-31");
    json_decref(expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(odd_fields_are_refused_and_nothing_else),
        TEST(a_day_of_the_largest_orders_has_a_sum),
        TEST(the_largest_orders_overflow_nothing),
        TEST(every_trip_has_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
