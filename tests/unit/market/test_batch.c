/* Many commands in one transaction: what one of them is refused changes nothing, whatever it stands beside
 * and however much it had written by then. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>

enum { CALLS_MAX = 200 };

struct reply {
    enum result result;
    json_t *body;
    char *cookie;
};

struct crowd {
    struct fixture *f;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    size_t count, left;
    struct reply replies[CALLS_MAX];
    struct crowd_call {
        struct crowd *crowd;
        struct reply *reply;
    } calls[CALLS_MAX];
};

static void on_reply(void *user, const struct desk_reply *reply)
{
    struct crowd_call *call = user;
    pthread_mutex_lock(&call->crowd->lock);
    *call->reply = (struct reply){reply->result,
                                  reply->text ? json_loads(reply->text, 0, NULL) : json_incref(reply->body),
                                  g_strdup(reply->cookie)};
    call->crowd->left--;
    pthread_cond_signal(&call->crowd->answered);
    pthread_mutex_unlock(&call->crowd->lock);
}

/* TAKES params. */
static size_t say(struct crowd *crowd, const char *name, const struct who *who, json_t *params)
{
    size_t number = crowd->count++;
    assert_true(number < CALLS_MAX);
    crowd->calls[number] = (struct crowd_call){crowd, &crowd->replies[number]};
    pthread_mutex_lock(&crowd->lock);
    crowd->left++;
    pthread_mutex_unlock(&crowd->lock);
    assert_int_equal(desk_call(crowd->f->desk, name, who, params, on_reply, &crowd->calls[number]), R_OK);
    return number;
}

static uint64_t batches(struct fixture *f)
{
    struct desk_figures figures;
    desk_figures(f->desk, &figures);
    return figures.batches;
}

/* The desk thread is caught at telling of an order, where it needs the fixture's lock: what is said until
 * crowd_go waits together. */
static void crowd_gather(struct crowd *crowd, struct fixture *f)
{
    *crowd = (struct crowd){.f = f};
    pthread_mutex_init(&crowd->lock, NULL);
    pthread_cond_init(&crowd->answered, NULL);
    pthread_mutex_lock(&f->lock);
    uint64_t before = batches(f);
    say(crowd, "order.place", &f->buyer, order_params(f, NULL, 2, 100));
    while (batches(f) == before)
        g_usleep(1000);
}

static void crowd_go(struct crowd *crowd)
{
    pthread_mutex_unlock(&crowd->f->lock);
    pthread_mutex_lock(&crowd->lock);
    while (crowd->left)
        pthread_cond_wait(&crowd->answered, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
    assert_int_equal(crowd->replies[0].result, R_CREATED);
}

/* The first one alone, all others in one batch; the clock of the desk may have added some of its own. */
static void stood_together(const struct crowd *crowd, const struct desk_figures *before)
{
    struct desk_figures after;
    desk_figures(crowd->f->desk, &after);
    uint64_t ticks = after.batched - before->batched - crowd->count;
    assert_in_range(after.batches - before->batches, 1, 2 + ticks);
}

static void crowd_free(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        json_decref(crowd->replies[i].body);
        g_free(crowd->replies[i].cookie);
    }
    pthread_cond_destroy(&crowd->answered);
    pthread_mutex_destroy(&crowd->lock);
}

static const char *code_of(const struct reply *reply)
{
    return json_string_value(json_object_get(json_object_get(reply->body, "order"), "code"));
}

static json_t *with_phone(json_t *params, int number)
{
    g_autofree char *phone = g_strdup_printf("09871%05d", number);
    json_object_set_new(params, "phone", json_string(phone));
    return params;
}

/* The first line is there, the second is not: by then goods have been taken and a person has been written. */
static json_t *half_sold_out(struct fixture *f)
{
    json_t *params = order_params(f, NULL, 0, 100), *other = order_params(f, NULL, 4, 900000);
    json_array_extend(json_object_get(params, "lines"), json_object_get(other, "lines"));
    json_decref(other);
    return params;
}

static void events_are_whole(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    for (guint i = 1; i < f->events->len; i++)
        assert_int_equal(json_integer_value(json_object_get(f->events->pdata[i], "id")),
                         json_integer_value(json_object_get(f->events->pdata[i - 1], "id")) + 1);
    json_t *last = f->events->pdata[f->events->len - 1];
    int64_t id = json_integer_value(json_object_get(last, "id"));
    pthread_mutex_unlock(&f->lock);
    assert_int_equal(look(f, "SELECT MAX(id) FROM journal"), id);
}

static void one_refused_late_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    enum { ROUNDS = 30 };
    struct crowd crowd;
    size_t plain[ROUNDS], torn[ROUNDS], walked_in[ROUNDS], first[ROUNDS], again[ROUNDS], greedy[ROUNDS];
    expect_only(f, R_OK, "lot.change", &f->farmer,
                json_pack("{s:s,s:I,s:i}", "key", fresh_key(), "id", (json_int_t)f->lot[1], "limit", 500));
    int64_t there = available(f, 0), people = look(f, "SELECT COUNT(*) FROM person");
    int64_t sessions = look(f, "SELECT COUNT(*) FROM session"), limited = available(f, 1);
    struct desk_figures before;
    desk_figures(f->desk, &before);
    crowd_gather(&crowd, f);
    for (int i = 0; i < ROUNDS; i++) {
        json_t *same = order_params(f, NULL, 0, 100);
        plain[i] = say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
        first[i] = say(&crowd, "order.place", &f->buyer, json_deep_copy(same));
        torn[i] = say(&crowd, "order.place", &f->stranger, with_phone(half_sold_out(f), i));
        walked_in[i] =
            say(&crowd, "order.place", &f->stranger, with_phone(order_params(f, NULL, 0, 100), 1000 + i));
        greedy[i] =
            say(&crowd, "order.place", &f->stranger, with_phone(order_params(f, NULL, 1, 501), 2000 + i));
        again[i] = say(&crowd, "order.place", &f->buyer, same);
    }
    crowd_go(&crowd);
    stood_together(&crowd, &before);
    for (int i = 0; i < ROUNDS; i++) {
        const struct reply *r = crowd.replies;
        struct who who = {0};
        assert_int_equal(r[plain[i]].result, R_CREATED);
        assert_int_equal(r[torn[i]].result, R_SOLD_OUT);
        assert_null(r[torn[i]].cookie);
        assert_int_equal(r[greedy[i]].result, R_LIMIT);
        assert_null(r[greedy[i]].cookie);
        assert_int_equal(r[walked_in[i]].result, R_CREATED);
        assert_non_null(r[walked_in[i]].cookie);
        assert_true(desk_who_cookie(f->desk, r[walked_in[i]].cookie, &who));
        assert_int_equal(r[again[i]].result, R_CREATED);
        assert_string_equal(code_of(&r[first[i]]), code_of(&r[again[i]]));
    }
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 1 + 3 * ROUNDS);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM answer WHERE body LIKE '{\"order\"%'"), 1 + 3 * ROUNDS);
    assert_int_equal(available(f, 0), there - INT64_C(100) * 3 * ROUNDS);
    assert_int_equal(available(f, 1), limited);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM person"), people + ROUNDS);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM session"), sessions + ROUNDS);
    events_are_whole(f);
    assert_true(books_fit(f));
    crowd_free(&crowd);
}

static void one_refused_early_costs_the_others_nothing(void **state)
{
    struct fixture *f = *state;
    enum { ROUNDS = 30 };
    struct crowd crowd;
    int64_t there = available(f, 0);
    crowd_gather(&crowd, f);
    for (int i = 0; i < ROUNDS; i++) {
        json_t *odd = order_params(f, NULL, 0, 100);
        json_object_set_new(odd, "nonsense", json_true());
        say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
        say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 4, 900000));
        say(&crowd, "order.place", &f->buyer, odd);
    }
    crowd_go(&crowd);
    for (size_t i = 1; i < crowd.count; i += 3) {
        assert_int_equal(crowd.replies[i].result, R_CREATED);
        assert_int_equal(crowd.replies[i + 1].result, R_SOLD_OUT);
        assert_int_equal(crowd.replies[i + 2].result, R_BAD_FIELD);
    }
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 1 + ROUNDS);
    /* nothing was run twice: a try takes one id, sold out or not */
    assert_int_equal(look(f, "SELECT MAX(id) - MIN(id) FROM orders"), 2 * ROUNDS - 1);
    assert_int_equal(available(f, 0), there - INT64_C(100) * ROUNDS);
    events_are_whole(f);
    assert_true(books_fit(f));
    crowd_free(&crowd);
}

static void commands_keep_their_order(void **state)
{
    struct fixture *f = *state;
    struct crowd crowd;
    int64_t price = f->price[0];
    crowd_gather(&crowd, f);
    size_t cheap = say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
    say(&crowd, "order.place", &f->buyer, half_sold_out(f));
    size_t change = say(&crowd, "lot.change", &f->farmer,
                        json_pack("{s:s,s:I,s:I}", "key", fresh_key(), "id", (json_int_t)f->lot[0], "price",
                                  (json_int_t)price + 1000));
    size_t late = say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
    f->price[0] = price + 1000;
    size_t dear = say(&crowd, "order.place", &f->buyer, order_params(f, NULL, 0, 100));
    crowd_go(&crowd);
    assert_int_equal(crowd.replies[cheap].result, R_CREATED);
    assert_int_equal(crowd.replies[cheap + 1].result, R_SOLD_OUT);
    assert_int_equal(crowd.replies[change].result, R_OK);
    assert_int_equal(crowd.replies[late].result, R_PRICE_CHANGED);
    assert_int_equal(crowd.replies[dear].result, R_CREATED);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM orders"), 3);
    assert_true(books_fit(f));
    crowd_free(&crowd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_refused_late_leaves_no_trace),
        TEST(one_refused_early_costs_the_others_nothing),
        TEST(commands_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
