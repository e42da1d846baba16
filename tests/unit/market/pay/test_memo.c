#include "tests/unit/market/pay/pay_test.h"

#include "market/base/id.h"
#include "market/trade/memo.h"

/* Any seven symbols, with the check symbol found by trying. */
static char *code_of(const char *body)
{
    char out[ID_CODE_CHARS + 1];
    for (const char *c = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; *c; c++) {
        g_autofree char *typed = g_strdup_printf("CX%s%c", body, *c);
        if (id_code_read(typed, out))
            return g_strdup(out);
    }
    fail();
    return NULL;
}

static struct memo_match match_one(const char *text, const char *code)
{
    struct memo_match match;
    memo_match(text, &code, 1, &match);
    return match;
}

static void mangled_memos_are_found(void **state)
{
    (void)state;
    g_autofree char *code = code_of("7K2M9QD");
    g_autofree char *lower = g_ascii_strdown(code, -1);
    static const char *const wrappers[] = {
        "%s",
        "MBVCB.4512345678.067890.%s.CT tu 0123456789012 NGUYEN VAN A toi 113366668888 CONG TY",
        "TKThe :0123456789, tai Agribank. %s -CTLNHIDI000012345678-1/1-CRE-002",
        "CT nhanh 247 den: %s (CT1111) tu NGUYEN THI B",
        "Chuyen tien den tu NAPAS Noi dung: %s",
        "MB(12345678)(%s)",
        "IBFT %s",
        "58210938471-%s-CHUYEN TIEN-OQCH0001234-MOMO0987654321MOMO",
        "ZP231209000123, %s",
        "%s FT23343012345678",
        "%s GD 174242-090822 15:45:46",
        "CUSTOMER %s Trace 123456",
        "SHGD:10001234.DD:240901.BO:TRAN VAN C.Remark:%s",
        "BankAPINotify %s",
        "thanhtoan%scamon",
        "0912345678%s0987654321",
        "Mua rau: %s; cảm ơn cô Đào",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrappers); i++) {
        const char *forms[] = {code, lower};
        for (size_t f = 0; f < 2; f++) {
            g_auto(GStrv) halves = g_strsplit(wrappers[i], "%s", 2);
            g_autofree char *text = g_strconcat(halves[0], forms[f], halves[1], NULL);
            assert_int_equal(match_one(text, code).verdict, MEMO_ONE);
        }
    }
}

static void a_code_cut_in_pieces_is_found(void **state)
{
    (void)state;
    g_autofree char *code = code_of("3HN8W0T");
    static const char *const gaps[] = {" ", "-", "_", "\n", ". ", " - "};
    for (size_t g = 0; g < G_N_ELEMENTS(gaps); g++)
        for (size_t cut = 1; cut < strlen(code); cut++) {
            g_autofree char *head = g_strndup(code, cut);
            g_autofree char *text = g_strconcat("IBFT ", head, gaps[g], code + cut, " x", NULL);
            assert_int_equal(match_one(text, code).verdict, MEMO_ONE);
        }
}

static void letters_that_look_like_digits_are_read_as_such(void **state)
{
    (void)state;
    g_autofree char *code = code_of("0010110");
    g_autofree char *typed = g_strdup(code);
    for (char *p = typed; *p; p++)
        *p = *p == '0' ? 'o' : *p == '1' ? 'l' : *p;
    assert_int_equal(match_one(typed, code).verdict, MEMO_ONE);
}

static void slips_are_suggested_and_never_taken(void **state)
{
    (void)state;
    g_autofree char *code = code_of("7K2M9QD");
    for (size_t i = 2; i < strlen(code); i++) {
        g_autofree char *wrong = g_strdup(code);
        wrong[i] = wrong[i] == '4' ? '5' : '4';
        g_autofree char *missing = g_strdup_printf("%.*s%s", (int)i, code, code + i + 1);
        g_autofree char *extra = g_strdup_printf("IBFT %.*s4%s", (int)i, code, code + i);
        const char *texts[] = {wrong, missing, extra};
        for (size_t t = 0; t < 3; t++) {
            if (strstr(texts[t], code))
                continue; /* the extra symbol stood beside the code */
            struct memo_match match = match_one(texts[t], code);
            assert_int_equal(match.verdict, MEMO_NONE);
            assert_int_equal(match.near_count, 1);
            g_autoptr(GPtrArray) slips = memo_slips(texts[t]);
            assert_true(g_ptr_array_find_with_equal_func(slips, code, g_str_equal, NULL));
        }
    }
}

static void a_code_cut_off_is_only_suggested(void **state)
{
    (void)state;
    g_autofree char *code = code_of("7K2M9QD");
    for (size_t n = 6; n < strlen(code); n++) {
        g_autofree char *text = g_strdup_printf("thanh toan don %.*s", (int)n, code);
        struct memo_match match = match_one(text, code);
        assert_int_equal(match.verdict, MEMO_NONE);
        assert_int_equal(match.near_count, 1);
        g_autoptr(GPtrArray) begun = memo_beginnings(text);
        assert_int_equal(begun->len, 1);
        assert_true(g_str_has_prefix(code, begun->pdata[0]));
    }
}

static void two_codes_are_a_persons_work(void **state)
{
    (void)state;
    g_autofree char *one = code_of("7K2M9QD"), *two = code_of("AAAAAAA");
    const char *list[] = {one, two};
    g_autofree char *text = g_strdup_printf("%s va %s", one, two);
    struct memo_match match;
    memo_match(text, list, 2, &match);
    assert_int_equal(match.verdict, MEMO_SEVERAL);
    assert_int_equal(match.near_count, 2);
    g_autofree char *twice = g_strdup_printf("%s MBVCB %s", two, two);
    memo_match(twice, list, 2, &match);
    assert_int_equal(match.verdict, MEMO_ONE);
    assert_int_equal(match.index, 1);
    const char *same[] = {one, one};
    memo_match(one, same, 2, &match);
    assert_int_equal(match.verdict, MEMO_ONE);
}

static void short_numbers_in_longer_ones_are_not_codes(void **state)
{
    (void)state;
    assert_int_equal(match_one("DH350912345678", "DH35").verdict, MEMO_NONE);
    assert_int_equal(match_one("MDH35", "DH35").verdict, MEMO_NONE);
    assert_int_equal(match_one("tt DH35 x", "DH35").verdict, MEMO_ONE);
    assert_int_equal(match_one("tt dh 35, 0912", "DH35").verdict, MEMO_ONE);
    assert_int_equal(match_one("1DH35x", "DH35").verdict, MEMO_ONE);
    assert_int_equal(match_one("", "DH35").verdict, MEMO_NONE);
    assert_int_equal(match_one("DH35", "").verdict, MEMO_NONE);
}

static void codes_of_other_forms_may_be_glued(void **state)
{
    (void)state;
    assert_int_equal(match_one("thanhtoanMUA4829171cam on", "MUA-482 9171").verdict, MEMO_ONE);
    assert_int_equal(match_one("0912345678cho0482917", "CHO0482917").verdict, MEMO_ONE);
    assert_int_equal(match_one("CHO0482918", "CHO0482917").verdict, MEMO_NONE);
}

static void hostile_text_is_only_text(void **state)
{
    (void)state;
    g_autofree char *huge = g_strnfill(100000, 'C');
    assert_int_equal(match_one(huge, "CX7K2M9QD5").verdict, MEMO_NONE);
    g_autoptr(GPtrArray) slips = memo_slips(huge);
    assert_true(slips->len <= MEMO_GUESSES);
    assert_int_equal(match_one("\xff\xfe CX\x80", "CX7K2M9QD5").verdict, MEMO_NONE);
}

static void codes_are_gathered_for_looking_up(void **state)
{
    (void)state;
    g_autofree char *one = code_of("7K2M9QD"), *two = code_of("AAAAAAA");
    g_autofree char *text = g_ascii_strdown(one, -1);
    g_autofree char *both = g_strdup_printf("x%s%s %s CX", text, two, one);
    g_autoptr(GPtrArray) found = memo_codes(both);
    assert_int_equal(found->len, 2);
    assert_string_equal(found->pdata[0], one);
    assert_string_equal(found->pdata[1], two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mangled_memos_are_found),
        cmocka_unit_test(a_code_cut_in_pieces_is_found),
        cmocka_unit_test(letters_that_look_like_digits_are_read_as_such),
        cmocka_unit_test(slips_are_suggested_and_never_taken),
        cmocka_unit_test(a_code_cut_off_is_only_suggested),
        cmocka_unit_test(two_codes_are_a_persons_work),
        cmocka_unit_test(short_numbers_in_longer_ones_are_not_codes),
        cmocka_unit_test(codes_of_other_forms_may_be_glued),
        cmocka_unit_test(hostile_text_is_only_text),
        cmocka_unit_test(codes_are_gathered_for_looking_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
