/* JSON written as text at once reads to the byte like the tree's. */
/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <string.h>
#include "market/base/jot.h"
#include "market/base/shape.h"

#define ODD "Rau \"cải\" \\ / \b\f\n\r\t\x01\x1f\x7f 🍑"

#define FIELDS(X)                                                                                            \
    X(int, "zero", 0)                                                                                        \
    X(int, "least", INT64_MIN)                                                                               \
    X(int, "most", INT64_MAX)                                                                                \
    X(id, "nobody", 0)                                                                                       \
    X(id, "somebody", 7)                                                                                     \
    X(text, "odd", ODD)                                                                                      \
    X(text, "empty", "")                                                                                     \
    X(text, "none", NULL)                                                                                    \
    X(bool, "yes", true)                                                                                     \
    X(bool, "no", false)

static void it_is_what_the_tree_would_be(void **state)
{
    (void)state;
    json_t *tree = json_object();
    struct jot jot;
#define SHAPE(kind, name, value) shape_##kind(tree, name, value);
    FIELDS(SHAPE)
    shape_json(tree, "list", json_pack("[{},{}]"));
    shape_json(tree, "nothing", NULL);
    jot_init(&jot);
    jot_char(&jot, '{');
#define JOT(kind, name, value) jot_##kind(&jot, name, value);
    FIELDS(JOT)
    jot_json(&jot, "list", "[{},{}]");
    jot_json(&jot, "nothing", NULL);
    jot_char(&jot, '}');
    char *theirs = json_dumps(tree, JSON_COMPACT);
    g_autofree char *ours = jot_take(&jot), *shaped = shape_dump(tree, false);
    assert_string_equal(ours, theirs);
    assert_string_equal(shaped, theirs);
    free(theirs);
    json_decref(tree);
}

static void it_grows_beyond_its_room(void **state)
{
    (void)state;
    json_t *tree = json_array();
    struct jot jot;
    jot_init(&jot);
    jot_char(&jot, '[');
    for (int i = 0; i < 3 * JOT_USUAL / (int)sizeof ODD; i++) {
        json_array_append_new(tree, json_string(ODD));
        jot_between(&jot);
        jot_string(&jot, ODD, strlen(ODD));
    }
    assert_true(jot.heap);
    jot_char(&jot, ']');
    g_autofree char *ours = jot_take(&jot);
    char *theirs = json_dumps(tree, JSON_COMPACT);
    assert_string_equal(ours, theirs);
    free(theirs);
    json_decref(tree);
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct jot jot;
    jot_init(&jot);
    for (int i = 0; i < JOT_USUAL; i++)
        jot_put(&jot, "ab", 2);
    assert_int_equal(jot.length, 2 * JOT_USUAL);
    jot_done(&jot); /* the sanitizer looks */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_tree_would_be),
        cmocka_unit_test(it_grows_beyond_its_room),
        cmocka_unit_test(one_that_is_given_up_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
