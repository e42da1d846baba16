#include "tests/unit/market/pay/pay_test.h"

#include <jansson.h>
#include "market/trade/hook.h"

static struct hook_body body_of(const char *text)
{
    return (struct hook_body){text, strlen(text)};
}

/* ---- SePay */

static const char sepay_body[] =
    "{\"id\":92704,\"gateway\":\"Vietcombank\",\"transactionDate\":\"2023-03-25 "
    "14:02:37\",\"accountNumber\":\"0123499999\","
    "\"code\":null,\"content\":\"chuyen tien mua "
    "iphone\",\"transferType\":\"in\",\"transferAmount\":2277000,\"accumulated\":"
    "19077000,\"subAccount\":null,\"referenceCode\":\"MBVCB.3278907687\",\"description\":\"\"}";

static void sepay_keys_are_compared_whole(void **state)
{
    (void)state;
    assert_int_equal(hook_sepay_key("Apikey s3cret", "s3cret"), HOOK_GENUINE);
    assert_int_equal(hook_sepay_key("Bearer Apikey s3cret", "s3cret"), HOOK_GENUINE);
    assert_int_equal(hook_sepay_key("Apikey s3cre", "s3cret"), HOOK_FORGED);
    assert_int_equal(hook_sepay_key("Apikey s3cret ", "s3cret"), HOOK_FORGED);
    assert_int_equal(hook_sepay_key("Apikey ", ""), HOOK_FORGED);
    assert_int_equal(hook_sepay_key("Bearer s3cret", "s3cret"), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_key(NULL, "s3cret"), HOOK_UNSIGNED);
}

/* SePay publishes no signed sample: this one is computed here, by GLib's HMAC and not the one under test. */
static char *sepay_sign(const char *secret, const char *stamp, const char *body)
{
    g_autofree char *text = g_strconcat(stamp, ".", body, NULL);
    g_autofree char *hex =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)secret, strlen(secret), text, -1);
    return g_strconcat("sha256=", hex, NULL);
}

static void sepay_signatures_cover_time_and_body(void **state)
{
    (void)state;
    const char *stamp = "1700000000";
    const int64_t now = INT64_C(1700000000000);
    g_autofree char *good = sepay_sign("key", stamp, sepay_body);
    g_autofree char *upper = g_strconcat("sha256=", NULL);
    struct hook_body body = body_of(sepay_body);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now), HOOK_GENUINE);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now + HOOK_DRIFT_MS), HOOK_GENUINE);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now + HOOK_DRIFT_MS + 1), HOOK_STALE);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now - HOOK_DRIFT_MS - 1), HOOK_STALE);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "kez", now), HOOK_FORGED);
    assert_int_equal(hook_sepay_signed(stamp, good, body, "", now), HOOK_FORGED);
    assert_int_equal(hook_sepay_signed("1700000001", good, body, "key", now), HOOK_FORGED);
    assert_int_equal(hook_sepay_signed(stamp, good, body_of("{}"), "key", now), HOOK_FORGED);
    body.size--;
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now), HOOK_FORGED);
    body.size++;
    good[strlen(good) - 1] = '\0';
    assert_int_equal(hook_sepay_signed(stamp, good, body, "key", now), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_signed(stamp, upper, body, "key", now), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_signed(NULL, good, body, "key", now), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_signed(stamp, NULL, body, "key", now), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_signed("17e8", good, body, "key", now), HOOK_UNSIGNED);
    assert_int_equal(hook_sepay_signed("99999999999999999999", good, body, "key", now), HOOK_UNSIGNED);
}

static void sepay_bodies_become_one_event(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) events = bank_event_list();
    assert_true(hook_read(BANK_SEPAY, body_of(sepay_body), events));
    assert_int_equal(events->len, 1);
    const struct bank_event *e = events->pdata[0];
    assert_string_equal(e->id, "92704");
    assert_string_equal(e->account, "0123499999");
    assert_string_equal(e->memo, "chuyen tien mua iphone");
    assert_string_equal(e->reference, "MBVCB.3278907687");
    assert_int_equal(e->direction, BANK_IN);
    assert_int_equal(money_dong(e->amount), 2277000);
    assert_true(e->has_balance);
    assert_int_equal(money_dong(e->balance), 19077000);
    assert_int_equal(e->at_ms, INT64_C(1679727757000)); /* 07:02:37 UTC */
}

static void odd_money_is_not_read(void **state)
{
    (void)state;
    static const char *const amounts[] = {
        "0",   "-1",  "1.5",  "2000.0",          "\"2000\"", "null", "9223372036854775808",
        "1e3", "[1]", "true", "1000000000000001"};
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++) {
        g_autofree char *body = g_strdup_printf(
            "{\"id\":1,\"transactionDate\":\"2023-03-25 14:02:37\",\"accountNumber\":\"1\",\"transferType\":"
            "\"in\",\"transferAmount\":%s}",
            amounts[i]);
        g_autoptr(GPtrArray) events = bank_event_list();
        assert_false(hook_read(BANK_SEPAY, body_of(body), events));
        assert_int_equal(events->len, 0);
    }
}

static void odd_bodies_are_not_read(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"id\":1}",
        "{\"data\":[]",
        "{\"a\":1,\"a\":2}",
        "\xff",
        "{\"data\":[{\"id\":1},2]}",
        "{\"id\":1,\"transactionDate\":\"2023-03-25 "
        "14:02:37\",\"accountNumber\":\"1\",\"transferType\":\"up\","
        "\"transferAmount\":5}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
        for (int source = 0; source < BANK_SOURCES; source++) {
            g_autoptr(GPtrArray) events = bank_event_list();
            assert_false(hook_read((enum bank_source)source, body_of(bodies[i]), events));
            assert_int_equal(events->len, 0);
        }
}

/* ---- Casso */

/* The vendor's own signed sample. */
static const char casso_key[] = "mgExMrjj4i7a1p8Cs6LmFbpCd8lbw4sSX4LZXPag7TKazeIogtR90tvWYTkwQbvs";
static const char casso_header[] =
    "t=1727948258788,v1="
    "ed0a4bd2e826d5cb69988cdb141e6c1a080e21f3b57eb72cd78192220042b9e7dde0868fc667faea8e224900fa7904e7c88d"
    "fa098032fb2d6b6996856e8b7ff3";
static const char casso_body[] =
    "{\"error\": 0, \"data\": {\"id\": 0, \"reference\": \"MA_GIAO_DICH_THU_NGHIEM\", \"description\": "
    "\"giao dich thu "
    "nghiem\", \"amount\": 599000, \"runningBalance\": 25000000, \"transactionDateTime\": \"2024-10-03 "
    "15:06:37\", "
    "\"accountNumber\": \"88888888\", \"bankName\": \"VPBank\", \"bankAbbreviation\": \"VPB\", "
    "\"virtualAccountNumber\": \"\", "
    "\"virtualAccountName\": \"\", \"counterAccountName\": \"NGUYEN VAN A\", \"counterAccountNumber\": "
    "\"8888888888\", "
    "\"counterAccountBankId\": \"970415\", \"counterAccountBankName\": \"VietinBank\"}}";
enum { CASSO_SECOND = 1727948258 };

static void cassos_published_signature_fits(void **state)
{
    (void)state;
    int64_t now = CASSO_SECOND * INT64_C(1000) + 5000;
    assert_int_equal(hook_casso_signed(casso_header, body_of(casso_body), casso_key, now), HOOK_GENUINE);
    assert_int_equal(hook_casso_signed(casso_header, body_of(casso_body), casso_key, now + 2 * HOOK_DRIFT_MS),
                     HOOK_STALE);
    assert_int_equal(hook_casso_signed(casso_header, body_of(casso_body), "other", now), HOOK_FORGED);
    assert_int_equal(hook_casso_signed(NULL, body_of(casso_body), casso_key, now), HOOK_UNSIGNED);
    assert_int_equal(hook_casso_signed("t=1,v1=00", body_of(casso_body), casso_key, now), HOOK_UNSIGNED);
    g_autofree char *dearer = g_strdup(casso_body);
    *strstr(dearer, "599000") = '6';
    assert_int_equal(hook_casso_signed(casso_header, body_of(dearer), casso_key, now), HOOK_FORGED);
}

/* The sample printed in the vendor's JavaScript does not fit its own key: it must not pass here either. */
static void cassos_broken_sample_is_forged(void **state)
{
    (void)state;
    static const char key[] = "g3oZ950pJQ4k6REhOPGkx37RsXgWz9QJ9RCAZ7i0yagLF32XQZtemQ6r3JIo4MCr";
    static const char header[] =
        "t=1734924830020,v1="
        "6cec920aa3352341d3710d4ce89de3c73481739bdf240c89a440fb988bfb113f87be23dc75ad16982f6fbdb65553b73f4e"
        "51e73ed4764928f0401cd4a949a4c8";
    static const char body[] = "{\"error\":0,\"data\":{\"id\":218897,\"reference\":\"FT24364030863634\","
                               "\"description\":\"hoi lai 100 bao mun "
                               "dua\",\"amount\":16775000,\"runningBalance\":16775000,"
                               "\"transactionDateTime\":\"2024-12-23 07:00:00\","
                               "\"accountNumber\":\"123456789\",\"bankName\":\"MBBank\",\"bankAbbreviation\":"
                               "\"MBB\",\"virtualAccountNumber\":\"\","
                               "\"virtualAccountName\":\"\",\"counterAccountName\":\"\","
                               "\"counterAccountNumber\":\"\",\"counterAccountBankId\":\"\","
                               "\"counterAccountBankName\":\"\"}}";
    assert_int_equal(hook_casso_signed(header, body_of(body), key, INT64_C(1734924830020)), HOOK_FORGED);
}

static void cassos_two_versions_are_read(void **state)
{
    (void)state;
    static const char v1[] = "{\"error\":0,\"data\":[{\"id\":6789,\"tid\":\"BANK_REF_ID\",\"description\":"
                             "\"giao dich\",\"amount\":-79000,"
                             "\"cusum_balance\":20079000,\"when\":\"2021-07-14 "
                             "12:00:00\",\"bank_sub_acc_id\":\"123456789\",\"subAccId\":\"7\"},"
                             "{\"id\":0,\"tid\":\"T\",\"description\":\"test\",\"amount\":1,\"when\":\"2021-"
                             "07-14 12:00:00\",\"subAccId\":\"77\"}]}";
    g_autoptr(GPtrArray) events = bank_event_list();
    assert_true(hook_read(BANK_CASSO, body_of(v1), events));
    assert_true(hook_read(BANK_CASSO, body_of(casso_body), events));
    assert_int_equal(events->len, 3);
    const struct bank_event *out = events->pdata[0], *trial = events->pdata[1], *second = events->pdata[2];
    assert_int_equal(out->direction, BANK_OUT);
    assert_int_equal(money_dong(out->amount), 79000);
    assert_string_equal(out->account, "123456789");
    assert_true(trial->test);
    assert_string_equal(trial->account, "77");
    assert_true(second->test);
    assert_string_equal(second->reference, "MA_GIAO_DICH_THU_NGHIEM");
    assert_int_equal(money_dong(second->amount), 599000);
}

static void casso_tokens_are_compared_whole(void **state)
{
    (void)state;
    assert_int_equal(hook_casso_token("abc", "abc"), HOOK_GENUINE);
    assert_int_equal(hook_casso_token("abcd", "abc"), HOOK_FORGED);
    assert_int_equal(hook_casso_token("", "abc"), HOOK_UNSIGNED);
    assert_int_equal(hook_casso_token(NULL, "abc"), HOOK_UNSIGNED);
}

/* ---- payOS */

static const char payos_key[] = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";
static const char payos_body[] =
    "{\"code\":\"00\",\"desc\":\"success\",\"success\":true,\"data\":{\"orderCode\":123,\"amount\":3000,"
    "\"description\":"
    "\"VQRIO123\",\"accountNumber\":\"12345678\",\"reference\":\"TF230204212323\",\"transactionDateTime\":"
    "\"2023-02-04 18:25:00\","
    "\"currency\":\"VND\",\"paymentLinkId\":\"124c33293c43417ab7879e14c8d9eb18\",\"code\":\"00\",\"desc\":"
    "\"Thành công\","
    "\"counterAccountBankId\":\"\",\"counterAccountBankName\":\"\",\"counterAccountName\":\"\","
    "\"counterAccountNumber\":\"\","
    "\"virtualAccountName\":\"\",\"virtualAccountNumber\":\"\"},\"signature\":"
    "\"412e915d2871504ed31be63c8f62a149a4410d34c4c42af"
    "fc9006ef9917eaa03\"}";

static void payos_published_webhook_fits(void **state)
{
    (void)state;
    assert_int_equal(hook_payos_signed(body_of(payos_body), payos_key), HOOK_GENUINE);
    assert_int_equal(hook_payos_signed(body_of(payos_body), "other"), HOOK_FORGED);
    assert_int_equal(hook_payos_signed(body_of(payos_body), ""), HOOK_FORGED);
    assert_int_equal(hook_payos_signed(body_of("{}"), payos_key), HOOK_UNSIGNED);
    g_autofree char *dearer = g_strdup(payos_body);
    *strstr(dearer, "3000") = '9';
    assert_int_equal(hook_payos_signed(body_of(dearer), payos_key), HOOK_FORGED);
}

/* Signing cases their own library is tested with (key test_checksum_key). */
static void payos_signing_cases_fit(void **state)
{
    (void)state;
    static const struct {
        const char *data, *hex;
    } cases[] = {
        {"{\"id\":\"payment-link-id\",\"orderCode\":0,\"amount\":2000,\"amountPaid\":2000,"
         "\"amountRemaining\":0,\"status\":"
         "\"PAID\",\"createdAt\":\"2025-12-12T09:00:00+07:00\",\"transactions\":[{\"accountNumber\":"
         "\"0123456789\",\"amount\":"
         "2000,\"counterAccountBankId\":\"01202001\",\"counterAccountBankName\":null,\"counterAccountName\":"
         "\"NGUYEN VAN A\","
         "\"counterAccountNumber\":\"9876543210\",\"description\":\"TRANSACTION "
         "DESCRIPTION\",\"reference\":\"FT-REFERENCE\","
         "\"transactionDateTime\":\"2025-12-12T09:00:00+07:00\",\"virtualAccountName\":null,"
         "\"virtualAccountNumber\":null}],"
         "\"canceledAt\":null,\"cancellationReason\":null}",
         "6af5e2c9a28256c140169ed624114b43295915d7b6e2fa6278b17a7c43aadefd"},
        {"{\"id\":\"payment-link-id\",\"orderCode\":0,\"amount\":2000,\"amountPaid\":0,\"amountRemaining\":"
         "2000,\"status\":"
         "\"PENDING\",\"createdAt\":\"2025-12-12T09:00:00+07:00\",\"transactions\":[],\"canceledAt\":null,"
         "\"cancellationReason\":null}",
         "33093364158b143baa9ecd2e705d9a2a5a5d391a3cab7cb0a371588b3731368f"},
        {"{\"id\":\"payment-link-id\",\"orderCode\":0,\"amount\":2000,\"amountPaid\":0,\"amountRemaining\":"
         "2000,\"status\":"
         "\"CANCELLED\",\"createdAt\":\"2025-12-12T09:00:00+07:00\",\"transactions\":[],\"canceledAt\":"
         "\"2025-12-12T09:00:00+07:00\",\"cancellationReason\":\"cancel reason\"}",
         "10c181c89bda5b855327e3e16494b9e8409e6b85a2a90f20177af99f8b12eaa9"},
        {"{\"invoices\":[{\"invoiceId\":\"invoice-id\",\"invoiceNumber\":\"invoiceNo\",\"issuedTimestamp\":"
         "1765504800,"
         "\"issuedDatetime\":\"2025-12-12T09:00:00+07:00\",\"transactionId\":\"transactionId\","
         "\"reservationCode\":"
         "\"reservationCode\",\"codeOfTax\":\"codeOfTax\"},{\"invoiceId\":\"invoice-id\",\"invoiceNumber\":"
         "null,"
         "\"issuedTimestamp\":null,\"issuedDatetime\":null,\"transactionId\":null,\"reservationCode\":null,"
         "\"codeOfTax\":null}]}",
         "8ceca4558787d5ec58b24caaf5aaa7693df83242efbb28e7b70cf3391f3a1138"},
        {"{\"accountNumber\":\"0123456789\",\"amount\":20000,\"description\":\"thanh "
         "toan\",\"reference\":\"FT-REFERENCE\","
         "\"transactionDateTime\":\"2025-12-12 "
         "09:00:00\",\"virtualAccountNumber\":\"\",\"counterAccountBankId\":\"01202001\","
         "\"counterAccountBankName\":\"\",\"counterAccountName\":\"NGUYEN VAN "
         "A\",\"counterAccountNumber\":\"9876543210\","
         "\"virtualAccountName\":\"\",\"currency\":\"VND\",\"orderCode\":0,\"paymentLinkId\":\"payment-link-"
         "id\",\"code\":\"00\","
         "\"desc\":\"success\"}",
         "302b3becca1672dff99daafae2965f40e48ea3ca39453e4bf37fbcc26807a0e8"},
        {"{\"amount\":2000,\"cancelUrl\":\"http://localhost\",\"description\":\"Thanh toán đơn "
         "hàng\",\"orderCode\":0,"
         "\"returnUrl\":\"http://localhost\"}",
         "d8b7b0e5d19edfe7b1f53dedeb8d1c7c2b62fabd7eb320dbc514c58f13e9e2c5"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body =
            g_strdup_printf("{\"data\":%s,\"signature\":\"%s\"}", cases[i].data, cases[i].hex);
        assert_int_equal(hook_payos_signed(body_of(body), "test_checksum_key"), HOOK_GENUINE);
    }
}

static void payos_nothing_and_null_are_signed_alike(void **state)
{
    (void)state;
    json_t *json = json_loads("{\"b\":null,\"a\":\"x y\",\"c\":\"undefined\",\"d\":false}", 0, NULL);
    g_autofree char *text = hook_payos_text(json);
    assert_string_equal(text, "a=x y&b=&c=&d=false");
    json_decref(json);
}

static void payos_bodies_become_one_event(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) events = bank_event_list();
    assert_true(hook_read(BANK_PAYOS, body_of(payos_body), events));
    const struct bank_event *e = events->pdata[0];
    assert_true(e->test);
    assert_string_equal(e->id, "124c33293c43417ab7879e14c8d9eb18:TF230204212323");
    assert_int_equal(money_dong(e->amount), 3000);
    /* Only the signed code counts. */
    g_autofree char *failed = g_strdup(payos_body);
    char *inner = strstr(strstr(failed, "\"data\""), "\"00\"");
    inner[1] = '9';
    assert_false(hook_read(BANK_PAYOS, body_of(failed), events));
    assert_int_equal(events->len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sepay_keys_are_compared_whole),
        cmocka_unit_test(sepay_signatures_cover_time_and_body),
        cmocka_unit_test(sepay_bodies_become_one_event),
        cmocka_unit_test(odd_money_is_not_read),
        cmocka_unit_test(odd_bodies_are_not_read),
        cmocka_unit_test(cassos_published_signature_fits),
        cmocka_unit_test(cassos_broken_sample_is_forged),
        cmocka_unit_test(cassos_two_versions_are_read),
        cmocka_unit_test(casso_tokens_are_compared_whole),
        cmocka_unit_test(payos_published_webhook_fits),
        cmocka_unit_test(payos_signing_cases_fit),
        cmocka_unit_test(payos_nothing_and_null_are_signed_alike),
        cmocka_unit_test(payos_bodies_become_one_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
