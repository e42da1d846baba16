/* Passwords, links, sessions, tokens, throttling; time is moved by hand. */
#include "tests/unit/market/desk_fixture.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/desk/throttle.h"
#include "market/trade/person.h"
#include "market/trade/session.h"

static const char phone[] = "0987 654 321", password[] = "rau khe nhinh";

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static int64_t add_person(struct fixture *f, const char *role)
{
    json_t *body = expect(f, R_CREATED, "person.add", &f->admin,
                          json_pack("{s:s,s:s,s:s,s:[s],s:s}", "key", fresh_key(), "name", "Lầu Y Mái",
                                    "phone", phone, "roles", role, "password", password));
    int64_t id = number(json_object_get(body, "person"), "id");
    json_decref(body);
    return id;
}

static struct answer log_in(struct fixture *f, const char *number_, const char *word, const char *address)
{
    struct who who = f->stranger;
    g_strlcpy(who.address, address, sizeof who.address);
    return ask(f, "person.login", &who, json_pack("{s:s,s:s}", "phone", number_, "password", word));
}

static void expect_login(struct fixture *f, enum result result, const char *number_, const char *word,
                         const char *address)
{
    struct answer a = log_in(f, number_, word, address);
    if (a.result != result)
        fail_msg("login: %s instead of %s", result_code(a.result), result_code(result));
    if (result == R_TOO_MANY)
        assert_true(a.retry_after_s > 0);
    answer_free(&a);
}

static void a_password_logs_in_and_out(void **state)
{
    struct fixture *f = *state;
    int64_t id = add_person(f, "farmer");
    struct answer a = log_in(f, "+84987654321", password, "192.0.2.1");
    assert_int_equal(a.result, R_OK);
    assert_int_equal(number(json_object_get(a.body, "person"), "id"), id);
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, a.cookie, &who));
    assert_int_equal(who.person, id);
    assert_int_equal(who.roles, ROLE_FARMER);
    expect_login(f, R_BAD_LOGIN, phone, "wrong word", "192.0.2.1");
    expect_login(f, R_BAD_LOGIN, "0999999999", password,
                 "192.0.2.1"); /* the same answer for a number nobody has */
    expect_login(f, R_BAD_FIELD, "x", password, "192.0.2.1");
    struct answer out = ask(f, "person.logout", &who, NULL);
    assert_int_equal(out.result, R_NO_CONTENT);
    assert_string_equal(out.cookie, "");
    assert_int_equal(f->ended, 1);
    struct who after = f->stranger;
    assert_false(desk_who_cookie(f->desk, a.cookie, &after));
    answer_free(&out);
    answer_free(&a);
    /* neither secret nor password is anywhere in the database in the clear */
    assert_int_equal(look(f, "SELECT COUNT(*) FROM person WHERE password LIKE '%rau khe%'"), 0);
    assert_int_equal(
        look(f, "SELECT COUNT(*) FROM person WHERE password LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"), 1);
}

static void bad_passwords_are_not_taken(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"12345",    "123456",   "aaaaaaaa", "matkhau",
                                      "PASSWORD", "abcdefgh", "87654321"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *problem = expect(f, R_BAD_FIELD, "person.add", &f->admin,
                                 json_pack("{s:s,s:s,s:s,s:[s],s:s}", "key", fresh_key(), "name", "A",
                                           "phone", phone, "roles", "buyer", "password", bad[i]));
        assert_string_equal(json_string_value(json_object_get(problem, "field")), "password");
        json_decref(problem);
    }
    assert_false(password_is_common("rau khe nhinh") || password_is_common("482915"));
}

static void a_new_password_ends_the_other_sessions(void **state)
{
    struct fixture *f = *state;
    add_person(f, "farmer");
    struct answer one = log_in(f, phone, password, "192.0.2.1"),
                  two = log_in(f, phone, password, "192.0.2.2");
    struct who here = f->stranger, there = f->stranger;
    assert_true(desk_who_cookie(f->desk, one.cookie, &here) && desk_who_cookie(f->desk, two.cookie, &there));
    expect_only(f, R_BAD_LOGIN, "person.password", &here,
                json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "old", "not it", "new", "cải ngồng 7"));
    struct answer a =
        ask(f, "person.password", &here,
            json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "old", password, "new", "cải ngồng 7"));
    assert_int_equal(a.result, R_NO_CONTENT);
    struct who who = f->stranger;
    assert_false(desk_who_cookie(f->desk, one.cookie, &who) || desk_who_cookie(f->desk, two.cookie, &who));
    assert_true(desk_who_cookie(f->desk, a.cookie, &who)); /* this browser goes on, with a new secret */
    answer_free(&a);
    answer_free(&one);
    answer_free(&two);
    expect_login(f, R_BAD_LOGIN, phone, password, "192.0.2.1");
    expect_login(f, R_OK, phone, "cải ngồng 7", "192.0.2.1");
}

static void sessions_are_listed_and_ended_by_their_owner(void **state)
{
    struct fixture *f = *state;
    json_t *body = expect(f, R_OK, "person.sessions", &f->farmer, NULL);
    json_t *list = json_object_get(body, "sessions");
    assert_int_equal(json_array_size(list), 1);
    assert_true(json_is_true(json_object_get(json_array_get(list, 0), "this")));
    json_decref(body);
    expect_only(f, R_UNKNOWN, "person.end_session", &f->buyer,
                json_pack("{s:I}", "id", (json_int_t)f->farmer.session));
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, f->cookies[2], &who));
    expect_only(f, R_NO_CONTENT, "person.end_session", &f->farmer,
                json_pack("{s:I}", "id", (json_int_t)f->farmer.session));
    assert_false(desk_who_cookie(f->desk, f->cookies[2], &who));
}

static void sessions_end_by_themselves(void **state)
{
    struct fixture *f = *state;
    struct who who = f->stranger;
    int64_t moved = 0;
    /* a cadre: unused for half a day */
    assert_true(desk_who_cookie(f->desk, f->cookies[1], &who));
    clock_shift_ms(DAY_MS / 2 + 1000);
    moved += DAY_MS / 2 + 1000;
    assert_false(desk_who_cookie(f->desk, f->cookies[1], &who));
    /* a farmer: used every 40 days it lives, up to 180 days */
    for (int day = 40; day < 180; day += 40) {
        clock_shift_ms(40 * DAY_MS);
        moved += 40 * DAY_MS;
        assert_true(desk_who_cookie(f->desk, f->cookies[2], &who) == (day < 180));
        /* the look-up told the desk that the session was seen: a restart must know, too */
        expect_only(f, R_OK, "person.me", &f->farmer, NULL);
        fixture_reopen(f);
    }
    clock_shift_ms(40 * DAY_MS);
    moved += 40 * DAY_MS;
    assert_false(desk_who_cookie(f->desk, f->cookies[2], &who));
    assert_false(
        desk_who_cookie(f->desk, f->cookies[3], &who)); /* the buyer's: unused for more than 45 days */
    clock_shift_ms(-moved);
}

static void rubbish_is_nobody(void **state)
{
    struct fixture *f = *state;
    struct who who = f->stranger;
    g_autofree char *long_one = g_strnfill(4000, 'a'), *right_length = g_strnfill(ID_SECRET_CHARS, 'a');
    assert_false(desk_who_cookie(f->desk, "", &who) || desk_who_cookie(f->desk, long_one, &who) ||
                 desk_who_cookie(f->desk, right_length, &who));
    assert_false(desk_who_bearer(f->desk, "", &who) || desk_who_bearer(f->desk, right_length, &who));
    assert_false(desk_who_bearer(f->desk, f->cookies[0], &who)); /* a cookie is no token */
    assert_int_equal(who.person, 0);
}

static const char *link_code(struct fixture *f, int64_t person, json_t **body)
{
    *body = expect(f, R_CREATED, "person.link", &f->cadre,
                   json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)person));
    return json_string_value(json_object_get(*body, "url")) + strlen("/l/");
}

static void a_link_works_once_and_for_a_quarter_of_an_hour(void **state)
{
    struct fixture *f = *state;
    json_t *body;
    const char *code = link_code(f, f->farmer.person, &body);
    assert_non_null(strstr(json_string_value(json_object_get(body, "svg")), "<svg"));
    struct answer a = ask(f, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    assert_int_equal(a.result, R_OK);
    assert_string_equal(json_string_value(json_object_get(a.body, "to")), "/golive");
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, a.cookie, &who) && who.person == f->farmer.person);
    answer_free(&a);
    expect_only(f, R_LINK_USED, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    json_decref(body);
    code = link_code(f, f->farmer.person, &body);
    clock_shift_ms(16 * 60 * 1000);
    expect_only(f, R_LINK_USED, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    clock_shift_ms(-16 * 60 * 1000);
    json_decref(body);
    expect_only(f, R_LINK_USED, "person.login_link", &f->stranger, json_pack("{s:s}", "code", "never-there"));
}

static void a_link_whose_answer_got_lost_may_be_repeated_with_its_key(void **state)
{
    struct fixture *f = *state;
    json_t *body;
    char key[40];
    const char *code = link_code(f, f->farmer.person, &body);
    g_strlcpy(key, fresh_key(), sizeof key);
    for (int i = 0; i < 2; i++) {
        struct answer a =
            ask(f, "person.login_link", &f->stranger, json_pack("{s:s,s:s}", "code", code, "key", key));
        assert_int_equal(a.result, R_OK);
        assert_non_null(a.cookie);
        answer_free(&a);
    }
    expect_only(f, R_LINK_USED, "person.login_link", &f->stranger,
                json_pack("{s:s,s:s}", "code", code, "key", fresh_key()));
    clock_shift_ms(16 * 60 * 1000); /* later the key gives words, but no cookie */
    struct answer late =
        ask(f, "person.login_link", &f->stranger, json_pack("{s:s,s:s}", "code", code, "key", key));
    assert_null(late.cookie);
    clock_shift_ms(-16 * 60 * 1000);
    answer_free(&late);
    json_decref(body);
}

static void a_lost_token_is_replaced_not_shown_again(void **state)
{
    struct fixture *f = *state;
    char key[40];
    struct who who = f->stranger;
    g_strlcpy(key, fresh_key(), sizeof key);
    json_t *one = expect(f, R_CREATED, "token.add", &f->farmer,
                         json_pack("{s:s,s:s,s:s}", "key", key, "slug", "khe-nhinh", "kind", "publish"));
    json_t *two = expect(f, R_CREATED, "token.add", &f->farmer,
                         json_pack("{s:s,s:s,s:s}", "key", key, "slug", "khe-nhinh", "kind", "publish"));
    assert_int_equal(number(one, "id"), number(two, "id"));
    assert_false(desk_who_bearer(f->desk, json_string_value(json_object_get(one, "token")), &who));
    assert_true(desk_who_bearer(f->desk, json_string_value(json_object_get(two, "token")), &who));
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM answer WHERE body LIKE '%%%s%%'",
                                           json_string_value(json_object_get(one, "token")));
    assert_int_equal(look(f, sql), 0);
    json_decref(one);
    json_decref(two);
}

static void guessing_is_slowed_down(void **state)
{
    struct fixture *f = *state;
    add_person(f, "buyer");
    for (int i = 0; i < 5; i++)
        expect_login(f, R_BAD_LOGIN, phone, "a wrong guess", "192.0.2.66");
    expect_login(f, R_TOO_MANY, phone, "a wrong guess", "192.0.2.66");
    expect_login(f, R_TOO_MANY, phone, password, "192.0.2.66"); /* even the right one: no oracle */
    expect_login(f, R_OK, phone, password, "192.0.2.10");       /* the owner, elsewhere, is not locked out */
    for (int i = 0; i < 5; i++)
        expect_login(f, R_BAD_LOGIN, "0977777777", "a guess", "192.0.2.67");
    expect_login(f, R_TOO_MANY, "0977777777", "a guess", "192.0.2.67"); /* nor does it tell who exists */
    clock_shift_ms(31000);
    expect_login(f, R_OK, phone, password, "192.0.2.66");
    clock_shift_ms(-31000);
}

static void buckets_follow_their_rules(void **state)
{
    (void)state;
    struct throttle *t = throttle_new();
    char name[32];
    /* one address against many phones: 30, then one each two seconds */
    for (int i = 0; i < 30; i++) {
        g_snprintf(name, sizeof name, "p%d", i);
        assert_int_equal(throttle_take(t, name, "a", 0), 0);
    }
    assert_int_equal(throttle_take(t, "px", "a", 0), 2);
    assert_int_equal(throttle_take(t, "px", "a", 2000), 0);
    assert_int_equal(throttle_take(t, "py", "a", 2000), 2);
    throttle_free(t);
    /* many addresses against one phone: the owner's address has been right before and passes */
    t = throttle_new();
    assert_int_equal(throttle_take(t, "owner", "home", 0), 0);
    throttle_right(t, "owner", "home", 0);
    for (int i = 0; i < 20; i++) {
        g_snprintf(name, sizeof name, "a%d", i);
        assert_int_equal(throttle_take(t, "owner", name, 0), 0);
    }
    assert_int_equal(throttle_take(t, "owner", "another", 0), 10);
    assert_int_equal(throttle_take(t, "owner", "home", 0), 0);
    /* being right costs nothing, however often */
    for (int i = 0; i < 100; i++) {
        assert_int_equal(throttle_take(t, "owner", "home", 0), 0);
        throttle_right(t, "owner", "home", 0);
    }
    throttle_free(t);
    throttle_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static json_t *payee_params(const char *key)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "key", key, "bin", "970405", "number", "3600205123456", "holder",
                     "HTX");
}

static void money_asks_for_the_password_again(void **state)
{
    struct fixture *f = *state;
    add_person(f, "cadre");
    struct answer in = log_in(f, phone, password, "192.0.2.1");
    struct who who = f->stranger, after = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, &who));
    g_autofree char *key = g_strdup(fresh_key());
    expect_only(f, R_CREATED, "bank.add", &who, payee_params(key)); /* the log-in was just now */
    clock_shift_ms(PROOF_MINUTES * 60000 + 1000);
    expect_only(f, R_CREATED, "bank.add", &who, payee_params(key)); /* a lost answer is given again */
    expect_only(f, R_PASSWORD_AGAIN, "bank.add", &who, payee_params(fresh_key()));
    expect_only(f, R_OK, "bank.list", &who, NULL);
    expect_only(f, R_BAD_LOGIN, "person.prove", &who, json_pack("{s:s}", "password", "not it"));
    expect_only(f, R_PASSWORD_AGAIN, "bank.add", &who, payee_params(fresh_key()));
    struct answer again = ask(f, "person.prove", &who, json_pack("{s:s}", "password", password));
    assert_int_equal(again.result, R_NO_CONTENT);
    assert_false(desk_who_cookie(f->desk, in.cookie, &after)); /* a copied cookie ends here */
    assert_true(desk_who_cookie(f->desk, again.cookie, &after));
    expect_only(f, R_CREATED, "bank.add", &after, payee_params(fresh_key()));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM bank_account"), 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM answer WHERE body LIKE '%rau khe%'"), 0);
    clock_shift_ms(-(PROOF_MINUTES * 60000 + 1000));
    answer_free(&again);
    answer_free(&in);
}

static void a_link_is_no_proof_for_money(void **state)
{
    struct fixture *f = *state;
    struct who who = f->stranger;
    json_t *link = expect(f, R_CREATED, "person.link", &f->admin,
                          json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->admin.person));
    const char *code = json_string_value(json_object_get(link, "url")) + strlen("/l/");
    struct answer in = ask(f, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    assert_true(desk_who_cookie(f->desk, in.cookie, &who));
    expect_only(f, R_PASSWORD_AGAIN, "bank.add", &who, payee_params(fresh_key()));
    expect_only(
        f, R_PASSWORD_AGAIN, "settlement.pay", &who,
        json_pack("{s:s,s:I,s:s}", "key", fresh_key(), "id", (json_int_t)f->farmer.person, "way", "direct"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM bank_account"), 0);
    answer_free(&in);
    json_decref(link);
}

static struct answer enter_by_link(struct fixture *f, const struct who *maker, int64_t person,
                                   struct who *who)
{
    json_t *link = expect(f, R_CREATED, "person.link", maker,
                          json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)person));
    const char *code = json_string_value(json_object_get(link, "url")) + strlen("/l/");
    struct answer in = ask(f, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    *who = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, who));
    json_decref(link);
    return in;
}

static json_t *first_password(const char *word)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "new", word);
}

static bool has_password(struct fixture *f, const struct who *who)
{
    json_t *body = expect(f, R_OK, "person.me", who, NULL);
    bool has = json_is_true(json_object_get(body, "has_password"));
    json_decref(body);
    return has;
}

static void who_came_by_a_link_sets_the_first_password(void **state)
{
    struct fixture *f = *state;
    struct who who, after = f->stranger, old;
    struct answer other = enter_by_link(f, &f->admin, f->cadre.person, &old);
    clock_shift_ms(PROOF_MINUTES * 60000 + 1000);
    /* that link was used too long ago, by either clock */
    json_t *no = expect(f, R_WRONG_MOMENT, "person.password", &old, first_password("măng đắng 9"));
    assert_string_equal(json_string_value(json_object_get(no, "reason")), "no-fresh-link");
    json_decref(no);
    clock_turn_ms(-PROOF_MINUTES * 60000);
    expect_only(f, R_WRONG_MOMENT, "person.password", &old, first_password("măng đắng 9"));
    clock_turn_ms(PROOF_MINUTES * 60000);
    struct answer in = enter_by_link(f, &f->admin, f->cadre.person, &who);
    assert_false(has_password(f, &who));
    expect_only(f, R_BAD_FIELD, "person.password", &who, first_password("123456"));
    struct answer set = ask(f, "person.password", &who, first_password("măng đắng 9"));
    assert_int_equal(set.result, R_NO_CONTENT);
    assert_true(desk_who_cookie(f->desk, set.cookie, &after));
    assert_true(has_password(f, &after));
    /* it counts as given just now; every other session of that person is over */
    expect_only(f, R_CREATED, "bank.add", &after, payee_params(fresh_key()));
    assert_false(desk_who_cookie(f->desk, in.cookie, &who) || desk_who_cookie(f->desk, other.cookie, &old));
    /* a second one wants the first, also right after another link */
    struct answer again = enter_by_link(f, &f->admin, f->cadre.person, &who);
    expect_only(f, R_BAD_FIELD, "person.password", &who, first_password("rau dớn 22"));
    expect_only(f, R_BAD_LOGIN, "person.password", &who,
                json_pack("{s:s,s:s,s:s}", "key", fresh_key(), "old", "not it", "new", "rau dớn 22"));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM answer WHERE body LIKE '%măng%' OR digest LIKE '%măng%'"),
                     0);
    clock_shift_ms(-(PROOF_MINUTES * 60000 + 1000));
    answer_free(&other);
    answer_free(&in);
    answer_free(&set);
    answer_free(&again);
}

/* A buyer's first order opens a session, too, but nobody's word stands for it. */
static void a_session_without_a_link_sets_no_password(void **state)
{
    struct fixture *f = *state;
    struct answer placed = ask(f, "order.place", &f->stranger, order_params(f, NULL, 0, 1000));
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, placed.cookie, &who));
    expect_only(f, R_WRONG_MOMENT, "person.password", &who, first_password("măng đắng 9"));
    answer_free(&placed);
}

/* Whoever finds an admin's page open does not make a way into another office account. */
static void a_link_to_an_account_without_a_password_wants_the_admins(void **state)
{
    struct fixture *f = *state;
    struct who who;
    struct answer in = enter_by_link(f, &f->admin, f->admin.person, &who);
    expect_only(f, R_PASSWORD_AGAIN, "person.link", &who,
                json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->cadre.person));
    expect_only(f, R_CREATED, "person.link", &who,
                json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)f->farmer.person));
    answer_free(&in);
}

/* A repeat makes a new way in, so it asks for the same as the first time. */
static void a_link_made_again_by_its_key_wants_the_password_again(void **state)
{
    struct fixture *f = *state;
    add_person(f, "admin");
    struct answer in = log_in(f, phone, password, "192.0.2.1");
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, &who));
    g_autofree char *key = g_strdup(fresh_key());
    for (int i = 0; i < 2; i++)
        expect_only(f, R_CREATED, "person.link", &who,
                    json_pack("{s:s,s:I}", "key", key, "id", (json_int_t)f->cadre.person));
    int64_t links = look(f, "SELECT COUNT(*) FROM link");
    clock_shift_ms(PROOF_MINUTES * 60000 + 1000);
    expect_only(f, R_PASSWORD_AGAIN, "person.link", &who,
                json_pack("{s:s,s:I}", "key", key, "id", (json_int_t)f->cadre.person));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM link"), links);
    clock_shift_ms(-(PROOF_MINUTES * 60000 + 1000));
    answer_free(&in);
}

/* Nobody is told "done" of a password that was not set. */
static void another_password_under_a_used_key_is_not_taken_for_the_first(void **state)
{
    static const char first[] = "măng đắng 9", second[] = "rau dớn 22";
    struct fixture *f = *state;
    g_autofree char *key = g_strdup(fresh_key()), *change = g_strdup(fresh_key());
    for (int i = 0; i < 3; i++) {
        json_t *params = json_pack("{s:s,s:s,s:s,s:[s],s:s}", "key", key, "name", "Lầu Y Mái", "phone", phone,
                                   "roles", "farmer", "password", i == 1 ? first : password);
        expect_only(f, i == 1 ? R_KEY_REUSED : R_CREATED, "person.add", &f->admin, params);
    }
    struct answer in = log_in(f, phone, password, "192.0.2.1");
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, &who));
    struct answer set = ask(f, "person.password", &who,
                            json_pack("{s:s,s:s,s:s}", "key", change, "old", password, "new", first));
    assert_int_equal(set.result, R_NO_CONTENT);
    assert_true(desk_who_cookie(f->desk, set.cookie, &who));
    expect_only(f, R_KEY_REUSED, "person.password", &who,
                json_pack("{s:s,s:s,s:s}", "key", change, "old", first, "new", second));
    expect_only(f, R_NO_CONTENT, "person.password", &who,
                json_pack("{s:s,s:s,s:s}", "key", change, "old", first, "new", first));
    expect_login(f, R_OK, phone, first, "192.0.2.2");
    assert_int_equal(look(f, "SELECT COUNT(*) FROM answer WHERE body LIKE '%măng%' OR digest LIKE '%măng%'"),
                     0);
    answer_free(&in);
    answer_free(&set);
}

/* Who sees everybody's numbers and moves money has more to guess than a PIN. */
static void the_office_has_passwords_of_eight_characters(void **state)
{
    static const struct {
        const char *role, *word;
        enum result result;
    } tries[] = {
        {"cadre", "ớt-4711", R_BAD_FIELD}, /* seven characters, though ten bytes */
        {"admin", "ot-4711", R_BAD_FIELD}, {"farmer", "48 71 3", R_CREATED},
        {"farmer", "ớt-47", R_BAD_FIELD}, /* five */
        {"cadre", "ớt-47112", R_CREATED},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        char number_[] = "0977000110";
        number_[9] = (char)('0' + i);
        expect_only(f, tries[i].result, "person.add", &f->admin,
                    json_pack("{s:s,s:s,s:s,s:[s,s],s:s}", "key", fresh_key(), "name", "Lầu Y Mái", "phone",
                              number_, "roles", "buyer", tries[i].role, "password", tries[i].word));
    }
    struct who who;
    struct answer in = enter_by_link(f, &f->admin, f->cadre.person, &who);
    expect_only(f, R_BAD_FIELD, "person.password", &who, first_password("ớt-4711"));
    expect_only(f, R_NO_CONTENT, "person.password", &who, first_password("ớt-47112"));
    answer_free(&in);
}

static void a_clock_set_back_makes_the_ten_minutes_no_longer(void **state)
{
    struct fixture *f = *state;
    add_person(f, "cadre");
    struct answer in = log_in(f, phone, password, "192.0.2.1");
    struct who who = f->stranger;
    assert_true(desk_who_cookie(f->desk, in.cookie, &who));
    /* nine minutes on, the clock is set back by five: a minute is left, not six */
    clock_shift_ms(9 * 60000);
    clock_turn_ms(-5 * 60000);
    expect_only(f, R_CREATED, "bank.add", &who, payee_params(fresh_key()));
    clock_shift_ms(2 * 60000);
    expect_only(f, R_PASSWORD_AGAIN, "bank.add", &who, payee_params(fresh_key()));
    /* before the log-in, which only somebody's word for the machine's clock can bring about: long ago, too */
    clock_shift_ms(-8 * 60000);
    clock_trust();
    expect_only(f, R_PASSWORD_AGAIN, "bank.add", &who, payee_params(fresh_key()));
    clock_turn_ms(5 * 60000);
    expect_only(f, R_CREATED, "bank.add", &who, payee_params(fresh_key()));
    clock_shift_ms(-3 * 60000);
    answer_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_came_by_a_link_sets_the_first_password),
        TEST(a_session_without_a_link_sets_no_password),
        TEST(a_link_to_an_account_without_a_password_wants_the_admins),
        TEST(a_clock_set_back_makes_the_ten_minutes_no_longer),
        TEST(the_office_has_passwords_of_eight_characters),
        TEST(a_link_made_again_by_its_key_wants_the_password_again),
        TEST(another_password_under_a_used_key_is_not_taken_for_the_first),
        TEST(a_password_logs_in_and_out),
        TEST(bad_passwords_are_not_taken),
        TEST(a_new_password_ends_the_other_sessions),
        TEST(sessions_are_listed_and_ended_by_their_owner),
        TEST(sessions_end_by_themselves),
        TEST(rubbish_is_nobody),
        TEST(a_link_works_once_and_for_a_quarter_of_an_hour),
        TEST(a_link_whose_answer_got_lost_may_be_repeated_with_its_key),
        TEST(a_lost_token_is_replaced_not_shown_again),
        TEST(money_asks_for_the_password_again),
        TEST(a_link_is_no_proof_for_money),
        TEST(guessing_is_slowed_down),
        cmocka_unit_test(buckets_follow_their_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
