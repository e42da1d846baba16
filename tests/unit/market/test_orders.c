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
    expect_only(f, R_NOT_LOGGED_IN, "order.get", &f->stranger, json_pack("{s:s}", "code", text(order, "code")));
    answer_free(&a);
    assert_true(books_fit(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stranger_orders_two_kilograms, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
