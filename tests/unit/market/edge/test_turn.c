#include <glib.h>
#include "unit.h"
#include "market/edge/turn.h"

/* The credential was computed with `printf %s USER | openssl dgst -sha1 -hmac SECRET -binary | base64`. */
TEST(the_credential_is_what_coturn_computes)
{
    UNUSED_STATE;
    char credential[TURN_CREDENTIAL_CHARS + 1];
    assert_true(turn_credential("north", "1735689600:0123abcd", credential));
    assert_string_equal(credential, "hffCRf1OZ3+0BDb6cRSbCBUrFQY=");
}

TEST(the_link_header_of_a_turn_server)
{
    UNUSED_STATE;
    g_autofree char *link =
        turn_link("turn:turn.example:3478?transport=udp", "north", "0123abcd", 1735689600);
    assert_string_equal(link,
                        "<turn:turn.example:3478?transport=udp>; rel=\"ice-server\"; "
                        "username=\"1735689600:0123abcd\"; credential=\"hffCRf1OZ3+0BDb6cRSbCBUrFQY=\"; "
                        "credential-type=\"password\"");
}

TEST(a_stun_server_has_no_credentials)
{
    UNUSED_STATE;
    g_autofree char *link = turn_link("stun:stun.example", NULL, "0123abcd", 0);
    assert_string_equal(link, "<stun:stun.example>; rel=\"ice-server\"");
}

TEST(only_addresses_that_fit_a_header)
{
    UNUSED_STATE;
    assert_true(turn_url_ok("turn:turn.example:3478"));
    assert_true(turn_url_ok("turns:turn.example:5349?transport=tcp"));
    assert_true(turn_url_ok("turn:[2001:db8::1]:3478"));
    assert_true(turn_url_ok("stun:192.0.2.1"));
    assert_false(turn_url_ok(""));
    assert_false(turn_url_ok("turn:"));
    assert_false(turn_url_ok("http://turn.example"));
    assert_false(turn_url_ok("turn:a>; rel=\"next\""));
    assert_false(turn_url_ok("turn:a\r\nx: y"));
    assert_false(turn_url_ok("turn:a,stun:b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_credential_is_what_coturn_computes),
        cmocka_unit_test(the_link_header_of_a_turn_server),
        cmocka_unit_test(a_stun_server_has_no_credentials),
        cmocka_unit_test(only_addresses_that_fit_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
