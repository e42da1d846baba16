/* Layer base: money, quantities, texts, phones, codes, fields, log lines, settings. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "market/base/clock.h"
#include "market/base/config.h"
#include "market/base/fields.h"
#include "market/base/id.h"
#include "market/base/log.h"
#include "market/base/money.h"
#include "market/base/result.h"
#include "market/base/shape.h"
#include "market/base/text.h"

static int64_t cost(int64_t price, int64_t count, enum unit unit)
{
    struct money p, amount;
    if (!money_make(&p, price) || !money_of(&amount, p, (struct quantity){count, unit}))
        return -1;
    return money_dong(amount);
}

static void a_kilogram_price_is_rounded_half_up(void **state)
{
    (void)state;
    assert_int_equal(cost(15000, 1000, UNIT_KG), 15000);
    assert_int_equal(cost(15000, 1500, UNIT_KG), 22500);
    assert_int_equal(cost(1, 499, UNIT_KG), 0);
    assert_int_equal(cost(1, 500, UNIT_KG), 1);
    assert_int_equal(cost(3, 1500, UNIT_KG), 5); /* 4.5 */
    assert_int_equal(cost(333, 1, UNIT_KG), 0);
    assert_int_equal(cost(8000, 3, UNIT_BUNCH), 24000);
    assert_int_equal(cost(8000, 0, UNIT_PIECE), 0);
}

static void money_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct money a, b;
    assert_false(money_make(&a, MONEY_MAX + 1));
    assert_false(money_make(&a, INT64_MIN));
    assert_true(money_make(&a, MONEY_MAX));
    assert_true(money_make(&b, 1));
    struct money sum = b;
    assert_false(money_add(&sum, a, b));
    assert_int_equal(money_dong(sum), 1); /* untouched */
    assert_true(money_sub(&sum, b, a));
    assert_int_equal(money_dong(sum), 1 - MONEY_MAX);
    assert_int_equal(money_compare(sum, a), -1);
    assert_int_equal(cost(100000000, INT64_MAX, UNIT_KG), -1);
    assert_int_equal(cost(INT64_C(900000000000000), 20000, UNIT_KG), -1);
    assert_int_equal(cost(-1, 1, UNIT_PIECE), -1);
    assert_int_equal(cost(1, -1, UNIT_PIECE), -1);
}

static void units_do_not_mix(void **state)
{
    (void)state;
    enum unit unit;
    struct quantity sum = {7, UNIT_KG};
    assert_true(quantity_add(&sum, (struct quantity){1, UNIT_KG}, (struct quantity){2, UNIT_KG}));
    assert_int_equal(sum.count, 3);
    assert_false(quantity_add(&sum, (struct quantity){1, UNIT_KG}, (struct quantity){2, UNIT_BUNCH}));
    assert_false(quantity_add(&sum, (struct quantity){QUANTITY_MAX, UNIT_KG}, (struct quantity){1, UNIT_KG}));
    assert_false(quantity_add(&sum, (struct quantity){INT64_MAX, UNIT_KG}, (struct quantity){1, UNIT_KG}));
    assert_true(unit_read("bunch", &unit) && unit == UNIT_BUNCH);
    assert_false(unit_read("g", &unit));
    assert_false(unit_read(NULL, &unit));
}

static void check_clean(const char *in, enum text_kind kind, size_t max, const char *expected)
{
    g_autofree char *out = text_clean(in, kind, 1, max);
    if (!expected)
        assert_null(out);
    else {
        assert_non_null(out);
        assert_string_equal(out, expected);
    }
}

static void texts_are_tidied_or_refused(void **state)
{
    (void)state;
    check_clean("  Cụt   Thị Hương ", TEXT_LINE, 80, "Cụt Thị Hương");
    check_clean("a\nb", TEXT_LINE, 80, NULL);
    check_clean("a \n\n b\t\r\n", TEXT_BLOCK, 80, "a\nb");
    check_clean("a\rb", TEXT_LINE, 80, NULL);
    check_clean("a\x01", TEXT_BLOCK, 80, NULL);
    check_clean("abc\xff", TEXT_LINE, 80, NULL);
    check_clean("abc\xe2\x80\xae gpj", TEXT_LINE, 80, NULL); /* right-to-left override */
    check_clean("a\xe2\x80\x8b"
                "b",
                TEXT_LINE, 80, NULL);                      /* zero-width space */
    check_clean("\xf3\xa0\x80\x81x", TEXT_LINE, 80, NULL); /* tag character */
    check_clean("\xc2\xa0", TEXT_LINE, 80, NULL);          /* blanks only */
    check_clean("ôôôô", TEXT_LINE, 4, "ôôôô");             /* characters, not bytes */
    check_clean("ôôôôô", TEXT_LINE, 4, NULL);
    check_clean("<b>&\"'", TEXT_LINE, 80, "<b>&\"'"); /* escaping is for whoever shows it */
    check_clean("", TEXT_LINE, 80, NULL);
    assert_null(text_clean(NULL, TEXT_LINE, 0, 1));
    g_autofree char *first = text_first_name("Nguyễn Thị Lan");
    assert_string_equal(first, "Lan");
}

static void phones_become_plus_84(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"0912345678", "+84912345678"},
        {"+84 912 345 678", "+84912345678"},
        {"84.912.345.678", "+84912345678"},
        {"0084912345678", "+84912345678"},
        {"+84 (0)912 345 678", "+84912345678"},
        {"(0238) 3-844-123", "+842383844123"},
        {"+33 6 12 34 56 78", "+33612345678"},
        {"912345678", NULL},
        {"09123", NULL},
        {"091234567890", NULL},
        {"0912345678x", NULL},
        {"+", NULL},
        {"", NULL},
        {"+84912345678901234567", NULL},
        {"0912+345678", NULL},
        {"00", NULL},
        {"0000000000", NULL},
        {"+0912345678", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char out[TEXT_PHONE_MAX + 1] = "";
        bool fine = text_phone(cases[i].in, out);
        if (fine != (cases[i].out != NULL))
            fail_msg("%s gives %s", cases[i].in, fine ? out : "nothing");
        if (fine)
            assert_string_equal(out, cases[i].out);
    }
    assert_true(text_slug("khe-nhinh") && text_slug("a") && text_slug("9"));
    assert_false(text_slug("") || text_slug("-a") || text_slug("a-") || text_slug("Khe") ||
                 text_slug("a b") || text_slug("ạ"));
    assert_false(text_slug("abcdefghijklmnopqrstuvwxyz0123456"));
}

static void a_code_finds_every_slip(void **state)
{
    (void)state;
    static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char code[ID_CODE_CHARS + 1], read[ID_CODE_CHARS + 1];
    for (int round = 0; round < 200; round++) {
        id_code(code);
        assert_int_equal(strlen(code), ID_CODE_CHARS);
        assert_true(id_code_read(code, read));
        for (int at = 2; at < ID_CODE_CHARS; at++) {
            char wrong[ID_CODE_CHARS + 1];
            for (const char *s = symbols; *s; s++) {
                memcpy(wrong, code, sizeof wrong);
                wrong[at] = *s;
                assert_int_equal(id_code_read(wrong, read), *s == code[at]);
            }
            memcpy(wrong, code, sizeof wrong);
            if (at + 1 < ID_CODE_CHARS && code[at] != code[at + 1]) {
                wrong[at] = code[at + 1];
                wrong[at + 1] = code[at];
                assert_false(id_code_read(wrong, read));
            }
        }
    }
    assert_false(id_code_read("", read) || id_code_read("CX", read) || id_code_read("CX0000000000", read) ||
                 id_code_read("XC00000000", read));
    assert_true(id_code_read(" cx-000 oO0o-0", read)); /* as people type; all zero has check 0 */
    assert_string_equal(read, "CX00000000");
}

static void secrets_differ_and_hash_alike(void **state)
{
    (void)state;
    char a[ID_SECRET_CHARS + 1], b[ID_SECRET_CHARS + 1], hash[ID_HASH_CHARS + 1], again[ID_HASH_CHARS + 1];
    id_secret(a);
    id_secret(b);
    assert_int_equal(strlen(a), ID_SECRET_CHARS);
    assert_string_not_equal(a, b);
    id_hash(a, hash);
    id_hash(a, again);
    assert_string_equal(hash, again);
    const struct id_part one[] = {{"ab", 2}, {"c", 1}}, other[] = {{"a", 1}, {"bc", 2}};
    id_digest(one, 2, hash);
    id_digest(other, 2, again);
    assert_string_not_equal(hash, again);
}

static const char *first_mistake(const char *text, struct fields *f)
{
    json_t *in = json_loads(text, JSON_DECODE_ANY, NULL);
    static const char *const words[] = {"kg", "bunch", NULL};
    fields_open(f, in);
    if (json_is_object(in)) {
        field_text(f, "name", TEXT_LINE, 1, 5);
        field_int(f, "price", 1, 100);
        field_int_or(f, "more", 0, 9, 3);
        field_number_or(f, "limit", 1, 10, 5);
        if (field_given(f, "unit"))
            field_word(f, "unit", words);
        if (field_given(f, "list"))
            field_array(f, "list", 1, 2);
        if (field_given(f, "key"))
            field_key(f);
    }
    fields_close(f);
    static char bad[64];
    g_strlcpy(bad, f->bad ? f->bad[0] ? f->bad : "(whole)" : "", sizeof bad);
    fields_free(f);
    json_decref(in);
    return bad;
}

static void fields_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *in, *bad;
    } cases[] = {
        {"{\"name\":\"a\",\"price\":1}", ""},
        {"{\"name\":\"a\",\"price\":1,\"more\":null,\"limit\":\"7\"}", ""},
        {"{\"name\":\"a\",\"price\":1,\"limit\":7,\"unit\":\"kg\",\"list\":[1],\"key\":\"0123456789abcdef\"}",
         ""},
        {"{\"name\":\"a\",\"price\":1,\"role\":\"admin\"}", "role"},
        {"{\"name\":\"a\",\"price\":1.0}", "price"},
        {"{\"name\":\"a\",\"price\":\"1\"}", "price"},
        {"{\"name\":\"a\",\"price\":0}", "price"},
        {"{\"name\":\"a\",\"price\":101}", "price"},
        {"{\"name\":\"a\",\"price\":true}", "price"},
        {"{\"name\":\"a\"}", "price"},
        {"{\"price\":1}", "name"},
        {"{\"name\":\"abcdef\",\"price\":1}", "name"},
        {"{\"name\":7,\"price\":1}", "name"},
        {"{\"name\":null,\"price\":1}", "name"},
        {"{\"name\":\"a\\u202e\",\"price\":1}", "name"},
        {"{\"name\":\"a\",\"price\":1,\"limit\":\"7x\"}", "limit"},
        {"{\"name\":\"a\",\"price\":1,\"limit\":\"99999999999999999999\"}", "limit"},
        {"{\"name\":\"a\",\"price\":1,\"unit\":\"KG\"}", "unit"},
        {"{\"name\":\"a\",\"price\":1,\"list\":[]}", "list"},
        {"{\"name\":\"a\",\"price\":1,\"list\":[1,2,3]}", "list"},
        {"{\"name\":\"a\",\"price\":1,\"list\":{}}", "list"},
        {"{\"name\":\"a\",\"price\":1,\"key\":\"short\"}", "key"},
        {"{\"name\":\"a\",\"price\":1,\"key\":\"0123456789abcde/\"}", "key"},
        {"[]", "(whole)"},
        {"7", "(whole)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fields f;
        const char *bad = first_mistake(cases[i].in, &f);
        if (strcmp(bad, cases[i].bad) != 0)
            fail_msg("%s: '%s' instead of '%s'", cases[i].in, bad, cases[i].bad);
    }
}

static void a_name_cannot_forge_a_log_line(void **state)
{
    (void)state;
    const struct log_field fields[] = {
        LOG_TEXT("name", "x\"}\n{\"event\":\"login\xe2\x80\xae\xff\xf0\x9f\x8c\xb1"),
        LOG_TEXT("phone", "+84912345678"), LOG_TEXT("password", "hunter2"), LOG_NUMBER("n", -5),
        LOG_TEXT("token", "abc")};
    g_autofree char *line =
        log_format(INT64_C(1789000000123), LOG_LEVEL_WARN, "try", fields, G_N_ELEMENTS(fields));
    assert_null(strchr(line, '\n'));
    json_error_t error;
    json_t *read = json_loads(line, 0, &error);
    if (!read)
        fail_msg("%s: %s", line, error.text);
    assert_string_equal(json_string_value(json_object_get(read, "phone")), "***678");
    assert_string_equal(json_string_value(json_object_get(read, "password")), "***");
    assert_string_equal(json_string_value(json_object_get(read, "token")), "***");
    assert_string_equal(json_string_value(json_object_get(read, "at")), "2026-09-10T00:26:40.123Z");
    assert_int_equal(json_integer_value(json_object_get(read, "n")), -5);
    assert_null(strstr(line, "\xe2\x80\xae"));
    json_decref(read);
}

static const struct config_option options[] = {{"config", NULL, false, false, "file"},
                                               {"port", "8443", false, false, "port"},
                                               {"host", NULL, false, true, "names"},
                                               {"demo", NULL, true, false, "demo"}};

static struct config *read_config(char **argv, char **message)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return config_read(options, G_N_ELEMENTS(options), argc, argv, message);
}

static void the_command_line_overrules_the_file(void **state)
{
    (void)state;
    g_autofree char *path = g_strdup_printf("%s/config-%d.ini", g_get_tmp_dir(), getpid());
    g_autofree char *message = NULL;
    assert_true(g_file_set_contents(path, "[market]\nport=9000\nhost=a;b\n", -1, NULL));
    char *plain[] = {"market", "--port=1", "--config", path, "--demo", NULL};
    struct config *config = read_config(plain, &message);
    assert_non_null(config);
    int64_t port = 0;
    assert_true(config_number(config, "port", 1, 65535, &port) && port == 1);
    assert_true(config_flag(config, "demo"));
    assert_string_equal(config_list(config, "host")[1], "b");
    config_free(config);
    char *twice[] = {"market", "--config", path, "--host", "x", "--host", "y", NULL};
    config = read_config(twice, &message);
    assert_string_equal(config_list(config, "host")[0], "x");
    assert_string_equal(config_list(config, "host")[1], "y");
    assert_string_equal(config_text(config, "port"), "9000");
    assert_false(config_flag(config, "demo"));
    assert_false(config_number(config, "port", 1, 100, &port));
    config_free(config);
    char *nothing[] = {"market", NULL};
    config = read_config(nothing, &message);
    assert_string_equal(config_text(config, "port"), "8443");
    assert_null(config_list(config, "host")[0]);
    config_free(config);
    g_autofree char *help = config_help(options, G_N_ELEMENTS(options));
    assert_non_null(strstr(help, "--port"));
    unlink(path);
}

static void settings_with_a_typo_are_refused(void **state)
{
    (void)state;
    g_autofree char *path = g_strdup_printf("%s/config-typo-%d.ini", g_get_tmp_dir(), getpid());
    assert_true(g_file_set_contents(path, "[market]\nprot=9000\n", -1, NULL));
    char *lines[][4] = {{"market", "--prot", "1", NULL},
                        {"market", "x", NULL},
                        {"market", "--port", NULL},
                        {"market", "--config", path, NULL},
                        {"market", "--config", "/nowhere/at/all", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *message = NULL;
        assert_null(read_config(lines[i], &message));
        assert_non_null(message);
    }
    unlink(path);
}

static void outcomes_have_a_status_and_a_code(void **state)
{
    (void)state;
    for (int r = 0; r < R_COUNT; r++) {
        assert_in_range(result_http((enum result)r), 200, 599);
        assert_true(result_code((enum result)r)[0] != '\0');
    }
    assert_int_equal(result_http(R_SOLD_OUT), 409);
}

/* What clients were answered and what the journal's hashes cover was written by jansson once: it must stay
 * so. */
static void json_is_written_as_jansson_does(void **state)
{
    (void)state;
    json_t *value = json_pack("{s:s, s:[i,I,I,n,b,b], s:{}, s:[], s:f, s:f, s:{s:s,s:i,s:i}}", "text",
                              "Rau \"cải\" \\ / \b\f\n\r\t\x01\x1f\x7f 🍑", "numbers", 0,
                              (json_int_t)INT64_MIN, (json_int_t)INT64_MAX, 1, 0, "none", "empty", "real",
                              0.1, "whole", 20.0, "inner", "b", "2", "a", 1, "aa", 3);
    json_object_set_new(value, "a \"key\"", json_stringn("nul \0 inside", 12));
    for (int sorted = 0; sorted < 2; sorted++) {
        char *theirs = json_dumps(value, JSON_COMPACT | (sorted ? JSON_SORT_KEYS : 0));
        g_autofree char *ours = shape_dump(value, sorted);
        assert_string_equal(ours, theirs);
        free(theirs);
    }
    json_decref(value);
    /* More than the buffers of the usual case hold. */
    json_t *many = json_object();
    for (int i = 999; i >= 0; i--) {
        g_autofree char *name = g_strdup_printf("name-%d", i);
        json_object_set_new(many, name, json_string("một dòng chữ\n"));
    }
    for (int sorted = 0; sorted < 2; sorted++) {
        char *theirs = json_dumps(many, JSON_COMPACT | (sorted ? JSON_SORT_KEYS : 0));
        g_autofree char *ours = shape_dump(many, sorted);
        assert_string_equal(ours, theirs);
        free(theirs);
    }
    json_decref(many);
}

static void time_moves_when_told(void **state)
{
    (void)state;
    int64_t wall = clock_wall_ms(), steady = clock_steady_ms();
    clock_shift_ms(86400000);
    assert_true(clock_wall_ms() - wall >= 86400000 && clock_steady_ms() - steady >= 86400000);
    clock_shift_ms(-86400000);
    assert_true(clock_wall_ms() - wall < 86400000);
    assert_true(clock_steady_us() / 1000 - steady < 86400000);
}

static void the_wall_clock_never_goes_back(void **state)
{
    (void)state;
    enum { HOUR_MS = 3600000 };
    int64_t before = clock_wall_ms();
    clock_turn_ms(-HOUR_MS); /* set back: it goes on as if nothing had been */
    int64_t after = clock_wall_ms();
    assert_true(after >= before && after - before < HOUR_MS);
    clock_shift_ms(HOUR_MS); /* and what ends in an hour ends in an hour */
    assert_true(clock_wall_ms() >= before + HOUR_MS);
    assert_true(clock_ahead_ms() > HOUR_MS - 60000 && clock_ahead_ms() <= HOUR_MS);
    clock_shift_ms(-HOUR_MS);
    clock_turn_ms(2 * (int64_t)HOUR_MS); /* set forward: that it follows */
    assert_true(clock_wall_ms() >= before + HOUR_MS);
    assert_true(clock_ahead_ms() <= 1);
    clock_floor_ms(before + 5 * (int64_t)HOUR_MS); /* the latest that was written before a restart */
    assert_true(clock_wall_ms() >= before + 5 * (int64_t)HOUR_MS);
    clock_turn_ms(-HOUR_MS);
    clock_trust();
    assert_true(clock_wall_ms() < before + HOUR_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_never_goes_back),
        cmocka_unit_test(a_kilogram_price_is_rounded_half_up),
        cmocka_unit_test(money_that_does_not_fit_is_refused),
        cmocka_unit_test(units_do_not_mix),
        cmocka_unit_test(texts_are_tidied_or_refused),
        cmocka_unit_test(phones_become_plus_84),
        cmocka_unit_test(a_code_finds_every_slip),
        cmocka_unit_test(secrets_differ_and_hash_alike),
        cmocka_unit_test(fields_are_read_strictly),
        cmocka_unit_test(a_name_cannot_forge_a_log_line),
        cmocka_unit_test(the_command_line_overrules_the_file),
        cmocka_unit_test(settings_with_a_typo_are_refused),
        cmocka_unit_test(outcomes_have_a_status_and_a_code),
        cmocka_unit_test(json_is_written_as_jansson_does),
        cmocka_unit_test(time_moves_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
