/* Whose things are whose. Somebody with every role but the office's, with a stall and orders of the own, asks
 * for what is another's; a cadre for what is personal. A command without a line fails the first test. Each
 * key is then used again: by its owner (the same answer, nothing written), with other content or for another
 * command (refused), by the other (the same refusal as before). */
#include "tests/unit/market/owned.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/desk/call.h"

/* About nobody's own things: of all, of the asker alone (no way to name another's), or the office's and the
 * program's, whose matrix is in test_roles.c. */
static const char *const nobodys[] = {
    "person.login",       "person.login_link", "person.logout",  "person.me",
    "person.sessions",    "factor.mine",       "factor.begin",   "factor.confirm",
    "factor.codes",       "factor.off",        "factor.rule",    "factor.require",
    "admin.factor_reset", "person.password",   "person.prove",   "person.add",
    "person.list",        "person.link",       "stall.list",     "stall.add",
    "live.list",          "live.approve",      "live.pause",     "live.resume",
    "order.place",        "payment.tasks",     "payment.decide", "refund.grant",
    "refund.pay",         "refund.list",       "settlement.pay", "cash.give",
    "cash.takers",        "payment.suggest",   "bank.add",       "bank.list",
    "payee.set",          "statement.import",  "tax.list",       "tax.set",
    "cod.mine",           "cod.rules",         "cod.set",        "hook.keep",
    "hook.work",          "carrier.list",      "carrier.set",    "carrier.hand",
    "carrier.returned",   "carrier.remit",     "carrier.report", "carrier.difference",
    "zone.list",          "zone.set",          "point.set",      "push.key",
    "push.due",           "push.done",         "lot.from",       "certificate.file",
    "wait.join",          "stats.overview",    "live.allowed",   "live.publishing",
    "live.grace_over",    "rooms.open",        "hold.expire",    "check.write",
    "session.seen",       "admin.verify",      "admin.backup",   "admin.restore",
    "admin.invite",       "demo.make",
};

static void every_command_has_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        int found = 0;
        for (size_t r = 0; r < theirs_count; r++)
            found |= strcmp(theirs[r].name, command_table[i].name) == 0;
        for (size_t n = 0; n < G_N_ELEMENTS(nobodys); n++)
            found += 2 * (strcmp(nobodys[n], command_table[i].name) == 0);
        if (found != 1 && found != 2)
            fail_msg("%s: whose is it?", command_table[i].name);
    }
}

static char letter_of(enum result r)
{
    return result_http(r) < 300    ? 'y'
           : r == R_FORBIDDEN      ? 'f'
           : r == R_UNKNOWN        ? 'u'
           : result_http(r) == 409 ? 'n'
                                   : '?';
}

static void demand(struct world *w, const struct theirs *row, const struct who *who, const char *whose,
                   json_t *params, char letter, bool may_know)
{
    int64_t before = world_version(w);
    struct answer a = ask(w->f, row->name, who, json_deep_copy(params));
    g_autofree char *text = a.body ? json_dumps(a.body, JSON_COMPACT) : g_strdup("");
    if (letter_of(a.result) != letter)
        fail_msg("%s by %s: %s instead of %c; %s", row->name, whose, result_code(a.result), letter, text);
    if (letter != 'y' && world_version(w) != before)
        fail_msg("%s by %s was refused (%s) and wrote something", row->name, whose, result_code(a.result));
    if (!may_know && strstr(text, OWNED_PHONE))
        fail_msg("%s tells %s a telephone number: %s", row->name, whose, text);
    answer_free(&a);
}

/* What was done is done once, and is one thing. */
static void use_the_key_again(struct world *w, const struct theirs *row, const struct who *owner,
                              json_t *params, const struct answer *first)
{
    int64_t before = world_version(w);
    bool secret = command_find(row->name)->again != NULL;
    struct answer again = ask(w->f, row->name, owner, json_deep_copy(params));
    assert_int_equal(again.result, first->result);
    if (!secret && (!json_equal(again.body, first->body) || world_version(w) != before))
        fail_msg("%s: the same key, another answer, or something was written", row->name);
    answer_free(&again);
    before = world_version(w);
    json_t *different = json_deep_copy(params);
    json_object_set_new(different, "different", json_true());
    expect_only(w->f, R_KEY_REUSED, row->name, owner, different);
    json_t *elsewhere = json_pack("{s:O,s:i}", "key", json_object_get(params, "key"), "id", 1);
    expect_only(w->f, R_KEY_REUSED, strcmp(row->name, "wait.leave") ? "wait.leave" : "order.merge", owner,
                elsewhere);
    assert_int_equal(world_version(w), before);
}

static const struct who *owner_of(const struct world *w, const struct theirs *row)
{
    return row->owner == 'B' ? &w->f->buyer : row->owner == 'F' ? &w->f->farmer : &w->f->courier;
}

static void everybody_has_what_is_theirs(void **state)
{
    struct world w;
    world_make(&w, *state);
    for (size_t r = 0; r < theirs_count; r++) {
        const struct theirs *row = &theirs[r];
        const struct who *owner = owner_of(&w, row);
        json_t *params = row->make(&w);
        demand(&w, row, &w.other, "somebody else", params, row->other, false);
        if (row->cadre != '-')
            demand(&w, row, &w.f->cadre, "a cadre", params, row->cadre, true);
        if (row->mine != 'y') {
            demand(&w, row, owner, "its owner", params, row->mine, true);
        } else {
            struct answer done = ask(w.f, row->name, owner, json_deep_copy(params));
            if (letter_of(done.result) != 'y')
                fail_msg("%s by its owner: %s", row->name, result_code(done.result));
            if (command_find(row->name)->flags & CMD_KEY) {
                use_the_key_again(&w, row, owner, params, &done);
                demand(&w, row, &w.other, "somebody else, by its key", params, row->other, false);
            }
            answer_free(&done);
        }
        json_decref(params);
    }
    world_free(&w);
    assert_true(books_fit(w.f));
}

/* The server's clock is set by an hour, in one direction again and again, between any two of them. */
static void a_clock_that_is_set_hinders_nobody(void **state)
{
    static const int64_t hour_ms[] = {-3600000, 3600000};
    struct world w;
    world_make(&w, *state);
    for (size_t way = 0; way < G_N_ELEMENTS(hour_ms); way++) {
        for (size_t r = 0; r < theirs_count; r++) {
            const struct theirs *row = &theirs[r];
            clock_turn_ms(hour_ms[way]);
            json_t *params = row->make(&w);
            expect_only(w.f, R_OK, "hold.expire", &w.f->system,
                        NULL); /* or the timer would write in between */
            demand(&w, row, owner_of(&w, row), "its owner", params, row->mine, true);
            json_decref(params);
        }
        clock_turn_ms(-hour_ms[way] * (int64_t)theirs_count);
    }
    assert_true(books_fit(w.f));
    world_free(&w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_a_line),
        TEST(everybody_has_what_is_theirs),
        TEST(a_clock_that_is_set_hinders_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
