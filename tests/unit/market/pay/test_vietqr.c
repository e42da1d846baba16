#include "tests/unit/market/pay/pay_test.h"

#include "market/base/id.h"
#include "market/trade/tlv.h"
#include "market/trade/vietqr.h"

/* Published payloads whose check sums were recomputed; `rebuild`: ours comes out byte for byte the same. */
static const struct vector {
    const char *bin, *account;
    int64_t amount;
    const char *memo, *payload;
    bool rebuild;
} vectors[] = {
    {"970416", "257678859", 0, "",
     "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F", true},
    {"970416", "257678859", 10000, "Chuyen tien",
     "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA53037045405100005802VN62150811Chuy"
     "en "
     "tien630453E6",
     true},
    {"970415", "0011001932418", 120000, "ung ho lu lut",
     "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN6217081"
     "3ung ho "
     "lu lut6304C15C",
     true},
    {"970415", "113366668888", 79000, "Ung Ho Quy Vac Xin",
     "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA53037045405790005802VN62220818U"
     "ng Ho "
     "Quy Vac Xin63043ACF",
     true},
    {"970403", "0011012345678", 180000, "thanh toan don hang",
     "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN6234010"
     "7NPS6869"
     "0819thanh toan don hang63042E2E",
     false},
    {"970407", "19030413601018", 0, "",
     "00020101021138580010A000000727012800069704070114190304136010180208QRIBFTTA53037045802VN63040283", true},
    {"970416", "545446", 80100, "Thanh toan anyLEARN 8",
     "00020101021238500010A0000007270120000697041601065454460208QRIBFTTA53037045405801005802VN62250821Thanh "
     "toan "
     "anyLEARN 86304FA27",
     false},
    {"970418", "21510003078427", 500000, "65508",
     "00020101021238580010A000000727012800069704180114215100030784270208QRIBFTTA530370454065000005802VN620908"
     "056550863"
     "04E0C9",
     true},
};

static char *seal(const char *body)
{
    g_autofree char *open = g_strconcat(body, "6304", NULL);
    return g_strdup_printf("%s%04X", open, tlv_crc(open, strlen(open)));
}

static enum vietqr_reason read_sealed(const char *body)
{
    g_autofree char *payload = seal(body);
    struct vietqr qr;
    return vietqr_read(payload, &qr);
}

static void published_payloads_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct vietqr qr;
        assert_int_equal(vietqr_read(v->payload, &qr), VIETQR_OK);
        assert_string_equal(qr.bin, v->bin);
        assert_string_equal(qr.account, v->account);
        assert_string_equal(qr.service, "QRIBFTTA");
        assert_string_equal(qr.memo, v->memo);
        assert_int_equal(qr.has_amount, v->amount > 0);
        assert_int_equal(qr.has_amount ? money_dong(qr.amount) : 0, v->amount);
        assert_int_equal(qr.is_static, v->amount == 0);
    }
}

static void published_payloads_are_made_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const struct vector *v = &vectors[i];
        if (!v->rebuild)
            continue;
        struct vietqr qr = {.has_amount = v->amount > 0};
        g_autofree char *payload = NULL;
        g_strlcpy(qr.bin, v->bin, sizeof qr.bin);
        g_strlcpy(qr.account, v->account, sizeof qr.account);
        g_strlcpy(qr.memo, v->memo, sizeof qr.memo);
        assert_true(money_make(&qr.amount, v->amount));
        assert_int_equal(vietqr_make(&qr, &payload), VIETQR_OK);
        assert_string_equal(payload, v->payload);
    }
}

static void every_single_wrong_character_is_found(void **state)
{
    (void)state;
    struct vietqr qr;
    for (size_t v = 0; v < G_N_ELEMENTS(vectors); v++) {
        g_autofree char *payload = g_strdup(vectors[v].payload);
        for (size_t i = 0; payload[i]; i++) {
            char right = payload[i];
            payload[i] = right == '7' ? '1' : '7';
            assert_int_not_equal(vietqr_read(payload, &qr), VIETQR_OK);
            payload[i] = right;
        }
        for (size_t n = 0; n < strlen(payload); n++) {
            g_autofree char *cut = g_strndup(payload, n);
            assert_int_not_equal(vietqr_read(cut, &qr), VIETQR_OK);
        }
    }
}

static void mistakes_printed_by_others_are_refused(void **state)
{
    (void)state;
    struct vietqr qr;
    /* 02 inside 01, with a right check sum. */
    assert_int_equal(
        read_sealed("00020101021138530010A0000007270135000697041601092576788590208QRIBFTTA53037045802VN"),
        VIETQR_NESTING);
    /* A blank in the amount; a fraction of a đồng; nothing; a zero-length field; a field twice. */
    assert_int_equal(
        read_sealed("00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA5303704540650 "
                    "0005802VN"),
        VIETQR_AMOUNT);
    assert_int_equal(
        read_sealed(
            "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA530370454041.505802VN"),
        VIETQR_AMOUNT);
    assert_int_equal(
        read_sealed("00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA530370454010"
                    "5802VN"),
        VIETQR_AMOUNT);
    assert_int_equal(
        read_sealed("00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA530370454005802VN"),
        VIETQR_LENGTH);
    assert_int_equal(
        read_sealed(
            "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN5802VN"),
        VIETQR_TWICE);
    /* The check sum without its leading zero, as %X prints it. */
    assert_int_equal(
        vietqr_read("00020101021138580010A000000727012800069704070114190304136010180208QRIBFTTA53037045802VN"
                    "6304283",
                    &qr),
        VIETQR_LENGTH);
    /* Lengths counted in bytes of a memo with marks. */
    assert_int_equal(
        read_sealed("00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN"
                    "62150811chuyển tiề"),
        VIETQR_CHARSET);
}

static void what_comes_back_from_shops_is_accepted(void **state)
{
    (void)state;
    struct vietqr qr;
    /* Lower-case check sum (MB), blanks around it, .00 behind the amount, a memo longer than the book allows.
     */
    assert_int_equal(
        vietqr_read(
            " 00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304ae9f\n",
            &qr),
        VIETQR_OK);
    g_autofree char *zeros =
        seal("00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA530370454071000."
             "005802VN");
    assert_int_equal(vietqr_read(zeros, &qr), VIETQR_OK);
    assert_int_equal(money_dong(qr.amount), 1000);
    assert_int_equal(
        read_sealed("00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN"
                    "62360832ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"),
        VIETQR_OK);
    /* The account of a wallet: letters of both cases. */
    g_autofree char *wallet =
        seal("00020101021138620010A00000072701320006970454011899MM23331M751072440208QRIBFTTA5303704"
             "5802VN");
    assert_int_equal(vietqr_read(wallet, &qr), VIETQR_OK);
    assert_string_equal(qr.account, "99MM23331M75107244");
}

static void other_networks_are_told_apart_from_damage(void **state)
{
    (void)state;
    struct vietqr qr;
    g_autofree char *vnpay =
        seal("00020101021226280010A0000007750110010000000052045411530370454061000005802VN5904CUNG6005"
             "HANOI");
    assert_int_equal(vietqr_read(vnpay, &qr), VIETQR_NETWORK);
    vnpay[30] = '9';
    assert_int_equal(vietqr_read(vnpay, &qr), VIETQR_BAD_CRC);
    assert_int_equal(read_sealed("00020101021138130009A000000615303702"), VIETQR_NETWORK);
    assert_int_equal(vietqr_read("https://example.vn/pay?x=1", &qr), VIETQR_NOT_EMV);
    assert_int_equal(vietqr_read("", &qr), VIETQR_EMPTY);
    g_autofree char *huge = g_strnfill(5000, '0');
    assert_int_equal(vietqr_read(huge, &qr), VIETQR_TOO_LONG);
}

static void wrong_requests_make_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *bin, *account, *memo;
        int64_t amount;
        enum vietqr_reason reason;
    } cases[] = {
        {"97041", "257678859", "", 1, VIETQR_BIN},
        {"97041x", "257678859", "", 1, VIETQR_BIN},
        {"970416", "12345", "", 1, VIETQR_ACCOUNT},
        {"970416", "257-678", "", 1, VIETQR_ACCOUNT},
        {"970416", "257678859", "", -1, VIETQR_AMOUNT},
        {"970416", "257678859", "", 0, VIETQR_AMOUNT},
        {"970416", "257678859", "", 500000000, VIETQR_AMOUNT},
        {"970416", "257678859", "chuyển tiền", 1, VIETQR_ADDITIONAL},
        {"970416", "257678859", "twenty characters go", 1, VIETQR_ADDITIONAL},
        {"970416", "257678859", "", VIETQR_AMOUNT_MAX, VIETQR_OK},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct vietqr qr = {.has_amount = true};
        g_autofree char *payload = NULL;
        g_strlcpy(qr.bin, cases[i].bin, sizeof qr.bin);
        g_strlcpy(qr.account, cases[i].account, sizeof qr.account);
        g_strlcpy(qr.memo, cases[i].memo, sizeof qr.memo);
        assert_true(money_make(&qr.amount, cases[i].amount));
        assert_int_equal(vietqr_make(&qr, &payload), cases[i].reason);
        assert_int_equal(payload != NULL, cases[i].reason == VIETQR_OK);
    }
}

static void memos_are_folded_and_short(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Đơn rau cải", "Don rau cai"},
        {"  mua   rau!! ", "mua rau"},
        {"CX-123_456", "CX 123 456"},
        {"", ""},
        {"★☆", ""},
        {"một hai ba bốn năm sáu bảy", "mot hai ba bon nam"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *memo = vietqr_memo(cases[i][0]);
        assert_string_equal(memo, cases[i][1]);
    }
}

static void a_memo_keeps_its_order_code(void **state)
{
    (void)state;
    char code[ID_CODE_CHARS + 1];
    for (int i = 0; i < 200; i++) {
        id_code(code);
        g_autofree char *text = g_strdup_printf("thanh toán đơn hàng rau %s", code);
        g_autofree char *memo = vietqr_memo(text);
        assert_true(strlen(memo) <= VIETQR_MEMO);
        assert_non_null(strstr(memo, code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_payloads_are_read),
        cmocka_unit_test(published_payloads_are_made_again),
        cmocka_unit_test(every_single_wrong_character_is_found),
        cmocka_unit_test(mistakes_printed_by_others_are_refused),
        cmocka_unit_test(what_comes_back_from_shops_is_accepted),
        cmocka_unit_test(other_networks_are_told_apart_from_damage),
        cmocka_unit_test(wrong_requests_make_nothing),
        cmocka_unit_test(memos_are_folded_and_short),
        cmocka_unit_test(a_memo_keeps_its_order_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
