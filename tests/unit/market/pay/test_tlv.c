#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/tlv.h"

static void crc_has_the_published_check_value(void **state)
{
    (void)state;
    assert_int_equal(tlv_crc("123456789", 9), 0x29B1);
    assert_int_equal(tlv_crc("", 0), 0xFFFF);
}

static void fields_are_taken_one_by_one(void **state)
{
    (void)state;
    const char *text = "000201010212", *at = text;
    struct tlv field;
    assert_int_equal(tlv_next(&at, text + 12, &field), TLV_FIELD);
    assert_int_equal(field.tag, 0);
    assert_true(tlv_is(&field, "01"));
    assert_int_equal(tlv_next(&at, text + 12, &field), TLV_FIELD);
    assert_int_equal(field.tag, 1);
    assert_int_equal(tlv_next(&at, text + 12, &field), TLV_END);
}

static void broken_fields_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"0",      "0002",      "0003ab", "00-1x", "0000",
                                         "xx02ab", "000201010", "00 2ab", "9999"};
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++)
        assert_false(tlv_sound(broken[i], strlen(broken[i])));
}

static void a_field_may_be_there_once(void **state)
{
    (void)state;
    assert_true(tlv_sound("0001a0101b", 10));
    assert_false(tlv_sound("0001a0001b", 10));
    assert_true(tlv_sound("", 0));
}

static void putting_and_finding_agree(void **state)
{
    (void)state;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *longest = g_strnfill(99, 'x');
    struct tlv field;
    tlv_put(out, 5, "abc");
    tlv_put(out, 62, longest);
    assert_true(g_str_has_prefix(out->str, "0503abc6299x"));
    assert_true(tlv_find(out->str, out->len, 62, &field));
    assert_int_equal(field.size, 99);
    assert_false(tlv_find(out->str, out->len, 63, &field));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_has_the_published_check_value), cmocka_unit_test(fields_are_taken_one_by_one),
        cmocka_unit_test(broken_fields_are_refused),         cmocka_unit_test(a_field_may_be_there_once),
        cmocka_unit_test(putting_and_finding_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
