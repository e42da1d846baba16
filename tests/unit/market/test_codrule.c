/* The bounds of cash at the door are settings: at their edges, by whom, and what they change. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/trade/codrule.h"

static json_t *bounds(int64_t refusals, int64_t days, int64_t owed_max)
{
    return json_pack("{s:s,s:I,s:I,s:I}", "key", fresh_key(), "refusals", (json_int_t)refusals, "days",
                     (json_int_t)days, "owed_max", (json_int_t)owed_max);
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *list(struct fixture *f)
{
    json_t *body = expect(f, R_OK, "cod.rules", &f->cadre, NULL);
    json_t *rows = json_incref(json_object_get(body, "bounds"));
    json_decref(body);
    return rows;
}

/* What the order's page says of it: the reason, and the bound it was held against. */
static void expect_said(struct fixture *f, const char *code, const char *why, int64_t owed_max)
{
    json_t *body = expect(f, R_OK, "payment.get", &f->cadre, json_pack("{s:s}", "code", code));
    const json_t *cash = json_object_get(body, "cash");
    const char *said = json_string_value(json_object_get(cash, "pay_first"));
    assert_string_equal(said ? said : "", why);
    assert_int_equal(number(cash, "owed_max"), owed_max);
    json_decref(body);
}

static void what_is_set_counts_at_once_and_is_kept_by_name(void **state)
{
    struct fixture *f = *state;
    json_t *rows = list(f);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(number(json_array_get(rows, 0), "owed_max"), 5000000);
    assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "made_by")));
    json_decref(rows);
    json_t *body = expect(f, R_CREATED, "order.place", &f->stranger, order_params(f, NULL, 0, 2000));
    const json_t *order = json_object_get(body, "order");
    g_autofree char *code = g_strdup(json_string_value(json_object_get(order, "code")));
    int64_t total = number(order, "total");
    json_decref(body);
    expect_said(f, code, "", 5000000);
    expect_only(f, R_CREATED, "cod.set", &f->admin, bounds(2, 30, total)); /* exactly this much goes */
    expect_said(f, code, "", total);
    expect_only(f, R_CREATED, "cod.set", &f->admin, bounds(2, 30, total - 1));
    expect_said(f, code, "cod-cap", total - 1);
    expect_only(f, R_OK, "order.confirm", &f->farmer,
                json_pack("{s:s,s:s}", "key", fresh_key(), "code", code));
    expect_said(f, code, "cod-cap", total - 1);
    rows = list(f);
    assert_int_equal(json_array_size(rows), 3);
    assert_int_equal(number(json_array_get(rows, 0), "owed_max"), total - 1);
    assert_int_equal(number(json_array_get(rows, 1), "owed_max"), total);
    assert_true(json_is_string(json_object_get(json_array_get(rows, 0), "made_by")));
    json_decref(rows);
    json_t *mine = expect(f, R_OK, "cod.mine", &f->stranger, NULL);
    assert_int_equal(number(json_object_get(mine, "cash"), "left"), total - 1);
    assert_int_equal(number(json_object_get(mine, "cash"), "refusals"), 2);
    assert_int_equal(number(json_object_get(mine, "cash"), "days"), 30);
    json_decref(mine);
}

static void beyond_the_range_nothing_is_set(void **state)
{
    struct fixture *f = *state;
    static const int64_t bad[][3] = {
        {0, 90, 1},  {CODRULE_REFUSALS_MAX + 1, 90, 1}, {3, 0, 1},         {3, CODRULE_DAYS_MAX + 1, 1},
        {3, 90, -1}, {3, 90, CODRULE_OWED_MAX + 1},     {INT64_MAX, 90, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        expect_only(f, R_BAD_FIELD, "cod.set", &f->admin, bounds(bad[i][0], bad[i][1], bad[i][2]));
    expect_only(f, R_FORBIDDEN, "cod.set", &f->cadre, bounds(3, 90, 1));
    json_t *rows = list(f);
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
    expect_only(f, R_CREATED, "cod.set", &f->admin, bounds(1, 1, 0));
    expect_only(f, R_CREATED, "cod.set", &f->admin,
                bounds(CODRULE_REFUSALS_MAX, CODRULE_DAYS_MAX, CODRULE_OWED_MAX));
}

static void only_the_newest_are_shown(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= CODRULES_SHOWN; i++)
        expect_only(f, R_CREATED, "cod.set", &f->admin, bounds(3, i, 1000));
    json_t *rows = list(f);
    assert_int_equal(json_array_size(rows), CODRULES_SHOWN);
    assert_int_equal(number(json_array_get(rows, 0), "days"), CODRULES_SHOWN);
    assert_int_equal(number(json_array_get(rows, CODRULES_SHOWN - 1), "days"), 1);
    json_decref(rows);
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_is_set_counts_at_once_and_is_kept_by_name),
        DESK_TEST(beyond_the_range_nothing_is_set),
        DESK_TEST(only_the_newest_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
