#include "tests/unit/market/pay/pay_test.h"

#include "market/trade/statement.h"

static struct statement *read_as(const char *csv, enum statement_reason want)
{
    struct sheet *sheet = NULL;
    struct statement *statement = NULL;
    assert_int_equal(sheet_read(csv, strlen(csv), &sheet), SHEET_OK);
    assert_int_equal(statement_read(sheet, &statement), want);
    sheet_free(sheet);
    return statement;
}

static const struct bank_event *event_at(const struct statement *s, guint i)
{
    assert_true(i < s->events->len);
    return s->events->pdata[i];
}

static void check(const struct statement *s, guint i, int64_t signed_dong, const char *reference,
                  const char *memo)
{
    const struct bank_event *e = event_at(s, i);
    assert_int_equal(e->direction == BANK_OUT ? -money_dong(e->amount) : money_dong(e->amount), signed_dong);
    assert_string_equal(e->reference, reference);
    assert_string_equal(e->memo, memo);
}

static void techcombank(void **state)
{
    (void)state;
    GString *csv = g_string_new("TECHCOMBANK\nSỐ TÀI KHOẢN,,19030413601018\n");
    for (int i = 3; i <= 20; i++)
        g_string_append(csv, "lời dẫn\n");
    g_string_append(
        csv, "Ngày KH thực hiện,Ngày giao dịch,Số bút toán,Ngân hàng đối tác,Tài khoản đích,Tên tài khoản "
             "đối ứng,Diễn "
             "giải,Nợ,Có,Phí/Lãi,Thuế,Số dư\n"
             "2024-05-02 08:01:02,2024-05-02,FT24123000000001,MB,0123,NGUYEN VAN A,CX7K2M9QD5 mua "
             "rau,,\"50,000\",,,\"150,000\"\n"
             "2024-05-03,2024-05-03,FT24124000000002,,,,tra tien,\"-20,000\",,\"-1,000\",-100,\"128,900\"\n"
             "Phiếu này được in từ hệ thống\n,,x,,,,,1,,,,\n");
    struct statement *s = read_as(csv->str, STATEMENT_OK);
    assert_int_equal(s->header_row, 21);
    assert_string_equal(s->account, "19030413601018");
    assert_int_equal(s->events->len, 2);
    check(s, 0, 50000, "FT24123000000001", "CX7K2M9QD5 mua rau");
    check(s, 1, -20000, "FT24124000000002", "tra tien");
    assert_string_equal(event_at(s, 0)->payer, "NGUYEN VAN A");
    assert_int_equal(s->chain, CHAIN_WHOLE);
    assert_int_equal(money_dong(s->opening), 100000);
    assert_int_equal(money_dong(s->closing), 128900);
    assert_int_equal(s->issues->len, 0);
    statement_free(s);
    g_string_free(csv, TRUE);
}

static void vietcombank_old(void **state)
{
    (void)state;
    struct statement *s = read_as("Ngày giao dịch;Số tham chiếu;Thay đổi;Số tiền;Mô tả\n"
                                  "02/05/2024;5243 - 11;+;1,234,000;\"MBVCB.1.2.CX7K2M9QD5\nCT tu A\"\n"
                                  "03/05/2024;5243 - 12;-;34,000;phi\n"
                                  "Tổng;;;1,268,000;\n",
                                  STATEMENT_OK);
    assert_int_equal(s->events->len, 2);
    check(s, 0, 1234000, "5243 - 11", "MBVCB.1.2.CX7K2M9QD5\nCT tu A");
    check(s, 1, -34000, "5243 - 12", "phi");
    assert_int_equal(s->chain, CHAIN_NONE);
    statement_free(s);
}

static void vietcombank_new(void **state)
{
    (void)state;
    struct statement *s = read_as("Số tài khoản: 0011001932418\n\n"
                                  "STT,Ngày/Số CT,Ghi nợ,Ghi có,Số dư,Nội dung chi tiết\n"
                                  "1,\"02/05/2024\n5389 - 82579\",,100.000,100.000,IBFT CX7K2M9QD5\n"
                                  "2,\"02/05/2024\n5389 - 82580\",40.000,,60.000,rut\n"
                                  ",,,,,TONG CONG TY di tiep\n"
                                  "Tổng cộng,,40.000,100.000,,\n",
                                  STATEMENT_OK);
    assert_string_equal(s->account, "0011001932418");
    assert_int_equal(s->events->len, 2);
    check(s, 0, 100000, "5389 - 82579", "IBFT CX7K2M9QD5");
    check(s, 1, -40000, "5389 - 82580", "rut TONG CONG TY di tiep");
    assert_int_equal(s->chain, CHAIN_WHOLE);
    statement_free(s);
}

static void vietinbank_newest_first(void **state)
{
    (void)state;
    GString *csv = g_string_new(NULL);
    for (int i = 1; i <= 31; i++)
        g_string_append(csv, ",\n");
    g_string_append(
        csv, "STT,Ngày hạch toán,Nợ,Có,Số dư TK,Số giao dịch,TK đối ứng,Tên,Mã định danh TK thụ hưởng,Mô tả\n"
             "1,03-05-2024 09:00:00,\"10,000\",,\"90,000\",T2,1,B,,out\n"
             "2,02-05-2024 08:00:00,,\"100,000\",\"100,000\",T1,1,A,,in\n");
    struct statement *s = read_as(csv->str, STATEMENT_OK);
    assert_int_equal(s->header_row, 32);
    check(s, 0, 100000, "T1", "in");
    check(s, 1, -10000, "T2", "out");
    assert_int_equal(s->chain, CHAIN_WHOLE);
    assert_int_equal(g_array_index(s->rows, size_t, 0), 34);
    assert_int_equal(money_dong(s->closing), 90000);
    statement_free(s);
    g_string_free(csv, TRUE);
}

static void acb_bidv_tpbank_agribank_mb(void **state)
{
    (void)state;
    static const char *const csvs[] = {
        "BẢNG SAO KÊ GIAO DỊCH\nNgày hiệu lực,Ngày giao dịch,Số GD,Diễn giải,Ghi nợ,Ghi có,Số dư\n"
        "02/05/2024,02/05/2024,77,m,,\"5,000\",\"5,000\"\n",
        "BÁO CÁO CHI TIẾT SỐ DƯ TÀI KHOẢN\nNgày hiệu lực,Mô tả,Ghi nợ,Ghi có,Số "
        "dư\n02/05/2024,m,,\"5,000\",\"5,000\"\n",
        "STT,Ngày GD,Số tham chiếu,Mô tả,Phát sinh Nợ,Phát sinh Có,Số dư\n1,02/05/2024,77,m,0,5000,5000\n",
        "Ngày thực hiện,Ngày hiệu lực,Mô tả,Ghi nợ,Ghi có,Số dư,TK đối ứng,Tên,Mã giao "
        "dịch\n02-05-2024,02-05-2024,m,,5000,5000,1,"
        "A,77\n",
        "Transaction Date,Reference,Details,Debit,Credit,Balance\n02/05/2024,77,m,,\"5,000\",\"5,000\"\n",
        "Ngày giao dịch,Số tiền,Nội dung\n02/05/2024,+5000 VND,m\n",
        "Ngày giao dịch\t Phát sinh nợ\tPhát sinh có\tNội dung\n02/05/2024\t0\t5.000\tm\n",
        "\xef\xbb\xbf\"Ngày giao dịch\n(Transaction date)\",\"Số tiền ghi có/ Credit\",\"Nội dung "
        "(Details)\"\n02/05/2024,5000,m\n",
        "Ngày,Phát sinh,,Nội dung\n,Nợ,Có,\n02/05/2024,,5000,m\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(csvs); i++) {
        struct statement *s = read_as(csvs[i], STATEMENT_OK);
        assert_int_equal(s->events->len, 1);
        assert_int_equal(money_dong(event_at(s, 0)->amount), 5000);
        assert_int_equal(event_at(s, 0)->direction, BANK_IN);
        assert_string_equal(event_at(s, 0)->memo, "m");
        assert_int_equal(event_at(s, 0)->at_ms, INT64_C(1714582800000));
        assert_int_equal(s->issues->len, 0);
        statement_free(s);
    }
}

static void a_missing_row_breaks_the_chain(void **state)
{
    (void)state;
    struct statement *s =
        read_as("Ngày,Nợ,Có,Số dư,Mô tả\n"
                "01/05/2024,,100,100,a\n02/05/2024,,100,200,b\n04/05/2024,,100,400,d\n05/05/2024,50,,350,e\n",
                STATEMENT_OK);
    assert_int_equal(s->chain, CHAIN_BROKEN);
    assert_int_equal(s->chain_row, 4);
    assert_int_equal(s->events->len, 4);
    statement_free(s);
}

static void what_cannot_be_read_is_listed(void **state)
{
    (void)state;
    struct statement *s =
        read_as("Ngày,Nợ,Có,Mô tả\n"
                "01/05/2024,,100,a\n31/02/2024,,100,b\n02/05/2024,5,5,c\n02/05/2024,,x,d\n02/05/2024,,,e\n"
                "Số dư đầu kỳ,,1,\nNgày,Nợ,Có,Mô tả\n03/05/2024,,7,f\n",
                STATEMENT_OK);
    assert_int_equal(s->events->len, 2);
    static const struct statement_issue want[] = {
        {3, "bad-date"}, {4, "two-amounts"}, {5, "bad-amount"}, {6, "no-amount"}};
    assert_int_equal(s->issues->len, G_N_ELEMENTS(want));
    for (guint i = 0; i < s->issues->len; i++) {
        struct statement_issue got = g_array_index(s->issues, struct statement_issue, i);
        assert_int_equal(got.row, want[i].row);
        assert_string_equal(got.word, want[i].word);
    }
    statement_free(s);
}

static void amounts_without_direction_are_not_guessed(void **state)
{
    (void)state;
    read_as("Ngày,Số tiền,Mô tả\n01/05/2024,100,a\n02/05/2024,100,b\n", STATEMENT_NO_DIRECTION);
    struct statement *s =
        read_as("Ngày,Số tiền,Số dư,Mô tả\n01/05/2024,100,500,a\n02/05/2024,100,400,b\n03/05/2024,50,450,c\n",
                STATEMENT_OK);
    assert_int_equal(s->events->len, 2);
    check(s, 0, -100, "", "b");
    check(s, 1, 50, "", "c");
    assert_int_equal(s->issues->len, 1);
    assert_int_equal(s->chain, CHAIN_WHOLE);
    statement_free(s);
}

static void other_tables_are_refused(void **state)
{
    (void)state;
    read_as("a,b\n1,2\n", STATEMENT_NO_HEADER);
    read_as("Ngày,Có\n", STATEMENT_NO_ROWS);
    read_as("Ngày,Có\n01/05/2024,\"1,000\"\n02/05/2024,1.000\n", STATEMENT_MIXED_AMOUNTS);
    GString *late = g_string_new(NULL);
    for (int i = 0; i < STATEMENT_HEADER_ROWS; i++)
        g_string_append(late, "x,y\n");
    g_string_append(late, "Ngày,Có\n01/05/2024,5\n");
    read_as(late->str, STATEMENT_NO_HEADER);
    g_string_free(late, TRUE);
}

static void the_same_row_has_the_same_name(void **state)
{
    (void)state;
    static const char head[] = "Ngày,Nợ,Có,Số dư,Số tham chiếu,Mô tả\n";
    g_autofree char *may =
        g_strconcat(head, "01/05/2024,,100,100,,a\n02/05/2024,,100,200,,a\n02/05/2024,,7,207,R1,b\n", NULL);
    g_autofree char *later =
        g_strconcat(head,
                    "02/05/2024 10:00:00,,\"100\",200,,A!\n02/05/2024,,7,207,r1,other words\n"
                    "03/05/2024,7,,200,R1,back\n",
                    NULL);
    struct statement *one = read_as(may, STATEMENT_OK), *two = read_as(later, STATEMENT_OK);
    statement_name(one, "123456");
    statement_name(two, "123456");
    assert_string_not_equal(event_at(one, 0)->id, event_at(one, 1)->id);
    assert_string_equal(event_at(one, 1)->id, event_at(two, 0)->id);
    assert_string_equal(event_at(one, 2)->id, event_at(two, 1)->id);
    assert_string_not_equal(event_at(two, 1)->id, event_at(two, 2)->id);
    assert_string_equal(event_at(two, 2)->account, "123456");
    statement_name(two, "654321");
    assert_string_not_equal(event_at(one, 2)->id, event_at(two, 1)->id);
    statement_free(one);
    statement_free(two);
}

static void rows_alike_in_all_are_numbered(void **state)
{
    (void)state;
    struct statement *s = read_as("Ngày,Có,Mô tả\n01/05/2024,5,a\n01/05/2024,5,a\n", STATEMENT_OK);
    statement_name(s, "123456");
    assert_string_not_equal(event_at(s, 0)->id, event_at(s, 1)->id);
    statement_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(techcombank),
        cmocka_unit_test(vietcombank_old),
        cmocka_unit_test(vietcombank_new),
        cmocka_unit_test(vietinbank_newest_first),
        cmocka_unit_test(acb_bidv_tpbank_agribank_mb),
        cmocka_unit_test(a_missing_row_breaks_the_chain),
        cmocka_unit_test(what_cannot_be_read_is_listed),
        cmocka_unit_test(amounts_without_direction_are_not_guessed),
        cmocka_unit_test(other_tables_are_refused),
        cmocka_unit_test(the_same_row_has_the_same_name),
        cmocka_unit_test(rows_alike_in_all_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
