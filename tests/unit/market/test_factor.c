/* The second factor of the office at the desk: set up, asked for, used once, throttled, lost, required. Time
 * is moved by hand. */
#include "tests/unit/market/desk_fixture.h"

#include <sodium.h>
#include <string.h>
#include "market/base/clock.h"
#include "market/desk/throttle.h"
#include "market/trade/factor.h"

static const char phone[] = "0987654321", password[] = "măng đắng Kỳ Sơn";

/* An office person of the test's own, logged in by the password. */
struct officer {
    int64_t id;
    struct who who;
    uint8_t secret[TOTP_SECRET];
    char *paper[RECOVERY_CODES];
};

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *login_params(const char *otp)
{
    json_t *params = json_pack("{s:s,s:s}", "phone", phone, "password", password);
    if (otp)
        json_object_set_new(params, "otp", json_string(otp));
    return params;
}

static struct answer log_in(struct fixture *f, const char *otp, const char *address)
{
    struct who who = f->stranger;
    g_strlcpy(who.address, address, sizeof who.address);
    return ask(f, "person.login", &who, login_params(otp));
}

/* What comes of it; on success whose session it is. */
static void expect_login(struct fixture *f, enum result result, const char *otp, struct who *who)
{
    struct answer a = log_in(f, otp, "192.0.2.1");
    if (a.result != result)
        fail_msg("login with %s: %s instead of %s", otp ? otp : "nothing", result_code(a.result),
                 result_code(result));
    assert_true((a.cookie != NULL) == (result == R_OK));
    if (who) {
        *who = f->stranger;
        assert_true(desk_who_cookie(f->desk, a.cookie, who));
    }
    answer_free(&a);
}

static const char *code_at(const struct officer *o, int64_t steps)
{
    static char code[TOTP_DIGITS + 1];
    totp_code(o->secret, totp_step(clock_wall_ms()) + steps, code);
    return code;
}

/* What a phone shows whose clock is the machine's. */
static const char *machine_code(const struct officer *o)
{
    static char code[TOTP_DIGITS + 1];
    totp_code(o->secret, totp_step(clock_wall_ms() - clock_ahead_ms()), code);
    return code;
}

static json_t *keyed(const char *otp)
{
    return otp ? json_pack("{s:s,s:s}", "key", fresh_key(), "otp", otp)
               : json_pack("{s:s}", "key", fresh_key());
}

/* As an authenticator app does. */
static void read_base32(const char *text, uint8_t out[TOTP_SECRET])
{
    static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    memset(out, 0, TOTP_SECRET);
    for (size_t bit = 0; bit < 8 * TOTP_SECRET; bit++)
        out[bit / 8] |=
            (uint8_t)(((strchr(symbols, text[bit / 5]) - symbols) >> (4 - bit % 5) & 1) << (7 - bit % 8));
}

static void begin_under(struct fixture *f, struct officer *o, const char *key)
{
    json_t *body = expect(f, R_CREATED, "factor.begin", &o->who, json_pack("{s:s}", "key", key));
    const json_t *begun = json_object_get(body, "begun");
    read_base32(json_string_value(json_object_get(begun, "secret")), o->secret);
    assert_non_null(strstr(json_string_value(json_object_get(begun, "svg")), "<svg"));
    json_decref(body);
}

static void begin(struct fixture *f, struct officer *o)
{
    begin_under(f, o, fresh_key());
}

static void take_paper(struct officer *o, const json_t *body)
{
    const json_t *codes = json_object_get(body, "codes");
    assert_int_equal(json_array_size(codes), RECOVERY_CODES);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        g_free(o->paper[i]);
        o->paper[i] = g_strdup(json_string_value(json_array_get(codes, i)));
    }
}

static void officer_make(struct fixture *f, struct officer *o, const char *role)
{
    memset(o, 0, sizeof *o);
    clock_stand(true); /* no step begins while a test runs, however slow the machine */
    json_t *added = expect(f, R_CREATED, "person.add", &f->admin,
                           json_pack("{s:s,s:s,s:s,s:[s],s:s}", "key", fresh_key(), "name", "Vi Thị Đào",
                                     "phone", phone, "roles", role, "password", password));
    o->id = number(json_object_get(added, "person"), "id");
    json_decref(added);
    expect_login(f, R_OK, NULL, &o->who);
}

/* With the factor on, by the code of the step before this one: this step's is still to be used. */
static void officer_ready(struct fixture *f, struct officer *o, const char *role)
{
    officer_make(f, o, role);
    begin(f, o);
    json_t *body = expect(f, R_CREATED, "factor.confirm", &o->who, keyed(code_at(o, -1)));
    take_paper(o, body);
    json_decref(body);
}

static void officer_done(struct officer *o)
{
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        g_free(o->paper[i]);
    clock_stand(false);
}

static bool says_on(struct fixture *f, const struct who *who, int64_t *left)
{
    json_t *body = expect(f, R_OK, "factor.mine", who, NULL);
    const json_t *factor = json_object_get(body, "factor");
    bool on = json_is_true(json_object_get(factor, "on"));
    *left = number(factor, "codes_left");
    json_decref(body);
    return on;
}

static void expect_reason(struct fixture *f, const char *reason, const char *name, const struct who *who,
                          json_t *params)
{
    json_t *no = expect(f, R_WRONG_MOMENT, name, who, params);
    assert_string_equal(json_string_value(json_object_get(no, "reason")), reason);
    json_decref(no);
}

static void it_counts_from_its_first_code_on(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    int64_t left;
    officer_make(f, &o, "cadre");
    expect_reason(f, "factor-not-begun", "factor.confirm", &o.who, keyed("123456"));
    expect_reason(f, "factor-off", "factor.off", &o.who, keyed("123456"));
    expect_reason(f, "factor-off", "factor.codes", &o.who, keyed("123456"));
    begin(f, &o);
    expect_login(f, R_OK, NULL, NULL); /* begun is not on */
    assert_false(says_on(f, &o.who, &left));
    struct officer first = o;
    clock_shift_ms(1);
    begin(f, &o); /* once more: the first secret ends */
    expect_only(f, R_BAD_CODE, "factor.confirm", &o.who, keyed(code_at(&first, 0)));
    expect_only(f, R_BAD_CODE, "factor.confirm", &o.who, keyed("no code"));
    g_autofree char *key = g_strdup(fresh_key());
    for (int i = 0; i < 2; i++) { /* a repeat is the same act, and shows the codes to nobody */
        json_t *body = expect(f, R_CREATED, "factor.confirm", &o.who,
                              json_pack("{s:s,s:s}", "key", key, "otp", code_at(&o, 0)));
        if (i == 0)
            take_paper(&o, body);
        else
            assert_int_equal(json_array_size(json_object_get(body, "codes")), 0);
        json_decref(body);
    }
    assert_true(says_on(f, &o.who, &left));
    assert_int_equal(left, RECOVERY_CODES);
    expect_reason(f, "factor-on", "factor.begin", &o.who, keyed(NULL));
    expect_reason(f, "factor-on", "factor.confirm", &o.who, keyed(code_at(&o, 1)));
    assert_int_equal(look(f, "SELECT COUNT(*) FROM session WHERE ended_at IS NOT NULL"),
                     1); /* the other login */
    assert_int_equal(look(f, "SELECT COUNT(*) FROM journal WHERE kind = 'factor.on' AND open_body IS NULL"),
                     1);
    officer_done(&o);
}

static void a_code_logs_in_once_and_the_password_alone_does_not(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "admin");
    struct who who = f->stranger;
    expect_only(f, R_BAD_LOGIN, "person.login", &who,
                json_pack("{s:s,s:s,s:s}", "phone", phone, "password", "not it", "otp", code_at(&o, 0)));
    expect_login(f, R_CODE_NEEDED, NULL, NULL);
    expect_login(f, R_BAD_CODE, code_at(&o, -1), NULL); /* it set the factor up */
    expect_login(f, R_BAD_CODE, code_at(&o, 2), NULL);
    g_autofree char *now = g_strdup(code_at(&o, 0));
    expect_login(f, R_OK, now, &who);
    assert_int_equal(who.person, o.id);
    expect_login(f, R_BAD_CODE, now, NULL);      /* read over a shoulder */
    expect_login(f, R_OK, code_at(&o, 1), NULL); /* a phone whose clock is ahead */
    clock_shift_ms(TOTP_STEP_MS);
    expect_login(f, R_BAD_CODE, code_at(&o, 0), NULL);
    clock_shift_ms(TOTP_STEP_MS);
    expect_login(f, R_OK, code_at(&o, 0), NULL);
    clock_shift_ms(-2 * TOTP_STEP_MS);
    officer_done(&o);
}

enum { RACERS = 4 };
struct racer {
    struct fixture *f;
    const char *code;
    enum result result;
};

static gpointer race(gpointer data)
{
    struct racer *racer = data;
    struct answer a = log_in(racer->f, racer->code, "192.0.2.1");
    racer->result = a.result;
    answer_free(&a);
    return NULL;
}

static void some_with_one_code_at_once_are_one(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "cadre");
    clock_shift_ms(5 * TOTP_STEP_MS);
    g_autofree char *now = g_strdup(code_at(&o, 0));
    struct racer racers[RACERS];
    GThread *threads[RACERS];
    int in = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.f = f, .code = now};
        threads[i] = g_thread_new("racer", race, &racers[i]);
    }
    for (int i = 0; i < RACERS; i++) {
        g_thread_join(threads[i]);
        in += racers[i].result == R_OK;
        assert_true(racers[i].result == R_OK || racers[i].result == R_BAD_CODE);
    }
    assert_int_equal(in, 1);
    clock_shift_ms(-5 * TOTP_STEP_MS);
    officer_done(&o);
}

static void paper_stands_in_for_a_lost_phone_once_a_code(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    struct who who;
    int64_t left;
    officer_ready(f, &o, "cadre");
    g_autofree char *typed = g_ascii_strdown(o.paper[2], -1);
    expect_login(f, R_OK, typed, &who);
    expect_login(f, R_BAD_CODE, o.paper[2], NULL);
    assert_true(says_on(f, &who, &left));
    assert_int_equal(left, RECOVERY_CODES - 1);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM journal WHERE kind = 'factor.recovered'"), 1);
    /* new ones: what is left of the old ends */
    g_autofree char *old = g_strdup(o.paper[5]);
    expect_only(f, R_BAD_CODE, "factor.codes", &who, keyed("000000"));
    json_t *body = expect(f, R_CREATED, "factor.codes", &who, keyed(code_at(&o, 0)));
    take_paper(&o, body);
    json_decref(body);
    expect_login(f, R_BAD_CODE, old, NULL);
    expect_login(f, R_OK, o.paper[0], NULL);
    officer_done(&o);
}

static void it_goes_off_with_password_and_code(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    struct who who;
    int64_t left;
    officer_ready(f, &o, "cadre");
    expect_login(f, R_OK, code_at(&o, 0), &who);
    clock_shift_ms(11 * 60 * 1000);
    g_autofree char *now = g_strdup(code_at(&o, 0));
    static const char *const asked[] = {"factor.off", "factor.codes", "factor.begin", "factor.confirm"};
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
        expect_only(f, R_PASSWORD_AGAIN, asked[i], &who,
                    keyed(strcmp(asked[i], "factor.begin") ? now : NULL));
    struct answer again = ask(f, "person.prove", &who, json_pack("{s:s}", "password", password));
    assert_true(desk_who_cookie(f->desk, again.cookie, &who));
    answer_free(&again);
    expect_only(f, R_BAD_CODE, "factor.off", &who, keyed("000000"));
    expect_only(f, R_BAD_FIELD, "factor.off", &who, keyed(NULL));
    expect_only(f, R_NO_CONTENT, "factor.off", &who,
                keyed(now)); /* the question for the password used nothing up */
    assert_false(says_on(f, &who, &left));
    assert_int_equal(left, 0);
    expect_login(f, R_OK, NULL, NULL);
    clock_shift_ms(-11 * 60 * 1000);
    officer_done(&o);
}

static void guesses_are_few(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "cadre");
    for (int i = 0; i < 5; i++)
        expect_login(f, R_BAD_CODE, code_at(&o, 5 + i), NULL);
    struct answer a = log_in(f, code_at(&o, 0), "192.0.2.1"); /* even the right one */
    assert_int_equal(a.result, R_TOO_MANY);
    assert_true(a.retry_after_s > 0);
    answer_free(&a);
    a = log_in(f, NULL, "192.0.2.1"); /* asking for the question guesses nothing */
    assert_int_equal(a.result, R_CODE_NEEDED);
    answer_free(&a);
    a = log_in(f, code_at(&o, 0), "192.0.2.77");
    assert_int_equal(a.result, R_OK);
    answer_free(&a);
    officer_done(&o);
}

/* Many addresses share twenty guesses, then have one each quarter of an hour; being right costs nothing. */
static void the_bucket_of_codes_follows_its_rule(void **state)
{
    (void)state;
    struct throttle *t = throttle_new();
    char address[16];
    const int64_t quarter = 15 * 60 * 1000;
    for (int i = 0; i < 20; i++) {
        g_snprintf(address, sizeof address, "a%d", i);
        assert_int_equal(throttle_take_code(t, "code 7", address, 0), 0);
    }
    /* the ordinary bucket of twenty is full again first */
    assert_int_equal(throttle_take_code(t, "code 7", "b", 200000), 700);
    assert_int_equal(throttle_take_code(t, "code 8", "b", 200000), 0);
    assert_int_equal(throttle_take_code(t, "code 7", "c", quarter), 0);
    assert_int_equal(throttle_take_code(t, "code 7", "d", quarter), 900);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(throttle_take_code(t, "code 9", "home", quarter), 0);
        throttle_right_code(t, "code 9", "home", quarter);
    }
    throttle_free(t);
}

static void a_link_asks_for_the_code_as_well(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "cadre");
    json_t *link = expect(f, R_CREATED, "person.link", &f->admin,
                          json_pack("{s:s,s:I}", "key", fresh_key(), "id", (json_int_t)o.id));
    const char *code = json_string_value(json_object_get(link, "url")) + strlen("/l/");
    g_autofree char *key = g_strdup(fresh_key());
    expect_only(f, R_CODE_NEEDED, "person.login_link", &f->stranger,
                json_pack("{s:s,s:s}", "code", code, "key", key));
    expect_only(f, R_BAD_CODE, "person.login_link", &f->stranger,
                json_pack("{s:s,s:s,s:s}", "code", code, "otp", "000000", "key", key));
    g_autofree char *now = g_strdup(code_at(&o, 0));
    for (int i = 0; i < 2; i++) { /* its answer may get lost, too */
        struct answer in = ask(f, "person.login_link", &f->stranger,
                               json_pack("{s:s,s:s,s:s}", "code", code, "otp", now, "key", key));
        assert_int_equal(in.result, R_OK);
        assert_non_null(in.cookie);
        answer_free(&in);
    }
    expect_only(f, R_LINK_USED, "person.login_link", &f->stranger, json_pack("{s:s}", "code", code));
    json_decref(link);
    officer_done(&o);
}

static void the_person_at_the_machine_takes_it_off(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    struct who who;
    officer_ready(f, &o, "admin");
    expect_only(f, R_UNKNOWN, "admin.factor_reset", &f->system, json_pack("{s:s}", "phone", "0999999999"));
    expect_only(f, R_OK, "admin.factor_reset", &f->system, json_pack("{s:s}", "phone", phone));
    expect_only(f, R_UNKNOWN, "admin.factor_reset", &f->system, json_pack("{s:s}", "phone", phone));
    g_autofree char *sessions = g_strdup_printf(
        "SELECT COUNT(*) FROM session WHERE ended_at IS NULL AND person = %" G_GINT64_FORMAT, o.id);
    assert_int_equal(look(f, sessions), 0);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM recovery_code"), 0);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM journal WHERE kind = 'factor.reset' AND actor IS NULL"),
                     1);
    expect_login(f, R_OK, NULL, &who);
    officer_done(&o);
}

static json_t *require(const char *word)
{
    return json_pack("{s:s,s:s}", "key", fresh_key(), "required", word);
}

static void the_office_must_have_one_when_an_admin_says_so(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    int64_t left;
    officer_make(f, &o, "admin");
    expect_reason(f, "no-factor", "factor.require", &o.who, require("yes"));
    begin(f, &o);
    json_t *body = expect(f, R_CREATED, "factor.confirm", &o.who, keyed(code_at(&o, 0)));
    json_decref(body);
    expect_only(f, R_FORBIDDEN, "factor.require", &f->cadre, require("yes"));
    body = expect(f, R_CREATED, "factor.require", &o.who, require("yes"));
    assert_true(json_is_true(json_object_get(json_object_get(body, "rule"), "required")));
    assert_int_equal(json_array_size(json_object_get(json_object_get(body, "rule"), "people")), 3);
    json_decref(body);
    /* who has one goes on, and so do farmers and buyers; the office without one may do nothing else */
    struct who cadre = f->stranger, farmer = f->stranger;
    assert_true(desk_who_cookie(f->desk, f->cookies[1], &cadre) &&
                desk_who_cookie(f->desk, f->cookies[2], &farmer));
    assert_true(cadre.factor_first && cadre.roles == 0 && cadre.person == f->cadre.person);
    assert_true(!farmer.factor_first && farmer.roles == ROLE_FARMER);
    expect_only(f, R_OK, "person.list", &o.who, NULL);
    expect_only(f, R_FACTOR_FIRST, "person.list", &cadre, NULL);
    expect_only(f, R_FACTOR_FIRST, "order.list", &cadre, NULL);
    expect_only(f, R_FACTOR_FIRST, "order.place", &cadre, order_params(f, NULL, 0, 1000));
    expect_only(f, R_FORBIDDEN, "journal.after", &cadre, json_pack("{s:s}", "stall", "*"));
    expect_only(f, R_OK, "stall.list", &cadre, NULL);
    body = expect(f, R_OK, "person.me", &cadre, NULL);
    assert_true(json_is_true(json_object_get(body, "factor_first")));
    json_decref(body);
    assert_false(says_on(f, &cadre, &left));
    /* sets one up, and is in */
    struct officer mine = {.who = cadre};
    begin(f, &mine);
    expect_only(f, R_CREATED, "factor.confirm", &cadre, keyed(code_at(&mine, 0)));
    assert_true(desk_who_cookie(f->desk, f->cookies[1], &cadre));
    assert_true(!cadre.factor_first && cadre.roles == ROLE_CADRE);
    expect_only(f, R_OK, "person.list", &cadre, NULL);
    /* taken off the rule, everything is as before */
    expect_only(f, R_CREATED, "factor.require", &o.who, require("no"));
    struct who other = f->stranger;
    assert_true(desk_who_cookie(f->desk, f->cookies[0], &other));
    assert_true(!other.factor_first && other.roles == ROLE_ADMIN);
    assert_int_equal(look(f, "SELECT COUNT(*) FROM factor_rule"), 2);
    officer_done(&o);
}

/* A machine whose clock was ahead and is set right: the market's own time does not go back, phones' was right
 * all along. */
static void a_clock_that_is_set_back_keeps_nobody_out(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "cadre");
    g_autofree char *now = g_strdup(code_at(&o, 0));
    clock_turn_ms(3600 * 1000);
    expect_login(f, R_BAD_CODE, now, NULL);
    expect_login(f, R_OK, o.paper[1], NULL);
    clock_turn_ms(-3600 * 1000);
    assert_true(clock_ahead_ms() > 3500 * 1000);
    expect_login(f, R_BAD_CODE, code_at(&o, 0), NULL); /* of the market's own time */
    expect_login(f, R_OK, machine_code(&o), NULL);
    assert_string_equal(machine_code(&o), now);
    clock_trust();
    officer_done(&o);
}

/* Who has only the database, or a copy of it, has neither secret nor codes. */
static void nothing_of_it_is_readable_in_the_database(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    char text[TOTP_TEXT + 1];
    officer_ready(f, &o, "cadre");
    totp_text(o.secret, text);
    fixture_reopen(f); /* the log is in the file then */
    g_autofree char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(f->database, &bytes, &size, NULL));
    assert_null(memmem(bytes, size, text, strlen(text)));
    assert_null(memmem(bytes, size, o.secret, sizeof o.secret));
    g_autofree char *base64 = g_base64_encode(o.secret, sizeof o.secret);
    assert_null(memmem(bytes, size, base64, strlen(base64)));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        char plain[RECOVERY_CHARS + 1];
        assert_true(recovery_read(o.paper[i], plain));
        assert_null(memmem(bytes, size, o.paper[i], RECOVERY_SHOWN));
        assert_null(memmem(bytes, size, plain, RECOVERY_CHARS));
    }
    expect_login(f, R_OK, code_at(&o, 0), NULL); /* and the same key opens it after the restart */
    officer_done(&o);
}

/* A copy on a new machine has another key: paper still lets in, so does the person at the machine. */
static void with_the_key_lost_paper_still_lets_in(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_ready(f, &o, "cadre");
    g_autofree char *key = g_build_filename(f->folder, "factor-key", NULL);
    assert_int_equal(unlink(key), 0);
    fixture_reopen(f);
    expect_login(f, R_BAD_CODE, code_at(&o, 0), NULL);
    expect_login(f, R_OK, o.paper[9], NULL);
    officer_done(&o);
}

/* A phone short of memory threw the page away while the app was open, which holds the secret by now. */
static void who_lost_the_page_finds_the_same_secret_by_its_key(void **state)
{
    struct fixture *f = *state;
    struct officer o;
    officer_make(f, &o, "cadre");
    g_autofree char *key = g_strdup(fresh_key());
    begin_under(f, &o, key);
    struct officer first = o;
    clock_shift_ms(1);
    begin_under(f, &o, key);
    assert_memory_equal(first.secret, o.secret, TOTP_SECRET);
    begin(f, &o); /* another act has another secret, and ends the first, also for the first key */
    assert_memory_not_equal(first.secret, o.secret, TOTP_SECRET);
    clock_shift_ms(1);
    begin_under(f, &o, key);
    assert_memory_not_equal(first.secret, o.secret, TOTP_SECRET);
    json_decref(expect(f, R_CREATED, "factor.confirm", &o.who, keyed(code_at(&o, 0))));
    expect_reason(f, "factor-on", "factor.begin", &o.who, json_pack("{s:s}", "key", key));
    officer_done(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_counts_from_its_first_code_on),
        TEST(who_lost_the_page_finds_the_same_secret_by_its_key),
        TEST(a_code_logs_in_once_and_the_password_alone_does_not),
        TEST(some_with_one_code_at_once_are_one),
        TEST(paper_stands_in_for_a_lost_phone_once_a_code),
        TEST(it_goes_off_with_password_and_code),
        TEST(guesses_are_few),
        cmocka_unit_test(the_bucket_of_codes_follows_its_rule),
        TEST(a_link_asks_for_the_code_as_well),
        TEST(the_person_at_the_machine_takes_it_off),
        TEST(the_office_must_have_one_when_an_admin_says_so),
        TEST(a_clock_that_is_set_back_keeps_nobody_out),
        TEST(nothing_of_it_is_readable_in_the_database),
        TEST(with_the_key_lost_paper_still_lets_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
