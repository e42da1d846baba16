#include "unit.h"
#include <glib.h>
#include "market/edge/outbox.h"

enum { THREADS = 4, EACH = 2000 };

struct note {
    struct post post;
    int thread, number;
};

static struct outbox box;
static int last_of[THREADS], ran;
static gint wakes;

static void on_note(struct post *post)
{
    struct note *note = (struct note *)post;
    assert_int_equal(note->number, last_of[note->thread] + 1); /* each thread's notes keep their order */
    last_of[note->thread] = note->number;
    ran++;
    g_free(note);
}

static gpointer writer(gpointer arg)
{
    for (int i = 1; i <= EACH; i++) {
        struct note *note = g_new0(struct note, 1);
        note->post.run = on_note;
        note->thread = GPOINTER_TO_INT(arg);
        note->number = i;
        if (outbox_put(&box, &note->post))
            g_atomic_int_inc(&wakes);
    }
    return NULL;
}

TEST(many_threads_one_reader_nothing_lost_nothing_out_of_order)
{
    UNUSED_STATE;
    GThread *threads[THREADS];
    outbox_init(&box);
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("writer", writer, GINT_TO_POINTER(i));
    while (ran < THREADS * EACH) {
        if (outbox_run(&box) == 0)
            g_thread_yield();
    }
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    assert_int_equal(ran, THREADS * EACH);
    assert_true(g_atomic_int_get(&wakes) >= 1 && g_atomic_int_get(&wakes) <= ran);
    outbox_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_one_reader_nothing_lost_nothing_out_of_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
