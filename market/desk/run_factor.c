/* run_factor.c: the second factor of the office: one's own, the setting, and taking a lost one off. */
#include "market/desk/call_factor.h"
#include "market/desk/desk_inner.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/factorrule.h"
#include "market/trade/session.h"

/* {otp}, and the client's key while it stands beside it. */
static enum result read_typed(struct call *call, bool keyed, const char **typed)
{
    struct fields f;
    fields_open(&f, call->params);
    *typed = field_raw(&f, "otp", 1, FACTOR_TYPED_MAX);
    if (keyed)
        field_key(&f);
    return call_fields(call, &f);
}

/* Is it right, as far as a reader knows? A recovery code takes a tenth of a second, so it keeps no reader. */
static bool looks_right(struct desk *desk, struct call *call, int64_t person, const struct factor *factor,
                        const char *typed)
{
    char code[RECOVERY_CHARS + 1];
    if (totp_read(typed, call->factor.code))
        return factor_match(&call->trade, person, factor, call->factor.code) != 0;
    call->factor.code[0] = '\0';
    bool reads = factor->on_at && recovery_read(typed, code);
    if (!reads || !recovery_print(code, factor->salt, call->factor.print)) {
        g_strlcpy(call->factor.print, "none", sizeof call->factor.print); /* typed, and nobody's */
        return false;
    }
    struct store *reader = who_cache_reader(desk->who);
    bool there = recovery_there(reader, person, call->factor.print);
    who_cache_done(desk->who);
    return there;
}

enum result call_guess(struct desk *desk, struct call *call, int64_t person, const char *typed, bool begun)
{
    char name[32];
    struct factor factor;
    const char *address = call->trade.who.address;
    struct store *reader = who_cache_reader(desk->who);
    bool there = person && factor_read(reader, person, &factor);
    who_cache_done(desk->who);
    if (!typed || !there || (factor.on_at == 0) != begun)
        return R_OK;
    g_snprintf(name, sizeof name, "code %" G_GINT64_FORMAT, person);
    /* Paper has fifty bits: the few guesses a day that six digits bear are not its. */
    bool digits = totp_read(typed, call->factor.code);
    call->retry_after_s = digits ? throttle_take_code(desk->throttle, name, address, clock_steady_ms())
                                 : throttle_take(desk->throttle, name, address, clock_steady_ms());
    if (call->retry_after_s)
        return R_TOO_MANY;
    call->seems_right = looks_right(desk, call, person, &factor, typed);
    if (!call->seems_right)
        log_line(LOG_LEVEL_WARN, "factor.refused", LOG_NUMBER("person", person),
                 LOG_TEXT("address", address));
    else if (digits)
        throttle_right_code(desk->throttle, name, address, clock_steady_ms());
    else
        throttle_right(desk->throttle, name, address, clock_steady_ms());
    return R_OK;
}

/* {factor:{on, since, codes_left, required}} */
static void answer_factor(struct call *call)
{
    json_t *mine = factor_json(call->trade.store, call->trade.who.person);
    shape_bool(mine, "required", factorrule_required(call->trade.store));
    call_body(call, "factor", mine);
}

enum result run_factor_mine(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        answer_factor(call);
    return done;
}

/* The secret is shown and kept nowhere but sealed in its row. */
enum result run_factor_begin(struct call *call)
{
    struct fields f;
    json_t *shown = NULL;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = factor_begin(&call->trade, call->trade.who.person, &shown);
    if (done != R_OK)
        return done;
    call_body(call, "begun", shown);
    json_decref(call->kept);
    call->kept = json_object();
    shape_int(call->kept, "at", call->trade.now_ms);
    return R_CREATED;
}

/* A repeat, by the same right: the same secret as long as it waits for its first code, since the app may hold
 * it by now; else another. */
enum result again_factor_begin(struct call *call, json_t *stored)
{
    json_t *shown = NULL;
    const struct trade *trade = &call->trade;
    bool proved =
        session_marked(trade->store, trade->who.session, SESSION_PASSWORD, trade->now_ms, clock_steady_ms());
    if (!proved)
        return R_PASSWORD_AGAIN;
    if (factor_show(&call->trade, trade->who.person, json_integer_value(json_object_get(stored, "at")),
                    &shown) != R_OK)
        return run_factor_begin(call);
    call_body(call, "begun", shown);
    return R_CREATED;
}

static enum result before_code(struct desk *desk, struct call *call, bool begun)
{
    const char *typed;
    enum result done = read_typed(call, true, &typed);
    return done == R_OK ? call_guess(desk, call, call->trade.who.person, typed, begun) : done;
}

/* Ten times Argon2id, so only for who will need them. */
static enum result make_codes(struct call *call)
{
    if (!call->seems_right)
        return R_OK;
    call->codes = g_new0(struct recovery, 1);
    return recovery_make(call->codes) ? R_OK : R_FAULT;
}

enum result before_factor_confirm(struct desk *desk, struct call *call)
{
    enum result done = before_code(desk, call, true);
    return done == R_OK ? make_codes(call) : done;
}

enum result before_factor_off(struct desk *desk, struct call *call)
{
    return before_code(desk, call, false);
}

enum result before_factor_codes(struct desk *desk, struct call *call)
{
    enum result done = before_code(desk, call, false);
    return done == R_OK ? make_codes(call) : done;
}

/* The codes are shown once: whoever asks again by the same key gets none, and makes new ones. */
static void answer_codes(struct call *call)
{
    JSON codes = json_array();
    for (int i = 0; i < RECOVERY_CODES; i++)
        json_array_append_new(codes, json_string_nocheck(call->codes->code[i]));
    call_body(call, "codes", json_incref(codes));
    json_decref(call->kept);
    call->kept = json_object();
    shape_json(call->kept, "codes", json_array());
}

/* Whoever else is in under this name comes in anew. */
static enum result end_others(struct call *call)
{
    call->ended_person = call->trade.who.person;
    call->forget = true;
    return session_end_others(&call->trade, call->trade.who.person, call->trade.who.session);
}

/* What was typed has been looked at before; here the fields are only counted. */
static enum result read_fields(struct call *call)
{
    const char *typed;
    return read_typed(call, false, &typed);
}

enum result run_factor_confirm(struct call *call)
{
    enum result done = read_fields(call);
    if (done == R_OK)
        done = factor_confirm(&call->trade, call->trade.who.person, call->factor.code, call->codes);
    if (done == R_OK)
        done = end_others(call);
    if (done != R_OK)
        return done;
    answer_codes(call);
    return R_CREATED;
}

enum result run_factor_codes_run(struct call *call)
{
    enum result done = read_fields(call);
    if (done == R_OK)
        done = factor_take(&call->trade, call->trade.who.person, &call->factor);
    if (done == R_OK)
        done = factor_codes(&call->trade, call->trade.who.person, call->codes);
    if (done != R_OK)
        return done;
    answer_codes(call);
    return R_CREATED;
}

enum result run_factor_off(struct call *call)
{
    enum result done = read_fields(call);
    if (done == R_OK)
        done = factor_take(&call->trade, call->trade.who.person, &call->factor);
    if (done == R_OK)
        done = factor_drop(&call->trade, call->trade.who.person, "factor.off");
    if (done == R_UNKNOWN)
        done = trade_refuse(&call->trade, "factor-off");
    if (done == R_OK)
        done = end_others(call);
    return done == R_OK ? R_NO_CONTENT : done;
}

/* --- the setting --- */

static enum result answer_rule(struct call *call, enum result good)
{
    json_t *rule = NULL;
    enum result done = factorrule_json(&call->trade, &rule);
    if (done != R_OK)
        return done;
    if (!(call->trade.who.roles & ROLE_ADMIN))
        json_object_del(rule, "people"); /* who is easier to rob is for who can help them */
    call_body(call, "rule", rule);
    return good;
}

enum result run_factor_rule(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    enum result done = call_fields(call, &f);
    return done == R_OK ? answer_rule(call, R_OK) : done;
}

enum result run_factor_require(struct call *call)
{
    static const char *const words[] = {"no", "yes", NULL};
    struct fields f;
    fields_open(&f, call->params);
    int required = field_word(&f, "required", words);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = factorrule_set(&call->trade, required == 1);
    if (done != R_OK)
        return done;
    call->ended_person = call->trade.who.person; /* every open socket is looked up again */
    call->forget = true;
    return answer_rule(call, R_CREATED);
}

/* --- by the person at the machine --- */

/* {phone}: app and paper are lost. R_UNKNOWN: nobody has this number, or they have no second factor. The
 * password stays; whoever is in under that name is out. */
enum result run_admin_factor_reset(struct call *call)
{
    struct fields f;
    struct trade *trade = &call->trade;
    char phone[TEXT_PHONE_MAX + 1], unused[PASSWORD_TEXT];
    fields_open(&f, call->params);
    call_phone(&f, phone);
    enum result done = call_fields(call, &f);
    int64_t person = done == R_OK ? person_by_login(trade->store, phone, unused) : 0;
    if (done == R_OK)
        done = factor_drop(trade, person, "factor.reset");
    if (done == R_OK)
        done = session_end_others(trade, person, 0);
    if (done != R_OK)
        return done;
    call->ended_person = person;
    call->forget = true;
    call_body(call, "person", json_integer(person));
    return R_OK;
}
