/* run_person.c: logging in and out, people, sessions. */
#include "market/desk/desk_inner.h"

#include <string.h>
#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/factorrule.h"
#include "market/trade/session.h"

static const char *home_of(uint32_t roles)
{
    if (roles & (ROLE_CADRE | ROLE_ADMIN))
        return "/sessions";
    return roles & ROLE_FARMER ? "/golive" : roles & ROLE_COURIER ? "/courier" : "/";
}

enum result call_log_in(struct call *call, int64_t person)
{
    struct trade *trade = &call->trade;
    int64_t id;
    if (trade->who.session) { /* whoever this browser was before, it is not any more */
        enum result ended = session_end(trade, trade->who.person, trade->who.session);
        if (ended != R_OK && ended != R_UNKNOWN)
            return ended;
        call->ended_session = trade->who.session;
        call->forget = true;
    }
    enum result opened = session_open(trade, person, &id, call->secret);
    if (opened != R_OK)
        return opened;
    call->opened = id;
    call->cookie = COOKIE_SET;
    call->maker = person;
    return R_OK;
}

/* --- log in by phone and password --- */

/* Throttled check of a password. `name` is what the throttle knows the account by. */
static enum result prove(struct desk *desk, struct call *call, const char *name, const char *password)
{
    const char *address = call->trade.who.address;
    call->retry_after_s = throttle_take(desk->throttle, name, address, clock_steady_ms());
    if (call->retry_after_s)
        return R_TOO_MANY;
    if (!password_verify(password, call->verified)) {
        log_line(LOG_LEVEL_WARN, "login.refused", LOG_TEXT("phone", name), LOG_TEXT("address", address));
        return R_BAD_LOGIN;
    }
    throttle_right(desk->throttle, name, address, clock_steady_ms());
    return R_OK;
}

/* The same for who is logged in already. */
static enum result prove_me(struct desk *desk, struct call *call, const char *password)
{
    char name[32];
    struct store *reader = who_cache_reader(desk->who);
    person_password(reader, call->trade.who.person, call->verified);
    who_cache_done(desk->who);
    g_snprintf(name, sizeof name, "person %" G_GINT64_FORMAT, call->trade.who.person);
    return prove(desk, call, name, password);
}

/* Is the password that a hasher found right still theirs? It may have been changed in between. */
static bool still_verified(struct call *call, int64_t person)
{
    char now[PASSWORD_TEXT];
    bool has = person_password(call->trade.store, person, now);
    return has && strcmp(now, call->verified) == 0;
}

/* A new session of who has just given the password. */
static enum result log_in_proved(struct call *call, int64_t person)
{
    enum result done = call_log_in(call, person);
    return done == R_OK ? session_set_mark(&call->trade, call->opened, SESSION_PASSWORD, clock_steady_ms())
                        : done;
}

/* What came with the first factor, where the second one was asked for; NULL: nothing. */
static const char *code_typed(struct fields *f)
{
    return field_given(f, "otp") ? field_raw(f, "otp", 1, FACTOR_TYPED_MAX) : NULL;
}

enum result before_login(struct desk *desk, struct call *call)
{
    struct fields f;
    char phone[TEXT_PHONE_MAX + 1];
    fields_open(&f, call->params);
    call_phone(&f, phone);
    const char *password = field_raw(&f, "password", 1, PASSWORD_MAX * 4);
    const char *typed = code_typed(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK) {
        struct store *reader = who_cache_reader(desk->who);
        call->person = person_by_login(reader, phone, call->verified);
        who_cache_done(desk->who);
        done = prove(desk, call, phone, password);
    }
    if (done == R_OK) /* before the password is right nobody learns that there is a second factor */
        done = call_guess(desk, call, call->person, typed, false);
    json_object_del(call->params, "password");
    return done;
}

void call_person(struct call *call, int64_t person)
{
    struct trade *trade = &call->trade;
    call_body(call, "person", person_json(trade, person));
    shape_bool(call->body, "factor_first",
               factorrule_asks(trade->store, person, person_roles(trade->store, person)));
}

enum result run_person_login(struct call *call)
{
    enum result done = still_verified(call, call->person) ? R_OK : R_BAD_LOGIN;
    if (done == R_OK)
        done = factor_take(&call->trade, call->person, &call->factor);
    if (done == R_OK)
        done = log_in_proved(call, call->person);
    if (done != R_OK)
        return done;
    log_line(LOG_LEVEL_INFO, "login", LOG_NUMBER("person", call->person),
             LOG_TEXT("address", call->trade.who.address));
    call_person(call, call->person);
    return R_OK;
}

/* A link is the first factor of who has no password at hand; the second one is asked for beside it. */
enum result before_login_link(struct desk *desk, struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    const char *code = field_raw(&f, "code", 1, 128);
    const char *typed = code_typed(&f);
    if (field_given(&f, "key"))
        field_key(&f);
    enum result done = call_fields(call, &f);
    if (done != R_OK || !typed)
        return done;
    struct store *reader = who_cache_reader(desk->who);
    int64_t person = link_person(reader, code, clock_wall_ms());
    who_cache_done(desk->who);
    return call_guess(desk, call, person, typed, false);
}

enum result run_person_login_link(struct call *call)
{
    struct fields f;
    int64_t person;
    fields_open(&f, call->params);
    const char *code = field_raw(&f, "code", 1, 128);
    code_typed(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = link_use(&call->trade, code, &person);
    if (done == R_OK)
        done = factor_take(&call->trade, person, &call->factor);
    if (done == R_OK)
        done = call_log_in(call, person);
    if (done == R_OK)
        done = session_set_mark(&call->trade, call->opened, SESSION_LINK, clock_steady_ms());
    if (done != R_OK)
        return done;
    log_line(LOG_LEVEL_INFO, "login.link", LOG_NUMBER("person", person),
             LOG_TEXT("address", call->trade.who.address));
    call_person(call, person);
    shape_text(call->body, "to", home_of(person_roles(call->trade.store, person)));
    return R_OK;
}

enum result run_person_logout(struct call *call)
{
    enum result done = session_end(&call->trade, call->trade.who.person, call->trade.who.session);
    if (done != R_OK && done != R_UNKNOWN)
        return done;
    call->cookie = COOKIE_CLEAR;
    call->ended_session = call->trade.who.session;
    call->forget = true;
    return R_NO_CONTENT;
}

enum result run_person_me(struct call *call)
{
    char hash[PASSWORD_TEXT];
    int64_t person = call->trade.who.person;
    call_person(call, person);
    shape_bool(call->body, "has_password", person && person_password(call->trade.store, person, hash));
    return R_OK;
}

/* --- own sessions and password --- */

enum result run_person_sessions(struct call *call)
{
    return session_list(&call->trade, &call->body);
}

enum result run_person_end_session(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t id = call_id(&f, "session");
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = session_end(&call->trade, call->trade.who.person, id);
    if (done != R_OK)
        return done;
    call->ended_session = id;
    call->forget = true;
    if (id == call->trade.who.session)
        call->cookie = COOKIE_CLEAR;
    return R_NO_CONTENT;
}

enum result run_session_seen_run(struct call *call)
{
    return session_seen(&call->trade, json_integer_value(json_object_get(call->params, "id")));
}

static bool is_office(uint32_t roles)
{
    return (roles & (ROLE_CADRE | ROLE_ADMIN)) != 0;
}

/* Letters count, not bytes. Who belongs to the office has more to lose. */
static const char *new_password(struct fields *f, const char *name, bool office)
{
    const char *password = field_raw(f, name, 1, PASSWORD_MAX * 4);
    if (!f->bad && !g_utf8_validate(password, -1, NULL))
        fields_refuse(f, name, "text is expected");
    if (!f->bad && g_utf8_strlen(password, -1) < (office ? PASSWORD_MIN_OFFICE : PASSWORD_MIN))
        fields_refuse(f, name, "a longer password is expected");
    if (!f->bad && password_is_common(password))
        fields_refuse(f, name, "this password is among the first that others try");
    return password;
}

/* In the place of a new password, so that another one under the same key is known as other content and yet no
 * quick digest of it is ever stored: one as slow as the password's own. */
static enum result note_password(struct call *call, const char *name, enum result done)
{
    char print[ID_HASH_CHARS + 1] = "";
    const char *key = json_string_value(json_object_get(call->params, "key"));
    const char *password = json_string_value(json_object_get(call->params, name));
    if (done == R_OK && !password_print(password, key ? key : "", print))
        done = R_FAULT;
    shape_text(call->params, name, print);
    return done;
}

/* Who never had a password sets the first one in the minutes after a one-time link: the link is the word of
 * who made it, and only an admin makes one for a cadre or an admin. */
static enum result may_set_first(struct call *call, struct store *store)
{
    char hash[PASSWORD_TEXT];
    const struct who *who = &call->trade.who;
    if (person_password(store, who->person, hash))
        return trade_bad_field(&call->trade, "old", "the password until now is expected");
    if (session_marked(store, who->session, SESSION_LINK, clock_wall_ms(), clock_steady_ms()))
        return R_OK;
    return trade_refuse(&call->trade, "no-fresh-link");
}

enum result before_password(struct desk *desk, struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    bool first = !field_given(&f, "old");
    const char *old = first ? NULL : field_raw(&f, "old", 1, PASSWORD_MAX * 4);
    bool office = is_office(call->trade.who.roles) || call->trade.who.factor_first;
    const char *new = new_password(&f, "new", office);
    field_key(&f);
    enum result done = call_fields(call, &f);
    if (done == R_OK && first) {
        struct store *reader = who_cache_reader(desk->who);
        done = may_set_first(call, reader);
        who_cache_done(desk->who);
    } else if (done == R_OK) {
        done = prove_me(desk, call, old);
    }
    if (done == R_OK && !password_hash(new, call->hashed))
        done = R_FAULT;
    json_object_del(call->params, "old");
    return note_password(call, "new", done);
}

enum result run_person_password_change(struct call *call)
{
    int64_t person = call->trade.who.person;
    enum result done = !call->verified[0]             ? may_set_first(call, call->trade.store)
                       : still_verified(call, person) ? R_OK
                                                      : R_BAD_LOGIN;
    if (done == R_OK)
        done = person_set_password(&call->trade, person, call->hashed);
    if (done == R_OK)
        done = session_end_others(&call->trade, person, 0);
    if (done == R_OK)
        done = log_in_proved(call, person); /* a new secret for this browser */
    if (done != R_OK)
        return done;
    log_line(LOG_LEVEL_INFO, call->verified[0] ? "password.changed" : "password.first",
             LOG_NUMBER("person", person), LOG_TEXT("address", call->trade.who.address));
    call->ended_session = 0;
    call->ended_person = person;
    call->forget = true;
    return R_NO_CONTENT;
}

/* --- the password again, before money --- */

enum result before_prove(struct desk *desk, struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    const char *password = field_raw(&f, "password", 1, PASSWORD_MAX * 4);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = prove_me(desk, call, password);
    json_object_del(call->params, "password");
    return done;
}

/* A new secret for this browser: one that was copied from it before ends here. */
enum result run_person_prove(struct call *call)
{
    int64_t person = call->trade.who.person;
    enum result done = still_verified(call, person) ? log_in_proved(call, person) : R_BAD_LOGIN;
    return done == R_OK ? R_NO_CONTENT : done;
}

/* --- other people, by cadres and admins --- */

static uint32_t read_roles(struct fields *f)
{
    uint32_t roles = 0, role;
    size_t i;
    json_t *word, *list = field_array(f, "roles", 1, 5);
    json_array_foreach(list, i, word)
    {
        if (role_read(json_string_value(word), &role))
            roles |= role;
        else
            fields_refuse(f, "roles", "a list of farmer, buyer, cadre, courier, admin is expected");
    }
    return roles;
}

enum result before_person_add(struct desk *desk, struct call *call)
{
    (void)desk;
    struct fields f;
    enum result done = R_OK;
    if (!json_object_get(call->params, "password"))
        return R_OK;
    fields_open(&f, call->params);
    const char *password = new_password(&f, "password", is_office(read_roles(&f)));
    if (f.bad)
        done = trade_bad_field(&call->trade, f.bad, f.why);
    else if (!password_hash(password, call->hashed))
        done = R_FAULT;
    return note_password(call, "password", done);
}

enum result run_person_add_run(struct call *call)
{
    struct fields f;
    struct person_request request = {.password = call->hashed[0] ? call->hashed : NULL};
    char phone[TEXT_PHONE_MAX + 1];
    int64_t id;
    fields_open(&f, call->params);
    request.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    request.place = field_text_or(&f, "place", TEXT_LINE, 0, 200, "");
    request.roles = read_roles(&f);
    field_given(&f, "password"); /* read before, and only known again by its print */
    call_phone(&f, phone);
    request.phone = phone;
    enum result done = call_fields(call, &f);
    if (done == R_OK && request.roles & (ROLE_CADRE | ROLE_ADMIN) && !(call->trade.who.roles & ROLE_ADMIN))
        done = R_FORBIDDEN; /* only an admin makes a cadre or an admin */
    if (done == R_OK)
        done = person_add(&call->trade, &request, &id);
    fields_free(&f);
    if (done != R_OK)
        return done;
    log_line(LOG_LEVEL_INFO, "person.added", LOG_NUMBER("person", id),
             LOG_NUMBER("by", call->trade.who.person));
    call_body(call, "person", person_json(&call->trade, id));
    return R_CREATED;
}

enum result run_person_list_run(struct call *call)
{
    uint32_t role = 0;
    const char *name = json_string_value(json_object_get(call->params, "role"));
    if (name && *name && !role_read(name, &role))
        return trade_bad_field(&call->trade, "role", "farmer, buyer, cadre, courier or admin is expected");
    return person_list(&call->trade, role, &call->body);
}

/* The picture and path of a link log somebody in: they are shown and never stored. */
static enum result make_link(struct call *call, int64_t person)
{
    enum result done = link_add(&call->trade, person, call->trade.origin, &call->body);
    if (done != R_OK)
        return done;
    log_line(LOG_LEVEL_INFO, "link.made", LOG_NUMBER("person", person),
             LOG_NUMBER("by", call->trade.who.person));
    json_decref(call->kept);
    call->kept = json_object();
    shape_int(call->kept, "person", person);
    return R_CREATED;
}

/* {phone, name}: the person at the machine lets an admin in: the first of a new market, or one whose password
 * is lost. The link is the only way in afterwards: an earlier password and open sessions are over. R_ALREADY
 * when the phone is somebody's who is no admin. */
enum result run_admin_invite(struct call *call)
{
    struct fields f;
    struct person_request request = {.place = "", .roles = ROLE_ADMIN};
    struct trade *trade = &call->trade;
    char phone[TEXT_PHONE_MAX + 1], none[PASSWORD_TEXT];
    fields_open(&f, call->params);
    request.name = field_text(&f, "name", TEXT_LINE, 1, 80);
    call_phone(&f, phone);
    request.phone = phone;
    enum result done = call_fields(call, &f);
    int64_t person = done == R_OK ? person_by_login(trade->store, phone, none) : 0;
    if (done == R_OK && !person)
        done = person_add(trade, &request, &person);
    else if (done == R_OK && !(person_roles(trade->store, person) & ROLE_ADMIN))
        done = R_ALREADY;
    fields_free(&f);
    if (done == R_OK)
        done = person_set_password(trade, person, NULL);
    if (done == R_OK)
        done = session_end_others(trade, person, 0);
    if (done != R_OK)
        return done;
    call->ended_person = person;
    call->forget = true;
    trade->who.person = person; /* a link has a maker, and nobody else may be there yet */
    done = make_link(call, person);
    g_autofree char *whole =
        done == R_CREATED
            ? g_strconcat(trade->origin, json_string_value(json_object_get(call->body, "url")), NULL)
            : NULL;
    if (whole)
        shape_text(call->body, "link", whole);
    return done;
}

/* Whoever gets a link to an office account that has no password yet may set its first: a session that was
 * left open somewhere does not give that away. */
static bool may_link(struct call *call, int64_t person, uint32_t roles)
{
    char hash[PASSWORD_TEXT];
    const struct trade *trade = &call->trade;
    bool first = roles & (ROLE_CADRE | ROLE_ADMIN) && !person_password(trade->store, person, hash);
    return !first || !trade->who.session ||
           session_marked(trade->store, trade->who.session, SESSION_PASSWORD, trade->now_ms,
                          clock_steady_ms());
}

enum result run_person_link(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    int64_t person = call_id(&f, "person");
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    uint32_t roles = person_roles(call->trade.store, person);
    if (!roles)
        return R_UNKNOWN;
    if (roles & (ROLE_CADRE | ROLE_ADMIN) && !(call->trade.who.roles & ROLE_ADMIN))
        return R_FORBIDDEN; /* else a cadre could become an admin */
    return may_link(call, person, roles) ? make_link(call, person) : R_PASSWORD_AGAIN;
}

/* The link of the first answer is not kept, so a repeat gets another: by the same right. */
enum result again_link(struct call *call, json_t *stored)
{
    (void)stored;
    return run_person_link(call);
}
