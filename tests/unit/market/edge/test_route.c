#include "unit.h"
#include <glib.h>
#include "market/edge/route.h"

static const struct route *found(const char *method, const char *path)
{
    struct route_match match;
    return route_find(method, path, &match) ? match.route : NULL;
}

static void leads(const char *method, const char *path, const char *command)
{
    const struct route *route = found(method, path);
    assert_non_null(route);
    assert_string_equal(route->command, command);
}

TEST(paths_find_their_command)
{
    UNUSED_STATE;
    leads("POST", "/api/v1/orders", "order.place");
    leads("GET", "/api/v1/orders", "order.list");
    leads("GET", "/api/v1/orders/CX7K3M9P2Q", "order.get");
    leads("POST", "/api/v1/orders/CX7K3M9P2Q/cancel", "order.cancel");
    leads("HEAD", "/api/v1/stalls/khe-nhinh", "stall.get");
    leads("DELETE", "/api/v1/stalls/khe-nhinh/tokens/12", "token.revoke");
    leads("GET", "/s/khe-nhinh", "stall.get");
    leads("POST", "/whep/khe-nhinh", "live.allowed");
    assert_int_equal(found("DELETE", "/whip/a/0123456789abcdef0123456789abcdef")->door, DOOR_WHIP);
    assert_string_equal(found("GET", "/")->file, "index.html");
    assert_int_equal(found("GET", "/healthz")->door, DOOR_HEALTH);
    assert_int_equal(found("GET", "/manifest.webmanifest")->door, DOOR_ASSET);
}

TEST(odd_paths_lead_nowhere)
{
    UNUSED_STATE;
    static const char *const odd[] = {"",
                                      "//",
                                      "/api/v1/orders/",
                                      "/api/v1/orders/a/b",
                                      "/api/v1/lots/x",
                                      "/api/v1/lots/-1",
                                      "/api/v1/lots/9999999999999999999",
                                      "/s/Khe",
                                      "/s/a.b",
                                      "/s/",
                                      "/s/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                      "/whip/a/0123",
                                      "/whip/a/0123456789ABCDEF0123456789ABCDEF",
                                      "/assets/.git",
                                      "/assets/..",
                                      "/assets/../x",
                                      "/assets/a/b",
                                      "/media/a/..",
                                      "/media/../x.jpg",
                                      "/.env",
                                      "/assets/a%2e",
                                      "/api/v1/stalls/a b",
                                      "/api/v1",
                                      "/api/v2/me",
                                      "/l/",
                                      "/orders/<x>"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct route_match match;
        if (route_find("GET", odd[i], &match) || route_find("POST", odd[i], &match) || match.allow)
            fail_msg("%s leads somewhere", odd[i]);
    }
}

TEST(a_known_path_with_another_method_says_which_it_takes)
{
    UNUSED_STATE;
    struct route_match match;
    char allow[64];
    assert_false(route_find("DELETE", "/api/v1/me", &match));
    route_allow(match.allow, allow, sizeof allow);
    assert_string_equal(allow, "GET, HEAD");
    assert_false(route_find("PUT", "/whip/khe-nhinh", &match));
    route_allow(match.allow, allow, sizeof allow);
    assert_string_equal(allow, "GET, HEAD, POST, OPTIONS");
    assert_false(route_find("TRACE", "/api/v1/me", &match));
}

TEST(parameters_have_types)
{
    UNUSED_STATE;
    struct route_match match;
    json_t *params = json_object();
    assert_true(route_find("DELETE", "/api/v1/stalls/khe-nhinh/tokens/42", &match));
    route_params(&match, params);
    assert_string_equal(json_string_value(json_object_get(params, "slug")), "khe-nhinh");
    assert_int_equal(json_integer_value(json_object_get(params, "id")), 42);
    json_decref(params);
}

TEST(only_what_is_meant_for_it_may_be_called_on_the_socket)
{
    UNUSED_STATE;
    assert_non_null(route_call("order.place"));
    assert_non_null(route_call("live.stop"));
    assert_null(route_call("person.add"));
    assert_null(route_call("token.add"));
    assert_null(route_call("live.publishing"));
    assert_null(route_call(""));
}

TEST(every_row_is_whole)
{
    UNUSED_STATE;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *r = &route_table[i];
        assert_int_equal(r->pattern[0], '/');
        assert_non_null(r->who);
        if (r->door == DOOR_DESK)
            assert_non_null(r->command);
        if (r->door == DOOR_PAGE)
            assert_non_null(r->file);
        bool reads = !strcmp(r->method, "GET") || !strcmp(r->method, "OPTIONS");
        assert_int_equal(
            reads,
            !(r->flags & ROUTE_WRITE)); /* no state changes on GET, and none without the origin check */
        for (size_t j = i + 1; j < route_count; j++)
            assert_false(!strcmp(r->method, route_table[j].method) &&
                         !strcmp(r->pattern, route_table[j].pattern));
    }
    json_t *json = route_json();
    assert_int_equal(json_array_size(json), route_count);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_command),
        cmocka_unit_test(odd_paths_lead_nowhere),
        cmocka_unit_test(a_known_path_with_another_method_says_which_it_takes),
        cmocka_unit_test(parameters_have_types),
        cmocka_unit_test(only_what_is_meant_for_it_may_be_called_on_the_socket),
        cmocka_unit_test(every_row_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
