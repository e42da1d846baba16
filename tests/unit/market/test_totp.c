/* One-time codes against RFC 6238, their window and their text; recovery codes; what is sealed. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/trade/recovery.h"
#include "market/trade/seal.h"
#include "market/trade/totp.h"

static const uint8_t rfc[TOTP_SECRET] = "12345678901234567890";

/* RFC 6238 appendix B, SHA-1; it writes eight digits, of which apps show the last six. */
static const struct {
    int64_t at_s;
    const char *code;
} vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
               {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};

static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        char code[TOTP_DIGITS + 1];
        totp_code(rfc, totp_step(vectors[i].at_s * 1000), code);
        assert_string_equal(code, vectors[i].code);
        assert_int_equal(totp_match(rfc, code, vectors[i].at_s * 1000, 0), vectors[i].at_s / 30);
    }
}

static void a_code_counts_a_step_early_and_late_and_once(void **state)
{
    (void)state;
    char code[TOTP_DIGITS + 1];
    const int64_t step = 41152263, at = step * TOTP_STEP_MS;
    totp_code(rfc, step, code);
    assert_int_equal(totp_match(rfc, code, at - TOTP_STEP_MS, 0), step);
    assert_int_equal(totp_match(rfc, code, at - TOTP_STEP_MS - 1, 0), 0);
    assert_int_equal(totp_match(rfc, code, at + 2 * TOTP_STEP_MS - 1, 0), step);
    assert_int_equal(totp_match(rfc, code, at + 2 * TOTP_STEP_MS, 0), 0);
    assert_int_equal(totp_match(rfc, code, at, step - 1), step);
    assert_int_equal(totp_match(rfc, code, at, step), 0);     /* taken */
    assert_int_equal(totp_match(rfc, code, at, step + 1), 0); /* a newer one was taken */
    code[5] ^= 1;
    assert_int_equal(totp_match(rfc, code, at, 0), 0);
}

static void what_is_typed_is_read_as_apps_show_it(void **state)
{
    (void)state;
    char code[TOTP_DIGITS + 1], paper[RECOVERY_CHARS + 1];
    assert_true(totp_read("287 082", code));
    assert_string_equal(code, "287082");
    static const char *const bad[] = {"", "28708", "2870821", "28708a", "-87082", "２８７０８２"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_false(totp_read(bad[i], code));
    assert_true(recovery_read(" abcde-01il0 ", paper));
    assert_string_equal(paper, "ABCDE01110");
    assert_true(recovery_read("OOOOO OOOOO", paper));
    assert_string_equal(paper, "0000000000");
    static const char *const rubbish[] = {"", "ABCDE-0123", "ABCDE-012345", "ABCDE-0123U", "ABCDE_01234"};
    for (size_t i = 0; i < G_N_ELEMENTS(rubbish); i++)
        assert_false(recovery_read(rubbish[i], paper));
}

static void the_secret_goes_to_the_app_as_its_key_format_wants(void **state)
{
    (void)state;
    char text[TOTP_TEXT + 1];
    totp_text(rfc, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    g_autofree char *uri = totp_uri(rfc, "Chợ Nương", "0912345678@cho.example:8443");
    assert_string_equal(uri, "otpauth://totp/Ch%E1%BB%A3%20N%C6%B0%C6%A1ng:0912345678%40cho.example%3A8443"
                             "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ch%E1%BB%A3%20N%C6%B0%C6%A1ng");
}

static void recovery_codes_differ_and_are_known_by_their_print_alone(void **state)
{
    (void)state;
    struct recovery codes;
    char read[RECOVERY_CHARS + 1], print[ID_HASH_CHARS + 1];
    assert_true(recovery_make(&codes));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        assert_int_equal(strlen(codes.code[i]), RECOVERY_SHOWN);
        for (int other = 0; other < i; other++)
            assert_string_not_equal(codes.code[i], codes.code[other]);
        assert_null(strstr(codes.print[i], codes.code[i]));
    }
    assert_true(recovery_read(codes.code[3], read) && recovery_print(read, codes.salt, print));
    assert_string_equal(print, codes.print[3]);
    assert_true(recovery_print(read, "another salt", print));
    assert_string_not_equal(print, codes.print[3]);
}

static void what_is_sealed_opens_for_its_person_with_its_key_alone(void **state)
{
    (void)state;
    const char *why = NULL;
    g_autofree char *folder = g_dir_make_tmp("seal-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "factor-key", NULL),
                    *other = g_build_filename(folder, "other", NULL);
    struct seal *seal = seal_open(file, &why), *strange = seal_open(other, &why);
    assert_true(seal && strange);
    struct stat found;
    assert_int_equal(stat(file, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    g_autofree char *sealed = seal_close(seal, 7, rfc, sizeof rfc),
                    *again = seal_close(seal, 7, rfc, sizeof rfc);
    assert_string_not_equal(sealed, again);
    uint8_t out[TOTP_SECRET] = {0};
    assert_false(seal_read(seal, 8, sealed, out, sizeof out) ||
                 seal_read(strange, 7, sealed, out, sizeof out) || seal_read(seal, 7, "", out, sizeof out) ||
                 seal_read(seal, 7, sealed, out, sizeof out - 1));
    sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
    assert_false(seal_read(seal, 7, sealed, out, sizeof out));
    seal_free(seal);
    seal = seal_open(file, &why); /* the same key after a restart */
    assert_true(seal_read(seal, 7, again, out, sizeof out));
    assert_memory_equal(out, rfc, sizeof rfc);
    seal_free(seal);
    seal_free(strange);
    assert_true(g_file_set_contents(other, "half a key", -1, NULL));
    assert_null(seal_open(other, &why));
    assert_string_equal(why, "factor-key is not a key of ours");
    unlink(other);
    unlink(file);
    rmdir(folder);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_code_counts_a_step_early_and_late_and_once),
        cmocka_unit_test(what_is_typed_is_read_as_apps_show_it),
        cmocka_unit_test(the_secret_goes_to_the_app_as_its_key_format_wants),
        cmocka_unit_test(recovery_codes_differ_and_are_known_by_their_print_alone),
        cmocka_unit_test(what_is_sealed_opens_for_its_person_with_its_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
