/* A big statement is read beside the desk: orders that come after it are answered before it. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

enum { FILES = 4, ROWS = 18000 };

struct turn {
    pthread_mutex_t lock;
    pthread_cond_t done;
    int answered, files;    /* how many so far */
    int files_before_order; /* files that were answered when the order was */
    enum result order, file[FILES];
};

static void on_order(void *user, const struct desk_reply *reply)
{
    struct turn *t = user;
    pthread_mutex_lock(&t->lock);
    t->order = reply->result;
    t->files_before_order = t->files;
    t->answered++;
    pthread_cond_signal(&t->done);
    pthread_mutex_unlock(&t->lock);
}

static void on_file(void *user, const struct desk_reply *reply)
{
    struct turn *t = user;
    pthread_mutex_lock(&t->lock);
    t->file[t->files++] = reply->result;
    t->answered++;
    pthread_cond_signal(&t->done);
    pthread_mutex_unlock(&t->lock);
}

/* Many rows and no titles: all of it is read, and then refused. */
static char *big_file(void)
{
    g_autoptr(GString) csv = g_string_new(NULL);
    for (int i = 0; i < ROWS; i++)
        g_string_append_printf(csv, "%d,01/05/2026,MBVCB.45.%d.chuyen tien CT tu 0123456789,%d,x,y,z,u,v,w\n",
                               i, i, i * 1000);
    return g_base64_encode((const guchar *)csv->str, csv->len);
}

static void orders_go_on_while_files_are_read(void **state)
{
    struct fixture *f = *state;
    struct turn t = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    g_autofree char *file = big_file();
    for (int i = 0; i < FILES; i++)
        assert_int_equal(desk_call(f->desk, "statement.import", &f->cadre,
                                   json_pack("{s:s,s:i,s:s}", "key", fresh_key(), "id", 1, "file", file),
                                   on_file, &t),
                         R_OK);
    assert_int_equal(
        desk_call(f->desk, "order.place", &f->buyer, order_params(f, NULL, 0, 500), on_order, &t), R_OK);
    pthread_mutex_lock(&t.lock);
    while (t.answered < FILES + 1)
        pthread_cond_wait(&t.done, &t.lock);
    pthread_mutex_unlock(&t.lock);
    assert_int_equal(t.order, R_CREATED);
    for (int i = 0; i < FILES; i++)
        assert_int_equal(t.file[i], R_BAD_FIELD);
    assert_true(t.files_before_order < FILES);
    assert_true(books_fit(f));
}

static void a_file_told_again_is_known_by_its_key(void **state)
{
    struct fixture *f = *state;
    g_autofree char *key = g_strdup(fresh_key());
    static const char text[] =
        "Ng\xc3\xa0y,N\xe1\xbb\xa3,C\xc3\xb3,M\xc3\xb4 t\xe1\xba\xa3\n01/05/2026,,50000,abc\n",
                      other[] = "date,credit\n01/05/2026,1000\n";
    g_autofree char *file = g_base64_encode((const guchar *)text, strlen(text)),
                    *second = g_base64_encode((const guchar *)other, strlen(other));
    json_t *made = expect(f, R_CREATED, "bank.add", &f->cadre,
                          json_pack("{s:s,s:s,s:s,s:s}", "key", fresh_key(), "bin", "970405", "number",
                                    "3600205123456", "holder", "HTX"));
    json_int_t id = json_integer_value(json_object_get(made, "id"));
    json_t *one = expect(f, R_OK, "statement.import", &f->cadre,
                         json_pack("{s:s,s:I,s:s}", "key", key, "id", id, "file", file));
    json_t *two = expect(f, R_OK, "statement.import", &f->cadre,
                         json_pack("{s:s,s:I,s:s}", "key", key, "id", id, "file", file));
    assert_true(json_equal(one, two));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "counts"), "rows")), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM bank_event"), 1);
    expect_only(f, R_KEY_REUSED, "statement.import", &f->cadre,
                json_pack("{s:s,s:I,s:s}", "key", key, "id", id, "file", second));
    /* Who may not is turned away before anything is read. */
    expect_only(f, R_FORBIDDEN, "statement.import", &f->farmer,
                json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", id, "file", "!"));
    json_decref(made);
    json_decref(one);
    json_decref(two);
}

/* A statement of thousands of rows is booked in slices: an order that comes while it is being booked is
 * answered long before it, and every row is booked once. */
static void orders_go_on_while_a_statement_is_booked(void **state)
{
    struct fixture *f = *state;
    struct turn t = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    json_decref(expect(f, R_CREATED, "bank.add", &f->cadre,
                       json_pack("{s:s,s:s,s:s,s:s}", "key", fresh_key(), "bin", "970405", "number",
                                 "3600205123456", "holder", "HTX")));
    enum { BOOKED = 3000 };
    g_autoptr(GString) csv = g_string_new("date,credit,description\n");
    for (int i = 0; i < BOOKED; i++)
        g_string_append_printf(csv, "01/05/2026,%d,chuyen tien %d\n", 1000 + i, i);
    g_autofree char *file = g_base64_encode((const guchar *)csv->str, csv->len);
    g_autofree char *key = g_strdup(fresh_key());
    assert_int_equal(desk_call(f->desk, "statement.import", &f->cadre,
                               json_pack("{s:s,s:i,s:s}", "key", key, "id", 1, "file", file), on_file, &t),
                     R_OK);
    while (!look(f, "SELECT COUNT(*) FROM bank_event")) /* it has begun */
        g_usleep(1000);
    assert_int_equal(
        desk_call(f->desk, "order.place", &f->buyer, order_params(f, NULL, 0, 500), on_order, &t), R_OK);
    pthread_mutex_lock(&t.lock);
    t.files_before_order = t.files;
    while (t.answered < 1)
        pthread_cond_wait(&t.done, &t.lock);
    int first_files = t.files;
    while (t.answered < 2)
        pthread_cond_wait(&t.done, &t.lock);
    pthread_mutex_unlock(&t.lock);
    assert_int_equal(first_files, 0);
    assert_int_equal(t.order, R_CREATED);
    assert_int_equal(t.file[0], R_OK);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM bank_event"), BOOKED);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM disposition WHERE kind = 'suspense'"), BOOKED);
    /* again with the same key: the same answer; with another: nothing new */
    json_t *body = expect(f, R_OK, "statement.import", &f->cadre,
                          json_pack("{s:s,s:i,s:s}", "key", key, "id", 1, "file", file));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "counts"), "unsure")), BOOKED);
    json_decref(body);
    body = expect(f, R_OK, "statement.import", &f->cadre,
                  json_pack("{s:s,s:i,s:s}", "key", fresh_key(), "id", 1, "file", file));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "counts"), "repeated")),
                     BOOKED);
    json_decref(body);
    assert_true(books_fit(f));
}

/* A refusal that the desk makes (no such account, another's file) is told as it is. */
static void what_is_refused_at_the_opening_books_nothing(void **state)
{
    struct fixture *f = *state;
    json_decref(expect(f, R_CREATED, "bank.add", &f->cadre,
                       json_pack("{s:s,s:s,s:s,s:s}", "key", fresh_key(), "bin", "970405", "number",
                                 "3600205123456", "holder", "HTX")));
    static const char text[] = "So tai khoan: 9999999999\ndate,credit\n01/05/2026,1000\n";
    g_autofree char *file = g_base64_encode((const guchar *)text, strlen(text));
    json_t *body = expect(f, R_BAD_FIELD, "statement.import", &f->cadre,
                          json_pack("{s:s,s:i,s:s}", "key", fresh_key(), "id", 1, "file", file));
    assert_string_equal(json_string_value(json_object_get(body, "field")), "account");
    json_decref(body);
    expect_only(f, R_UNKNOWN, "statement.import", &f->cadre,
                json_pack("{s:s,s:i,s:s}", "key", fresh_key(), "id", 77, "file", file));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM bank_event"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(orders_go_on_while_files_are_read, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(orders_go_on_while_a_statement_is_booked, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_at_the_opening_books_nothing, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_file_told_again_is_known_by_its_key, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
