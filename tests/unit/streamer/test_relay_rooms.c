/* Which rooms there are. How they begin and end with all that is in them: test_relay_worker.c. */
#include "streamer/relay/rooms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void rooms_are_found_by_name_and_counted(void **state)
{
    struct rooms *t = rooms_new();
    struct room a = {.name = "a", .keep = true}, b = {.name = "b", .keep = true};
    (void)state;
    assert_null(rooms_find(t, "a"));
    rooms_add(t, &a);
    rooms_add(t, &b);
    assert_ptr_equal(rooms_find(t, "a"), &a);
    assert_null(rooms_find(t, "c"));
    assert_int_equal(rooms_count(t), 2);
    assert_int_equal(rooms_phones(t), 0);
    b.publisher = (struct publisher *)&b; /* some phone */
    assert_int_equal(rooms_phones(t), 1);
    rooms_drop_unnamed(t, 0); /* all are named */
    assert_int_equal(rooms_count(t), 2);
    rooms_unname(t);
    assert_false(a.keep || b.keep);
    rooms_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rooms_are_found_by_name_and_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
