#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>
#include "unit.h"
#include "market/edge/private.h"
#include "market/edge/webpush.h"
#include "market/trade/push.h"

/* RFC 8291, section 5 and appendix A. */
#define RFC_AS_PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define RFC_AS_PUBLIC "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
#define RFC_UA_PUBLIC "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define RFC_AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define RFC_SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define RFC_TEXT "When I grow up, I want to be a watermelon"
#define RFC_BODY                                                                                              \
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK" \
    "6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

static guchar *bytes_of(const char *text, gsize *length)
{
    g_autofree char *usual = g_strconcat(text, &"==="[(strlen(text) + 3) % 4], NULL);
    g_strdelimit(usual, "-", '+');
    g_strdelimit(usual, "_", '/');
    return g_base64_decode(usual, length);
}

static char *text_of(const GByteArray *bytes)
{
    char *text = g_base64_encode(bytes->data, bytes->len);
    g_strdelimit(text, "+", '-');
    g_strdelimit(text, "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

static EVP_PKEY *rfc_pair(void)
{
    gsize private_length, public_length;
    g_autofree guchar *private = bytes_of(RFC_AS_PRIVATE, &private_length);
    g_autofree guchar *public = bytes_of(RFC_AS_PUBLIC, &public_length);
    char curve[] = "P-256";
    EVP_PKEY *key = NULL;
    for (gsize i = 0; i < private_length / 2; i++) { /* OSSL_PARAM numbers are in the machine's order */
        guchar other = private[i];
        private[i] = private[private_length - 1 - i];
        private[private_length - 1 - i] = other;
    }
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public, public_length),
                           OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private, private_length),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

TEST(the_example_of_rfc_8291)
{
    UNUSED_STATE;
    gsize length;
    g_autofree guchar *salt = bytes_of(RFC_SALT, &length);
    assert_int_equal(length, WEBPUSH_SALT);
    EVP_PKEY *once = rfc_pair();
    GByteArray *sealed = webpush_seal_with(once, salt, RFC_UA_PUBLIC, RFC_AUTH, RFC_TEXT, strlen(RFC_TEXT));
    assert_non_null(sealed);
    g_autofree char *text = text_of(sealed);
    assert_string_equal(text, RFC_BODY);
    g_byte_array_unref(sealed);
    EVP_PKEY_free(once);
}

TEST(no_message_for_what_is_no_key)
{
    UNUSED_STATE;
    char long_text[WEBPUSH_TEXT_MAX + 1] = {0};
    char off_curve[] = RFC_UA_PUBLIC;
    off_curve[40] = off_curve[40] == 'A' ? 'B' : 'A';
    assert_null(webpush_seal(off_curve, RFC_AUTH, "x", 1));
    assert_null(webpush_seal("", RFC_AUTH, "x", 1));
    assert_null(webpush_seal(RFC_UA_PUBLIC, "short", "x", 1));
    assert_null(webpush_seal(RFC_UA_PUBLIC, RFC_AUTH, long_text, sizeof long_text));
    GByteArray *most = webpush_seal(RFC_UA_PUBLIC, RFC_AUTH, long_text, WEBPUSH_TEXT_MAX);
    assert_non_null(most);
    assert_int_equal(most->len, 16 + 5 + 65 + WEBPUSH_TEXT_MAX + 17);
    g_byte_array_unref(most);
}

TEST(the_key_is_made_once_and_is_ours_alone)
{
    UNUSED_STATE;
    const char *why = "";
    struct stat seen;
    char folder[] = "/tmp/webpush-XXXXXX";
    assert_non_null(mkdtemp(folder));
    g_autofree char *file = g_build_filename(folder, "push-key.pem", NULL);
    struct webpush_key *first = webpush_key_open(file, &why), *second = webpush_key_open(file, &why);
    assert_non_null(first);
    assert_non_null(second);
    assert_string_equal(webpush_key_public(first), webpush_key_public(second));
    assert_int_equal(strlen(webpush_key_public(first)), WEBPUSH_PUBLIC_CHARS);
    assert_int_equal(stat(file, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    g_autofree char *head = webpush_authorization(first, "https://push.example/a/b", "mailto:a@b.example", 1000);
    assert_true(g_str_has_prefix(head, "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."));
    assert_null(webpush_authorization(first, "http://push.example/a", "mailto:a@b.example", 1000));
    webpush_key_free(first);
    webpush_key_free(second);
    assert_true(g_file_set_contents(file, "nothing", -1, NULL));
    assert_null(webpush_key_open(file, &why));
    assert_string_equal(why, "push-key.pem is no P-256 key");
    unlink(file);
    rmdir(folder);
}

TEST(only_a_push_service_may_be_asked_for)
{
    UNUSED_STATE;
    static const char *const good[] = {"https://fcm.googleapis.com/fcm/send/abc:def", "https://updates.push.services.mozilla.com/wpush/v2/x",
                                       "https://web.push.apple.com:443/QGu", "https://sg2p.notify.windows.com/w/?token=a%3d"};
    static const char *const bad[] = {
        "http://push.example.com/1", "https://127.0.0.1/1", "https://127.1/1", "https://2130706433/1", "https://0x7f.0.0.1/1",
        "https://[::1]/1", "https://localhost/1", "https://router.local/1", "https://db.internal/1", "https://a@push.example.com/1",
        "https://push.example.com:8443/1", "https://push.example.com", "https://push.example.com/a b", "https:///1",
        "https://push.example.com\\@evil/1", "https://push.example.com./1", "https://.example.com/1", "ftp://push.example.com/1"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        if (!push_endpoint_ok(good[i], NULL))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (push_endpoint_ok(bad[i], NULL))
            fail_msg("%s is taken", bad[i]);
    assert_true(push_endpoint_ok("https://localhost:9000/1", "localhost:9000"));
    assert_false(push_endpoint_ok("https://localhost:9001/1", "localhost:9000"));
    assert_false(push_endpoint_ok("https://localhost:9000.evil/1", "localhost:9000"));
}

static bool is_private(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return private_address((const struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return private_address((const struct sockaddr *)&in6);
}

TEST(private_addresses_are_not_dialled)
{
    UNUSED_STATE;
    static const char *const inner[] = {"127.0.0.1", "10.1.2.3", "172.31.255.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
                                        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
                                        "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1", "2001::1"};
    static const char *const outer[] = {"1.1.1.1", "172.32.0.1", "142.250.1.1", "2606:4700::1", "2001:4860::8888", "::ffff:8.8.8.8"};
    for (size_t i = 0; i < G_N_ELEMENTS(inner); i++)
        if (!is_private(inner[i]))
            fail_msg("%s is dialled", inner[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(outer); i++)
        if (is_private(outer[i]))
            fail_msg("%s is not dialled", outer[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_8291),
        cmocka_unit_test(no_message_for_what_is_no_key),
        cmocka_unit_test(the_key_is_made_once_and_is_ours_alone),
        cmocka_unit_test(only_a_push_service_may_be_asked_for),
        cmocka_unit_test(private_addresses_are_not_dialled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
