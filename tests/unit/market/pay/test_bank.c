#include "tests/unit/market/pay/pay_test.h"

#include <glib/gstdio.h>
#include "market/trade/bank.h"

static void the_built_in_table_is_whole(void **state)
{
    (void)state;
    struct bank_table *banks = bank_table_new(NULL, NULL, 0);
    assert_non_null(banks);
    assert_int_equal(bank_count(banks), 70);
    assert_string_equal(bank_find(banks, "970405")->short_name, "Agribank");
    assert_string_equal(bank_find(banks, "970449")->short_name, "LPBank");
    assert_true(bank_find(banks, "970436")->receives);
    assert_false(bank_find(banks, "999888")->receives);
    assert_null(bank_find(banks, "123456"));
    bank_table_free(banks);
}

static void a_file_takes_its_place(void **state)
{
    (void)state;
    char why[128] = "";
    g_autofree char *dir = g_dir_make_tmp("banks-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "banks.tsv", NULL);
    assert_null(bank_table_new(path, why, sizeof why));
    assert_true(g_file_set_contents(
        path, "bin\tcode\tshort\tname\tvietqr\n# ours\n123456\tNEW\tNew Bank\tNgân hàng mới\treceive\n", -1,
        NULL));
    struct bank_table *banks = bank_table_new(path, why, sizeof why);
    assert_non_null(banks);
    assert_int_equal(bank_count(banks), 1);
    assert_string_equal(bank_at(banks, 0)->name, "Ngân hàng mới");
    bank_table_free(banks);
    assert_true(g_file_set_contents(path, "bin\tcode\tshort\tname\tvietqr\n12345\tNEW\tNew\tNew\treceive\n",
                                    -1, NULL));
    assert_null(bank_table_new(path, why, sizeof why));
    assert_non_null(strstr(why, "line 2"));
    g_unlink(path);
    g_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_table_is_whole),
        cmocka_unit_test(a_file_takes_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
