/* Orders as the desk takes them: stock, money, keys, refusals. A real database, real threads. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *by_code(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static void a_stranger_orders_two_kilograms(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    struct answer a = ask(f, "order.place", &f->stranger, order_params(f, NULL, 0, 2000));
    assert_int_equal(a.result, R_CREATED);
    json_t *order = json_object_get(a.body, "order");
    assert_int_equal(number(order, "total"), 2 * f->price[0]);
    assert_string_equal(text(order, "state"), "placed");
    assert_string_equal(text(order, "phone"), "+84912345678");
    assert_string_equal(text(order, "stall"), "khe-nhinh");
    assert_int_equal(strlen(text(order, "code")), 10);
    assert_int_equal(available(f, 0), before - 2000);
    /* the new session sees it, nobody else does */
    struct who buyer = f->stranger;
    assert_non_null(a.cookie);
    assert_true(desk_who_cookie(f->desk, a.cookie, &buyer));
    assert_int_equal(buyer.roles, ROLE_BUYER);
    expect_only(f, R_OK, "order.get", &buyer, json_pack("{s:s}", "code", text(order, "code")));
    expect_only(f, R_UNKNOWN, "order.get", &f->buyer, json_pack("{s:s}", "code", text(order, "code")));
    expect_only(f, R_NOT_LOGGED_IN, "order.get", &f->stranger,
                json_pack("{s:s}", "code", text(order, "code")));
    answer_free(&a);
    assert_true(books_fit(f));
}

static void the_same_key_gives_the_same_order(void **state)
{
    struct fixture *f = *state;
    char key[40];
    g_strlcpy(key, fresh_key(), sizeof key);
    int64_t before = available(f, 0);
    json_t *first = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, key, 0, 1500));
    json_t *again = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, key, 0, 1500));
    g_autofree char *a = json_dumps(first, JSON_COMPACT), *b = json_dumps(again, JSON_COMPACT);
    assert_string_equal(a, b); /* byte by byte */
    json_decref(first);
    json_decref(again);
    assert_int_equal(available(f, 0), before - 1500);
    expect_only(f, R_KEY_REUSED, "order.place", &f->buyer, order_params(f, key, 0, 1501));
    fixture_reopen(f); /* nor does a restart forget */
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, key, 0, 1500));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 1);
    expect_only(f, R_CREATED, "order.place", &f->courier,
                order_params(f, key, 0, 1500)); /* somebody else's key is another key */
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 2);
    assert_true(books_fit(f));
}

static void a_new_order_reads_as_it_always_will(void **state)
{
    struct fixture *f = *state;
    json_t *params = order_params(f, NULL, 0, 1500), *other = order_params(f, NULL, 4, 3);
    json_array_extend(json_object_get(params, "lines"), json_object_get(other, "lines"));
    json_object_set_new(params, "name", json_string("Lò \"Văn\" \\ Bình"));
    json_object_set_new(params, "note", json_string("cửa <sau> / 🍑"));
    json_decref(other);
    json_t *placed = expect(f, R_CREATED, "order.place", &f->buyer, params);
    json_t *read =
        expect(f, R_OK, "order.get", &f->buyer, by_code(text(json_object_get(placed, "order"), "code")));
    g_autofree char *a = json_dumps(placed, JSON_COMPACT), *b = json_dumps(read, JSON_COMPACT);
    assert_string_equal(a, b); /* byte by byte */
    pthread_mutex_lock(&f->lock);
    json_t *event = f->events->pdata[f->events->len - 1];
    json_t *open = json_object_get(event, "open"), *full = json_object_get(event, "full");
    assert_true(json_equal(json_object_get(full, "order"), json_object_get(placed, "order")));
    assert_true(json_equal(json_object_get(full, "lots"), json_object_get(open, "lots")));
    json_t *seen =
        json_pack("[{s:s,s:s,s:i},{s:s,s:s,s:i}]", "name",
                  text(json_array_get(json_object_get(json_object_get(placed, "order"), "lines"), 0), "name"),
                  "unit", "kg", "quantity", 1500, "name",
                  text(json_array_get(json_object_get(json_object_get(placed, "order"), "lines"), 1), "name"),
                  "unit", "bunch", "quantity", 3);
    assert_true(json_equal(json_object_get(open, "lines"), seen));
    assert_string_equal(text(open, "first_name"), "Bình");
    assert_int_equal(json_object_size(open), 3);
    pthread_mutex_unlock(&f->lock);
    json_decref(seen);
    json_decref(placed);
    json_decref(read);
    assert_true(books_fit(f));
}

static void a_stranger_whose_answer_got_lost_gets_in_again(void **state)
{
    struct fixture *f = *state;
    char key[40];
    g_strlcpy(key, fresh_key(), sizeof key);
    struct answer first = ask(f, "order.place", &f->stranger, order_params(f, key, 0, 1000));
    struct answer again = ask(f, "order.place", &f->stranger, order_params(f, key, 0, 1000));
    assert_int_equal(again.result, R_CREATED);
    assert_non_null(again.cookie);
    assert_string_not_equal(first.cookie, again.cookie);
    struct who one = f->stranger, two = f->stranger;
    assert_true(desk_who_cookie(f->desk, first.cookie, &one) && desk_who_cookie(f->desk, again.cookie, &two));
    assert_int_equal(one.person, two.person);
    /* and with the cookie, too, it is the same order */
    expect_only(f, R_CREATED, "order.place", &one, order_params(f, key, 0, 1000));
    expect_only(f, R_KEY_REUSED, "order.place", &f->stranger, order_params(f, key, 0, 1001));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 1);
    answer_free(&first);
    answer_free(&again);
}

/* Logged out before the answer came: not a second order by somebody new, and nothing of the first is told. */
static void a_key_of_somebody_who_was_logged_in_makes_nothing_for_a_stranger(void **state)
{
    struct fixture *f = *state;
    char key[40];
    g_strlcpy(key, fresh_key(), sizeof key);
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, key, 0, 1000));
    json_t *problem = expect(f, R_KEY_REUSED, "order.place", &f->stranger, order_params(f, key, 0, 1000));
    assert_null(problem);
    expect_only(f, R_CREATED, "order.place", &f->courier, order_params(f, key, 0, 1000)); /* another's own */
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, key, 0, 1000));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 2);
}

static void odd_quantities_are_refused(void **state)
{
    struct fixture *f = *state;
    static const int64_t wrong[] = {0, -1, 1000001, 1000000000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        expect_only(f, R_BAD_FIELD, "order.place", &f->buyer, order_params(f, NULL, 0, wrong[i]));
    static const char *const values[] = {"1.5", "\"5\"", "null", "true", "[1]", "1e3"};
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        json_t *params = order_params(f, NULL, 0, 1);
        json_t *line = json_array_get(json_object_get(params, "lines"), 0);
        json_object_set_new(line, "quantity", json_loads(values[i], JSON_DECODE_ANY, NULL));
        json_t *problem = expect(f, R_BAD_FIELD, "order.place", &f->buyer, params);
        assert_string_equal(text(problem, "field"), "quantity");
        json_decref(problem);
    }
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 0);
}

/* One field of an otherwise good order set to something else (NULL: taken out). */
static void expect_field(struct fixture *f, const char *name, json_t *value, const char *field)
{
    json_t *params = order_params(f, NULL, 0, 1);
    if (value)
        json_object_set_new(params, name, value);
    else
        json_object_del(params, name);
    json_t *problem = expect(f, R_BAD_FIELD, "order.place", &f->buyer, params);
    assert_string_equal(text(problem, "field"), field);
    json_decref(problem);
}

static void odd_fields_are_named(void **state)
{
    struct fixture *f = *state;
    g_autofree char *long_name = g_strnfill(81, 'x');
    expect_field(f, "key", NULL, "key");
    expect_field(f, "key", json_string("short"), "key");
    expect_field(f, "stall", NULL, "stall");
    expect_field(f, "lines", NULL, "lines");
    expect_field(f, "lines", json_array(), "lines");
    expect_field(f, "lines", json_pack("[i]", 1), "lines");
    expect_field(f, "name", json_string(""), "name");
    expect_field(f, "name", json_string("   "), "name");
    expect_field(f, "name", json_string(long_name), "name");
    expect_field(f, "name", json_string("a\nb"), "name");
    expect_field(f, "phone", json_string("12"), "phone");
    expect_field(f, "phone", json_integer(912345678), "phone");
    expect_field(f, "total", json_integer(1), "total");
    expect_field(f, "status", json_string("confirmed"), "status");
    json_t *many = json_array();
    for (int i = 0; i < 21; i++)
        json_array_append_new(many, json_pack("{s:I,s:i,s:I}", "lot", (json_int_t)f->lot[0], "quantity", 1,
                                              "price", (json_int_t)f->price[0]));
    expect_field(f, "lines", many, "lines");
    json_t *with_unit = json_pack("[{s:I,s:i,s:I,s:s}]", "lot", (json_int_t)f->lot[0], "quantity", 1, "price",
                                  (json_int_t)f->price[0], "unit", "bunch");
    expect_field(f, "lines", with_unit, "unit");
    json_t *two_prices = json_pack("[{s:I,s:i,s:I},{s:I,s:i,s:I}]", "lot", (json_int_t)f->lot[0], "quantity",
                                   1, "price", (json_int_t)f->price[0], "lot", (json_int_t)f->lot[0],
                                   "quantity", 1, "price", (json_int_t)f->price[0] + 1);
    expect_field(f, "lines", two_prices, "lines");
}

static void duplicate_lines_are_summed_before_they_are_checked(void **state)
{
    struct fixture *f = *state;
    int64_t all = available(f, 0);
    json_t *params = order_params(f, NULL, 0, all / 2 + 1);
    json_t *lines = json_object_get(params, "lines");
    json_array_append(lines, json_array_get(lines, 0)); /* twice more than half */
    json_t *problem = expect(f, R_SOLD_OUT, "order.place", &f->buyer, params);
    assert_int_equal(number(problem, "lot"), f->lot[0]);
    assert_int_equal(number(problem, "available"), all);
    json_decref(problem);
    params = order_params(f, NULL, 0, all / 2);
    lines = json_object_get(params, "lines");
    json_array_append(lines, json_array_get(lines, 0));
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, params);
    assert_int_equal(json_array_size(json_object_get(json_object_get(body, "order"), "lines")), 1);
    json_decref(body);
    assert_int_equal(available(f, 0), 0);
    assert_true(books_fit(f));
}

static void all_lines_or_none(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    json_t *params = order_params(f, NULL, 0, 1000);
    json_array_append_new(json_object_get(params, "lines"),
                          json_pack("{s:I,s:i,s:I}", "lot", (json_int_t)f->lot[4], "quantity", 51, "price",
                                    (json_int_t)f->price[4]));
    expect_only(f, R_SOLD_OUT, "order.place", &f->buyer, params);
    assert_int_equal(available(f, 0), before);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM stock WHERE kind = 'hold'"), 0);
    assert_true(books_fit(f));
}

static void goods_of_another_stall_are_not_to_be_had(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_CREATED, "stall.add", &f->cadre,
                json_pack("{s:s,s:s,s:s,s:s,s:I}", "key", fresh_key(), "slug", "ban-na", "name", "Rau bản Na",
                          "village", "Bản Na", "farmer", (json_int_t)f->farmer.person));
    json_t *params = order_params(f, NULL, 0, 1000);
    json_object_set_new(params, "stall", json_string("ban-na"));
    json_t *problem = expect(f, R_UNKNOWN, "order.place", &f->buyer, params);
    assert_int_equal(number(problem, "lot"), f->lot[0]);
    json_decref(problem);
    params = order_params(f, NULL, 0, 1000);
    json_object_set_new(params, "stall", json_string("no-such-stall"));
    expect_only(f, R_UNKNOWN, "order.place", &f->buyer, params);
}

static void the_buyer_pays_the_price_shown_or_is_asked(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_OK, "lot.change", &f->farmer,
                json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "price", 17000));
    json_t *problem = expect(f, R_PRICE_CHANGED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    assert_int_equal(number(problem, "price"), 17000);
    assert_int_equal(number(problem, "lot"), f->lot[0]);
    json_decref(problem);
    f->price[0] = 17000;
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
}

static void a_closed_stall_or_lot_sells_nothing(void **state)
{
    struct fixture *f = *state;
    expect_only(
        f, R_OK, "lot.change", &f->farmer,
        json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "state", "closed"));
    expect_only(f, R_SOLD_OUT, "order.place", &f->buyer, order_params(f, NULL, 0, 1000));
    expect_only(f, R_OK, "stall.change", &f->farmer,
                json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "state", "closed"));
    expect_only(f, R_STALL_CLOSED, "order.place", &f->buyer, order_params(f, NULL, 1, 1000));
    expect_only(f, R_OK, "stall.change", &f->cadre,
                json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "slug", "khe-nhinh", "state", "open"));
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 1, 1000));
}

static void goods_come_back_when_an_order_is_cancelled(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    json_t *one = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 3000));
    json_t *two = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 4000));
    const char *first = text(json_object_get(one, "order"), "code"),
               *second = text(json_object_get(two, "order"), "code");
    assert_int_equal(available(f, 0), before - 7000);
    expect_only(f, R_OK, "order.cancel", &f->buyer, by_code(first));
    assert_int_equal(available(f, 0), before - 4000);
    expect_only(f, R_WRONG_MOMENT, "order.cancel", &f->buyer, by_code(first));
    expect_only(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, by_code(first));
    expect_only(f, R_OK, "order.confirm", &f->farmer, by_code(second));
    assert_true(books_fit(f));
    expect_only(f, R_WRONG_MOMENT, "order.confirm", &f->farmer, by_code(second));
    expect_only(f, R_WRONG_MOMENT, "order.cancel", &f->buyer, by_code(second)); /* too late for the buyer */
    json_t *params = by_code(second);
    json_object_set_new(params, "reason", json_string("Mưa lớn, không hái được"));
    json_t *body = expect(f, R_OK, "order.cancel", &f->farmer, params);
    assert_string_equal(text(json_object_get(body, "order"), "state"), "cancelled");
    assert_string_equal(text(json_object_get(body, "order"), "reason"), "Mưa lớn, không hái được");
    json_decref(body);
    assert_int_equal(available(f, 0), before);
    assert_true(books_fit(f));
    json_decref(one);
    json_decref(two);
}

static void orders_are_listed_page_by_page(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 7; i++)
        expect_only(f, R_CREATED, "order.place", i % 2 ? &f->buyer : &f->courier,
                    order_params(f, NULL, 1, 100));
    json_t *page =
        expect(f, R_OK, "order.list", &f->farmer, json_pack("{s:s,s:s}", "stall", "khe-nhinh", "limit", "5"));
    json_t *list = json_object_get(page, "orders");
    assert_int_equal(json_array_size(list), 5);
    int64_t last = number(json_array_get(list, 4), "id");
    json_decref(page);
    page = expect(f, R_OK, "order.list", &f->farmer,
                  json_pack("{s:s,s:i,s:I}", "stall", "khe-nhinh", "limit", 5, "before", (json_int_t)last));
    assert_int_equal(json_array_size(json_object_get(page, "orders")), 2);
    json_decref(page);
    page = expect(f, R_OK, "order.list", &f->buyer, NULL);
    assert_int_equal(json_array_size(json_object_get(page, "orders")), 3);
    json_decref(page);
    expect_only(f, R_FORBIDDEN, "order.list", &f->buyer, json_pack("{s:s}", "stall", "khe-nhinh"));
    expect_only(f, R_BAD_FIELD, "order.list", &f->buyer, json_pack("{s:i}", "limit", 101));
    json_t *state_now = expect(f, R_OK, "stall.get", &f->buyer, json_pack("{s:s}", "slug", "khe-nhinh"));
    assert_int_equal(json_array_size(json_object_get(state_now, "orders")), 3);
    json_decref(state_now);
    state_now = expect(f, R_OK, "stall.get", &f->farmer, json_pack("{s:s}", "slug", "khe-nhinh"));
    assert_int_equal(json_array_size(json_object_get(state_now, "orders")), 7);
    assert_true(json_is_true(json_object_get(state_now, "mine")));
    json_decref(state_now);
}

/* --- many at once --- */

struct racer {
    struct fixture *f;
    guint32 seed;
    int rounds;
    int won, sold_out, other;
};

static gpointer race_for_the_last(gpointer data)
{
    struct racer *racer = data;
    struct answer a = ask(racer->f, "order.place", &racer->f->buyer, order_params(racer->f, NULL, 4, 50));
    racer->won += a.result == R_CREATED;
    racer->sold_out += a.result == R_SOLD_OUT && number(a.body, "available") == 0;
    answer_free(&a);
    return NULL;
}

static void one_of_two_gets_the_last_bunches(void **state)
{
    struct fixture *f = *state;
    struct racer racers[2] = {{.f = f}, {.f = f}};
    GThread *threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = g_thread_new("racer", race_for_the_last, &racers[i]);
    for (int i = 0; i < 2; i++)
        g_thread_join(threads[i]);
    assert_int_equal(racers[0].won + racers[1].won, 1);
    assert_int_equal(racers[0].sold_out + racers[1].sold_out, 1);
    assert_int_equal(available(f, 4), 0);
}

static gpointer order_at_random(gpointer data)
{
    struct racer *racer = data;
    GRand *dice = g_rand_new_with_seed(racer->seed);
    for (int i = 0; i < racer->rounds; i++) {
        int lot = g_rand_int_range(dice, 0, 5);
        struct answer a =
            ask(racer->f, "order.place", &racer->f->buyer,
                order_params(racer->f, NULL, lot, g_rand_int_range(dice, 1, lot == 4 ? 3 : 400)));
        racer->won += a.result == R_CREATED;
        racer->sold_out += a.result == R_SOLD_OUT;
        racer->other += a.result != R_CREATED && a.result != R_SOLD_OUT;
        if (a.result == R_CREATED && g_rand_int_range(dice, 0, 10) == 0) {
            const char *code = text(json_object_get(a.body, "order"), "code");
            bool cancel = g_rand_boolean(dice);
            struct answer b =
                ask(racer->f, cancel ? "order.cancel" : "order.confirm", &racer->f->farmer, by_code(code));
            racer->other += b.result != R_OK;
            answer_free(&b);
        }
        answer_free(&a);
    }
    g_rand_free(dice);
    return NULL;
}

static void stock_never_falls_below_zero(void **state)
{
    struct fixture *f = *state;
    enum { THREADS = 8, ROUNDS = 1250 };
    struct racer racers[THREADS];
    GThread *threads[THREADS];
    int won = 0, sold_out = 0;
    for (guint i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.f = f, .seed = 20260913 + i, .rounds = ROUNDS};
        threads[i] = g_thread_new("buyer", order_at_random, &racers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        g_thread_join(threads[i]);
        assert_int_equal(racers[i].other, 0);
        won += racers[i].won;
        sold_out += racers[i].sold_out;
    }
    assert_int_equal(won + sold_out, THREADS * ROUNDS);
    assert_true(won > 0 && sold_out > 0);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), won);
    assert_int_equal(look(f, "SELECT MIN(available) < 0 FROM lot"), 0);
    assert_int_equal(
        look(f, "SELECT COUNT(*) FROM (SELECT code FROM orders GROUP BY code HAVING COUNT(*) > 1)"), 0);
    assert_true(books_fit(f));
    /* events came in the order of their ids, none missing, none twice */
    pthread_mutex_lock(&f->lock);
    for (guint i = 1; i < f->events->len; i++)
        assert_int_equal(number(f->events->pdata[i], "id"), number(f->events->pdata[i - 1], "id") + 1);
    pthread_mutex_unlock(&f->lock);
}

static void what_strangers_see_of_an_order_names_nobody(void **state)
{
    struct fixture *f = *state;
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 2000));
    pthread_mutex_lock(&f->lock);
    json_t *event = f->events->pdata[f->events->len - 1];
    assert_string_equal(text(event, "kind"), "order.placed");
    assert_int_equal(number(event, "person"), f->buyer.person);
    g_autofree char *open = json_dumps(json_object_get(event, "open"), JSON_COMPACT);
    assert_null(strstr(open, "912345678"));
    assert_null(strstr(open, "Mường Xén"));
    assert_null(strstr(open, "Lò Văn"));
    assert_non_null(strstr(open, "Bình"));
    assert_int_equal(
        number(json_array_get(json_object_get(json_object_get(event, "open"), "lots"), 0), "available"),
        38000);
    assert_string_equal(text(json_object_get(json_object_get(event, "full"), "order"), "phone"),
                        "+84912345678");
    pthread_mutex_unlock(&f->lock);
}

/* Two to five kilograms, what there is. */
static void a_range_takes_what_is_left_within_it(void **state)
{
    struct fixture *f = *state;
    int64_t leave = 3500;
    expect_only(f, R_CREATED, "order.place", &f->courier, order_params(f, NULL, 0, available(f, 0) - leave));
    json_t *params = order_params(f, NULL, 0, 5000);
    json_t *line = json_array_get(json_object_get(params, "lines"), 0);
    json_object_set_new(line, "min", json_integer(4000));
    json_t *problem = expect(f, R_SOLD_OUT, "order.place", &f->buyer, json_deep_copy(params));
    assert_int_equal(number(problem, "available"), leave);
    json_decref(problem);
    json_object_set_new(line, "min", json_integer(2000));
    json_t *stale = json_deep_copy(params);
    json_object_set_new(json_array_get(json_object_get(stale, "lines"), 0), "price",
                        json_integer(f->price[0] + 1));
    json_object_set_new(stale, "key", json_string(fresh_key()));
    expect_only(f, R_PRICE_CHANGED, "order.place", &f->buyer, stale);
    json_object_set_new(params, "key", json_string(fresh_key()));
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, json_deep_copy(params));
    json_t *order = json_object_get(body, "order");
    assert_int_equal(number(json_array_get(json_object_get(order, "lines"), 0), "quantity"), leave);
    assert_int_equal(number(order, "total"), (f->price[0] * leave + 500) / 1000);
    json_decref(body);
    assert_int_equal(available(f, 0), 0);
    expect_only(f, R_CREATED, "order.place", &f->buyer,
                json_deep_copy(params)); /* a repeat is the same order */
    json_object_set_new(params, "key", json_string(fresh_key()));
    expect_only(f, R_SOLD_OUT, "order.place", &f->buyer, json_deep_copy(params));
    json_object_set_new(line, "min", json_integer(5001));
    json_object_set_new(params, "key", json_string(fresh_key()));
    expect_only(f, R_BAD_FIELD, "order.place", &f->buyer, params);
    assert_true(books_fit(f));
}

static void nobody_gets_more_than_the_limit(void **state)
{
    struct fixture *f = *state;
    int64_t before = available(f, 0);
    expect_only(f, R_OK, "lot.change", &f->farmer,
                json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "limit", 3000));
    expect_only(f, R_LIMIT, "order.place", &f->buyer, order_params(f, NULL, 0, 3001));
    assert_int_equal(available(f, 0), before);
    json_t *body = expect(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 2000));
    json_t *problem = expect(f, R_LIMIT, "order.place", &f->buyer, order_params(f, NULL, 0, 1001));
    assert_int_equal(number(problem, "limit"), 3000);
    assert_int_equal(number(problem, "had"), 2000);
    assert_int_equal(number(problem, "lot"), f->lot[0]);
    json_decref(problem);
    /* a stranger with the same number is the same buyer; another number is another */
    json_t *params = order_params(f, NULL, 0, 2000);
    json_object_set_new(params, "phone", json_string("0987 111 222"));
    expect_only(f, R_CREATED, "order.place", &f->stranger, params);
    params = order_params(f, NULL, 0, 2000);
    json_object_set_new(params, "phone", json_string("+84 987111222"));
    expect_only(f, R_LIMIT, "order.place", &f->stranger, params);
    /* two lines of one lot are one claim; what was cancelled does not count; 0 takes the limit away */
    params = order_params(f, NULL, 0, 600);
    json_array_append_new(json_object_get(params, "lines"),
                          json_deep_copy(json_array_get(json_object_get(params, "lines"), 0)));
    expect_only(f, R_LIMIT, "order.place", &f->buyer, params);
    expect_only(
        f, R_OK, "order.cancel", &f->buyer,
        json_pack("{s:s,s:s}", "key", fresh_key(), "code", text(json_object_get(body, "order"), "code")));
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 3000));
    expect_only(f, R_OK, "lot.change", &f->farmer,
                json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "limit", 0));
    expect_only(f, R_CREATED, "order.place", &f->buyer, order_params(f, NULL, 0, 5000));
    json_decref(body);
    assert_true(books_fit(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_orders_two_kilograms),
        TEST(the_same_key_gives_the_same_order),
        TEST(a_new_order_reads_as_it_always_will),
        TEST(a_stranger_whose_answer_got_lost_gets_in_again),
        TEST(a_key_of_somebody_who_was_logged_in_makes_nothing_for_a_stranger),
        TEST(odd_quantities_are_refused),
        TEST(odd_fields_are_named),
        TEST(duplicate_lines_are_summed_before_they_are_checked),
        TEST(all_lines_or_none),
        TEST(goods_of_another_stall_are_not_to_be_had),
        TEST(the_buyer_pays_the_price_shown_or_is_asked),
        TEST(a_closed_stall_or_lot_sells_nothing),
        TEST(goods_come_back_when_an_order_is_cancelled),
        TEST(orders_are_listed_page_by_page),
        TEST(one_of_two_gets_the_last_bunches),
        TEST(stock_never_falls_below_zero),
        TEST(what_strangers_see_of_an_order_names_nobody),
        TEST(a_range_takes_what_is_left_within_it),
        TEST(nobody_gets_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
