#include "unit.h"
#include <glib.h>
#include <unistd.h>
#include "market/edge/errand.h"

enum { LIMIT = 4 };

/* An errand that hangs until it is let go, as a write does on a disk that does not answer: it reads from a
 * pipe. */
struct chore {
    struct errand errand;
    int number, gate; /* gate: -1 for none */
};

static struct outbox box;
static int came[16], came_count, undone;
static gint begun;

static void to_box(void *user, struct post *post)
{
    outbox_put(user, post);
}

static void work(struct errand *errand)
{
    struct chore *chore = (struct chore *)errand;
    char byte;
    g_atomic_int_inc(&begun);
    if (chore->gate >= 0)
        assert_int_equal(read(chore->gate, &byte, 1), 1);
}

static void home(struct errand *errand, bool worked)
{
    struct chore *chore = (struct chore *)errand;
    undone += !worked;
    came[came_count++] = chore->number;
    g_free(chore);
}

static bool put(struct errands *errands, int number, int gate, bool inner)
{
    struct chore *chore = g_new0(struct chore, 1);
    chore->errand.work = work;
    chore->errand.home = home;
    chore->number = number;
    chore->gate = gate;
    bool taken = errands_put(errands, &chore->errand, inner);
    if (!taken)
        g_free(chore);
    return taken;
}

static struct errands *begin(void)
{
    outbox_init(&box);
    came_count = undone = 0;
    g_atomic_int_set(&begun, 0);
    return errands_new(LIMIT, to_box, &box);
}

static void until_begun(int count)
{
    while (g_atomic_int_get(&begun) < count)
        g_usleep(1000);
}

TEST(what_hangs_holds_only_what_waits_behind_it_and_that_has_a_limit)
{
    UNUSED_STATE;
    int gate[2];
    struct errands *errands = begin();
    assert_int_equal(pipe(gate), 0);
    assert_true(put(errands, 0, gate[0], false));
    until_begun(1); /* it hangs; the one who put it goes on */
    for (int i = 1; i <= LIMIT; i++)
        assert_true(put(errands, i, -1, false));
    assert_false(put(errands, 99, -1, false));
    assert_true(put(errands, LIMIT + 1, -1, true)); /* ends what was let in before */
    assert_int_equal(outbox_run(&box), 0);
    assert_int_equal(write(gate[1], "x", 1), 1);
    while (came_count < LIMIT + 2)
        if (outbox_run(&box) == 0)
            g_usleep(1000);
    for (int i = 0; i < LIMIT + 2; i++)
        assert_int_equal(came[i], i);
    assert_int_equal(undone, 0);
    assert_true(put(errands, 7, -1, false)); /* there is room again */
    until_begun(LIMIT + 3);
    errands_free(errands);
    outbox_run(&box);
    assert_int_equal(came[came_count - 1], 7);
    outbox_done(&box);
    close(gate[0]);
    close(gate[1]);
}

static gpointer let_go(gpointer user)
{
    int *gate = user;
    g_usleep(20000); /* so that the end most likely waits for it; either way the outcome is the same */
    assert_int_equal(write(gate[1], "x", 1), 1);
    return NULL;
}

TEST(at_the_end_the_one_being_done_is_waited_for_and_the_others_come_home_undone)
{
    UNUSED_STATE;
    int gate[2];
    struct errands *errands = begin();
    assert_int_equal(pipe(gate), 0);
    assert_true(put(errands, 0, gate[0], false));
    until_begun(1);
    assert_true(put(errands, 1, -1, false));
    assert_true(put(errands, 2, -1, false));
    GThread *thread = g_thread_new("gate", let_go, gate);
    errands_free(errands);
    g_thread_join(thread);
    outbox_run(&box);
    assert_int_equal(came_count, 3);
    assert_true(undone <= 2 && g_atomic_int_get(&begun) == 3 - undone);
    outbox_done(&box);
    close(gate[0]);
    close(gate[1]);
}

TEST(nothing_to_do_ends_at_once)
{
    UNUSED_STATE;
    errands_free(begin());
    errands_free(NULL);
    assert_int_equal(came_count, 0);
    outbox_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_hangs_holds_only_what_waits_behind_it_and_that_has_a_limit),
        cmocka_unit_test(at_the_end_the_one_being_done_is_waited_for_and_the_others_come_home_undone),
        cmocka_unit_test(nothing_to_do_ends_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
