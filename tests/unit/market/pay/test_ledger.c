#include "tests/unit/market/pay/pay_store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "market/trade/ledger.h"

static enum result post(struct pay_store *s, const char *key, enum account_kind from, int64_t from_id,
                        enum account_kind to, int64_t to_id, int64_t amount)
{
    const struct posting postings[] = {{.kind = to, .subject = to_id, .amount = dong(amount)},
                                       {.kind = from, .subject = from_id, .amount = dong(-amount)}};
    struct entry entry = {.key = key, .kind = ENTRY_PAYMENT};
    return COMMAND(s, ledger_post(&s->trade, &entry, postings, 2, NULL));
}

static void assert_sound(struct pay_store *s)
{
    int64_t entries, bad;
    const char *what;
    assert_true(ledger_verify(s->trade.store, &entries, &what, &bad));
}

static void entries_must_balance(void **state)
{
    struct pay_store *s = *state;
    const struct posting lopsided[] = {{.kind = ACCOUNT_FEES, .amount = dong(5)},
                                       {.kind = ACCOUNT_FUND, .subject = 1, .amount = dong(-4)}};
    const struct posting alone[] = {{.kind = ACCOUNT_FEES, .amount = dong(0)}};
    const struct posting huge[] = {{.kind = ACCOUNT_FEES, .amount = dong(MONEY_MAX)},
                                   {.kind = ACCOUNT_BANK, .subject = 1, .amount = dong(MONEY_MAX)},
                                   {.kind = ACCOUNT_FUND, .subject = 1, .amount = dong(-MONEY_MAX)}};
    struct entry entry = {.key = "k", .kind = ENTRY_PAYMENT};
    assert_int_equal(COMMAND(s, ledger_post(&s->trade, &entry, lopsided, 2, NULL)), R_FAULT);
    assert_int_equal(COMMAND(s, ledger_post(&s->trade, &entry, alone, 1, NULL)), R_FAULT);
    assert_int_equal(COMMAND(s, ledger_post(&s->trade, &entry, huge, 3, NULL)), R_FAULT);
    assert_int_equal(ledger_find(&s->trade, "k"), 0);
    assert_sound(s);
}

static void a_key_is_one_fact(void **state)
{
    struct pay_store *s = *state;
    assert_int_equal(post(s, "fact:1", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 500), R_OK);
    assert_int_equal(post(s, "fact:1", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 500), R_OK);
    assert_int_equal(post(s, "fact:1", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 501), R_KEY_REUSED);
    assert_int_equal(post(s, "fact:1", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 2, 500), R_KEY_REUSED);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_BANK, 1)), 500);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_SUSPENSE, 0)), -500);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_BANK, 2)), 0);
}

static void accounts_keep_their_bounds(void **state)
{
    struct pay_store *s = *state;
    assert_int_equal(post(s, "in", ACCOUNT_ORDER, 1, ACCOUNT_CASH, COURIER, 300), R_OK);
    assert_int_equal(post(s, "too much", ACCOUNT_CASH, COURIER, ACCOUNT_CASH, CADRE, 301), R_WRONG_MOMENT);
    assert_int_equal(post(s, "just", ACCOUNT_CASH, COURIER, ACCOUNT_CASH, CADRE, 300), R_OK);
    assert_int_equal(post(s, "credit", ACCOUNT_CREDIT, BUYER, ACCOUNT_BANK, 1, 100), R_OK);
    assert_int_equal(post(s, "spend", ACCOUNT_ORDER, 1, ACCOUNT_CREDIT, BUYER, 101), R_WRONG_MOMENT);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_CREDIT, BUYER)), -100);
    assert_sound(s);
}

static void a_payout_stays_within_what_is_owed(void **state)
{
    struct pay_store *s = *state;
    assert_int_equal(post(s, "charge", ACCOUNT_FARMER, FARMER, ACCOUNT_ORDER, 1, 1000), R_OK);
    struct posting postings[] = {
        {.kind = ACCOUNT_FARMER, .subject = FARMER, .amount = dong(1001), .within = true},
        {.kind = ACCOUNT_SUSPENSE, .amount = dong(-1001)}};
    struct entry entry = {.key = "payout", .kind = ENTRY_PAYOUT};
    assert_int_equal(COMMAND(s, ledger_post(&s->trade, &entry, postings, 2, NULL)), R_WRONG_MOMENT);
    postings[0].amount = dong(1000), postings[1].amount = dong(-1000);
    assert_int_equal(COMMAND(s, ledger_post(&s->trade, &entry, postings, 2, NULL)), R_OK);
    /* What a refund takes back afterwards may turn it round: that is shown as a claw-back. */
    assert_int_equal(post(s, "clawback", ACCOUNT_REFUND, 1, ACCOUNT_FARMER, FARMER, 200), R_OK);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_FARMER, FARMER)), 200);
}

static void an_entry_is_reversed_once(void **state)
{
    struct pay_store *s = *state;
    int64_t reversal = 0;
    assert_int_equal(post(s, "fact", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 700), R_OK);
    int64_t id = ledger_find(&s->trade, "fact");
    assert_int_equal(COMMAND(s, ledger_reverse(&s->trade, id, "undo", "typed wrong", &reversal)), R_OK);
    assert_int_equal(COMMAND(s, ledger_reverse(&s->trade, id, "undo", "typed wrong", &reversal)), R_OK);
    assert_int_equal(COMMAND(s, ledger_reverse(&s->trade, id, "undo again", "", &reversal)), R_WRONG_MOMENT);
    assert_int_equal(COMMAND(s, ledger_reverse(&s->trade, 999, "undo what", "", &reversal)), R_UNKNOWN);
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_BANK, 1)), 0);
    assert_sound(s);
}

static void the_book_cannot_be_rewritten(void **state)
{
    struct pay_store *s = *state;
    assert_int_equal(post(s, "fact", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 700), R_OK);
    struct value none[1];
    static const char *const tries[] = {
        "UPDATE entry SET words = 'x'",
        "DELETE FROM entry",
        "UPDATE posting SET amount = 1",
        "DELETE FROM posting",
        "UPDATE account SET kind = 'fees', subject = 9",
        "DELETE FROM account",
        "INSERT OR REPLACE INTO posting (entry, position, account, amount) VALUES (1, 1, 1, 5)",
        "INSERT OR REPLACE INTO entry VALUES (1, 'x', 'x', 'payment', NULL, NULL, NULL, '', 0)"};
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
        assert_true(store_mark(s->trade.store));
        assert_int_equal(store_run_args(s->trade.store, tries[i], none, 0), STEP_CONFLICT);
        assert_true(store_undo(s->trade.store));
    }
    assert_int_equal(money_dong(ledger_balance(&s->trade, ACCOUNT_BANK, 1)), 700);
    assert_sound(s);
}

static void a_changed_balance_is_found(void **state)
{
    struct pay_store *s = *state;
    int64_t entries, bad;
    const char *what;
    assert_int_equal(post(s, "fact", ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 700), R_OK);
    must(store_run(s->trade.store, "UPDATE account SET balance = balance + 1 WHERE kind = $1",
                   ARG_TEXT("bank")));
    assert_false(ledger_verify(s->trade.store, &entries, &what, &bad));
    assert_string_equal(what, "account");
    assert_true(bad > 0);
}

/* Random entries, some refused, some repeated, some reversed: whatever happens the books add up, and a
 * restart finds them so. */
static void random_lives_keep_the_books_straight(void **state)
{
    struct pay_store *s = *state;
    GRand *rand = g_rand_new_with_seed(20240502);
    for (int i = 0; i < 3000; i++) {
        g_autofree char *key = g_strdup_printf("k%d", g_rand_int_range(rand, 0, 2500));
        struct posting postings[6];
        size_t count = (size_t)g_rand_int_range(rand, 2, 6);
        int64_t sum = 0;
        for (size_t p = 0; p < count; p++) {
            int64_t amount = p + 1 < count ? g_rand_int_range(rand, -1000, 1001) : -sum;
            sum += amount;
            postings[p] =
                (struct posting){.kind = (enum account_kind)g_rand_int_range(rand, 0, ACCOUNT_KINDS),
                                 .subject = g_rand_int_range(rand, 1, 4),
                                 .amount = dong(amount),
                                 .within = g_rand_boolean(rand)};
        }
        struct entry entry = {.key = key, .kind = ENTRY_ADJUST};
        enum result done = COMMAND(s, ledger_post(&s->trade, &entry, postings, count, NULL));
        assert_true(done == R_OK || done == R_WRONG_MOMENT || done == R_KEY_REUSED || done == R_FAULT);
        if (i % 7 == 0)
            COMMAND(s, ledger_reverse(&s->trade, g_rand_int_range(rand, 1, 500), key, "", NULL));
        if (i % 250 == 0) {
            assert_true(store_commit(s->trade.store));
            assert_sound(s);
            journal_free(s->trade.journal);
            store_close(s->trade.store);
            store_reopen(s);
            assert_true(store_begin(s->trade.store));
        }
    }
    assert_sound(s);
    g_rand_free(rand);
}

/* A process of its own that books one entry a commit, and says each number only when it is on disk. */
static void book_until_killed(struct pay_store *s, int said, int from)
{
    store_reopen(s);
    for (int i = from;; i++) {
        g_autofree char *key = g_strdup_printf("n%d", i);
        if (!store_begin(s->trade.store) ||
            post(s, key, ACCOUNT_SUSPENSE, 0, ACCOUNT_BANK, 1, 1 + i % 7) != R_OK ||
            !store_commit(s->trade.store) || write(said, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

static void what_was_said_survives_a_kill(void **state)
{
    struct pay_store *s = *state;
    GRand *rand = g_rand_new_with_seed(9);
    int last = -1;
    store_rollback(s->trade.store);
    for (int round = 0; round < 12; round++) {
        int said[2], number, enough = g_rand_int_range(rand, 1, 12), heard = 0;
        journal_free(s->trade.journal);
        store_close(s->trade.store);
        assert_int_equal(pipe(said), 0);
        pid_t child = fork();
        if (child == 0) {
            close(said[0]);
            book_until_killed(s, said[1], last + 1);
        }
        close(said[1]);
        while (heard < enough && read(said[0], &number, sizeof number) == sizeof number)
            heard++;
        g_usleep((gulong)g_rand_int_range(rand, 0, 3000)); /* in the middle of whatever it is doing */
        kill(child, SIGKILL);
        while (read(said[0], &number, sizeof number) == sizeof number)
            heard++;
        close(said[0]);
        waitpid(child, NULL, 0);
        assert_true(heard >= enough);
        store_reopen(s);
        for (int i = 0; i <= number; i++) {
            g_autofree char *key = g_strdup_printf("n%d", i);
            assert_true(ledger_find(&s->trade, key) > 0);
        }
        assert_sound(s);
        last = (int)store_int(s->trade.store, "SELECT COUNT(*) FROM entry WHERE $1 = 0", 0, 0) - 1;
        assert_true(last == number || last == number + 1); /* one may be on disk and not said */
    }
    assert_true(store_begin(s->trade.store));
    g_rand_free(rand);
}

static int setup(void **state)
{
    struct pay_store *s = g_new0(struct pay_store, 1);
    store_setup(s);
    assert_true(store_begin(s->trade.store));
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct pay_store *s = *state;
    store_rollback(s->trade.store);
    store_teardown(s);
    g_free(s);
    return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(entries_must_balance),          T(a_key_is_one_fact),
        T(accounts_keep_their_bounds),    T(a_payout_stays_within_what_is_owed),
        T(an_entry_is_reversed_once),     T(the_book_cannot_be_rewritten),
        T(a_changed_balance_is_found),    T(random_lives_keep_the_books_straight),
        T(what_was_said_survives_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
