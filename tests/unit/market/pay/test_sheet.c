#include "tests/unit/market/pay/pay_test.h"

#include <glib/gstdio.h>
#include <xlsxwriter.h>
#include <zip.h>
#include "market/trade/sheet.h"

static struct sheet *read_text(const char *text)
{
    struct sheet *sheet = NULL;
    assert_int_equal(sheet_read(text, strlen(text), &sheet), SHEET_OK);
    return sheet;
}

static void csv_cells_are_where_they_belong(void **state)
{
    (void)state;
    struct sheet *s = read_text("a,b,c\r\n\"x, y\",\"he said \"\"no\"\"\",\"two\nlines\"\r\n,, last \n");
    assert_int_equal(sheet_rows(s), 3);
    assert_string_equal(sheet_cell(s, 0, 2), "c");
    assert_string_equal(sheet_cell(s, 1, 0), "x, y");
    assert_string_equal(sheet_cell(s, 1, 1), "he said \"no\"");
    assert_string_equal(sheet_cell(s, 1, 2), "two\nlines");
    assert_string_equal(sheet_cell(s, 2, 2), "last");
    assert_string_equal(sheet_cell(s, 2, 0), "");
    assert_string_equal(sheet_cell(s, 99, 99), "");
    sheet_free(s);
}

static void separators_are_found(void **state)
{
    (void)state;
    static const char *const texts[] = {"a,b\nc,\"d;e\"\n", "a;b\nc;1,234\n5;6,7\n", "a\tb\nc\t1,2\n3\t4\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct sheet *s = read_text(texts[i]);
        assert_string_equal(sheet_cell(s, 0, 0), "a");
        assert_string_equal(sheet_cell(s, 0, 1), "b");
        assert_string_equal(sheet_cell(s, 1, 0), "c");
        sheet_free(s);
    }
}

static void encodings_come_out_as_one(void **state)
{
    (void)state;
    static const char text[] = "Ngày,Diễn giải\n1,Đặt cọc\n";
    static const char *const names[] = {"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        gsize size;
        g_autofree char *with_mark = g_strconcat(i == 1 ? "" : "\xef\xbb\xbf", text, NULL);
        g_autofree char *bytes = g_convert(with_mark, -1, names[i], "UTF-8", NULL, &size, NULL);
        struct sheet *s = NULL;
        assert_int_equal(sheet_read(bytes, size, &s), SHEET_OK);
        assert_string_equal(sheet_cell(s, 0, 1), "Diễn giải");
        assert_string_equal(sheet_cell(s, 1, 1), "Đặt cọc");
        sheet_free(s);
    }
}

static void windows_bytes_are_read(void **state)
{
    (void)state;
    struct sheet *s = read_text("caf\xe9,b\n1,2\n"); /* 1252 */
    assert_string_equal(sheet_cell(s, 0, 0), "café");
    sheet_free(s);
    s = read_text("Ng\xe0y,S\xf4\xec ti\xea\xf2n\n1,\xd0\xf4ng\n"); /* 1258: letter, then its tone */
    g_autofree char *whole = g_utf8_normalize(sheet_cell(s, 0, 1), -1, G_NORMALIZE_ALL_COMPOSE);
    assert_string_equal(sheet_cell(s, 0, 0), "Ngày");
    assert_string_equal(sheet_cell(s, 1, 1), "Đông");
    assert_true(g_str_has_prefix(whole, "Số"));
    sheet_free(s);
}

static void broken_files_are_named(void **state)
{
    (void)state;
    struct sheet *s = NULL;
    assert_int_equal(sheet_read("", 0, &s), SHEET_EMPTY);
    assert_int_equal(sheet_read("\n\n,,\n", 5, &s), SHEET_EMPTY);
    assert_int_equal(sheet_read("a,\"b\nc", 6, &s), SHEET_BROKEN);
    assert_int_equal(sheet_read("a\0b", 3, &s), SHEET_NOT_TEXT);
    assert_int_equal(sheet_read("\xff\xfe"
                                "a",
                                3, &s),
                     SHEET_NOT_TEXT);
    assert_int_equal(sheet_read("PK\003\004rubbish", 11, &s), SHEET_BROKEN);
    assert_int_equal(sheet_read("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", 12, &s), SHEET_OLD_EXCEL);
    g_autofree char *wide = g_strnfill(200, ',');
    g_autofree char *wider = g_strconcat(wide, "x", NULL);
    assert_int_equal(sheet_read(wider, strlen(wider), &s), SHEET_TOO_BIG);
    assert_null(s);
}

/* A workbook written by somebody else's library. */
static void xlsx_of_another_hand_is_read(void **state)
{
    (void)state;
    g_autofree char *dir = g_dir_make_tmp("sheet-XXXXXX", NULL),
                    *path = g_build_filename(dir, "a.xlsx", NULL), *bytes = NULL;
    gsize size;
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *blank = workbook_add_worksheet(book, "trống"), *sheet = workbook_add_worksheet(book, "VN");
    lxw_format *date = workbook_add_format(book);
    format_set_num_format(date, "dd/mm/yyyy hh:mm");
    lxw_datetime when = {2024, 5, 2, 12, 0, 0};
    (void)blank;
    worksheet_write_string(sheet, 8, 1, "Ngày thực hiện", NULL);
    worksheet_write_datetime(sheet, 9, 1, &when, date);
    worksheet_write_number(sheet, 9, 2, 1234567, NULL);
    worksheet_write_string(sheet, 9, 3, "a < b & \"c\"", NULL);
    worksheet_write_boolean(sheet, 9, 4, 1, NULL);
    worksheet_merge_range(sheet, 0, 0, 0, 5, "SAO KÊ", NULL);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    struct sheet *s = NULL;
    assert_int_equal(sheet_read(bytes, size, &s), SHEET_OK);
    assert_int_equal(sheet_rows(s), 10);
    assert_string_equal(sheet_cell(s, 0, 0), "SAO KÊ");
    assert_string_equal(sheet_cell(s, 8, 1), "Ngày thực hiện");
    assert_string_equal(sheet_cell(s, 9, 1), "45414.5");
    assert_string_equal(sheet_cell(s, 9, 2), "1234567");
    assert_string_equal(sheet_cell(s, 9, 3), "a < b & \"c\"");
    sheet_free(s);
    for (gsize cut = 0; cut < size; cut += 97) { /* cut anywhere: refused, never read as less than it was */
        s = NULL;
        assert_int_not_equal(sheet_read(bytes, cut, &s), SHEET_OK);
    }
    g_unlink(path);
    g_rmdir(dir);
}

/* Packs one sheet's XML (and shared strings, when given) by hand. */
static GBytes *pack(const char *sheet_xml, size_t sheet_size, const char *strings_xml)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &error);
    zip_file_add(zip, "xl/worksheets/sheet1.xml", zip_source_buffer(zip, sheet_xml, sheet_size, 0), 0);
    if (strings_xml)
        zip_file_add(zip, "xl/sharedStrings.xml", zip_source_buffer(zip, strings_xml, strlen(strings_xml), 0),
                     0);
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t about;
    zip_source_stat(out, &about);
    char *bytes = g_malloc(about.size);
    zip_source_open(out);
    assert_int_equal(zip_source_read(out, bytes, about.size), (zip_int64_t)about.size);
    zip_source_close(out);
    zip_source_free(out);
    return g_bytes_new_take(bytes, about.size);
}

static enum sheet_reason read_packed(const char *sheet_xml, const char *strings_xml, struct sheet **out)
{
    g_autoptr(GBytes) packed = pack(sheet_xml, strlen(sheet_xml), strings_xml);
    gsize size;
    const char *bytes = g_bytes_get_data(packed, &size);
    return sheet_read(bytes, size, out);
}

static void xlsx_odd_but_right_forms_are_read(void **state)
{
    (void)state;
    struct sheet *s = NULL;
    assert_int_equal(
        read_packed(
            "<x:worksheet xmlns:x='u'><x:sheetData><x:row><x:c t='inlineStr'><x:is><x:r><x:t>a</x:t></x:r>"
            "<x:r><x:t>b</x:t></x:r></x:is></x:c><x:c t='s'><x:v>0</x:v></x:c><x:c t='e'><x:v>#N/A</x:v>"
            "</x:c><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>",
            "<sst><si><t>s</t><rPh><t>phonetic</t></rPh></si></sst>", &s),
        SHEET_OK);
    assert_string_equal(sheet_cell(s, 0, 0), "ab");
    assert_string_equal(sheet_cell(s, 0, 1), "s");
    assert_string_equal(sheet_cell(s, 0, 2), "");
    assert_string_equal(sheet_cell(s, 0, 3), "7");
    sheet_free(s);
}

static void xlsx_attacks_are_refused(void **state)
{
    (void)state;
    struct sheet *s = NULL;
    assert_int_equal(read_packed("<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>", NULL, &s), SHEET_BROKEN);
    assert_int_equal(
        read_packed("<worksheet><row r='1'><c r='A1' t='s'><v>5</v></c></row></worksheet>", NULL, &s),
        SHEET_BROKEN);
    assert_int_equal(read_packed("<worksheet><row r='0'/></worksheet>", NULL, &s), SHEET_BROKEN);
    assert_int_equal(read_packed("<worksheet><c r='AAAA1'><v>1</v></c></worksheet>", NULL, &s), SHEET_BROKEN);
    assert_int_equal(read_packed("<worksheet><c r='A1048576'><v>1</v></c></worksheet>", NULL, &s),
                     SHEET_TOO_BIG);
    assert_int_equal(read_packed("<worksheet><row>", NULL, &s), SHEET_BROKEN);
    GString *deep = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(deep, "<a>");
    assert_int_equal(read_packed(deep->str, NULL, &s), SHEET_BROKEN);
    g_string_free(deep, TRUE);
    /* 20 MB of blanks pack to some 20 kB. */
    size_t size = 20 << 20;
    g_autofree char *bomb = g_strnfill(size, ' ');
    g_autoptr(GBytes) packed = pack(bomb, size, NULL);
    gsize packed_size;
    const char *bytes = g_bytes_get_data(packed, &packed_size);
    assert_true(packed_size < size / SHEET_RATIO);
    assert_int_equal(sheet_read(bytes, packed_size, &s), SHEET_TOO_BIG);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_cells_are_where_they_belong),
        cmocka_unit_test(separators_are_found),
        cmocka_unit_test(encodings_come_out_as_one),
        cmocka_unit_test(windows_bytes_are_read),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(xlsx_of_another_hand_is_read),
        cmocka_unit_test(xlsx_odd_but_right_forms_are_read),
        cmocka_unit_test(xlsx_attacks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
