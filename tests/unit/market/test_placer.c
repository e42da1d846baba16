/* Orders that the village team places for a household: they are the household's, once it has logged in with
 * its number, and nobody else's. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

static json_t *order_for(struct fixture *f, const char *phone)
{
    json_t *params = order_params(f, NULL, 0, 1000);
    json_object_set_new(params, "phone", json_string(phone));
    return params;
}

/* Places it and gives its code; for g_free. */
static char *place(struct fixture *f, const struct who *who, const char *phone, const char *placed_by)
{
    json_t *body = expect(f, R_CREATED, "order.place", who, order_for(f, phone));
    const json_t *order = json_object_get(body, "order");
    const char *by = json_string_value(json_object_get(order, "placed_by"));
    assert_string_equal(by ? by : "", placed_by);
    char *code = g_strdup(json_string_value(json_object_get(order, "code")));
    json_decref(body);
    return code;
}

/* What is in somebody's own list of orders about this one: its placer, "" for none, NULL: not there. For
 * g_free. */
static char *listed(struct fixture *f, const struct who *who, const char *code)
{
    char *by = NULL;
    size_t i;
    json_t *order, *body = expect(f, R_OK, "order.list", who, NULL);
    json_array_foreach(json_object_get(body, "orders"), i, order)
    {
        const char *name = json_string_value(json_object_get(order, "placed_by"));
        if (!strcmp(json_string_value(json_object_get(order, "code")), code))
            by = g_strdup(name ? name : "");
    }
    json_decref(body);
    return by;
}

static json_t *me(struct fixture *f, const struct who *who, const char *name)
{
    json_t *body = expect(f, R_OK, "person.me", who, NULL);
    json_t *value = json_incref(json_object_get(json_object_get(body, "person"), name));
    json_decref(body);
    return value;
}

static json_t *coded(const char *code)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "code", code);
}

static void it_is_the_households_as_if_it_had_ordered(void **state)
{
    struct fixture *f = *state;
    json_t *phone = me(f, &f->buyer, "phone"), *team = me(f, &f->cadre, "name");
    g_autofree char *code = place(f, &f->cadre, json_string_value(phone), json_string_value(team));
    g_autofree char *theirs = listed(f, &f->buyer, code), *teams = listed(f, &f->cadre, code),
                    *others = listed(f, &f->courier, code);
    assert_string_equal(theirs, json_string_value(team));
    assert_string_equal(teams, json_string_value(team)); /* the team goes on seeing what it placed */
    assert_null(others);
    expect_only(f, R_UNKNOWN, "order.get", &f->courier, json_pack("{s:s}", "code", code));
    json_t *wish = coded(code);
    json_object_set_new(wish, "way", json_string("cash"));
    expect_only(f, R_OK, "order.pay_way", &f->buyer, wish);
    /* its news are the household's */
    const json_t *last = g_ptr_array_index(f->events, f->events->len - 1);
    assert_int_equal(json_integer_value(json_object_get(last, "person")), f->buyer.person);
    expect_only(f, R_OK, "order.cancel", &f->buyer, coded(code));
    assert_true(books_fit(f));
    json_decref(phone);
    json_decref(team);
}

static void a_number_nobody_logs_in_with_becomes_a_person_who_can(void **state)
{
    static const char number[] = "0977 111 222";
    struct fixture *f = *state;
    json_t *team = me(f, &f->cadre, "name");
    int64_t before = look(f, "SELECT COUNT(*) FROM person");
    g_autofree char *first = place(f, &f->cadre, number, json_string_value(team)),
                    *second = place(f, &f->cadre, number, json_string_value(team));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM person"), before + 1);
    /* who only types the number is somebody else */
    struct answer stranger = ask(f, "order.place", &f->stranger, order_for(f, number));
    struct who typed = f->stranger;
    assert_int_equal(stranger.result, R_CREATED);
    assert_true(desk_who_cookie(f->desk, stranger.cookie, &typed));
    assert_null(listed(f, &typed, first));
    expect_only(f, R_UNKNOWN, "order.get", &typed, json_pack("{s:s}", "code", first));
    answer_free(&stranger);
    /* written down by the office, it is this person; a second time it is known */
    json_t *person = json_pack("{s:s,s:s,s:s,s:[s,s]}", "key", fresh_key(), "name", "Lương Thị Mai", "phone",
                               number, "roles", "farmer", "buyer");
    json_t *added = expect(f, R_CREATED, "person.add", &f->cadre, json_incref(person));
    json_int_t id = json_integer_value(json_object_get(json_object_get(added, "person"), "id"));
    json_object_set_new(person, "key", json_string(fresh_key()));
    json_t *link =
        expect(f, R_CREATED, "person.link", &f->cadre, json_pack("{s:s,s:I}", "key", fresh_key(), "id", id));
    expect_only(f, R_ALREADY, "person.add", &f->cadre, person);
    const char *secret = json_string_value(json_object_get(link, "url")) + strlen("/l/");
    struct answer in = ask(f, "person.login_link", &f->stranger, json_pack("{s:s}", "code", secret));
    struct who household = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, &household));
    assert_int_equal(household.person, id);
    g_autofree char *one = listed(f, &household, first), *two = listed(f, &household, second);
    assert_string_equal(one, json_string_value(team));
    assert_string_equal(two, json_string_value(team));
    json_t *both = json_pack("{s:s,s:[s,s]}", "key", fresh_key(), "orders", first, second);
    json_t *merged = expect(f, R_OK, "order.merge", &household, both);
    assert_string_equal(json_string_value(json_object_get(json_object_get(merged, "order"), "placed_by")),
                        json_string_value(team));
    assert_true(books_fit(f));
    json_decref(merged);
    json_decref(link);
    json_decref(added);
    json_decref(team);
    answer_free(&in);
}

static void the_own_number_and_other_roles_change_nothing(void **state)
{
    struct fixture *f = *state;
    json_t *own = me(f, &f->cadre, "phone"), *theirs = me(f, &f->buyer, "phone");
    g_autofree char *mine = place(f, &f->cadre, json_string_value(own), ""),
                    *farmers = place(f, &f->farmer, json_string_value(theirs), "");
    g_autofree char *listed_mine = listed(f, &f->cadre, mine);
    assert_string_equal(listed_mine, "");
    assert_null(listed(f, &f->buyer, farmers));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM order_placer"), 0);
    /* another's credit is not spent in passing */
    json_t *params = order_for(f, json_string_value(theirs));
    json_object_set_new(params, "credit", json_integer(1000));
    expect_only(f, R_BAD_FIELD, "order.place", &f->cadre, params);
    json_decref(own);
    json_decref(theirs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_the_households_as_if_it_had_ordered),
        TEST(a_number_nobody_logs_in_with_becomes_a_person_who_can),
        TEST(the_own_number_and_other_roles_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
