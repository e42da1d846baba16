/* commands.c: the table of everything that can be asked of the desk. Adding something is one line here and
 * one function. A test walks this table with every role: a row without an expectation there fails. */
#include "market/desk/call_carrier.h"
#include "market/desk/call_delivery.h"
#include "market/desk/call_factor.h"
#include "market/desk/call_goods.h"
#include "market/desk/call_pay.h"
#include "market/desk/call_push.h"

#include <pthread.h>
#include <glib.h>
#include <string.h>
#include "market/base/shape.h"

#define OFFICE (ROLE_CADRE | ROLE_ADMIN)
#define SELLER (ROLE_FARMER | OFFICE)

const struct command command_table[] = {
    {"person.login", WHO_ANY, CMD_DOOR, run_person_login, before_login, NULL},
    {"person.login_link", WHO_ANY, CMD_KEY | CMD_KEY_MAY | CMD_DOOR, run_person_login_link, before_login_link,
     NULL},
    {"person.logout", WHO_PERSON, CMD_COOKIE | CMD_DOOR, run_person_logout, NULL, NULL},
    {"person.me", WHO_ANY, CMD_QUERY, run_person_me, NULL, NULL},
    {"person.sessions", WHO_PERSON, CMD_QUERY | CMD_COOKIE, run_person_sessions, NULL, NULL},
    {"person.end_session", WHO_PERSON, CMD_COOKIE, run_person_end_session, NULL, NULL},
    {"person.password", WHO_PERSON, CMD_KEY | CMD_COOKIE | CMD_DOOR, run_person_password_change,
     before_password, NULL},
    {"person.prove", WHO_PERSON, CMD_COOKIE | CMD_DOOR, run_person_prove, before_prove, NULL},
    FACTOR_COMMANDS,
    {"person.add", OFFICE, CMD_KEY, run_person_add_run, before_person_add, NULL},
    {"person.list", OFFICE, CMD_QUERY, run_person_list_run, NULL, NULL},
    {"person.link", OFFICE, CMD_KEY, run_person_link, NULL, again_link},
    {"stall.list", WHO_ANY, CMD_QUERY, run_stall_list_run, NULL, NULL},
    {"stall.add", OFFICE, CMD_KEY, run_stall_add_run, NULL, NULL},
    {"stall.get", WHO_ANY, CMD_QUERY, run_stall_get, NULL, NULL},
    {"stall.change", SELLER, CMD_KEY, run_stall_change_run, NULL, NULL},
    {"lot.add", SELLER, CMD_KEY, run_lot_add_run, NULL, NULL},
    {"lot.change", SELLER, CMD_KEY | CMD_WS, run_lot_change_run, NULL, NULL},
    {"live.plan", SELLER, CMD_KEY | CMD_WS, run_live_plan_run, NULL, NULL},
    {"live.list", OFFICE, CMD_QUERY, run_live_list_run, NULL, NULL},
    {"live.approve", OFFICE, CMD_KEY | CMD_WS, run_live_approve_run, NULL, NULL},
    {"live.pause", OFFICE, CMD_KEY | CMD_WS, run_live_pause, NULL, NULL},
    {"live.resume", OFFICE, CMD_KEY | CMD_WS, run_live_resume, NULL, NULL},
    {"live.stop", SELLER, CMD_KEY | CMD_WS, run_live_stop, NULL, NULL},
    {"order.place", WHO_ANY, CMD_KEY | CMD_WS | CMD_TWICE, run_order_place_run, NULL, NULL},
    {"order.get", WHO_PERSON, CMD_QUERY, run_order_get, NULL, NULL},
    {"order.list", WHO_PERSON, CMD_QUERY, run_order_list_run, NULL, NULL},
    {"order.confirm", SELLER, CMD_KEY | CMD_WS, run_order_confirm, NULL, NULL},
    {"order.cancel", WHO_PERSON, CMD_KEY | CMD_WS, run_order_cancel, NULL, NULL},
    {"order.weigh", SELLER, CMD_KEY | CMD_WS, run_order_weigh, NULL, NULL},
    {"order.extra", WHO_PERSON, CMD_KEY | CMD_WS, run_order_extra, NULL, NULL},
    {"order.close", SELLER, CMD_KEY | CMD_WS, run_order_close, NULL, NULL},
    {"token.add", SELLER, CMD_KEY, run_token_add_run, NULL, again_token},
    {"token.list", SELLER, CMD_QUERY, run_token_list_run, NULL, NULL},
    {"token.revoke", SELLER, 0, run_token_revoke_run, NULL, NULL},
    PAY_COMMANDS,
    CARRIER_COMMANDS,
    DELIVERY_COMMANDS,
    PUSH_COMMANDS,
    GOODS_COMMANDS,
    {"stats.overview", OFFICE, CMD_QUERY, run_stats_overview, NULL, NULL},
    /* For the edge itself. live.allowed and journal.after answer for the asker they are given. */
    {"live.allowed", WHO_ANY, CMD_QUERY, run_live_allowed_run, NULL, NULL},
    {"journal.after", WHO_ANY, CMD_QUERY, run_journal_after_run, NULL, NULL},
    {"live.publishing", ROLE_SYSTEM, 0, run_live_publishing, NULL, NULL},
    {"live.grace_over", ROLE_SYSTEM, 0, run_live_grace_over, NULL, NULL},
    {"rooms.open", ROLE_SYSTEM, CMD_QUERY, run_rooms_open, NULL, NULL},
    {"hold.expire", ROLE_SYSTEM, 0, run_hold_expire, NULL, NULL},
    {"check.write", ROLE_SYSTEM, CMD_UNDO, run_check_write, NULL, NULL},
    {"session.seen", ROLE_SYSTEM, 0, run_session_seen_run, NULL, NULL},
    {"admin.verify", ROLE_SYSTEM, CMD_QUERY, run_admin_verify, NULL, NULL},
    {"admin.backup", ROLE_SYSTEM, CMD_QUERY, run_admin_backup, NULL, NULL},
    {"admin.restore", ROLE_SYSTEM, CMD_QUERY, run_admin_restore, NULL, NULL},
    {"admin.invite", ROLE_SYSTEM, 0, run_admin_invite, NULL, NULL},
    {"demo.make", ROLE_SYSTEM, 0, run_demo_run, NULL, NULL},
};
const size_t command_count = sizeof command_table / sizeof command_table[0];

static GHashTable *by_name;

static void index_commands(void)
{
    by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < command_count; i++)
        g_hash_table_insert(by_name, (gpointer)(uintptr_t)command_table[i].name,
                            (gpointer)(uintptr_t)&command_table[i]);
}

/* Once by pthread and not by GLib: the thread sanitizer can see this one. */
const struct command *command_find(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, index_commands);
    return g_hash_table_lookup(by_name, name);
}

bool desk_may_ws(const char *name)
{
    const struct command *command = command_find(name);
    return command && command->flags & CMD_WS;
}

enum result command_allowed(const struct command *command, const struct who *who)
{
    bool known = who->person || who->roles & ROLE_SYSTEM;
    /* A stall's token streams and watches; of the trade it may read what everybody may. */
    if (who->token_stall && !(command->who == WHO_ANY && command->flags & CMD_QUERY))
        return R_FORBIDDEN;
    if (who->factor_first && !(command->flags & CMD_DOOR))
        return command->who == WHO_ANY && command->flags & CMD_QUERY ? R_OK : R_FACTOR_FIRST;
    if (command->who == WHO_ANY)
        return R_OK;
    if (!known)
        return R_NOT_LOGGED_IN;
    if (command->flags & CMD_COOKIE && !who->session)
        return R_FORBIDDEN;
    return command->who == WHO_PERSON || who->factor_first || command->who & who->roles ? R_OK : R_FORBIDDEN;
}

enum result call_fields(struct call *call, struct fields *f)
{
    if (fields_close(f))
        return R_OK;
    return trade_bad_field(&call->trade, f->bad, f->why);
}

enum result call_stall(struct call *call, struct fields *f, struct stall *out)
{
    const char *slug = field_raw(f, field_given(f, "slug") ? "slug" : "stall", 1, 64);
    return f->bad ? R_BAD_FIELD : stall_by_slug(&call->trade, slug, out);
}

enum result call_own_stall(struct call *call, struct fields *f, struct stall *out)
{
    enum result found = call_stall(call, f, out);
    return found == R_OK ? stall_mine(&call->trade, out) : found;
}

int64_t call_device_time(struct fields *f)
{
    return field_int_or(f, "at", 1, INT64_C(1) << 53, 0);
}

struct period call_period(struct fields *f)
{
    int64_t from_ms = field_number_or(f, "from", 0, INT64_MAX, 0);
    return (struct period){from_ms, field_number_or(f, "to", 0, INT64_MAX, INT64_MAX)};
}

void call_phone(struct fields *f, char out[TEXT_PHONE_MAX + 1])
{
    out[0] = '\0';
    if (!text_phone(field_raw(f, "phone", 1, 40), out))
        fields_refuse(f, "phone", "a phone number is expected");
}

enum result call_whose(struct call *call, struct fields *f, struct stall *stall, int64_t *person)
{
    bool of_stall = field_given(f, "stall") || field_given(f, "slug");
    *stall = (struct stall){0};
    *person = of_stall ? 0 : call->trade.who.person;
    if (of_stall)
        return call_own_stall(call, f, stall);
    return R_OK;
}

int64_t call_id(struct fields *f, const char *other)
{
    const char *name = field_given(f, "id") ? "id" : other;
    if (!field_given(f, name))
        fields_refuse(f, name, "this field is needed");
    return field_number_or(f, name, 1, INT64_MAX, 1);
}

void call_body(struct call *call, const char *name, json_t *value)
{
    call->body = json_object();
    shape_json(call->body, name, value);
}
